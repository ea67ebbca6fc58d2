//! Aliases: ways to a process that it can close.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::any_cell::{AnyCell, Head};
use super::cell::{Cell, wake};
use super::far_alias::Away;
use super::link::watch;
use super::monitors::{MonitorAlias, Until};
use super::receive::receive_where;
use super::remote::Far;
use super::signal::SystemMessage;
use super::state::State;
use super::{Down, MonitorRef, NotAProcess, Pid, current};

/// A way to one process that takes messages of type `T`, for as long as the process leaves it open.
///
/// It is given to others in messages, for what they are to answer: when the process has lost interest it
/// [closes](unalias) the alias, and answers that come later are dropped, silently, where they would have been left over in
/// its mailbox. Calls need none: a late reply is always dropped.
///
/// A message through an alias is one that its process asked for, so it is never refused by a
/// [bounded](super::Mailbox) mailbox. As a [`Ref`](crate::registry::Ref), an alias keeps no process alive.
///
/// If `T` can [cross nodes](crate::registry::Wire), so can the alias, in any message: whoever gets it, on whichever node,
/// sends through it; in Erlang and Elixir it is a reference, `Alias ! Message`. What comes from another node is dropped as
/// here when the alias is closed, and what is no `T` is refused and logged.
///
/// | made by | messages come to | active until |
/// |---|---|---|
/// | [`alias`], [`reply_alias`], [`monitor_alias`] | [`receive_alias`] | [`unalias`]; the first message; the end of the monitor |
/// | the methods of [`Context`](crate::gen_server::Context) of the same names | `#[info]` handlers | the same |
///
/// ```
/// # use umbrella::prelude::*;
/// use umbrella::process::{self, Alias};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let asker = process::spawn(async {
///     let answers: Alias<u8> = process::alias()?;
///     let others = answers.clone();
///     process::spawn(async move { others.send(42) }).map_err(ExitReason::from)?;
///     assert_eq!(process::receive_alias(&answers).await.ok(), Some(42));
///     assert!(process::unalias(&answers)?);
///     // Too late: dropped.
///     answers.send(43);
///     Ok::<_, ExitReason>(())
/// })?;
/// assert_eq!(process::wait_exit(asker).await, ExitReason::Normal);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: OTP `erlang:alias/1`, *Process Aliases* in the reference manual.
/// Differs: an alias says of which type its messages are, and only `send` sees whether it is active.
pub struct Alias<T>(pub(super) Target<T>);

pub(super) enum Target<T> {
    /// Messages wait for [`receive_alias`].
    Process(MonitorRef, Arc<dyn AnyCell>),
    /// Messages go to the handlers of a server.
    Server(MonitorRef, Arc<dyn Takes<T>>),
    /// It was read from a message.
    Away(Arc<Away<T>>),
}

/// A process whose messages are made from `T`s.
pub(super) trait Takes<T>: Send + Sync {
    fn head(&self) -> &Head;
    fn cell(&self) -> &dyn AnyCell;
    fn send_through(&self, alias: MonitorRef, message: T);
}

impl<T> Alias<T> {
    /// Sends `message` to the process, or drops it if the alias is not active any more.
    ///
    /// Source: OTP `Alias ! Message`.
    pub fn send(&self, message: T)
    where
        T: Send + 'static,
    {
        match &self.0 {
            Target::Process(alias, process) => process.send_through(*alias, Box::new(message)),
            Target::Server(alias, server) => server.send_through(*alias, message),
            Target::Away(away) => away.send(&message),
        }
    }

    /// The process that it leads to; nothing for one of another node, where alone that is known.
    pub fn pid(&self) -> Option<Pid> {
        self.home().map(|(pid, _)| pid)
    }

    /// What it is called: the reference of its monitor, if it has one; nothing for one of another node.
    pub fn reference(&self) -> Option<MonitorRef> {
        self.home().map(|(_, reference)| reference)
    }

    fn home(&self) -> Option<(Pid, MonitorRef)> {
        match &self.0 {
            Target::Process(alias, process) => Some((process.head().pid, *alias)),
            Target::Server(alias, server) => Some((server.head().pid, *alias)),
            Target::Away(away) => away.home(),
        }
    }

    /// An alias of `cell`, whose messages go to its handlers, as long as it is active.
    pub(crate) fn of_server<M: From<T> + Send + 'static>(cell: &Arc<Cell<M>>, open: Open) -> Self
    where
        T: 'static,
    {
        let process: Arc<dyn AnyCell> = cell.clone();
        Self(Target::Server(open.open(&process), cell.clone()))
    }
}

/// What kind of alias is made.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    Explicit,
    Reply,
    Monitor(Pid, MonitorAlias),
}

impl Open {
    fn open(self, this: &Arc<dyn AnyCell>) -> MonitorRef {
        let reference = this.head().node.next_reference();
        let (target, until) = match self {
            Self::Explicit => (None, Until::Unalias),
            Self::Reply => (None, Until::Reply),
            Self::Monitor(target, until) => (Some(Far::Pid(target)), until.into()),
        };
        this.with_monitors(&mut |monitors| monitors.alias(reference, target.clone(), until));
        if let Some(target) = &target {
            watch(&**this, reference, target);
        }
        reference
    }

    fn here<T>(self) -> Result<Alias<T>, NotAProcess> {
        let this = current::cell().ok_or(NotAProcess)?;
        Ok(Alias(Target::Process(self.open(&this), this)))
    }
}

/// An alias of the running process, active until [`unalias`].
///
/// Source: OTP `erlang:alias/0`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn alias<T: Send + 'static>() -> Result<Alias<T>, NotAProcess> {
    Open::Explicit.here()
}

/// An alias of the running process for one message: active until that comes, or until [`unalias`].
///
/// Source: OTP `erlang:alias([reply])`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn reply_alias<T: Send + 'static>() -> Result<Alias<T>, NotAProcess> {
    Open::Reply.here()
}

/// [Monitors](super::monitor) `pid`, and gives an alias of the running process for what `pid` is to answer.
///
/// `until` says until when it is active. [`receive_alias`] waits for the answer and for the [`Down`], whichever is first:
///
/// ```
/// # use umbrella::prelude::*;
/// use umbrella::process::{self, AliasError, MonitorAlias};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let asker = process::spawn(async {
///     let gone = process::spawn(async {})?;
///     let answer = process::monitor_alias::<u8>(gone, MonitorAlias::ReplyDemonitor)?;
///     match process::receive_alias(&answer).await {
///         Err(AliasError::Down(down)) => assert_eq!(down.pid, gone),
///         _ => unreachable!("nobody answers"),
///     }
///     Ok::<_, ExitReason>(())
/// })?;
/// assert_eq!(process::wait_exit(asker).await, ExitReason::Normal);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// [`Alias::reference`] is that of the monitor, for [`demonitor`](super::demonitor).
///
/// Source: OTP `erlang:monitor(process, Pid, [{alias, Until}])`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn monitor_alias<T: Send + 'static>(pid: Pid, until: MonitorAlias) -> Result<Alias<T>, NotAProcess> {
    Open::Monitor(pid, until).here()
}

/// Closes an alias of the running process, and says whether it was active. What came through it before stays.
///
/// The monitor that it belongs to, if any, goes on.
///
/// Source: OTP `erlang:unalias/1`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn unalias<T>(alias: &Alias<T>) -> Result<bool, NotAProcess> {
    let this = current::cell().ok_or(NotAProcess)?;
    let mut was_active = false;
    if let Some((_, reference)) = alias.home().filter(|(pid, _)| *pid == this.head().pid) {
        this.with_monitors(&mut |monitors| was_active = monitors.unalias(reference));
    }
    Ok(was_active)
}

/// Why no message came through an alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AliasError {
    /// The process that it [monitors](monitor_alias) ended.
    #[error("{} ended: {}", .0.pid, .0.reason)]
    Down(Down),
    /// It is no alias of the running process, its messages go to the handlers of a server, or it was read from a message.
    #[error("not an alias that the running process receives from")]
    NotReceived,
}

/// Waits for the next message through `alias`, or for the [`Down`] of its monitor, and leaves everything else in the
/// mailbox; in a server's handler too.
///
/// Nothing comes through an alias that is closed, so this waits for ever then, unless something came before.
/// What comes while a server is not in the handler that waits is dropped: one that waits for longer uses the aliases of
/// its [`Context`](crate::gen_server::Context).
///
/// Source: OTP `receive {Alias, Message} -> ...; {'DOWN', Alias, process, _, _} -> ... end`.
///
/// # Errors
/// See [`AliasError`].
///
/// # Cancel safety
/// Nothing is lost when the future is dropped.
pub async fn receive_alias<T: Send + 'static>(alias: &Alias<T>) -> Result<T, AliasError> {
    let reference = match &alias.0 {
        Target::Process(reference, process) if current::is(process.head().pid) => *reference,
        Target::Process(..) | Target::Server(..) | Target::Away(_) => return Err(AliasError::NotReceived),
    };
    let wanted = move |message: &SystemMessage| match message {
        SystemMessage::Through(alias, _) => *alias == reference,
        SystemMessage::Down(down) => down.monitor == reference,
        SystemMessage::Exit(_) | SystemMessage::Control(_) => false,
    };
    loop {
        match receive_where(wanted).await.map_err(|NotAProcess| AliasError::NotReceived)? {
            SystemMessage::Through(_, message) => {
                // Nothing else goes through an alias of `T`s.
                if let Ok(message) = message.downcast() {
                    return Ok(*message);
                }
            }
            SystemMessage::Down(down) => return Err(AliasError::Down(down)),
            SystemMessage::Exit(_) | SystemMessage::Control(_) => {}
        }
    }
}

impl<M: Send + 'static> Cell<M> {
    /// Lets `push` queue a message, if the alias it comes through is active.
    fn pass(&self, alias: MonitorRef, push: impl FnOnce(&mut State<M>) -> (Option<Waker>, Vec<Waker>)) {
        let ((loop_waker, receivers), demonitored) = {
            let mut state = self.state();
            if state.has_ended() {
                return;
            }
            let Some(demonitored) = state.relations.monitors().and_then(|monitors| monitors.pass(alias))
            else {
                return;
            };
            (push(&mut state), demonitored)
        };
        wake(loop_waker);
        receivers.into_iter().for_each(Waker::wake);
        if let Some(target) = demonitored {
            self.head.node.unwatch_for(alias, self.head.pid, &target);
        }
    }

    /// See [`AnyCell::send_through`].
    pub(super) fn pass_any(&self, alias: MonitorRef, message: Box<dyn Any + Send>) {
        self.pass(alias, |state| state.push_system(SystemMessage::Through(alias, message)));
    }
}

impl<T, M: From<T> + Send + 'static> Takes<T> for Cell<M> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn cell(&self) -> &dyn AnyCell {
        self
    }

    fn send_through(&self, alias: MonitorRef, message: T) {
        // User code, hence before the lock.
        let message = message.into();
        self.pass(alias, |state| (state.push_kept(message), Vec::new()));
    }
}

impl<T> Clone for Alias<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Target::Process(alias, process) => Target::Process(*alias, process.clone()),
            Target::Server(alias, server) => Target::Server(*alias, server.clone()),
            Target::Away(away) => Target::Away(away.clone()),
        })
    }
}

impl<T> fmt::Debug for Alias<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.home()) {
            (Target::Away(away), None) => f.debug_tuple("Alias").field(away.reference()).finish(),
            (_, home) => f.debug_tuple("Alias").field(&home).finish(),
        }
    }
}
