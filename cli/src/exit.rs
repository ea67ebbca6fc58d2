//! The table of exit codes.

use std::process;

/// How a command ended: the one list of what `umbrella` returns to the shell.
///
/// `umbrella help exit-codes` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, or already so.
    Done = 0,
    /// The operation failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Nothing is running (`status`).
    NotRunning = 3,
    /// A selection matched nothing (`test`).
    NothingMatched = 4,
    /// Not ready, or not gone, within the time allowed.
    TimedOut = 5,
    /// A defect of umbrella itself.
    Bug = 70,
    /// Tests failed.
    TestsFailed = 100,
    /// The build failed.
    BuildFailed = 101,
    /// The workspace could not be read (`cargo metadata`).
    MetadataFailed = 102,
    /// The terminal went away.
    HungUp = 129,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl ExitCode {
    /// Every code, in numerical order.
    pub const ALL: [Self; 13] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotRunning,
        Self::NothingMatched,
        Self::TimedOut,
        Self::Bug,
        Self::TestsFailed,
        Self::BuildFailed,
        Self::MetadataFailed,
        Self::HungUp,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number the shell sees.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What the code means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or already so",
            Self::Failed => "the operation failed",
            Self::Usage => "the command line is wrong",
            Self::NotRunning => "nothing is running (status)",
            Self::NothingMatched => "the selection matched nothing",
            Self::TimedOut => "not ready, or not gone, in time",
            Self::Bug => "a defect of umbrella itself: please report it",
            Self::TestsFailed => "tests failed",
            Self::BuildFailed => "the build failed",
            Self::MetadataFailed => "the workspace could not be read (cargo metadata)",
            Self::HungUp => "interrupted: the terminal went away",
            Self::Interrupted => "interrupted (Ctrl-C)",
            Self::Terminated => "interrupted (SIGTERM)",
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;

    #[test]
    fn all_is_in_order_and_without_doubles() {
        let numbers: Vec<u8> = ExitCode::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }
}
