//! What a handler of events must say, and how the manager holds it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::client::HandlerAddress;
use crate::gen_server::show_status;
use crate::process::{ExitReason, describe_panic};

/// A handler of the events of a manager: it runs in the manager, and lives in it until it is removed.
///
/// Users write `#[gen_event(event = Order)] impl Revenue { .. }`, which implements this.
///
/// Differs: handlers do not wait, so nothing in one is `async`, and only events and calls come to it. What waits, or
/// takes messages of others, is a process that subscribes.
///
/// Source: OTP `gen_event(3)`, the callback module.
pub trait EventHandler: Sized + Send + 'static {
    /// The events.
    type Event: Send + 'static;
    /// What `init` gets.
    type Args: Send + 'static;
    /// The calls that it answers.
    type Message: Send + 'static;
    /// The methods that make them; what [`Handler`](super::Handler) dereferences to.
    type Client: From<HandlerAddress<Self::Event>>;

    /// Begins: runs in the manager, while whoever adds the handler waits.
    ///
    /// # Errors
    /// The handler is not added, for this reason.
    fn init(args: Self::Args) -> Result<Self, ExitReason>;

    /// Handles one event.
    fn handle_event(&mut self, event: &Self::Event, cx: &mut Handling);

    /// Handles one call.
    ///
    /// # Errors
    /// The handler panicked.
    #[doc(hidden)]
    fn handle_call(&mut self, call: Self::Message, cx: &mut Handling) -> Result<(), Crashed>;

    /// The state as crash reports show it; nothing if it cannot be shown.
    ///
    /// Generated: the state itself, if it is `Debug`.
    ///
    /// Source: OTP `gen_event:format_status/1`.
    fn format_status(&self) -> Option<&dyn fmt::Debug> {
        None
    }

    /// Ends in order: whenever it is removed, unless it panicked.
    ///
    /// Default: nothing.
    ///
    /// Differs: OTP terminates a handler that crashed too, with the state it had before; here that may be half changed.
    ///
    /// Source: OTP `gen_event:terminate/2`.
    fn terminate(&mut self, why: &Removed) {
        let _unused = why;
    }
}

/// What a handler can do beside its answer.
///
/// A handler asks for it with a parameter `cx: &mut Handling`.
#[derive(Debug, Default)]
pub struct Handling {
    pub(super) remove: bool,
}

impl Handling {
    /// Removes the handler after this.
    ///
    /// Source: OTP `remove_handler`.
    pub fn remove(&mut self) {
        self.remove = true;
    }
}

/// Why a handler is in its manager no longer.
///
/// Source: OTP's argument of `gen_event:terminate/2`, and the reason in `{gen_event_EXIT, Handler, Reason}`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Removed {
    /// It asked for it.
    #[error("it asked to be removed")]
    Itself,
    /// Somebody deleted it.
    #[error("it was deleted")]
    Deleted,
    /// Another took its place.
    #[error("it was swapped")]
    Swapped,
    /// Its owner ended, for this reason.
    #[error("its owner ended: {0}")]
    Owner(ExitReason),
    /// The manager ends, for this reason.
    #[error("its manager ends: {0}")]
    Manager(ExitReason),
    /// It panicked.
    #[error("it crashed: {0}")]
    Crashed(ExitReason),
}

/// A handler panicked; what it said is in the reason.
#[doc(hidden)]
#[derive(Debug)]
pub struct Crashed(pub(super) ExitReason);

/// Runs what may panic in a handler, which must not take the manager with it; called by generated code.
///
/// # Errors
/// It panicked.
#[doc(hidden)]
pub fn guard<R>(run: impl FnOnce() -> R) -> Result<R, Crashed> {
    // A handler that panicked is never looked at again.
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|payload| Crashed(ExitReason::Panicked(Arc::new(describe_panic(&*payload)))))
}

/// A handler of any type, as its manager holds it.
pub(super) trait AnyHandler<E>: Send {
    fn event(&mut self, event: &E, cx: &mut Handling);
    fn call(&mut self, call: Box<dyn Any + Send>, cx: &mut Handling) -> Result<(), Crashed>;
    fn terminate(&mut self, why: &Removed);
    fn into_any(self: Box<Self>) -> Box<dyn Any + Send>;
    fn type_name(&self) -> &'static str;
    fn state(&self) -> Option<String>;
}

impl<H: EventHandler> AnyHandler<H::Event> for H {
    fn event(&mut self, event: &H::Event, cx: &mut Handling) {
        self.handle_event(event, cx);
    }

    fn call(&mut self, call: Box<dyn Any + Send>, cx: &mut Handling) -> Result<(), Crashed> {
        match call.downcast() {
            Ok(call) => self.handle_call(*call, cx),
            // Only a `Handler<H>` knows the id of an `H`, and it sends its own calls.
            Err(_stranger) => Ok(()),
        }
    }

    fn terminate(&mut self, why: &Removed) {
        EventHandler::terminate(self, why);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<H>()
    }

    fn state(&self) -> Option<String> {
        show_status(|| self.format_status())
    }
}

impl<E> fmt::Debug for dyn AnyHandler<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())
    }
}
