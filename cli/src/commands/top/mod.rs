//! `umbrella top`.

mod model;
mod view;

use std::time::{Duration, Instant};

use serde_json::json;

use model::{Model, Order, Row, Sort, Target, short};

use super::table::aligned;
use super::tree::NoTerminal;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::control::{Control, ControlError};
use crate::run::place::{Env, Place};
use crate::run::status::ApplicationState;
use crate::run::target::{TargetError, Targets};
use crate::session::Session;
use crate::shell::screen::{Key, Screen};

/// What `top` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Applications above, processes below. Work is messages handled, where OTP counts reductions. Memory is the
process itself, its state, and the queue of its mailbox, without what these own elsewhere, which nobody counts. What a
process does is the handler that runs. Off a terminal it prints one table and ends.

Keys: up, down; m w b n sort by mailbox, work, bytes, name; / filter; k kill (asks); s suspend; r resume; p pause; q quit

Examples:
  umbrella top
  umbrella top --sort mailbox
  umbrella top | head

Exit codes: 0 ended, 3 nothing runs")]
pub(super) struct Args {
    /// What the processes are sorted by
    #[arg(long, value_name = "COLUMN", default_value = "work")]
    sort: Sort,
    /// Show only what contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// How often to look
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = super::start::seconds)]
    every: Duration,
    /// The node to ask [default: all]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Print the processes as JSON, once
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let mut top = Top {
        place: &place,
        node: args.node.as_deref(),
        model: Model::new(args.sort, args.filter.clone()),
        looked: None,
    };
    top.look()?;
    if args.json {
        let process = |row: &&Row| json!({ "node": row.node, "process": row.process });
        let processes: Vec<_> = top.model.shown().iter().map(process).collect();
        session.shell.json(&json!({ "version": 1, "env": place.env.as_str(), "processes": processes }));
    } else if session.shell.is_on_terminal() {
        top.watch(args.every.max(Duration::from_millis(100)))?;
    } else {
        session.shell.table(&table(&top.model));
    }
    Ok(ExitCode::Done)
}

fn table(model: &Model) -> Vec<String> {
    let heads = ["NODE", "PID", "NAME", "APPLICATION", "QUEUED", "HANDLED", "MEMORY", "STATE"];
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(model.shown().into_iter().map(|row| {
        let process = &row.process;
        let memory = process.memory_bytes.map_or_else(|| "-".to_owned(), short);
        let does = process.handler.as_ref().filter(|_| process.state == "running");
        let state = does.map_or_else(|| process.state.clone(), |handler| format!("in {handler}"));
        let (pid, application) = (process.pid.clone(), process.application.clone());
        let (queued, handled) = (process.queued.to_string(), process.handled.to_string());
        [row.node.clone(), pid, row.name(), application, queued, handled, memory, state]
    }));
    aligned(&rows)
}

struct Top<'a> {
    place: &'a Place,
    node: Option<&'a str>,
    model: Model,
    looked: Option<Instant>,
}

impl Top<'_> {
    fn look(&mut self) -> Result<(), TargetError> {
        let targets = Targets::find(self.place, self.node)?;
        let seen = targets.each(Control::processes)?;
        let now = Instant::now();
        let since = self.looked.replace(now).map(|before| now.duration_since(before));
        self.model.see(seen.into_iter().map(|(node, all)| (node, all.processes)).collect(), since);
        let applications = targets.nodes().flat_map(|node| {
            let here = node.applications.iter().filter(|app| app.state != ApplicationState::Elsewhere);
            here.map(|app| {
                let state = format!("{:?}", app.state).to_lowercase();
                (node.name().to_owned(), app.name.clone(), state, app.restarts)
            })
        });
        let applications = applications.collect();
        self.model.see_applications(applications);
        Ok(())
    }

    /// Draws until `q`.
    fn watch(&mut self, every: Duration) -> Result<(), CommandError> {
        let mut screen = Screen::open().map_err(NoTerminal::from)?;
        let mut next = Instant::now() + every;
        loop {
            screen.draw(|frame| view::draw(frame, &self.model)).map_err(NoTerminal::from)?;
            let wait = next.saturating_duration_since(Instant::now());
            if let Some(key) = screen.key(wait).map_err(NoTerminal::from)?
                && self.press(key)
            {
                return Ok(());
            }
            if Instant::now() >= next {
                next = Instant::now() + every;
                if !self.model.paused {
                    self.look_again();
                }
            }
        }
    }

    /// A node that goes while it is looked at is told of, and may come back.
    fn look_again(&mut self) {
        match self.look() {
            Ok(()) => {}
            Err(error) => {
                self.model.said = error.to_string();
                self.model.see(Vec::new(), None);
                self.model.see_applications(Vec::new());
            }
        }
    }

    /// Does what a key says; whether that was to quit.
    fn press(&mut self, key: Key) -> bool {
        match self.model.press(key) {
            None => {}
            Some(Order::Quit) => return true,
            Some(Order::Kill(target)) => self.order(&target, "killed", Control::kill),
            Some(Order::Suspend(target)) => self.order(&target, "suspended", Control::suspend),
            Some(Order::Resume(target)) => self.order(&target, "resumed", Control::resume),
        }
        false
    }

    fn order(&mut self, target: &Target, done: &str, order: Ordered) {
        let Target { node, pid, name } = target;
        let outcome = Targets::find(self.place, Some(node))
            .and_then(|targets| targets.first(pid, |control| order(control, pid)));
        self.model.said = match outcome {
            Ok(_) => format!("{name} {done}"),
            Err(error) => error.to_string(),
        };
        self.look_again_keeping_said();
    }

    fn look_again_keeping_said(&mut self) {
        let said = self.model.said.clone();
        self.look_again();
        self.model.said = said;
    }
}

type Ordered = fn(&mut Control, &str) -> Result<(), ControlError>;
