//! Events that cross nodes: what can be asked of a manager of another node.
//!
//! | asked | across nodes |
//! |---|---|
//! | `notify`, `sync_notify` | yes; `notify` also to and from a `gen_event` of Erlang |
//! | `subscribe`, `unsubscribe` | yes, through an [`Alias`] |
//! | handlers: adding, calling, deleting, swapping, listing them | no: they are code, and run in their manager |
//!
//! So [`Events`] has no methods for handlers.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::client::Request;
use super::manager::{EventManager, Subscriber};
use crate::gen_server::way_back::Crosses as _;
use crate::gen_server::{Call, CastError};
use crate::process::{Alias, NoNode, Pid};
use crate::registry::wire::{Crosses as _, Export, ExportError, Import, ImportError, Shape, Type, WayBack};
use crate::registry::{Address, Client, Exported, Name, Protocol, Wire};

/// The protocol of an [`EventManager`] whose events cross nodes, for those on other nodes.
///
/// A manager takes events of other nodes once its name is [exported](Self::export) in its own.
///
/// ```
/// # use umbrella::gen_event::{EventManager, Events};
/// # use umbrella::prelude::*;
/// #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// struct Paid(u64);
///
/// /// The manager itself, for its own node.
/// const ORDERS: Name<EventManager<Paid>> = EventManager::named("orders");
/// /// The same manager, wherever its application runs.
/// const EVERYWHERE: Name<Events<Paid>> = Events::named("orders", env!("CARGO_PKG_NAME"));
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let top = Supervisor::new(Strategy::OneForOne).child(EventManager::<Paid>::child_spec(()).name(ORDERS));
/// top.start().await?;
/// Events::export(&EVERYWHERE)?;
/// EVERYWHERE.sync_notify(Paid(12)).await?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: OTP `gen_event(3)`, whose managers are named `{Name, Node}` on other nodes.
/// Differs: handlers are added, called and deleted on the manager's node only, and it must be exported.
pub struct Events<E>(PhantomData<fn(E)>);

/// `{notify, Event}`, as `gen_event:notify/2` sends it.
#[derive(Serialize, Deserialize)]
enum Published<E> {
    Notify(E),
}

const HANDLERS: &[&str] = &["notify", "sync_notify", "subscribe", "unsubscribe", "handle"];

const SHAPES: &[Shape] = &[Shape::Info, Shape::Call, Shape::Call, Shape::Call];

impl<E: Wire + Clone> Events<E> {
    /// The manager registered as `name` by `application`, on the node that runs it; for a constant.
    pub const fn named(name: &'static str, application: &'static str) -> Name<Self> {
        Name::from_client(EventsClient { address: Address::name(name, application) })
    }

    /// Lets other nodes publish events to the manager with this name, and subscribe to it.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn export(name: &Name<Self>) -> Result<(), NoNode> {
        Exported::<EventManager<E>>::add(Name::as_str(name), import)
    }
}

impl<E: Wire + Clone> Protocol for Events<E> {
    type Message = Request<E>;
    type Client = EventsClient<E>;

    const HANDLERS: &'static [&'static str] = HANDLERS;

    fn handler(request: &Request<E>) -> u16 {
        match request {
            Request::Notify(_) => 0,
            Request::SyncNotify(..) => 1,
            Request::Subscribe(..) => 2,
            Request::Unsubscribe(..) => 3,
            // Only an `EventManagerClient` makes these.
            Request::Call(..)
            | Request::Add(..)
            | Request::Delete(..)
            | Request::Swap(..)
            | Request::WhichHandlers(_) => 4,
        }
    }

    const SHAPES: &'static [Shape] = SHAPES;

    fn export(request: &Request<E>, to: Export<'_>) -> Result<(), ExportError> {
        let name = HANDLERS[usize::from(Self::handler(request))];
        match request {
            Request::Notify(event) => {
                Type::<Published<E>>::NEW.export_bare(to, &Published::Notify(event.clone()))
            }
            Request::SyncNotify(event, _) => Type::<E>::NEW.export(to.begin(name, 1)?, "event", event)?.end(),
            Request::Subscribe(Subscriber { pid, alias: Some(alias), .. }, _) => {
                let to = Type::<Alias<E>>::NEW.export(to.begin(name, 2)?, "events", alias)?;
                Type::<Pid>::NEW.export(to, "subscriber", pid)?.end()
            }
            Request::Unsubscribe(pid, _) => {
                Type::<Pid>::NEW.export(to.begin(name, 1)?, "subscriber", pid)?.end()
            }
            Request::Subscribe(..)
            | Request::Call(..)
            | Request::Add(..)
            | Request::Delete(..)
            | Request::Swap(..)
            | Request::WhichHandlers(_) => to.stays(),
        }
    }

    fn take_reply(request: &mut Request<E>) -> Option<WayBack> {
        let name = HANDLERS[usize::from(Self::handler(request))];
        match request {
            Request::SyncNotify(_, reply) | Request::Subscribe(_, reply) => {
                Type::<()>::NEW.leave(reply, name)
            }
            Request::Unsubscribe(_, reply) => Type::<bool>::NEW.leave(reply, name),
            Request::Notify(_)
            | Request::Call(..)
            | Request::Add(..)
            | Request::Delete(..)
            | Request::Swap(..)
            | Request::WhichHandlers(_) => None,
        }
    }
}

fn import<E: Wire + Clone>(from: &mut Import<'_>) -> Result<Request<E>, ImportError> {
    let Some(number) = from.handler(HANDLERS, SHAPES)? else {
        let published = Type::<Published<E>>::NEW.import_bare(from);
        return match published {
            Some(Published::Notify(event)) => Ok(Request::Notify(event)),
            None => Err(from.nobodys()),
        };
    };
    match number {
        1 => {
            let event = Type::<E>::NEW.import(from, "event")?;
            from.end()?;
            Ok(Request::SyncNotify(event, Type::<()>::NEW.arrive(from)))
        }
        2 => {
            let events = Type::<Alias<E>>::NEW.import(from, "events")?;
            let subscriber = Subscriber::through(events, Type::<Pid>::NEW.import(from, "subscriber")?);
            from.end()?;
            Ok(Request::Subscribe(subscriber, Type::<()>::NEW.arrive(from)))
        }
        3 => {
            let pid = Type::<Pid>::NEW.import(from, "subscriber")?;
            from.end()?;
            Ok(Request::Unsubscribe(pid, Type::<bool>::NEW.arrive(from)))
        }
        _ => Err(from.nobodys()),
    }
}

impl<E: Wire + Clone> Subscriber<E> {
    /// The process `pid`, which is sent events through its alias.
    fn through(alias: Alias<E>, pid: Pid) -> Self {
        let events = alias.clone();
        Self { pid, send: Box::new(move |event| events.send(event.clone())), alias: Some(alias) }
    }
}

/// What can be asked of a manager wherever it runs; a `Name<Events<E>>` dereferences to it.
pub struct EventsClient<E: Wire + Clone> {
    address: Address<Events<E>>,
}

impl<E: Wire + Clone> Client<Events<E>> for EventsClient<E> {
    fn new(address: Address<Events<E>>) -> Self {
        Self { address }
    }

    fn address(&self) -> &Address<Events<E>> {
        &self.address
    }
}

impl<E: Wire + Clone> EventsClient<E> {
    /// Publishes `event`, and does not wait. To a manager of Erlang, too.
    ///
    /// Source: OTP `gen_event:notify/2`.
    ///
    /// # Errors
    /// The event comes back if nobody is there to take it.
    pub fn notify(&self, event: E) -> Result<(), CastError<Request<E>>> {
        self.address.cast(Request::Notify(event))
    }

    /// Publishes `event`: the answer comes when all handlers have run, and it was sent to every subscriber.
    ///
    /// Source: OTP `gen_event:sync_notify/2`, which waits for as long as it takes: `.infinity()`.
    ///
    /// Differs: waits 5 s, as every call does.
    pub fn sync_notify(&self, event: E) -> Call<'_, Events<E>, ()> {
        self.address.call(|reply| Request::SyncNotify(event, reply))
    }

    /// Sends `subscriber` every event from now on through its alias, until it ends or is
    /// [unsubscribed](Self::unsubscribe): `subscribe(cx.alias(), cx.pid())`.
    ///
    /// When the manager, its node, or the way there is lost, nothing comes any more: one that must not miss that
    /// [monitors](crate::process::monitor_name) the manager.
    pub fn subscribe(&self, events: Alias<E>, subscriber: Pid) -> Call<'_, Events<E>, ()> {
        self.address.call(move |reply| Request::Subscribe(Subscriber::through(events, subscriber), reply))
    }

    /// Sends `subscriber` no event any more, and answers whether it was subscribed.
    pub fn unsubscribe(&self, subscriber: Pid) -> Call<'_, Events<E>, bool> {
        self.address.call(move |reply| Request::Unsubscribe(subscriber, reply))
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl<E: Wire + Clone> fmt::Debug for EventsClient<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventsClient").field(&self.address).finish()
    }
}
