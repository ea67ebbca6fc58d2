//! What can be asked of a running manager, and of the handlers in it.

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use super::handler::{AnyHandler, EventHandler, Removed};
use super::manager::{EventManager, Owner, Subscriber};
use crate::gen_server::{Call, CallError, CastError, ReplyTo};
use crate::process::{ExitReason, Pid};
use crate::registry::wire::{Import, ImportError};
use crate::registry::{Address, Client, Exported, Protocol, Ref};

/// Which handler of a manager.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HandlerId(pub(super) u64);

type Init<E> = Box<dyn FnOnce() -> Result<Box<dyn AnyHandler<E>>, ExitReason> + Send>;
type InitFrom<E> =
    Box<dyn FnOnce(Option<Box<dyn Any + Send>>) -> Result<Box<dyn AnyHandler<E>>, ExitReason> + Send>;
/// Who added it, and which handler it became.
type Added<E> = Result<(Ref<EventManager<E>>, HandlerId), HandlerError>;

/// What a manager understands: events, and the calls of [`EventManagerClient`].
pub enum Request<E: Send + 'static> {
    #[doc(hidden)]
    Notify(E),
    #[doc(hidden)]
    SyncNotify(E, ReplyTo<()>),
    #[doc(hidden)]
    Call(HandlerId, Box<dyn Any + Send>),
    #[doc(hidden)]
    Add(Adding<E>, ReplyTo<Added<E>>),
    #[doc(hidden)]
    Delete(HandlerId, ReplyTo<Option<Box<dyn Any + Send>>>),
    #[doc(hidden)]
    Swap(Swapping<E>, ReplyTo<Added<E>>),
    #[doc(hidden)]
    WhichHandlers(ReplyTo<Vec<HandlerInfo>>),
    #[doc(hidden)]
    Subscribe(Subscriber<E>, ReplyTo<()>),
    #[doc(hidden)]
    Unsubscribe(Pid, ReplyTo<bool>),
}

/// A handler to be.
#[doc(hidden)]
pub struct Adding<E> {
    pub(super) init: Init<E>,
    pub(super) owner: Option<Owner>,
}

/// A handler to be, in the place of another.
#[doc(hidden)]
pub struct Swapping<E> {
    pub(super) old: HandlerId,
    pub(super) init: InitFrom<E>,
}

/// What a manager says of a handler.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HandlerInfo {
    /// Which one.
    pub id: HandlerId,
    /// The name of its type.
    pub type_name: &'static str,
    /// Whose end removes it.
    pub owner: Option<Pid>,
}

/// Why a handler was not added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerError {
    /// Its `init` failed, or panicked.
    #[error("init failed: {0}")]
    InitFailed(ExitReason),
    /// The manager could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What the owner of a handler is told when the handler is removed; its `#[info]` takes it.
///
/// Source: OTP `{gen_event_EXIT, Handler, Reason}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandlerExit {
    /// Which one.
    pub id: HandlerId,
    /// The name of its type.
    pub type_name: &'static str,
    /// Why.
    pub why: Removed,
}

impl<E: Send + 'static> Protocol for EventManager<E> {
    type Message = Request<E>;
    type Client = EventManagerClient<E>;

    /// What [`Events`](super::Events) of other nodes write.
    fn import(from: &mut Import<'_>) -> Result<Request<E>, ImportError> {
        Exported::<Self>::import(from)
    }
}

/// What can be asked of a running manager; `Ref<EventManager<E>>` and `Name<EventManager<E>>` dereference to it.
pub struct EventManagerClient<E: Send + 'static> {
    address: Address<EventManager<E>>,
}

impl<E: Send + 'static> Client<EventManager<E>> for EventManagerClient<E> {
    fn new(address: Address<EventManager<E>>) -> Self {
        Self { address }
    }

    fn address(&self) -> &Address<EventManager<E>> {
        &self.address
    }
}

impl<E: Send + 'static> EventManagerClient<E> {
    pub(super) const fn named(name: &'static str) -> Self {
        Self { address: Address::name(name, "") }
    }

    /// Publishes `event`, and does not wait.
    ///
    /// Source: OTP `gen_event:notify/2`.
    ///
    /// # Errors
    /// The event comes back if nobody is there to take it.
    pub fn notify(&self, event: E) -> Result<(), CastError<Request<E>>> {
        self.address.cast(Request::Notify(event))
    }

    /// Publishes `event`: the answer comes when all handlers have run and every subscriber has it in its mailbox, if that
    /// had room.
    ///
    /// Source: OTP `gen_event:sync_notify/2`, which waits for as long as it takes: `.infinity()`.
    ///
    /// Differs: waits 5 s, as every call does.
    pub fn sync_notify(&self, event: E) -> Call<'_, EventManager<E>, ()> {
        self.address.call(|reply| Request::SyncNotify(event, reply))
    }

    /// Adds a handler; events go to it before they go to those that were added earlier.
    ///
    /// Source: OTP `gen_event:add_handler/3`.
    ///
    /// # Errors
    /// See [`HandlerError`].
    pub async fn add_handler<H>(&self, args: H::Args) -> Result<Handler<H>, HandlerError>
    where
        H: EventHandler<Event = E>,
    {
        self.add(args, None).await
    }

    /// Adds a handler that belongs to `owner`, a process that calls this for itself: `cx.me()`.
    ///
    /// When the owner ends, the handler is removed. When the handler is removed, for whatever reason, the owner gets a
    /// [`HandlerExit`]. Manager and owner are linked, so a crash of the manager does not pass unnoticed.
    ///
    /// Source: OTP `gen_event:add_sup_handler/3`.
    ///
    /// # Errors
    /// See [`HandlerError`].
    pub async fn add_sup_handler<H, P>(
        &self,
        args: H::Args,
        owner: &Ref<P>,
    ) -> Result<Handler<H>, HandlerError>
    where
        H: EventHandler<Event = E>,
        P: Protocol<Message: From<HandlerExit>>,
    {
        let (pid, owner) = (Ref::pid(owner), owner.clone());
        let tell = move |exit: HandlerExit| {
            // It asked for this, so it comes into a full mailbox too. Gone in between: then there is nobody to be told.
            let _alive = owner.address().resolve().is_ok_and(|owner| owner.send_kept(exit.into()));
        };
        self.add(args, Some(Owner { pid, tell: Box::new(tell) })).await
    }

    async fn add<H>(&self, args: H::Args, owner: Option<Owner>) -> Result<Handler<H>, HandlerError>
    where
        H: EventHandler<Event = E>,
    {
        let init: Init<E> = Box::new(move || Ok(Box::new(H::init(args)?)));
        let adding = Adding { init, owner };
        let (manager, id) = self.address.call(|reply| Request::Add(adding, reply)).infinity().await??;
        Ok(Handler::new(manager, id))
    }

    /// Removes a handler, after its `terminate`, and gives it back; nothing if it is gone already.
    ///
    /// Source: OTP `gen_event:delete_handler/3`.
    ///
    /// Differs: the handler comes back; in OTP, what its `terminate` returned.
    ///
    /// # Errors
    /// [`CallError`] if the manager could not be asked.
    pub async fn delete_handler<H>(&self, handler: &Handler<H>) -> Result<Option<H>, CallError>
    where
        H: EventHandler<Event = E>,
    {
        let id = handler.id;
        let deleted = self.address.call(|reply| Request::Delete(id, reply)).infinity().await?;
        Ok(deleted.and_then(|handler| handler.downcast().ok()).map(|handler| *handler))
    }

    /// Removes `old` and adds another with arguments made of it, or of nothing if it is gone already; no event comes in
    /// between. The new one has the owner of the old one.
    ///
    /// Source: OTP `gen_event:swap_handler/3`.
    ///
    /// Differs: a handler cannot swap itself; it can only remove itself.
    ///
    /// # Errors
    /// See [`HandlerError`]. `old` is gone all the same.
    pub async fn swap_handler<H, N>(
        &self,
        old: &Handler<H>,
        args: impl FnOnce(Option<H>) -> N::Args + Send + 'static,
    ) -> Result<Handler<N>, HandlerError>
    where
        H: EventHandler<Event = E>,
        N: EventHandler<Event = E>,
    {
        let init: InitFrom<E> = Box::new(move |old| {
            let old = old.and_then(|old| old.downcast().ok()).map(|old| *old);
            Ok(Box::new(N::init(args(old))?))
        });
        let swapping = Swapping { old: old.id, init };
        let (manager, id) = self.address.call(|reply| Request::Swap(swapping, reply)).infinity().await??;
        Ok(Handler::new(manager, id))
    }

    /// The handlers, in the order in which events go to them.
    ///
    /// Source: OTP `gen_event:which_handlers/1`.
    pub fn which_handlers(&self) -> Call<'_, EventManager<E>, Vec<HandlerInfo>> {
        self.address.call(Request::WhichHandlers)
    }

    /// Sends `subscriber` every event from now on, until it ends or is [unsubscribed](Self::unsubscribe).
    ///
    /// Its `#[info]` takes them. Whoever is subscribed twice gets every event once.
    /// A manager that is restarted has no subscribers: one that must not miss this monitors the manager.
    ///
    /// A subscriber whose mailbox is unbounded, as they are by default, misses nothing. For one with a
    /// [`Mailbox`](crate::process::Mailbox) events are messages like those of anybody: an event that finds no room is
    /// refused, and counted as `refused` in its [`MailboxInfo`](crate::process::MailboxInfo); with
    /// [`Overflow::DropOldest`](crate::process::Overflow::DropOldest) the newest stay, and those that go are counted as
    /// `dropped`. The manager waits for nobody, since one that is slow would hold up all others.
    pub fn subscribe<P>(&self, subscriber: &Ref<P>) -> Call<'_, EventManager<E>, ()>
    where
        E: Clone,
        P: Protocol<Message: From<E>>,
    {
        let (pid, subscriber) = (Ref::pid(subscriber), subscriber.clone());
        let send = move |event: &E| {
            // Gone: the manager will be told. No room: counted there.
            drop(Ref::send(&subscriber, event.clone()));
        };
        self.address.call(move |reply| {
            Request::Subscribe(Subscriber { pid, send: Box::new(send), alias: None }, reply)
        })
    }

    /// Sends `pid` no event any more, and answers whether it was subscribed.
    pub fn unsubscribe(&self, pid: Pid) -> Call<'_, EventManager<E>, bool> {
        self.address.call(move |reply| Request::Unsubscribe(pid, reply))
    }
}

/// A handler in its manager; dereferences to the methods that call it.
///
/// A call to one that was removed, or that panics, fails with [`CallError::NoReply`].
///
/// Source: OTP `gen_event:call/3`.
pub struct Handler<H: EventHandler> {
    id: HandlerId,
    client: H::Client,
}

impl<H: EventHandler> Handler<H> {
    fn new(manager: Ref<EventManager<H::Event>>, id: HandlerId) -> Self {
        Self { id, client: HandlerAddress { manager, id }.into() }
    }

    /// Which handler it is.
    pub fn id(this: &Self) -> HandlerId {
        this.id
    }
}

impl<H: EventHandler> Deref for Handler<H> {
    type Target = H::Client;

    fn deref(&self) -> &H::Client {
        &self.client
    }
}

impl<H: EventHandler> fmt::Debug for Handler<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handler").field(&self.id).finish()
    }
}

/// Where the calls to a handler go; what generated client methods send through.
pub struct HandlerAddress<E: Send + 'static> {
    manager: Ref<EventManager<E>>,
    id: HandlerId,
}

impl<E: Send + 'static> HandlerAddress<E> {
    /// A call whose message is built by `message` around the way back.
    pub fn call<M, R>(&self, message: impl FnOnce(ReplyTo<R>) -> M) -> Call<'_, EventManager<E>, R>
    where
        M: Send + 'static,
        R: 'static,
    {
        self.manager.address.call(|reply| Request::Call(self.id, Box::new(message(reply))))
    }
}

impl<E: Send + 'static> fmt::Debug for HandlerAddress<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerAddress").field("manager", &self.manager).field("id", &self.id).finish()
    }
}

impl<E: Send + 'static> fmt::Debug for EventManagerClient<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventManagerClient").field(&self.address).finish()
    }
}

impl<E: Send + 'static> fmt::Debug for Request<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the event, which need not be printable.
        f.write_str(match self {
            Self::Notify(_) => "Notify",
            Self::SyncNotify(..) => "SyncNotify",
            Self::Call(..) => "Call",
            Self::Add(..) => "Add",
            Self::Delete(..) => "Delete",
            Self::Swap(..) => "Swap",
            Self::WhichHandlers(_) => "WhichHandlers",
            Self::Subscribe(..) => "Subscribe",
            Self::Unsubscribe(..) => "Unsubscribe",
        })
    }
}
