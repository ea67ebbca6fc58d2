//! `umbrella status`.

pub(super) mod why;

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::clock::now_unix_ms;
use crate::run::place::{Env, Place};
use crate::run::state::{Found, Record};
use crate::run::table::status_table;
use crate::session::Session;

use why::why;

/// What `status` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella status          every application of every node
  umbrella status --why b  what went wrong in b: each crash, what its supervisor made of it, up to the end

Exit codes: 0 every node that was started is running, 3 nothing runs or a node crashed, 5 a node does not answer")]
pub(super) struct Args {
    /// Tell what went wrong in an application, also of a node that ended because of it
    #[arg(long, value_name = "APP")]
    why: Option<String>,
    /// Print the state of all nodes, or what went wrong, as JSON
    #[arg(long)]
    json: bool,
    /// The environment to look at [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    if let Some(application) = &args.why {
        return why(session, &place, application, args.json);
    }
    let nodes = place.dir.nodes()?;
    if args.json {
        let nodes: Vec<Value> = nodes.iter().map(as_json).collect();
        session.shell.json(&json!({ "version": 1, "env": place.env.as_str(), "nodes": nodes }));
    } else {
        print(session, &place, &nodes);
    }
    Ok(exit_code(&nodes))
}

fn print(session: &Session, place: &Place, nodes: &[Found]) {
    let shell = &session.shell;
    if nodes.is_empty() {
        shell.line(format_args!("nothing is running in {}", place.env));
        let failed = place.dir.failed_nodes().unwrap_or_default();
        if !failed.is_empty() {
            shell.note(format_args!(
                "{} ended because something went wrong: `umbrella status --why APP` tells what",
                failed.join(", ")
            ));
        }
        shell.help("start it with `umbrella start`, or `umbrella start --detach`");
        return;
    }
    shell.table(&status_table(nodes, now_unix_ms()));
    for node in nodes {
        match node {
            Found::Alive(..) => {}
            Found::Silent(record, error) => {
                shell.warn(format_args!("{} (pid {}) does not answer: {error}", record.name(), record.pid));
                shell.help("stop it with `umbrella stop`, which insists");
            }
            Found::Crashed(record) => crashed(session, record),
        }
    }
}

fn crashed(session: &Session, record: &Record) {
    let shell = &session.shell;
    let name = record.name();
    shell.warn(format_args!("{name} crashed: process {} is gone and did not say why", record.pid));
    if let Some(log) = &record.log {
        shell.note(format_args!("the end of its log: {}", session.display_path(log)));
    }
    shell.help("start it again with `umbrella start`, or forget it with `umbrella stop`");
}

fn as_json(node: &Found) -> Value {
    match node {
        Found::Alive(record, status) => {
            let mut value = json!(status);
            value["log"] = json!(record.log);
            value
        }
        Found::Silent(record, error) => {
            let mut value = json!(record);
            value["state"] = json!("not_answering");
            value["error"] = json!(error.to_string());
            value
        }
        Found::Crashed(record) => {
            let mut value = json!(record);
            value["state"] = json!("crashed");
            value
        }
    }
}

fn exit_code(nodes: &[Found]) -> ExitCode {
    if nodes.is_empty() || nodes.iter().any(|node| matches!(node, Found::Crashed(_))) {
        ExitCode::NotRunning
    } else if nodes.iter().any(|node| matches!(node, Found::Silent(..))) {
        ExitCode::TimedOut
    } else {
        ExitCode::Done
    }
}
