//! The process of a dynamic supervisor.
//!
//! | message          | from                        | answer                                        |
//! |------------------|-----------------------------|-----------------------------------------------|
//! | `Exit` of a child | the child, by its link     | none; restarts it, forgets it, or gives up    |
//! | `Request`        | the client                  | one reply, after the work is done             |
//! | `Request::TryAgain` | itself, after a failed restart | none                                    |

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::DynamicSupervisor;
use super::client::Request;
use crate::gen_server::{Context, GenServer, StartError};
use crate::process::{Exit, ExitReason, Pid};
use crate::registry::Client;
use crate::supervisor::AutoShutdown;
use crate::supervisor::child_spec::{ChildKind, ChildSpec};
use crate::supervisor::children::ChildState;
use crate::supervisor::client::{ChildCounts, ChildError, ChildInfo};
use crate::supervisor::intensity::Window;
use crate::supervisor::report::{ErrorContext, Reporter};
use crate::supervisor::strategy::{is_reported, is_restarted};
use crate::supervisor::termination::{terminate, terminate_all};

/// The state of a dynamic supervisor process.
#[derive(Debug)]
pub(super) struct Driver {
    /// The registered name, for reports.
    name: Option<Arc<str>>,
    running: HashMap<Pid, ChildSpec>,
    /// Children between two restart attempts, by their last pid.
    restarting: HashMap<Pid, ChildSpec>,
    max_children: usize,
    window: Window,
    /// What the restart window counts from.
    started: Instant,
}

/// What a dynamic supervisor process begins with.
pub(super) struct Args {
    pub(super) name: Option<Arc<str>>,
    pub(super) window: Window,
    pub(super) max_children: usize,
}

impl GenServer for Driver {
    type Args = Args;
    type Protocol = DynamicSupervisor;

    async fn init(args: Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.trap_exit(true);
        let Args { name, window, max_children } = args;
        let (running, restarting) = (HashMap::new(), HashMap::new());
        Ok(Self { name, running, restarting, max_children, window, started: Instant::now() })
    }

    async fn handle(&mut self, request: Request, cx: &mut Context<Self>) {
        match request {
            Request::WhichChildren(reply) => reply.reply(self.which_children()),
            Request::CountChildren(reply) => reply.reply(self.count_children(cx)),
            Request::StartChild(spec, reply) => reply.reply(self.start_child(*spec, cx).await),
            Request::TerminateChild(pid, reply) => reply.reply(self.terminate_child(pid, cx).await),
            Request::Stop(reason, reply) => {
                cx.stop(reason);
                reply.reply(());
            }
            Request::TryAgain(last) => {
                // Gone if it was terminated meanwhile.
                if let Some(spec) = self.restarting.remove(&last) {
                    self.restart(last, spec, cx).await;
                }
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        let Some(spec) = self.running.remove(&exit.from) else {
            // A child that failed to start, one that ended while it was being terminated, or a stranger.
            tracing::debug!(pid = %cx.pid(), from = %exit.from, "ignored an exit signal: {}", exit.reason);
            return;
        };
        if is_reported(spec.restart, &exit.reason) {
            self.reporter(cx).error(ErrorContext::ChildTerminated, &exit.reason, &spec, Some(exit.from));
        }
        if is_restarted(spec.restart, &exit.reason) && self.restart(exit.from, spec, cx).await {
            cx.group_leader().note_restart();
        }
    }

    async fn terminate(&mut self, _reason: &ExitReason, cx: &mut Context<Self>) {
        let children = self.running.iter().map(|(&pid, spec)| (pid, spec));
        let reporter = self.reporter(cx);
        terminate_all(cx.node(), children, |pid, spec, termination| {
            reporter.termination(spec, pid, &termination);
        })
        .await;
    }
}

impl Driver {
    /// Starts a child again that was the process `last`; false if that would be once too often.
    ///
    /// Source: OTP `supervisor:restart/2` and `restart(simple_one_for_one, ..)`.
    async fn restart(&mut self, last: Pid, spec: ChildSpec, cx: &mut Context<Self>) -> bool {
        if !self.window.add_restart(self.started.elapsed()) {
            self.reporter(cx).error(ErrorContext::Shutdown, &"reached its restart intensity", &spec, None);
            cx.stop(ExitReason::Shutdown);
            return false;
        }
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(&spec, pid);
                self.running.insert(pid, spec);
            }
            // Nothing to run: there is nothing to know it by.
            Err(StartError::Ignore) => {}
            Err(error) => {
                self.reporter(cx).error(ErrorContext::StartError, &error, &spec, None);
                self.restarting.insert(last, spec);
                // Fails only when this process has ended, and then there is nothing to try.
                drop(cx.me().address().cast(Request::TryAgain(last)));
            }
        }
        true
    }

    async fn start_child(&mut self, spec: ChildSpec, cx: &Context<Self>) -> Result<Option<Pid>, ChildError> {
        spec.check(AutoShutdown::Never)?;
        if self.running.len() + self.restarting.len() >= self.max_children {
            return Err(ChildError::MaxChildren(self.max_children));
        }
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(&spec, pid);
                self.running.insert(pid, spec.started());
                Ok(Some(pid))
            }
            Err(StartError::Ignore) => Ok(None),
            Err(error) => Err(ChildError::Start(error)),
        }
    }

    async fn terminate_child(&mut self, pid: Pid, cx: &Context<Self>) -> Result<(), ChildError> {
        if let Some(spec) = self.running.remove(&pid) {
            let termination = terminate(cx.node(), pid, spec.shutdown).await;
            self.reporter(cx).termination(&spec, pid, &termination);
            return Ok(());
        }
        self.restarting.remove(&pid).map(drop).ok_or(ChildError::NotFound)
    }

    fn which_children(&self) -> Vec<ChildInfo> {
        let running = self.running.iter().map(|(&pid, spec)| (ChildState::Running(pid), spec));
        let restarting = self.restarting.values().map(|spec| (ChildState::Restarting, spec));
        running
            .chain(restarting)
            .map(|(state, spec)| ChildInfo { id: spec.id.clone(), state, kind: spec.kind })
            .collect()
    }

    fn count_children(&self, cx: &Context<Self>) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for spec in self.running.values().chain(self.restarting.values()) {
            counts.specs += 1;
            match spec.kind {
                ChildKind::Supervisor => counts.supervisors += 1,
                ChildKind::Worker => counts.workers += 1,
            }
        }
        counts.active = self.running.keys().filter(|&&pid| cx.node().process(pid).is_some()).count();
        counts
    }

    fn reporter<'a>(&'a self, cx: &'a Context<Self>) -> Reporter<'a> {
        Reporter { leader: cx.group_leader(), name: self.name.as_deref(), pid: cx.pid() }
    }
}
