//! The exit codes of a release; the command line `umbrella` has the same.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or already so.
    Done,
    Failed,
    Usage,
    /// `status`, `pid`: the node is not running.
    NotRunning,
    /// Not ready, or not gone, in time.
    NotInTime,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NotRunning => 3,
            Exit::NotInTime => 5,
        })
    }
}
