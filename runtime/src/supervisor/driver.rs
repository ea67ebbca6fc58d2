//! The supervisor process: carries out what [`Supervision`] decides.
//!
//! | message            | from                          | answer                                        |
//! |--------------------|-------------------------------|-----------------------------------------------|
//! | `Exit` of a child  | the child, by its link        | none; restarts it or gives up                 |
//! | `Exit` of the parent | whoever started it          | none; children are terminated, the process ends |
//! | `Request`          | [`SupervisorClient`](super::SupervisorClient) | one reply, after the work is done |
//! | `Request::TryAgain` | itself, after a failed restart | none                                         |

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::child_spec::{ChildKind, ChildSpec, Restart};
use super::children::ChildState;
use super::client::{ChildCounts, ChildError, ChildInfo, Fault, Request, TryAgain};
use super::report::{Reporter, Sequel};
use super::strategy::{Action, Supervision, is_reported, is_restarted};
use super::termination::terminate;
use super::{AutoShutdown, Supervisor};
use crate::gen_server::{Context, GenServer, StartError};
use crate::process::{Exit, ExitReason, Pid};
use crate::registry::Client;

/// The state of a supervisor process.
#[derive(Debug)]
pub(super) struct Driver {
    /// The registered name, for reports.
    name: Option<Arc<str>>,
    supervision: Supervision,
    auto_shutdown: AutoShutdown,
    /// What the restart window counts from.
    started: Instant,
}

/// What a supervisor process begins with.
pub(super) struct Args {
    pub(super) name: Option<Arc<str>>,
    pub(super) supervision: Supervision,
    pub(super) auto_shutdown: AutoShutdown,
    /// Where the typed reason of a failed start goes; the exit reason has only its text.
    pub(super) failure: oneshot::Sender<StartError>,
}

impl GenServer for Driver {
    type Args = Args;
    type Protocol = Supervisor;

    fn type_name() -> &'static str {
        "Supervisor"
    }

    async fn init(args: Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.trap_exit(true);
        let Args { name, supervision, auto_shutdown, failure } = args;
        let mut driver = Self { name, supervision, auto_shutdown, started: Instant::now() };
        let action = driver.supervision.init();
        match driver.carry_out(action, None, cx).await {
            Ok(()) => Ok(driver),
            Err(error) => {
                let reason = ExitReason::shutdown_with(&error);
                // Nobody waits any more: the starter was ended meanwhile.
                drop(failure.send(error));
                Err(reason)
            }
        }
    }

    async fn handle(&mut self, request: Request, cx: &mut Context<Self>) {
        match request {
            Request::WhichChildren(reply) => reply.reply(self.which_children()),
            Request::CountChildren(reply) => reply.reply(self.count_children(cx)),
            Request::StartChild(spec, reply) => reply.reply(self.start_child(*spec, cx).await),
            Request::TerminateChild(id, reply) => reply.reply(self.terminate_child(&id, cx).await),
            Request::RestartChild(id, reply) => reply.reply(self.restart_child(&id, cx).await),
            Request::DeleteChild(id, reply) => reply.reply(self.delete_child(&id)),
            Request::GetChildspec(id, reply) => reply.reply(self.get_childspec(&id)),
            Request::Stop(reason, reply) => {
                cx.stop(reason);
                reply.reply(());
            }
            Request::TryAgain(TryAgain { key, fault }) => {
                let action = self.supervision.try_again(key, self.started.elapsed());
                if !matches!(action, Action::Wait | Action::GiveUp(_)) {
                    cx.group_leader().note_restart();
                    self.supervision.children.note_restart(key);
                }
                self.go_on(action, fault, cx).await;
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        let Some(index) = self.supervision.children.find_pid(exit.from) else {
            // A child that failed to start, one that ended while it was being terminated, or a stranger.
            tracing::debug!(pid = %cx.pid(), from = %exit.from, "ignored an exit signal: {}", exit.reason);
            return;
        };
        let child = self.supervision.children.get(index);
        // Of a temporary child nothing may be left.
        let (spec, key) = (child.spec.clone(), child.key());
        let action = self.supervision.exited(index, &exit.reason, self.started.elapsed());
        let sequel = if !is_restarted(spec.restart, &exit.reason) {
            Sequel::Rests
        } else if matches!(action, Action::GiveUp(_)) {
            Sequel::GivesUp
        } else {
            cx.group_leader().note_restart();
            self.supervision.children.note_restart(key);
            Sequel::Restarts(self.supervision.window())
        };
        if is_reported(spec.restart, &exit.reason) {
            self.reporter(cx).child_terminated(&spec, exit.from, &exit.reason, sequel);
        }
        let fault = Fault { key, pid: Some(exit.from), reason: exit.reason };
        self.go_on(action, Some(fault), cx).await;
    }

    fn format_status(&self) -> Option<&dyn fmt::Debug> {
        Some(self)
    }

    async fn terminate(&mut self, _reason: &ExitReason, cx: &mut Context<Self>) {
        let action = self.supervision.halt();
        self.go_on(action, None, cx).await;
    }
}

impl Driver {
    /// Carries out `action` and what follows from it; a child that does not start is tried again later.
    async fn go_on(&mut self, action: Action, fault: Option<Fault>, cx: &mut Context<Self>) {
        // The failure has been reported, and only `init` passes it on.
        drop(self.carry_out(action, fault, cx).await);
    }

    /// `fault` is what children are restarted for.
    async fn carry_out(
        &mut self,
        mut action: Action,
        mut fault: Option<Fault>,
        cx: &mut Context<Self>,
    ) -> Result<(), StartError> {
        let mut outcome = Ok(());
        loop {
            action = match action {
                Action::Wait => return Ok(()),
                Action::Start(index) => match self.start(index, fault.as_ref(), cx).await {
                    Ok(action) => action,
                    Err((failed, error)) => {
                        fault = Some(failed);
                        outcome = Err(error);
                        self.supervision.start_failed(index)
                    }
                },
                Action::Terminate(index) => {
                    self.end(index, cx).await;
                    self.supervision.terminated(index)
                }
                Action::TryAgain(key) => {
                    // Fails only when this process has ended, and then there is nothing to try.
                    drop(cx.me().address().cast(Request::TryAgain(TryAgain { key, fault })));
                    return Ok(());
                }
                Action::GiveUp(index) => {
                    let spec = &self.supervision.children.get(index).spec;
                    let (pid, reason) = (
                        fault.as_ref().and_then(|fault| fault.pid),
                        fault.as_ref().map(|fault| &fault.reason),
                    );
                    self.reporter(cx).gives_up(spec, pid, reason, self.supervision.window());
                    cx.stop(ExitReason::Shutdown);
                    return Ok(());
                }
                Action::AutoShutdown => {
                    cx.stop(ExitReason::Shutdown);
                    return Ok(());
                }
                Action::InitFailed => return outcome,
            }
        }
    }

    /// Starts the child at `index`, as the strategy wants it, because of `fault`.
    async fn start(
        &mut self,
        index: usize,
        fault: Option<&Fault>,
        cx: &Context<Self>,
    ) -> Result<Action, (Fault, StartError)> {
        let child = self.supervision.children.get(index);
        let (spec, key) = (&child.spec, child.key());
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(spec, pid);
                Ok(self.supervision.started(index, pid))
            }
            Err(StartError::Ignore) => Ok(self.supervision.ignored(index)),
            Err(error) => {
                // The fault may be that of a sibling, whose fate this child shares.
                let pid = fault.filter(|fault| fault.key == key).and_then(|fault| fault.pid);
                self.reporter(cx).start_error(spec, pid, &error);
                let failed = Fault { key, pid, reason: ExitReason::error(&error) };
                Err((failed, StartError::Child { child: spec.id.clone(), error: Box::new(error) }))
            }
        }
    }

    /// Ends the process of the child at `index`, if it has one.
    async fn end(&self, index: usize, cx: &Context<Self>) {
        let child = self.supervision.children.get(index);
        let Some(pid) = child.state().pid() else { return };
        let termination = terminate(cx.node(), pid, child.spec.shutdown).await;
        self.reporter(cx).termination(&child.spec, pid, &termination);
    }

    fn which_children(&self) -> Vec<ChildInfo> {
        let newest_first = self.supervision.children.iter().rev();
        newest_first
            .map(|child| ChildInfo {
                id: child.spec.id.clone(),
                state: child.state(),
                kind: child.spec.kind,
                restarts: Some(child.restarts()),
            })
            .collect()
    }

    fn count_children(&self, cx: &Context<Self>) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for child in self.supervision.children.iter() {
            counts.specs += 1;
            if child.state().pid().is_some_and(|pid| cx.node().process(pid).is_some()) {
                counts.active += 1;
            }
            match child.spec.kind {
                ChildKind::Supervisor => counts.supervisors += 1,
                ChildKind::Worker => counts.workers += 1,
            }
        }
        counts
    }

    async fn start_child(&mut self, spec: ChildSpec, cx: &Context<Self>) -> Result<Option<Pid>, ChildError> {
        spec.check(self.auto_shutdown)?;
        if let Some(index) = self.supervision.children.find(&spec.id) {
            let taken = self.supervision.children.get(index).state().pid();
            return Err(taken.map_or(ChildError::AlreadyPresent, ChildError::AlreadyStarted));
        }
        let started = self.start_one(&spec, cx).await?;
        // A temporary child with nothing to run has nothing to be restarted either.
        if started != ChildState::Stopped || spec.restart != Restart::Temporary {
            self.supervision.children.push(spec.started(), started)?;
        }
        Ok(started.pid())
    }

    async fn restart_child(&mut self, id: &str, cx: &Context<Self>) -> Result<Option<Pid>, ChildError> {
        let index = self.stopped_child(id)?;
        let state = self.start_one(&self.supervision.children.get(index).spec, cx).await?;
        self.supervision.children.set(index, state);
        Ok(state.pid())
    }

    async fn terminate_child(&mut self, id: &str, cx: &Context<Self>) -> Result<(), ChildError> {
        let index = self.supervision.children.find(id).ok_or(ChildError::NotFound)?;
        self.end(index, cx).await;
        self.supervision.children.stop(index);
        Ok(())
    }

    fn delete_child(&mut self, id: &str) -> Result<(), ChildError> {
        let index = self.stopped_child(id)?;
        self.supervision.children.remove(index);
        Ok(())
    }

    fn get_childspec(&self, id: &str) -> Result<ChildSpec, ChildError> {
        let index = self.supervision.children.find(id).ok_or(ChildError::NotFound)?;
        Ok(self.supervision.children.get(index).spec.clone())
    }

    /// The child `id`, if it neither runs nor is about to.
    fn stopped_child(&self, id: &str) -> Result<usize, ChildError> {
        let index = self.supervision.children.find(id).ok_or(ChildError::NotFound)?;
        match self.supervision.children.get(index).state() {
            ChildState::Stopped => Ok(index),
            ChildState::Restarting => Err(ChildError::Restarting),
            ChildState::Running(_) => Err(ChildError::Running),
        }
    }

    /// Starts one child because somebody asked for it, outside of any restart.
    async fn start_one(&self, spec: &ChildSpec, cx: &Context<Self>) -> Result<ChildState, ChildError> {
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(spec, pid);
                Ok(ChildState::Running(pid))
            }
            Err(StartError::Ignore) => Ok(ChildState::Stopped),
            Err(error) => Err(ChildError::Start(error)),
        }
    }

    fn reporter<'a>(&'a self, cx: &'a Context<Self>) -> Reporter<'a> {
        Reporter { leader: cx.group_leader(), name: self.name.as_deref(), pid: cx.pid() }
    }
}
