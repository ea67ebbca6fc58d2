//! What a command returns when it fails.
//!
//! Every module has its own `thiserror` enum, which also derives [`miette::Diagnostic`] (help, spans) and implements
//! [`Failure`] to name its exit code. `?` turns any of them into a [`CommandError`], which `main` gives to the
//! [`Shell`](crate::shell::Shell) once.

use std::fmt;

use miette::Diagnostic;

use crate::exit::ExitCode;

/// An error that knows how it ends the command.
pub trait Failure: Diagnostic + Send + Sync + 'static {
    /// The exit code of a command that ends with this error. Default: [`ExitCode::Failed`].
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }
}

/// The failure of a command: a diagnostic and the exit code it ends with.
pub struct CommandError {
    code: ExitCode,
    diagnostic: Box<dyn Diagnostic + Send + Sync>,
}

impl CommandError {
    /// The code the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.code
    }

    /// What went wrong, with its help and spans.
    #[must_use]
    pub fn diagnostic(&self) -> &dyn Diagnostic {
        &*self.diagnostic
    }
}

impl<E: Failure> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self { code: error.exit_code(), diagnostic: Box::new(error) }
    }
}

impl fmt::Debug for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandError")
            .field("code", &self.code)
            .field("diagnostic", &self.diagnostic)
            .finish()
    }
}
