//! Doing what a line asks for.

use std::time::Duration;

use super::order::{COMMANDS, Order};
use crate::commands::call::shown;
use crate::commands::status::why::why;
use crate::commands::table::aligned;
use crate::commands::tree::{all_lines, trees};
use crate::error::CommandError;
use crate::run::clock::timestamp;
use crate::run::look::{ServerView, Traced};
use crate::run::place::Place;
use crate::run::status::ApplicationState;
use crate::run::target::{TargetError, Targets};
use crate::run::tree::short_type;
use crate::session::Session;
use crate::shell::style;

/// How long a server has to answer.
const WAIT: Duration = Duration::from_secs(5);

/// How long a trace lasts if less happens than was asked for.
const TRACE: Duration = Duration::from_secs(60);

/// Where orders are carried out.
pub(super) struct At<'a> {
    pub(super) session: &'a Session,
    pub(super) place: &'a Place,
    pub(super) node: Option<&'a str>,
}

impl At<'_> {
    /// Carries out an order that is none to end.
    pub(super) fn carry_out(&self, order: &Order) -> Result<(), CommandError> {
        let shell = &self.session.shell;
        let targets = Targets::find(self.place, self.node)?;
        match order {
            Order::Quit => {}
            Order::Help => help(self.session),
            Order::Apps => self.apps()?,
            Order::Tree(applications) => {
                targets.check_applications(applications)?;
                all_lines(&trees(&targets, applications)?).iter().for_each(|line| shell.line(line));
            }
            Order::Servers(name) => self.servers(&targets, name.as_deref())?,
            Order::Processes(count) => self.processes(&targets, *count)?,
            Order::Pg => self.groups(&targets)?,
            Order::Call { server, method, arguments } => {
                let (_, called) =
                    targets.first(server, |control| control.call(server, method, arguments, WAIT))?;
                let is_call = called.kind != "cast";
                shell.line(if is_call { shown(&called.reply) } else { "ok".to_owned() });
            }
            Order::State(server) => {
                let (_, state) = targets.first(server, |control| control.state(server, WAIT))?;
                shell.line(state.state);
            }
            Order::Trace { server, messages } => self.trace(&targets, server, *messages)?,
            Order::Why(application) => {
                why(self.session, self.place, application, false)?;
            }
            Order::Kill(process) => {
                targets.first(process, |control| control.kill(process))?;
                shell.line("ok");
            }
            Order::Exit { process, reason } => {
                targets.first(process, |control| control.exit(process, reason))?;
                shell.line("ok");
            }
            Order::Suspend(process) => {
                targets.first(process, |control| control.suspend(process))?;
                shell.line("ok");
            }
            Order::Resume(process) => {
                targets.first(process, |control| control.resume(process))?;
                shell.line("ok");
            }
        }
        Ok(())
    }

    fn apps(&self) -> Result<(), TargetError> {
        let fleet = crate::run::fleet::Fleet::of(self.place)?;
        let mut rows = vec![["NODE", "APPLICATION", "STATE", "RESTARTS", "PROCESSES"].map(str::to_owned)];
        for node in &fleet.nodes {
            let here = node.applications.iter().filter(|app| app.state != ApplicationState::Elsewhere);
            rows.extend(here.map(|app| {
                let state = format!("{:?}", app.state).to_lowercase();
                let numbers = [app.restarts, app.processes].map(|number| number.to_string());
                let [restarts, processes] = numbers;
                [node.name().to_owned(), app.name.clone(), state, restarts, processes]
            }));
        }
        self.session.shell.table(&aligned(&rows));
        Ok(())
    }

    fn servers(&self, targets: &Targets, name: Option<&str>) -> Result<(), TargetError> {
        let shell = &self.session.shell;
        let all = targets.each(|control| control.servers())?;
        let all: Vec<ServerView> = all.into_iter().flat_map(|(_, servers)| servers).collect();
        if let Some(name) = name {
            let one = all.iter().find(|server| server.name == name);
            let one =
                one.ok_or_else(|| targets.no_server(name, all.iter().map(|server| server.name.clone())))?;
            if one.methods.is_empty() {
                shell.line(format_args!("the messages of {name} do not leave its node"));
            }
            one.methods
                .iter()
                .for_each(|method| shell.line(format_args!("{:<4} {}", method.kind, method.signature)));
            return Ok(());
        }
        let mut rows = vec![["SERVER", "APPLICATION", "PID", "METHODS"].map(str::to_owned)];
        rows.extend(all.into_iter().filter(|server| !server.methods.is_empty()).map(|server| {
            let methods: Vec<String> = server.methods.into_iter().map(|method| method.name).collect();
            [server.name, server.application, server.pid, methods.join(", ")]
        }));
        shell.table(&aligned(&rows));
        Ok(())
    }

    fn processes(&self, targets: &Targets, count: usize) -> Result<(), TargetError> {
        let all = targets.each(|control| control.processes())?;
        let mut all: Vec<_> = all
            .into_iter()
            .flat_map(|(node, all)| all.processes.into_iter().map(move |one| (node.clone(), one)))
            .collect();
        all.sort_by_key(|(_, process)| std::cmp::Reverse(process.handled));
        let headings = ["NODE", "PID", "NAME", "APPLICATION", "QUEUED", "HANDLED", "STATE"];
        let mut rows = vec![headings.map(str::to_owned)];
        rows.extend(all.into_iter().take(count).map(|(node, process)| {
            let name = process.name.unwrap_or_else(|| short_type(&process.label));
            let state = process.handler.map_or(process.state, |handler| format!("in {handler}"));
            [
                node,
                process.pid,
                name,
                process.application,
                process.queued.to_string(),
                process.handled.to_string(),
                state,
            ]
        }));
        self.session.shell.table(&aligned(&rows));
        Ok(())
    }

    fn groups(&self, targets: &Targets) -> Result<(), TargetError> {
        let shell = &self.session.shell;
        let mut any = false;
        for (node, groups) in targets.each(|control| control.groups())? {
            for group in groups {
                any = true;
                let member = |member: &crate::run::look::Member| {
                    let at = member.node.as_ref().filter(|at| !at.starts_with(&format!("{node}@")));
                    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
                    let name = member
                        .name
                        .as_ref()
                        .map_or_else(String::new, |name| format!(" {}", short_type(name)));
                    format!("{}{name}{at}", member.pid)
                };
                let members: Vec<String> = group.members.iter().map(member).collect();
                shell.line(format_args!("{node}: {} ({}): {}", group.name, group.scope, members.join(", ")));
            }
        }
        if !any {
            shell.line("no group has members");
        }
        Ok(())
    }

    fn trace(&self, targets: &Targets, server: &str, messages: u64) -> Result<(), TargetError> {
        let shell = &self.session.shell;
        targets.first(server, |control| {
            control.trace(server, Some(messages), TRACE)?;
            loop {
                match control.traced(TRACE)? {
                    Traced::Message { event } => {
                        let dim = style::DIM;
                        let time = timestamp(event.at_unix_ms);
                        shell.line(format_args!("{dim}{time}{dim:#} {:<3} {}", event.direction, event.text));
                    }
                    Traced::End { messages, ended } => {
                        shell.say(format_args!("{messages} messages ({ended})"));
                        return Ok(());
                    }
                }
            }
        })?;
        Ok(())
    }
}

fn help(session: &Session) {
    let bold = style::STRONG;
    for (name, arguments, what) in COMMANDS {
        let usage = format!("{bold}{name}{bold:#} {arguments}");
        let width = 30 + usage.len() - name.len() - arguments.len() - 1;
        session.shell.line(format_args!("  {usage:<width$} {what}"));
    }
}
