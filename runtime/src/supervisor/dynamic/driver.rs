//! The process of a dynamic supervisor.
//!
//! | message          | from                        | answer                                        |
//! |------------------|-----------------------------|-----------------------------------------------|
//! | `Exit` of a child | the child, by its link     | none; restarts it, forgets it, or gives up    |
//! | `Request`        | the client                  | one reply, after the work is done             |
//! | `Request::TryAgain` | itself, after a failed restart | none                                    |

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::DynamicSupervisor;
use super::children::Children;
use super::client::Request;
use crate::gen_server::{Context, GenServer, StartError};
use crate::process::{Exit, ExitReason, Pid};
use crate::registry::Client;
use crate::supervisor::AutoShutdown;
use crate::supervisor::child_spec::ChildSpec;
use crate::supervisor::client::ChildError;
use crate::supervisor::intensity::Window;
use crate::supervisor::report::{Reporter, Sequel};
use crate::supervisor::strategy::{is_reported, is_restarted};
use crate::supervisor::termination::{terminate, terminate_all};

/// The state of a dynamic supervisor process.
#[derive(Debug)]
pub(super) struct Driver {
    /// The registered name, for reports.
    name: Option<Arc<str>>,
    children: Children,
    max_children: usize,
    auto_shutdown: AutoShutdown,
    window: Window,
    /// What the restart window counts from.
    started: Instant,
}

/// What a dynamic supervisor process begins with.
pub(super) struct Args {
    pub(super) name: Option<Arc<str>>,
    pub(super) window: Window,
    pub(super) max_children: usize,
    pub(super) auto_shutdown: AutoShutdown,
}

impl GenServer for Driver {
    type Args = Args;
    type Protocol = DynamicSupervisor;

    fn type_name() -> &'static str {
        "DynamicSupervisor"
    }

    async fn init(args: Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.trap_exit(true);
        let Args { name, window, max_children, auto_shutdown } = args;
        let (children, started) = (Children::default(), Instant::now());
        Ok(Self { name, children, max_children, auto_shutdown, window, started })
    }

    async fn handle(&mut self, request: Request, cx: &mut Context<Self>) {
        match request {
            Request::WhichChildren(reply) => reply.reply(self.children.infos()),
            Request::CountChildren(reply) => reply.reply(self.children.counts()),
            Request::StartChild(spec, reply) => reply.reply(self.start_child(*spec, cx).await),
            Request::TerminateChild(pid, reply) => reply.reply(self.terminate_child(pid, cx).await),
            Request::GetChildspec(pid, reply) => {
                reply.reply(self.children.get(pid).cloned().ok_or(ChildError::NotFound));
            }
            Request::Stop(reason, reply) => {
                cx.stop(reason);
                reply.reply(());
            }
            Request::TryAgain(last, failure) => {
                // Gone if it was terminated meanwhile.
                if let Some(spec) = self.children.take_restarting(last) {
                    if self.add_restart(last, cx) {
                        self.restart(last, spec, cx).await;
                    } else {
                        self.give_up(last, &spec, &failure, cx);
                    }
                }
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        let Some(spec) = self.children.take_running(exit.from) else {
            // A child that failed to start, one that ended while it was being terminated, or a stranger.
            tracing::debug!(pid = %cx.pid(), from = %exit.from, "ignored an exit signal: {}", exit.reason);
            return;
        };
        let sequel = if !is_restarted(spec.restart, &exit.reason) {
            Sequel::Rests
        } else if self.add_restart(exit.from, cx) {
            Sequel::Restarts(&self.window)
        } else {
            Sequel::GivesUp
        };
        if is_reported(spec.restart, &exit.reason) {
            self.reporter(cx).child_terminated(&spec, exit.from, &exit.reason, sequel);
        }
        match sequel {
            Sequel::Restarts(_) => self.restart(exit.from, spec, cx).await,
            Sequel::GivesUp => self.give_up(exit.from, &spec, &exit.reason, cx),
            Sequel::Rests => {
                self.children.forget(exit.from);
                if spec.significant && self.is_over() {
                    cx.stop(ExitReason::Shutdown);
                }
            }
        }
    }

    fn format_status(&self) -> Option<&dyn fmt::Debug> {
        Some(self)
    }

    async fn terminate(&mut self, _reason: &ExitReason, cx: &mut Context<Self>) {
        let reporter = self.reporter(cx);
        terminate_all(cx.node(), self.children.running(), |pid, spec, termination| {
            reporter.termination(spec, pid, &termination);
        })
        .await;
    }
}

impl Driver {
    /// Counts a restart of the child that was the process `last`; false if that would be once too often.
    fn add_restart(&mut self, last: Pid, cx: &Context<Self>) -> bool {
        let allowed = self.window.add_restart(self.started.elapsed());
        if allowed {
            cx.group_leader().note_restart();
            self.children.note_restart(last);
        }
        allowed
    }

    /// Ends the supervisor, since the child that was the process `last` would have to be restarted once too often.
    fn give_up(&self, last: Pid, spec: &ChildSpec, reason: &ExitReason, cx: &mut Context<Self>) {
        self.reporter(cx).gives_up(spec, Some(last), Some(reason), &self.window);
        cx.stop(ExitReason::Shutdown);
    }

    /// Starts a child again that was the process `last`.
    ///
    /// Source: OTP `supervisor:restart/2` and `restart(simple_one_for_one, ..)`.
    async fn restart(&mut self, last: Pid, spec: ChildSpec, cx: &mut Context<Self>) {
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(&spec, pid);
                self.children.run_again(last, pid, spec);
            }
            // Nothing to run: there is nothing to know it by.
            Err(StartError::Ignore) => self.children.forget(last),
            Err(error) => {
                self.reporter(cx).start_error(&spec, Some(last), &error);
                self.children.wait(last, spec);
                // Fails only when this process has ended, and then there is nothing to try.
                drop(cx.me().address().cast(Request::TryAgain(last, ExitReason::error(&error))));
            }
        }
    }

    async fn start_child(&mut self, spec: ChildSpec, cx: &Context<Self>) -> Result<Option<Pid>, ChildError> {
        spec.check(self.auto_shutdown)?;
        if self.children.len() >= self.max_children {
            return Err(ChildError::MaxChildren(self.max_children));
        }
        match spec.start().await {
            Ok(pid) => {
                self.reporter(cx).progress(&spec, pid);
                self.children.run(pid, spec.started());
                Ok(Some(pid))
            }
            Err(StartError::Ignore) => Ok(None),
            Err(error) => Err(ChildError::Start(error)),
        }
    }

    async fn terminate_child(&mut self, pid: Pid, cx: &Context<Self>) -> Result<(), ChildError> {
        if let Some(spec) = self.children.take_running(pid) {
            self.children.forget(pid);
            let termination = terminate(cx.node(), pid, spec.shutdown).await;
            self.reporter(cx).termination(&spec, pid, &termination);
            return Ok(());
        }
        self.children.take_restarting(pid).map(drop).ok_or(ChildError::NotFound)?;
        self.children.forget(pid);
        Ok(())
    }

    /// Whether the end of a significant child ends the supervisor.
    ///
    /// Source: OTP `supervisor:do_auto_shutdown/2`.
    fn is_over(&self) -> bool {
        match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !self.children.has_significant(),
        }
    }

    fn reporter<'a>(&'a self, cx: &'a Context<Self>) -> Reporter<'a> {
        Reporter { leader: cx.group_leader(), name: self.name.as_deref(), pid: cx.pid() }
    }
}
