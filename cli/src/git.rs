//! The only module that spawns git.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// What came of [`init`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// There is a repository now.
    Made,
    /// There is no git on this machine.
    NotInstalled,
}

/// Whether a folder, which need not exist, lies in a git repository.
#[must_use]
pub fn is_in_repository(folder: &Path) -> bool {
    // A file in a worktree or a submodule.
    folder.ancestors().any(|folder| folder.join(".git").exists())
}

/// Whether git has all that is in `folder`, as it is: something of it is committed, and nothing differs, ignored files apart.
#[must_use]
pub fn is_committed(folder: &Path) -> bool {
    let said = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(folder).stdin(Stdio::null()).output().ok()?;
        output.status.success().then_some(output.stdout)
    };
    let known = said(&["ls-tree", "HEAD", "--", "."]).is_some_and(|files| !files.is_empty());
    known
        && said(&["status", "--porcelain", "--untracked-files=all", "--", "."])
            .is_some_and(|changes| changes.is_empty())
}

/// Makes `folder` a git repository, if git is installed.
///
/// # Errors
/// What git said, or why it could not be run.
pub fn init(folder: &Path) -> io::Result<Init> {
    let mut git = Command::new("git");
    git.args(["init", "--quiet"]).current_dir(folder).stdin(Stdio::null());
    // Set while git itself runs us (in a hook), and about another repository then.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
        git.env_remove(variable);
    }
    match git.output() {
        Ok(output) if output.status.success() => Ok(Init::Made),
        Ok(output) => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Init::NotInstalled),
        Err(error) => Err(error),
    }
}
