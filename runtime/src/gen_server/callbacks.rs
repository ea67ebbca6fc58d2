//! What a server must say: the callbacks.

use std::fmt;
use std::future::Future;

use super::{Context, Start, StartError};
use crate::process::{Down, Exit, ExitReason, Mailbox};
use crate::registry::{Protocol, Ref};

/// A server that goes on with a `T` right after a callback; see [`Context::continue_with`].
///
/// Users write `#[handle_continue] fn load(&mut self, from: Load) { .. }`, which implements this.
///
/// Source: OTP `gen_server:handle_continue/2`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot continue with this",
    label = "no `#[handle_continue]` handler of `{Self}` takes it",
    note = "add one: `#[handle_continue] fn load(&mut self, load: Load)`"
)]
pub trait HandleContinue<T>: GenServer {
    /// Goes on with `next`, before anything else is handled.
    fn handle_continue(&mut self, next: T, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send;
}

/// How the messages of a protocol reach the handlers of a server; implemented by `#[protocol]`.
#[doc(hidden)]
pub trait Dispatch<S: GenServer> {
    /// What this message takes when it is serialised.
    fn weight(&self) -> usize {
        0
    }

    /// Handles this message with `server`.
    fn dispatch(self, server: &mut S, cx: &mut Context<S>) -> impl Future<Output = ()> + Send;
}

/// A server: how it begins, what it does with each message, how it ends.
///
/// Users write `#[gen_server] impl Counter { .. }`, which implements this.
/// Handlers of one server never run at the same time, so `&mut self` is all the synchronisation there is.
///
/// Source: OTP `gen_server(3)`.
pub trait GenServer: Sized + Send + 'static {
    /// What `init` gets.
    type Args: Send + 'static;
    /// What the server understands.
    type Protocol: Protocol;

    /// Whether [`handle`](Self::handle) begins with every call it gets and keeps none; set by generated code.
    #[doc(hidden)]
    const BEGINS_CALLS: bool = false;

    /// What the server is called in reports, unless it has a registered name.
    #[doc(hidden)]
    fn type_name() -> &'static str {
        std::any::type_name::<Self>()
    }

    /// How much the mailbox takes, unless [`Start::mailbox`] says otherwise.
    const MAILBOX: Mailbox = Mailbox::unbounded();

    /// What `message` takes when it is serialised, beside what it takes in memory; set by generated code.
    #[doc(hidden)]
    fn weight(message: &<Self::Protocol as Protocol>::Message) -> usize {
        let _unknown = message;
        0
    }

    /// Begins: runs in the new process, while whoever starts it waits.
    ///
    /// Until it waits for something it runs on the thread of whoever starts it, so that a server that needs not wait
    /// is ready without a turn of its own.
    ///
    /// # Errors
    /// The process ends with this reason and the starter gets [`StartError::InitFailed`].
    fn init(
        args: Self::Args,
        cx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Self, ExitReason>> + Send;

    /// Handles one message.
    fn handle(
        &mut self,
        message: <Self::Protocol as Protocol>::Message,
        cx: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send;

    /// Handles the end of a linked process; only if the server traps exits.
    ///
    /// The exit of the parent does not come here: it ends the server, if it was started with a link.
    /// Default: logs it.
    fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        tracing::warn!(pid = %cx.pid(), from = %exit.from, "{} got an exit signal it does not handle: {}",
            std::any::type_name::<Self>(), exit.reason);
        std::future::ready(())
    }

    /// Handles the end of a monitored process.
    ///
    /// Default: logs it.
    fn handle_down(&mut self, down: Down, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        tracing::warn!(pid = %cx.pid(), down = %down.pid, "{} got a down message it does not handle: {}",
            std::any::type_name::<Self>(), down.reason);
        std::future::ready(())
    }

    /// Ends in order: after [`Context::stop`], and when the parent exits and the server traps exits.
    ///
    /// Not called when the process is killed, panics, or ends by an exit signal it does not trap.
    ///
    /// Differs: OTP calls `terminate` after a crash too; here a panic may have left the state half changed.
    fn terminate(&mut self, reason: &ExitReason, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        let _unused = (reason, cx);
        std::future::ready(())
    }

    /// Gives back what the server can make again, because it has been idle for a while.
    ///
    /// Called by [`Context::hibernate`] and [`Start::hibernate_after`]. The memory of its mailbox is given back too.
    /// Default: nothing.
    ///
    /// Source: OTP `proc_lib:hibernate/3`, `gen_server` option `hibernate_after`.
    /// Differs: the state stays where it is, since there is no heap of its own to be compacted.
    fn hibernate(&mut self, cx: &mut Context<Self>) {
        let _unused = cx;
    }

    /// The state as crash reports and [`sys`](super::sys) show it; nothing if it cannot be shown.
    ///
    /// Generated: the state itself, if it is `Debug`.
    ///
    /// Source: OTP `gen_server:format_status/1`.
    fn format_status(&self) -> Option<&dyn fmt::Debug> {
        None
    }

    /// Starts the server, linked to the running process, and waits for its `init`.
    ///
    /// Source: OTP `gen_server:start_link/3`.
    ///
    /// # Errors
    /// See [`StartError`].
    fn start_link(args: Self::Args) -> impl Future<Output = Result<Ref<Self::Protocol>, StartError>> + Send {
        Start::<Self>::new(args).link().start()
    }

    /// Starts the server with no link, and waits for its `init`.
    ///
    /// Source: OTP `gen_server:start/3`.
    ///
    /// # Errors
    /// See [`StartError`].
    fn start(args: Self::Args) -> impl Future<Output = Result<Ref<Self::Protocol>, StartError>> + Send {
        Start::<Self>::new(args).start()
    }
}
