//! `umbrella state SERVER`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::place::{Env, Place};
use crate::run::target::Targets;
use crate::session::Session;

use super::start::seconds;

/// What `state` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The state is written by its `Debug`, cut after 4 KiB. A server that is busy with a message answers when it is done.

Examples:
  umbrella state b_counter
  umbrella state '<0.12.0>'    a server without a name, by its pid

Exit codes: 0 shown, 1 it cannot be shown, 2 no such server, 3 nothing runs, 5 the server is busy")]
pub(super) struct Args {
    /// The name of the server, or its pid
    #[arg(value_name = "SERVER")]
    server: String,
    /// The node to ask [default: the first that has the server]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// How long to wait for it
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// Print the state in a document that says also whose it is
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let targets = Targets::find(&place, args.node.as_deref())?;
    let (node, state) = targets.first(&args.server, |control| control.state(&args.server, args.timeout))?;
    if args.json {
        let mut document = json!({ "version": 1, "node": node });
        if let (Value::Object(document), Value::Object(state)) = (&mut document, json!(state)) {
            document.extend(state);
        }
        session.shell.json(&document);
        return Ok(ExitCode::Done);
    }
    session.shell.line(&state.state);
    if let Some(handler) = &state.as_handler_began {
        session.shell.note(format_args!("`{handler}` runs: this is the state as it began"));
    }
    Ok(ExitCode::Done)
}
