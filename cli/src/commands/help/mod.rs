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
#[command(after_help = "\
Topics:
  groups       Which applications run together: [a,b]+[c]
  config       Where settings come from
  supervision  What happens when something crashes
  exit-codes   What umbrella returns to the shell")]
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
        Some(topic) if text_of(topic).is_some() => say(session, text_of(topic).unwrap_or_default()),
        Some(name) => match root.find_subcommand_mut(name) {
            Some(command) => session.shell.line(command.render_long_help().ansi()),
            None => return Err(UsageError::no_such_command(name, &root, TOPICS).into()),
        },
    }
    Ok(ExitCode::Done)
}

/// The topics that are no command.
const TOPICS: [&str; 4] = ["groups", "config", "supervision", "exit-codes"];

fn text_of(topic: &str) -> Option<&'static str> {
    match topic {
        "groups" => Some(include_str!("groups.txt")),
        // A command too: `umbrella config --help` explains that one.
        "config" => Some(include_str!("config.txt")),
        "supervision" => Some(include_str!("supervision.txt")),
        _ => None,
    }
}

/// The first line is a heading.
fn say(session: &Session, text: &str) {
    let bold = style::STRONG;
    let (heading, rest) = text.split_once('\n').unwrap_or((text, ""));
    session.shell.line(format_args!("{bold}{heading}{bold:#}\n{}", rest.trim_end()));
}

fn exit_codes(session: &Session) {
    let bold = style::STRONG;
    session.shell.line(format_args!("{bold}Exit codes{bold:#}"));
    for code in ExitCode::ALL {
        session.shell.line(format_args!("{:>5}  {}", code.number(), code.meaning()));
    }
}
