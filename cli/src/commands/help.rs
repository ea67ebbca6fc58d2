//! `umbrella help [COMMAND|TOPIC]`.

use clap::CommandFactory;

use super::Cli;
use super::usage::UsageError;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::session::Session;
use crate::shell::style;

/// What `help` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Topics:\n  exit-codes  What umbrella returns to the shell")]
pub(super) struct Args {
    /// A command (`new`) or a topic (`exit-codes`)
    topic: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let mut root = Cli::command();
    root.build();
    match args.topic.as_deref() {
        None => session.shell.line(root.render_help().ansi()),
        Some("exit-codes") => exit_codes(session),
        Some(name) => match root.find_subcommand_mut(name) {
            Some(command) => session.shell.line(command.render_long_help().ansi()),
            None => return Err(UsageError::no_such_command(name, &root).into()),
        },
    }
    Ok(ExitCode::Done)
}

fn exit_codes(session: &Session) {
    let bold = style::STRONG;
    session.shell.line(format_args!("{bold}Exit codes{bold:#}"));
    for code in ExitCode::ALL {
        session.shell.line(format_args!("{:>5}  {}", code.number(), code.meaning()));
    }
}
