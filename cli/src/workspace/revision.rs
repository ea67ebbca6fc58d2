//! Which commit of the workspace is checked out.
//!
//! Git's files are read directly: it is one name and one number, and git need not be installed.

use std::fs;
use std::path::{Path, PathBuf};

/// The commit that is checked out in the folder `root` or above it; none outside of a repository or before its first
/// commit.
#[must_use]
pub fn git_revision(root: &Path) -> Option<String> {
    let folder = root.ancestors().find_map(git_folder)?;
    let head = fs::read_to_string(folder.join("HEAD")).ok()?;
    match head.trim().strip_prefix("ref: ") {
        Some(reference) => commit_of(&folder, reference),
        None => commit(&head),
    }
}

/// The repository's folder: `.git`, or, in a linked worktree or a submodule, where the file `.git` points.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let pointer = fs::read_to_string(&git).ok()?;
    Some(folder.join(pointer.strip_prefix("gitdir: ")?.trim()))
}

/// The commit of a branch: in a file of its own, or among the packed ones. A linked worktree shares both with the
/// repository it belongs to.
fn commit_of(folder: &Path, reference: &str) -> Option<String> {
    let shared = fs::read_to_string(folder.join("commondir")).ok().map(|path| folder.join(path.trim()));
    [Some(folder.to_owned()), shared].into_iter().flatten().find_map(|folder| {
        let own = fs::read_to_string(folder.join(reference)).ok().and_then(|text| commit(&text));
        own.or_else(|| {
            let packed = fs::read_to_string(folder.join("packed-refs")).ok()?;
            let line = packed.lines().find(|line| line.ends_with(&format!(" {reference}")))?;
            commit(line.split(' ').next()?)
        })
    })
}

fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hash = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::git_revision;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_branch_is_followed_to_its_commit() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        write(&git.join("HEAD"), "ref: refs/heads/main\n");
        assert_eq!(git_revision(folder.path()), None);
        write(&git.join("packed-refs"), &format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n"));
        assert_eq!(git_revision(folder.path()).as_deref(), Some(COMMIT));
        let newer = COMMIT.replace('0', "f");
        write(&git.join("refs/heads/main"), &format!("{newer}\n"));
        assert_eq!(git_revision(&folder.path().join("abc")), Some(newer));
    }

    #[test]
    fn a_detached_head_is_a_commit() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join(".git/HEAD"), &format!("{COMMIT}\n"));
        assert_eq!(git_revision(folder.path()).as_deref(), Some(COMMIT));
    }

    #[test]
    fn a_linked_worktree_is_followed_to_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let linked = folder.path().join("main/.git/worktrees/linked");
        write(&folder.path().join("linked/.git"), "gitdir: ../main/.git/worktrees/linked\n");
        write(&linked.join("HEAD"), "ref: refs/heads/work\n");
        write(&linked.join("commondir"), "../..\n");
        write(&folder.path().join("main/.git/refs/heads/work"), &format!("{COMMIT}\n"));
        assert_eq!(git_revision(&folder.path().join("linked")).as_deref(), Some(COMMIT));
    }
}
