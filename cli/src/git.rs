//! The only module that spawns git: makes repositories, and asks them what changed.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::exit::ExitCode;

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

/// The files in `folder`, relative to it, that git knows or would know: what it ignores is not among them. None if git does
/// not know the folder.
#[must_use]
pub fn files(folder: &Path) -> Option<Vec<PathBuf>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."];
    let output = command(folder).args(args).output().ok().filter(|output| output.status.success())?;
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let files: Vec<PathBuf> = names.map(|name| String::from_utf8_lossy(name).as_ref().into()).collect();
    (!files.is_empty()).then_some(files)
}

/// Whether git ignores `name`, a folder in `folder`; nothing outside of a repository, or if git is not there.
#[must_use]
pub fn ignores(folder: &Path, name: &str) -> Option<bool> {
    let output = command(folder).args(["check-ignore", "--quiet", &format!("{name}/")]).output().ok()?;
    match output.status.code() {
        Some(0) => Some(true),
        Some(1) => Some(false),
        _ => None,
    }
}

/// Makes `folder` a git repository, if git is installed.
///
/// # Errors
/// What git said, or why it could not be run.
pub fn init(folder: &Path) -> io::Result<Init> {
    let mut git = command(folder);
    git.args(["init", "--quiet"]);
    match git.output() {
        Ok(output) if output.status.success() => Ok(Init::Made),
        Ok(output) => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Init::NotInstalled),
        Err(error) => Err(error),
    }
}

/// The branches that work is merged into, by custom; the first that is there is meant.
const MAIN_BRANCHES: [&str; 4] = ["origin/main", "origin/master", "main", "master"];

/// Why git does not say what changed.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum GitError {
    /// There is no git.
    #[error("git is not installed: what changed is not known")]
    #[diagnostic(help(
        "`umbrella test --stale` needs no git: it remembers with which inputs each application passed"
    ))]
    NotInstalled,
    /// There is no repository.
    #[error("`{}` is in no git repository: what changed is not known", folder.display())]
    #[diagnostic(help("make one with `git init`; `umbrella test --stale` needs none"))]
    NoRepository {
        /// Where one was looked for.
        folder: PathBuf,
    },
    /// There is no such revision.
    #[error("there is no revision `{revision}`")]
    #[diagnostic(help(
        "a revision is a branch, a tag or a commit: `git log --oneline`; fetch it if it is somewhere else"
    ))]
    UnknownRevision {
        /// What was given.
        revision: String,
    },
    /// There is no branch that is known to be the main one.
    #[error("there is no main branch to compare with: none of {}", MAIN_BRANCHES.map(|branch| format!("`{branch}`")).join(", "))]
    #[diagnostic(help("say what to compare with: `--base REV`"))]
    NoMainBranch,
    /// The two have nothing in common.
    #[error("`{branch}` and what is checked out have no commit in common")]
    #[diagnostic(help(
        "say what to compare with: `--base REV`; a shallow clone may have to be fetched deeper"
    ))]
    NoMergeBase {
        /// The main branch.
        branch: String,
    },
    /// Git said no.
    #[error("git failed: {said}")]
    Failed {
        /// What it said.
        said: String,
    },
}

impl Failure for GitError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::UnknownRevision { .. } => ExitCode::Usage,
            Self::NotInstalled
            | Self::NoRepository { .. }
            | Self::NoMainBranch
            | Self::NoMergeBase { .. }
            | Self::Failed { .. } => ExitCode::Failed,
        }
    }
}

/// The repository that a folder is in.
#[derive(Debug)]
pub struct Repository {
    /// The folder that was asked from.
    folder: PathBuf,
    /// Its root.
    root: PathBuf,
}

/// A commit to compare with, and how it was come by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The commit.
    pub commit: String,
    /// `v1.0`, `merge base with main`.
    pub name: String,
}

impl Repository {
    /// The repository that `folder` is in.
    ///
    /// # Errors
    /// [`GitError`] if there is none, or no git.
    pub fn of(folder: &Path) -> Result<Self, GitError> {
        let output = command(folder).args(["rev-parse", "--show-toplevel"]).output();
        let output = output.map_err(|error| {
            let is_missing = error.kind() == io::ErrorKind::NotFound;
            if is_missing { GitError::NotInstalled } else { GitError::Failed { said: error.to_string() } }
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("not a git repository") {
            return Err(GitError::NoRepository { folder: folder.to_owned() });
        }
        let root = text(&succeeded(output)?);
        Ok(Self { folder: folder.to_owned(), root: root.into() })
    }

    /// The commit that `revision` names.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`].
    pub fn base(&self, revision: &str) -> Result<Base, GitError> {
        let commit = self.commit(revision)?;
        let commit = commit.ok_or_else(|| GitError::UnknownRevision { revision: revision.to_owned() })?;
        Ok(Base { commit, name: revision.to_owned() })
    }

    /// The commit at which what is checked out left the main branch.
    ///
    /// # Errors
    /// [`GitError`] if there is none.
    pub fn merge_base(&self) -> Result<Base, GitError> {
        for branch in MAIN_BRANCHES {
            if self.commit(branch)?.is_none() {
                continue;
            }
            let output = self.output(&["merge-base", branch, "HEAD"])?;
            if !output.status.success() {
                return Err(GitError::NoMergeBase { branch: branch.to_owned() });
            }
            return Ok(Base { commit: text(&output), name: format!("merge base with {branch}") });
        }
        Err(GitError::NoMainBranch)
    }

    /// The files, absolute, that differ from those of `commit`: committed since, or not yet, or not even known to git.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn changed_since(&self, commit: &str) -> Result<Vec<PathBuf>, GitError> {
        let diff = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--"];
        let changed = succeeded(self.in_root(&diff)?)?;
        let untracked = succeeded(self.in_root(&["ls-files", "--others", "--exclude-standard", "-z"])?)?;
        let names = changed.stdout.split(|byte| *byte == 0).chain(untracked.stdout.split(|byte| *byte == 0));
        let names = names.filter(|name| !name.is_empty());
        Ok(names.map(|name| self.root.join(String::from_utf8_lossy(name).as_ref())).collect())
    }

    /// The text of a file in the folder that was asked from, as of `commit`; nothing if it was not there.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn file_at(&self, commit: &str, name: &str) -> Result<Option<String>, GitError> {
        let output = self.output(&["show", &format!("{commit}:./{name}")])?;
        Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    fn commit(&self, revision: &str) -> Result<Option<String>, GitError> {
        let named = format!("{revision}^{{commit}}");
        let output = self.output(&["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
        Ok(output.status.success().then(|| text(&output)))
    }

    fn output(&self, args: &[&str]) -> Result<Output, GitError> {
        let output = command(&self.folder).args(args).output();
        output.map_err(|error| GitError::Failed { said: error.to_string() })
    }

    fn in_root(&self, args: &[&str]) -> Result<Output, GitError> {
        let output = command(&self.root).args(args).output();
        output.map_err(|error| GitError::Failed { said: error.to_string() })
    }
}

fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).stdin(Stdio::null());
    // Set while git itself runs us (in a hook), and about another repository then.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"] {
        git.env_remove(variable);
    }
    // What it says is read.
    git.env("LC_ALL", "C");
    git
}

fn succeeded(output: Output) -> Result<Output, GitError> {
    if output.status.success() {
        return Ok(output);
    }
    Err(GitError::Failed { said: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']).to_owned()
}
