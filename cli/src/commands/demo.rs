//! `umbrella demo`: the main job from end to end, for real, in a folder that stays.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use miette::Diagnostic;
use thiserror::Error;

use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::demo::{NEW, STEPS, typed};
use crate::run::step::run_step;
use crate::session::Session;
use crate::shell::style;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to make the umbrella `abc` in; it stays, to play with
    #[arg(default_value = "umbrella-demo")]
    folder: PathBuf,
}

/// Why the demo ended early.
#[derive(Debug, Error, Diagnostic)]
enum DemoError {
    #[error("`{}` already exists", folder.display())]
    #[diagnostic(help("choose another folder, `umbrella demo FOLDER`, or remove that one"))]
    Exists { folder: PathBuf },
    #[error("cannot run `{command}`: {source}")]
    NotRun { command: String, source: io::Error },
    #[error("`{command}` ended with {status}, which the demo did not expect")]
    #[diagnostic(help("nodes that still run are stopped with `umbrella stop` in `{}`", folder.display()))]
    Surprise { command: String, status: ExitStatus, folder: PathBuf },
}

impl Failure for DemoError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let umbrella = args.folder.join("abc");
    let folder = session.cwd.join(&umbrella);
    if folder.exists() {
        return Err(DemoError::Exists { folder: umbrella }.into());
    }
    let path = umbrella.display().to_string();
    let new = [&["umbrella", "new", &path], NEW.as_slice()].concat();
    say("An umbrella of three applications: a is a library that calls c; b and c are supervised.", session);
    show(&new, 0, &session.cwd, session)?;
    for step in &STEPS {
        say(step.say, session);
        show(step.command, step.exit_code, &folder, session)?;
    }
    session.shell.say("\nThat was all of it, and it is still there to play with:\n");
    if !is_on_path(session) {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).display();
        session.shell.say(format_args!("    cargo install --path {here}"));
    }
    session.shell.say(format_args!("    cd {path}"));
    session.shell.say("    umbrella start");
    session.shell.say("    umbrella new d --sup");
    Ok(ExitCode::Done)
}

/// Whether the commands just shown can be typed as they are.
fn is_on_path(session: &Session) -> bool {
    let path = session.var("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("umbrella").is_file())
}

fn say(what: &str, session: &Session) {
    if !what.is_empty() {
        let strong = style::STRONG;
        session.shell.say(format_args!("\n{strong}{what}{strong:#}"));
    }
}

fn show(command: &[&str], exit_code: i32, folder: &Path, session: &Session) -> Result<(), DemoError> {
    let typed = typed(command);
    let dim = style::DIM;
    session.shell.say(format_args!("{dim}${dim:#} {typed}"));
    match run_step(command, folder) {
        Ok(status) if status.code() == Some(exit_code) => Ok(()),
        Ok(status) => Err(DemoError::Surprise { command: typed, status, folder: folder.to_owned() }),
        Err(source) => Err(DemoError::NotRun { command: typed, source }),
    }
}
