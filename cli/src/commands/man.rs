//! `umbrella man [COMMAND]`.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::Cli;
use super::carry_out::carry_out;
use super::usage::UsageError;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::{Entry, Plan, Step};
use crate::session::Session;

/// What `man` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella man start | man -l -                        the manual page of `umbrella start`
  umbrella man --output ~/.local/share/man/man1        all of them, into a new folder")]
pub(super) struct Args {
    /// The command whose page to print [default: umbrella itself]
    #[arg(conflicts_with = "output")]
    command: Option<String>,
    /// Write all pages into this folder, which must not be there yet
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// With --output: say what would be written
    #[arg(long, requires = "output")]
    dry_run: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    if let Some(folder) = &args.output {
        let mut entries = Vec::new();
        pages(&root, &mut entries);
        let plan = Plan { steps: vec![Step::NewTree { folder: session.cwd.join(folder), entries }] };
        carry_out(&plan, args.dry_run, session)?;
        return Ok(ExitCode::Done);
    }
    let command = match args.command.as_deref() {
        None => &root,
        Some(name) => match root.find_subcommand(name) {
            Some(command) => command,
            None => return Err(UsageError::no_such_command(name, &root, []).into()),
        },
    };
    session.shell.line(page(command).trim_end());
    Ok(ExitCode::Done)
}

/// The pages of a command and of those below it, as files.
fn pages(command: &Command, entries: &mut Vec<Entry>) {
    let path = format!("{}.1", page_name(command));
    entries.push(Entry::File { path: path.into(), contents: page(command).into() });
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below, entries);
    }
}

/// `umbrella-gen-certs`.
fn page_name(command: &Command) -> String {
    command.get_bin_name().unwrap_or_else(|| command.get_name()).replace(' ', "-")
}

fn page(command: &Command) -> String {
    let mut text = Vec::new();
    let command = command.clone().name(page_name(command)).version(env!("CARGO_PKG_VERSION"));
    // Writing to memory does not fail.
    let _infallible = Man::new(command).render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}
