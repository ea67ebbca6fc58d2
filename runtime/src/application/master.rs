//! The application master: one process per running application, above its supervisor and leader of its group.
//!
//! | message | sender | answer | bound |
//! |---|---|---|---|
//! | `Stop` | the controller | when the tree has ended and the stop callback has run | `Application::SHUTDOWN_TIMEOUT` |
//! | `ConfigChange` | the controller | when the callback has returned | none |
//! | `Exit` of the supervisor | the supervisor | none: the application has ended on its own | |
//!
//! Source: OTP `application_master`. Differs: the callbacks run in the master itself, which has no output to pass on.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use tokio::sync::oneshot;

use super::callback::{AnyConfig, Callback};
use super::config_change::AnyChange;
use super::sweep::sweep;
use crate::gen_server::{Context, GenServer, ReplyTo, StartError};
use crate::process::{Exit, ExitReason, Panic, Pid};
use crate::registry::{Address, Client, Protocol, Ref};

/// What runs an application: its callback, its configuration, and the top of its tree.
pub(super) struct Master {
    name: &'static str,
    callback: Arc<dyn Callback>,
    supervisor: Pid,
    ended: Arc<OnceLock<ExitReason>>,
}

/// What a master begins with.
pub(super) struct Args {
    pub(super) name: &'static str,
    pub(super) callback: Arc<dyn Callback>,
    pub(super) config: AnyConfig,
    /// Where the typed reason of a failed start goes; the exit reason has only its text.
    pub(super) failure: oneshot::Sender<StartError>,
    /// Where the reason goes if the application ends on its own. It may end before anybody could begin to watch the
    /// master, and a monitor that comes too late does not know.
    pub(super) ended: Arc<OnceLock<ExitReason>>,
}

/// What a master understands.
pub(super) enum Request {
    Stop(ReplyTo<()>),
    /// With what is closed when nobody waits for the reply any more.
    ConfigChange(Box<AnyChange>, oneshot::Receiver<()>, ReplyTo<Result<(), ExitReason>>),
}

impl Protocol for Master {
    type Message = Request;
    type Client = MasterClient;
}

/// What can be asked of a master.
pub(super) struct MasterClient(Address<Master>);

impl Client<Master> for MasterClient {
    fn new(address: Address<Master>) -> Self {
        Self(address)
    }

    fn address(&self) -> &Address<Master> {
        &self.0
    }
}

/// Stops the application and returns when its tree has ended and its stop callback has run.
pub(super) async fn stop(master: &Ref<Master>) {
    // An error means that the master is gone, and with it, by its link, the tree: that is what was asked for.
    drop(master.address().call(Request::Stop).infinity().await);
}

/// Tells the application of its new configuration and returns what it says to it.
///
/// # Cancel safety
/// Dropping the future drops the callback too, so that one that hangs keeps nobody from stopping the application.
pub(super) async fn change_config(master: &Ref<Master>, change: AnyChange) -> Result<(), ExitReason> {
    let change = Box::new(change);
    let (_waiting, given_up) = oneshot::channel();
    master.address().call(|reply| Request::ConfigChange(change, given_up, reply)).infinity().await?
}

impl GenServer for Master {
    type Args = Args;
    type Protocol = Self;

    fn type_name() -> &'static str {
        "Application"
    }

    async fn init(args: Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.trap_exit(true);
        let Args { name, callback, config, failure, ended } = args;
        match start(&*callback, name, &config, cx).await {
            Ok(supervisor) => Ok(Self { name, callback, supervisor, ended }),
            Err(error) => {
                let reason = ExitReason::shutdown_with(&error);
                drop(failure.send(error));
                // With this process ends, by its link, whatever there is of the tree.
                Err(reason)
            }
        }
    }

    async fn handle(&mut self, request: Request, cx: &mut Context<Self>) {
        match request {
            Request::Stop(reply) => {
                self.stop(end_tree(self.supervisor, cx), cx).await;
                cx.stop(ExitReason::Normal);
                reply.reply(());
            }
            Request::ConfigChange(change, given_up, reply) => {
                let callback = self.callback.config_change(self.name, *change);
                tokio::select! {
                    outcome = self.guarded("config_change", callback) => {
                        reply.reply(outcome.unwrap_or_else(|panic| Err(ExitReason::Panicked(Arc::new(panic)))));
                    }
                    _closed = given_up => {}
                }
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        if exit.from != self.supervisor {
            // Something that was linked while it started; not part of the tree.
            return;
        }
        // The first reason is the one: any later one is about a process that is gone already.
        drop(self.ended.set(exit.reason.clone()));
        self.stop(std::future::ready(()), cx).await;
        cx.stop(exit.reason);
    }
}

/// Starts the tree, then goes through the phases; a phase that fails takes the tree down again.
///
/// Source: OTP `application_master:start_the_app/5`.
async fn start(
    callback: &dyn Callback,
    name: &'static str,
    config: &AnyConfig,
    cx: &Context<Master>,
) -> Result<Pid, StartError> {
    let supervisor = Ref::pid(&callback.start(name, config).await?);
    // It may have been started without a link; then its end would go unnoticed. But one that is linked may be ending
    // right now, and a second link would only learn that it is gone, not why.
    let me = cx.node().process_info(cx.pid());
    if !me.is_some_and(|me| me.links.contains(&supervisor)) {
        crate::process::link(supervisor).map_err(StartError::failed)?;
    }
    for phase in callback.start_phases() {
        if let Err(error) = callback.start_phase(phase, name, config).await {
            end_tree(supervisor, cx).await;
            return Err(StartError::failed(format_args!("start phase `{phase}`: {error}")));
        }
    }
    Ok(supervisor)
}

/// Asks the supervisor to shut down, which stops its children in reverse order.
async fn end_tree(supervisor: Pid, cx: &Context<Master>) {
    cx.node().exit(supervisor, ExitReason::Shutdown);
    cx.node().wait_exit(supervisor).await;
}

impl Master {
    /// Runs a callback; its panic is reported and life goes on.
    async fn guarded<T>(
        &self,
        what: &'static str,
        callback: impl Future<Output = T> + Send,
    ) -> Result<T, Panic> {
        let mut callback = pin!(callback);
        let outcome = poll_fn(|cx| {
            // Looked at again only to be dropped, so a broken invariant cannot be seen.
            match catch_unwind(AssertUnwindSafe(|| callback.as_mut().poll(cx))) {
                Ok(polled) => polled.map(Ok),
                Err(payload) => Poll::Ready(Err(crate::process::describe_panic(&*payload))),
            }
        });
        let outcome = outcome.await;
        if let Err(panic) = &outcome {
            tracing::error!(
                target: "umbrella::application",
                application = self.name,
                "`{what}` panicked at {}: {}", panic.location, panic.message,
            );
        }
        outcome
    }

    /// The end of the application: its tree ends in between, or has ended already.
    async fn stop(&self, end_tree: impl Future<Output = ()> + Send, cx: &Context<Self>) {
        // A callback that panics has been reported, and does not keep the application from stopping.
        drop(self.guarded("prep_stop", self.callback.prep_stop()).await);
        end_tree.await;
        drop(self.guarded("stop", self.callback.stop()).await);
        sweep(cx.node(), cx.group_leader(), Some(cx.pid())).await;
    }
}
