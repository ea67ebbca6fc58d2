//! `umbrella logs [APP...]`.

use std::collections::BTreeSet;
use std::io;
use std::thread;
use std::time::Duration;

use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::run::clock::now_unix_ms;
use crate::run::log::entry::{Entry, Level};
use crate::run::log::file::LogFile;
use crate::run::log::filter::{Filter, merged, since};
use crate::run::output::Prefixes;
use crate::run::place::{Env, Place};
use crate::session::Session;
use crate::shell::style;
use crate::workspace::did_you_mean;

/// How often a log is looked at for more.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What `logs` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Shows what the nodes in the background have written, in one, by time; also what they wrote in lives before this one.
A node in the foreground writes to the terminal it was started on.

Examples:
  umbrella logs                      everything of all nodes
  umbrella logs b -f                 what b says from now on, through restarts
  umbrella logs --since 5m --level warn
  umbrella logs --json | jq .message one object a line

Exit codes: 0 shown, 3 no node has a log here")]
pub(super) struct Args {
    /// The applications [default: all, and the nodes]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// Go on with what is written from now on, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Show what is not older than this: 90s, 5m, 2h, 1d, or a time
    #[arg(long, value_name = "TIME", value_parser = |text: &str| since(text, now_unix_ms()))]
    since: Option<String>,
    /// Show what is at least this grave
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Show the last COUNT entries before what follows [default: all; with --follow 10]
    #[arg(short = 'n', long, value_name = "COUNT")]
    lines: Option<usize>,
    /// The node whose log it is [default: all]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Print an object for each entry, one a line
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// Why there is nothing to be shown.
#[derive(Debug, Error, Diagnostic)]
enum LogsError {
    #[error("no node has a log in {env}")]
    NoLog {
        env: String,
        #[help]
        help: String,
    },
    #[error("cannot read the log of {node}")]
    Unreadable {
        node: String,
        #[source]
        source: io::Error,
    },
}

impl Failure for LogsError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoLog { .. } => ExitCode::NotRunning,
            Self::Unreadable { .. } => ExitCode::Failed,
        }
    }
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let mut logs = Logs::find(args, session, &place)?;
    if logs.files.is_empty() && !args.follow {
        let help = match logs.foreground.as_slice() {
            [] => "`umbrella start --detach` starts a node that has one".to_owned(),
            names => format!("{} writes to the terminal it was started on", names.join(", ")),
        };
        return Err(LogsError::NoLog { env: place.env.to_string(), help }.into());
    }
    let mut before = logs.more()?;
    let count = args.lines.or(args.follow.then_some(10)).unwrap_or(usize::MAX);
    before.drain(..before.len().saturating_sub(count));
    logs.show(&before);
    logs.say_who_is_unknown();
    if !args.follow {
        return Ok(ExitCode::Done);
    }
    loop {
        thread::sleep(LOOK_EVERY);
        logs.look_for_others(&place)?;
        let more = logs.more()?;
        logs.show(&more);
    }
}

/// The logs that are shown.
struct Logs<'a> {
    session: &'a Session,
    files: Vec<LogFile>,
    /// The nodes that run and have none.
    foreground: Vec<String>,
    prefixes: Prefixes,
    filter: Filter,
    node: Option<String>,
    json: bool,
    /// Who wrote anything.
    known: BTreeSet<String>,
    /// The logs whose last entry was shown: so is what continues it.
    shown: BTreeSet<usize>,
}

impl<'a> Logs<'a> {
    fn find(args: &Args, session: &'a Session, place: &Place) -> Result<Self, CommandError> {
        let filter =
            Filter { applications: args.applications.clone(), level: args.level, since: args.since.clone() };
        let is_meant = |name: &str| args.node.as_deref().is_none_or(|node| node == name);
        let records = place.dir.records()?.into_iter().filter(|record| is_meant(record.name()));
        let foreground: Vec<_> =
            records.filter(|record| record.log.is_none()).map(|record| record.name().to_owned()).collect();
        let mut logs = Self {
            session,
            files: Vec::new(),
            prefixes: Prefixes::new([]),
            foreground,
            filter,
            node: args.node.clone(),
            json: args.json,
            known: BTreeSet::new(),
            shown: BTreeSet::new(),
        };
        logs.look_for_others(place)?;
        for name in &logs.foreground {
            session.shell.note(format_args!(
                "{name} runs in the foreground: it writes to the terminal it was started on"
            ));
        }
        Ok(logs)
    }

    /// Nodes may come while they are followed.
    fn look_for_others(&mut self, place: &Place) -> Result<(), CommandError> {
        let known = self.files.len();
        for (name, path) in place.dir.logs()? {
            let is_meant = self.node.as_ref().is_none_or(|node| *node == name);
            if is_meant && self.files.iter().all(|file| file.node != name) {
                self.files.push(LogFile::new(name, path));
            }
        }
        if self.files.len() > known {
            self.prefixes = Prefixes::new(self.files.iter().map(|file| file.node.as_str()));
        }
        Ok(())
    }

    /// What is to be shown of what was written since the last time, by time.
    fn more(&mut self) -> Result<Vec<(usize, Entry)>, LogsError> {
        let mut all = Vec::new();
        for (at, file) in self.files.iter_mut().enumerate() {
            let more = file.more();
            let more = more.map_err(|source| LogsError::Unreadable { node: file.node.clone(), source })?;
            let mut entries = Vec::new();
            for entry in more {
                let who = entry.head.as_ref().and_then(|head| head.who.clone());
                self.known.extend(who.filter(|who| !self.known.contains(who)));
                let is_shown =
                    if entry.continues { self.shown.contains(&at) } else { self.filter.shows(&entry) };
                if is_shown {
                    self.shown.insert(at);
                    entries.push(entry);
                } else {
                    self.shown.remove(&at);
                }
            }
            all.push(entries);
        }
        Ok(merged(all))
    }

    /// An application that never wrote anything may be a slip.
    fn say_who_is_unknown(&self) {
        for name in self.filter.applications.iter().filter(|name| !self.known.contains(*name)) {
            let near = did_you_mean(name, self.known.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            self.session.shell.note(format_args!("`{name}` has written nothing yet{near}"));
        }
    }

    fn show(&self, entries: &[(usize, Entry)]) {
        for (log, entry) in entries {
            let node = &self.files[*log].node;
            if self.json {
                self.session.shell.line(as_json(node, entry));
                continue;
            }
            for line in lines(entry) {
                let several = self.files.len() > 1;
                let line = if several { self.prefixes.line(*log, &line) } else { line };
                self.session.shell.line(line);
            }
        }
    }
}

/// As a node writes it on a terminal.
fn lines(entry: &Entry) -> Vec<String> {
    let first = match &entry.head {
        None => entry.text.clone(),
        Some(head) => {
            let (dim, level) = (style::DIM, style_of(head.level));
            let who = head.who.as_ref().map_or_else(String::new, |who| format!("{who}  "));
            let (time, word) = (&entry.time, head.level.as_str());
            format!("{dim}{time}{dim:#} {level}{word:<5}{level:#} {who}{}", entry.text)
        }
    };
    let dim = style::DIM;
    let below = entry.below.iter().map(|line| format!("{dim}{line}{dim:#}"));
    std::iter::once(first).chain(below).collect()
}

fn style_of(level: Level) -> anstyle::Style {
    match level {
        Level::Error => style::ERROR,
        Level::Warn => style::WARNING,
        Level::Info => style::CREATED,
        Level::Debug => style::FRAME,
        Level::Trace => style::DIM,
    }
}

fn as_json(node: &str, entry: &Entry) -> String {
    let below: Vec<&str> = entry.below.iter().map(|line| line.trim()).collect();
    json!({
        "version": 1, "node": node, "time": entry.time,
        "level": entry.head.as_ref().map(|head| head.level.as_str().to_lowercase()),
        "application": entry.head.as_ref().and_then(|head| head.who.as_deref()),
        "message": entry.text, "below": below,
    })
    .to_string()
}
