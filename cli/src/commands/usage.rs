//! Errors of usage: clap finds them, we word the ones that cargo words otherwise.

use clap::builder::Styles;
use clap::{Command, Error};
use miette::Diagnostic;
use thiserror::Error as ThisError;

use crate::error::Failure;
use crate::exit::ExitCode;
use crate::shell::style;
use crate::workspace::did_you_mean;

/// Cargo's colours.
pub(super) const STYLES: Styles = Styles::styled()
    .header(style::GOOD)
    .usage(style::GOOD)
    .literal(style::NOTE)
    .placeholder(style::CREATED.fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Cyan))))
    .error(style::ERROR)
    .valid(style::NOTE)
    .invalid(style::WARNING);

#[derive(Debug, ThisError, Diagnostic)]
pub(super) enum UsageError {
    #[error("no such command: `{name}`")]
    NoSuchCommand {
        name: String,
        #[help]
        help: String,
    },
}

impl Failure for UsageError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl UsageError {
    /// `others` are words that would have done too: aliases, plugins, topics.
    pub(super) fn no_such_command<'a>(
        name: &str,
        root: &'a Command,
        others: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let names = root.get_subcommands().map(Command::get_name).chain(others);
        let help = match did_you_mean(name, names) {
            Some(near) => format!("a command with a similar name exists: `{near}`"),
            None => "see all commands with `umbrella help`".to_owned(),
        };
        Self::NoSuchCommand { name: name.to_owned(), help }
    }
}

/// Prints what clap found (which may also be the help or the version that was asked for).
pub(super) fn report(error: &Error) -> ExitCode {
    // A closed pipe is no reason to fail.
    let _closed = error.print();
    if error.use_stderr() { ExitCode::Usage } else { ExitCode::Done }
}
