//! What a state machine must say: the callbacks.

use std::fmt;
use std::future::Future;

use super::machine::Machine;
use super::timed_out::TimedOut;
use super::transition::{Actions, Starting, Transition};
use crate::gen_server::{GenServer, Start, StartError};
use crate::process::{Down, Exit, ExitReason, Mailbox};
use crate::registry::{Protocol, Ref};

type EventOf<S> = <<S as GenStatem>::Protocol as Protocol>::Message;

/// A state machine: its state is a value of [`State`](Self::State), its data is `self`.
///
/// Users write `#[gen_statem(state = Lock)] impl Door { .. }`, which implements this.
///
/// Source: OTP `gen_statem(3)`.
pub trait GenStatem: Sized + Send + 'static {
    /// What `init` gets.
    type Args: Send + 'static;
    /// The states. Two that are equal are the same state.
    type State: PartialEq + Send + Sync + 'static;
    /// What the machine understands.
    type Protocol: Protocol<Message: From<TimedOut>>;

    /// How much the mailbox takes, unless [`Start::mailbox`] says otherwise.
    ///
    /// Time-outs come whether there is room or not. Events that are postponed, or wait inside the machine for another
    /// reason, have left the mailbox.
    const MAILBOX: Mailbox = Mailbox::unbounded();

    /// Begins: runs in the new process, while whoever starts it waits.
    ///
    /// # Errors
    /// The process ends with this reason and the starter gets [`StartError::InitFailed`].
    fn init(
        args: Self::Args,
        cx: &mut Starting<Self>,
    ) -> impl Future<Output = Result<(Self::State, Self), ExitReason>> + Send;

    /// The state enter call: runs whenever `state` was entered, before any event is handled in it.
    ///
    /// When the machine starts, and when a state is repeated, `old` is `state` itself.
    /// Default: nothing.
    ///
    /// Source: OTP `state_enter` of `gen_statem:callback_mode/0`.
    fn enter(
        &mut self,
        old: &Self::State,
        state: &Self::State,
        cx: &mut Actions<Self>,
    ) -> impl Future<Output = ()> + Send {
        let _unused = (old, state, cx);
        std::future::ready(())
    }

    /// Handles one event in `state`.
    fn handle(
        &mut self,
        state: &Self::State,
        event: EventOf<Self>,
        cx: &mut Transition<Self>,
    ) -> impl Future<Output = ()> + Send;

    /// Ends in order: after [`Actions::stop`], and when the parent exits and the machine traps exits.
    ///
    /// Not called when the process is killed, panics, or ends by an exit signal it does not trap.
    /// Default: nothing.
    ///
    /// Source: OTP `gen_statem:terminate/3`.
    fn terminate(&mut self, reason: &ExitReason, state: &Self::State) -> impl Future<Output = ()> + Send {
        let _unused = (reason, state);
        std::future::ready(())
    }

    /// State and data as crash reports and [`sys`](crate::gen_server::sys) show them; nothing for what cannot be shown.
    ///
    /// Generated: what of the two is `Debug`.
    ///
    /// Source: OTP `gen_statem:format_status/1`.
    fn format_status<'a>(
        &'a self,
        state: &'a Self::State,
    ) -> (Option<&'a dyn fmt::Debug>, Option<&'a dyn fmt::Debug>) {
        let _unused = state;
        (None, None)
    }

    /// The event that the end of a monitored process is, if the machine handles it.
    #[doc(hidden)]
    fn down(down: Down) -> Result<EventOf<Self>, Down> {
        Err(down)
    }

    /// The event that the end of a linked process is, if the machine handles it.
    #[doc(hidden)]
    fn exit(exit: Exit) -> Result<EventOf<Self>, Exit> {
        Err(exit)
    }

    /// The time-out that `event` reports.
    #[doc(hidden)]
    fn timed_out(event: &mut EventOf<Self>) -> Option<&mut TimedOut>;

    /// What `event` takes when it is serialised, beside what it takes in memory.
    #[doc(hidden)]
    fn weight(event: &EventOf<Self>) -> usize;

    /// Whether `event` is a call for whose answer nobody waits any longer.
    #[doc(hidden)]
    fn is_abandoned(event: &EventOf<Self>) -> bool;

    /// Starts the machine, linked to the running process, and waits for its `init`.
    ///
    /// Source: OTP `gen_statem:start_link/3`.
    ///
    /// # Errors
    /// See [`StartError`].
    fn start_link(args: Self::Args) -> impl Future<Output = Result<Ref<Self::Protocol>, StartError>> + Send {
        Machine::<Self>::start_link(args)
    }

    /// Starts the machine with no link, and waits for its `init`.
    ///
    /// Source: OTP `gen_statem:start/3`.
    ///
    /// # Errors
    /// See [`StartError`].
    fn start(args: Self::Args) -> impl Future<Output = Result<Ref<Self::Protocol>, StartError>> + Send {
        Start::<Machine<Self>>::new(args).start()
    }
}
