//! `umbrella status --why APP`.

use std::collections::BTreeSet;

use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::run::clock::{now_unix_ms, readable, since};
use crate::run::look::Crashed;
use crate::run::place::Place;
use crate::run::state::Found;
use crate::run::why::{lines, verdict};
use crate::session::Session;
use crate::shell::style;
use crate::workspace::did_you_mean;

/// What is known of the application in one node.
struct Known {
    node: String,
    /// When the node ended because of it; nothing if it runs.
    ended_unix_ms: Option<u64>,
    crashed: Crashed,
}

/// Why there is nothing to be told.
#[derive(Debug, Error, Diagnostic)]
enum WhyError {
    #[error("nothing is known of `{application}`: no node that runs, or failed, has it")]
    Unknown {
        application: String,
        #[help]
        help: String,
    },
}

impl Failure for WhyError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::NotRunning
    }
}

pub(in crate::commands) fn why(
    session: &Session,
    place: &Place,
    application: &str,
    as_json: bool,
) -> Result<ExitCode, CommandError> {
    let known = find(place, application)?;
    if as_json {
        let nodes: Vec<_> = known
            .iter()
            .map(|known| {
                json!({ "node": known.node, "ended_unix_ms": known.ended_unix_ms, "application": known.crashed })
            })
            .collect();
        session.shell.json(&json!({ "version": 1, "env": place.env.as_str(), "nodes": nodes }));
    } else {
        known.iter().for_each(|known| print(session, known));
    }
    let failed = known.iter().any(|known| known.ended_unix_ms.is_some());
    Ok(if failed { ExitCode::NotRunning } else { ExitCode::Done })
}

/// Asks the nodes that run, and reads what those left that failed.
fn find(place: &Place, application: &str) -> Result<Vec<Known>, CommandError> {
    let mut names = BTreeSet::new();
    let mut known = Vec::new();
    let mut alive = Vec::new();
    for node in place.dir.nodes()? {
        let Found::Alive(record, _) = node else { continue };
        let crashes = crate::run::control::Control::connect(&record.socket)?.crashes(&[])?;
        names.extend(crashes.iter().map(|crashed| crashed.name.clone()));
        alive.push(record.name().to_owned());
        let here = crashes.into_iter().filter(|crashed| crashed.name == application);
        let here = here.filter(|crashed| crashed.state != crate::run::status::ApplicationState::Elsewhere);
        known.extend(here.map(|crashed| Known {
            node: record.name().to_owned(),
            ended_unix_ms: None,
            crashed,
        }));
    }
    for node in place.dir.failed_nodes()?.into_iter().filter(|node| !alive.contains(node)) {
        let Some(left) = place.dir.last_crashes(&node)? else { continue };
        names.extend(left.crashes.applications.iter().map(|crashed| crashed.name.clone()));
        let ended_unix_ms = Some(left.ended_unix_ms);
        let here = left.crashes.applications.into_iter().filter(|crashed| crashed.name == application);
        known.extend(here.map(|crashed| Known { node: node.clone(), ended_unix_ms, crashed }));
    }
    if known.is_empty() {
        let help = match did_you_mean(application, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "start it with `umbrella start`".to_owned(),
            None => format!("applications: {}", names.into_iter().collect::<Vec<_>>().join(", ")),
        };
        return Err(WhyError::Unknown { application: application.to_owned(), help }.into());
    }
    Ok(known)
}

fn print(session: &Session, known: &Known) {
    let Known { node, ended_unix_ms, crashed } = known;
    let (shell, now) = (&session.shell, now_unix_ms());
    let (bold, dim, red) = (style::STRONG, style::DIM, style::ERROR);
    let ended = ended_unix_ms.map(|ended| format!(", {} ago", readable(since(ended, now))));
    let verdict = verdict(crashed, ended.is_some());
    shell.line(format_args!("{bold}{verdict}{bold:#} in {node}{}", ended.unwrap_or_default()));
    if crashed.incidents.is_empty() {
        shell.line("  nothing went wrong in it");
    }
    for line in lines(crashed, now) {
        let style = if line.broke { red } else { anstyle::Style::new() };
        let arrow = if line.depth == 0 { "" } else { "└ " };
        let indent = "  ".repeat(line.depth);
        shell.line(format_args!(
            "  {dim}{:>9}{dim:#}  {indent}{arrow}{style}{}{style:#}",
            line.ago, line.text
        ));
    }
}
