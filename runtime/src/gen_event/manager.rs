//! The server that holds the handlers and tells them, and the subscribers, of every event.

use std::any::Any;
use std::fmt;
use std::future::{Future, ready};

use super::client::{Adding, EventManagerClient, HandlerError, HandlerExit, HandlerId, HandlerInfo, Request};
use super::handler::{AnyHandler, Crashed, Handling, Removed, guard};
use crate::gen_server::{Context, GenServer};
use crate::process::{
    Alias, Down, Exit, ExitReason, MonitorRef, Pid, demonitor, link, monitor, note_last_message,
    report_handler, unlink,
};
use crate::registry::Name;

/// An event manager: it tells its handlers and its subscribers of every event of the type `E`.
///
/// A supervisor starts it: `EventManager::<Order>::child_spec(()).name(ORDERS)`.
///
/// Differs: events are of one type, and a manager takes no other messages, so there is no `handle_info`. Other nodes
/// use it as [`Events`](super::Events).
///
/// Source: OTP `gen_event(3)`.
pub struct EventManager<E: Send + 'static> {
    /// The newest first, as in OTP.
    handlers: Vec<Installed<E>>,
    /// The oldest first.
    subscribers: Vec<(Subscriber<E>, Option<MonitorRef>)>,
    next_id: u64,
}

struct Installed<E> {
    id: HandlerId,
    handler: Box<dyn AnyHandler<E>>,
    owner: Option<Owner>,
}

/// Whose end removes a handler, and how it is told that the handler is gone.
#[doc(hidden)]
pub struct Owner {
    pub(super) pid: Pid,
    pub(super) tell: Box<dyn Fn(HandlerExit) + Send>,
}

/// A process that is sent every event.
#[doc(hidden)]
pub struct Subscriber<E> {
    pub(super) pid: Pid,
    pub(super) send: Box<dyn Fn(&E) + Send>,
    /// What it can be told of on another node by.
    pub(super) alias: Option<Alias<E>>,
}

impl<E: Send + 'static> EventManager<E> {
    /// The manager registered as `name`; for a constant.
    pub const fn named(name: &'static str) -> Name<Self> {
        Name::from_client(EventManagerClient::named(name))
    }
}

impl<E: Send + 'static> GenServer for EventManager<E> {
    type Args = ();
    type Protocol = Self;

    fn init((): (), cx: &mut Context<Self>) -> impl Future<Output = Result<Self, ExitReason>> + Send {
        // To outlive the owners of handlers.
        cx.trap_exit(true);
        ready(Ok(Self { handlers: Vec::new(), subscribers: Vec::new(), next_id: 1 }))
    }

    fn handle(&mut self, request: Request<E>, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        self.answer(request, cx);
        ready(())
    }

    fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        let is_owned =
            |installed: &Installed<E>| installed.owner.as_ref().is_some_and(|owner| owner.pid == exit.from);
        while let Some(index) = self.handlers.iter().position(is_owned) {
            self.remove(index, &Removed::Owner(exit.reason.clone()), cx);
        }
        ready(())
    }

    fn handle_down(&mut self, down: Down, _cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        self.subscribers.retain(|(subscriber, _)| subscriber.pid != down.pid);
        ready(())
    }

    fn terminate(&mut self, reason: &ExitReason, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        while !self.handlers.is_empty() {
            let owner = self.handlers[0].owner.as_ref().map(|owner| owner.pid);
            self.remove(0, &Removed::Manager(reason.clone()), cx);
            // Owners are told by message; the end of the manager shall not end them. Its parent shall learn of it.
            if let Some(owner) = owner.filter(|owner| Some(*owner) != cx.parent()) {
                let _always_a_process = unlink(owner);
            }
        }
        ready(())
    }
}

impl<E: Send + 'static> EventManager<E> {
    fn answer(&mut self, request: Request<E>, cx: &mut Context<Self>) {
        match request {
            Request::Notify(event) => self.notify(&event, cx),
            Request::SyncNotify(event, reply) => {
                self.notify(&event, cx);
                reply.reply(());
            }
            Request::Call(id, call) => self.call(id, call, cx),
            Request::Add(adding, reply) => {
                let added = self.add(adding);
                reply.reply(added.map(|id| (cx.me(), id)));
            }
            Request::Delete(id, reply) => {
                let index = self.position(id);
                reply.reply(index.and_then(|index| self.remove(index, &Removed::Deleted, cx).0));
            }
            Request::Swap(swapping, reply) => {
                let index = self.position(swapping.old);
                let (old, owner) = match index {
                    Some(index) => self.remove(index, &Removed::Swapped, cx),
                    None => (None, None),
                };
                let init = Box::new(move || (swapping.init)(old));
                let added = self.add(Adding { init, owner });
                reply.reply(added.map(|id| (cx.me(), id)));
            }
            Request::WhichHandlers(reply) => reply.reply(self.handlers.iter().map(Installed::info).collect()),
            Request::Subscribe(subscriber, reply) => {
                self.subscribe(subscriber);
                reply.reply(());
            }
            Request::Unsubscribe(pid, reply) => reply.reply(self.unsubscribe(pid)),
        }
    }

    fn notify(&mut self, event: &E, cx: &Context<Self>) {
        let mut index = 0;
        while index < self.handlers.len() {
            let Installed { id, handler, .. } = &mut self.handlers[index];
            let id = *id;
            let mut handling = Handling::default();
            let handled = guard(|| handler.event(event, &mut handling));
            self.settle(index, handled, &handling, cx);
            // Unless another took its place.
            index += usize::from(self.handlers.get(index).is_some_and(|installed| installed.id == id));
        }
        for (subscriber, _) in &self.subscribers {
            (subscriber.send)(event);
        }
    }

    fn call(&mut self, id: HandlerId, call: Box<dyn Any + Send>, cx: &Context<Self>) {
        // One that is gone answers nothing: dropping the call fails it.
        let Some(index) = self.position(id) else { return };
        let mut handling = Handling::default();
        let handled = self.handlers[index].handler.call(call, &mut handling);
        self.settle(index, handled, &handling, cx);
    }

    /// Removes a handler that asked for it, or that panicked.
    fn settle(
        &mut self,
        index: usize,
        handled: Result<(), Crashed>,
        handling: &Handling,
        cx: &Context<Self>,
    ) {
        match handled {
            Ok(()) if handling.remove => drop(self.remove(index, &Removed::Itself, cx)),
            Ok(()) => {}
            Err(Crashed(reason)) => drop(self.remove(index, &Removed::Crashed(reason), cx)),
        }
    }

    /// Source: OTP `gen_event:server_add_handler/4`.
    fn add(&mut self, Adding { init, owner }: Adding<E>) -> Result<HandlerId, HandlerError> {
        // Before `init`, as in OTP: an owner that is gone is told of by the link.
        if let Some(owner) = &owner {
            let _always_a_process = link(owner.pid);
        }
        let init = guard(init).map_err(|Crashed(reason)| reason);
        let handler = init.and_then(|init| init).map_err(HandlerError::InitFailed)?;
        let id = HandlerId(self.next_id);
        self.next_id += 1;
        self.handlers.insert(0, Installed { id, handler, owner });
        Ok(id)
    }

    /// Takes a handler out: terminates it, reports a crash, tells its owner. Gives both back.
    ///
    /// One that panicked is not terminated, since its state may be half changed; it is dropped.
    ///
    /// Source: OTP `gen_event:do_terminate/7`.
    fn remove(
        &mut self,
        index: usize,
        why: &Removed,
        cx: &Context<Self>,
    ) -> (Option<Box<dyn Any + Send>>, Option<Owner>) {
        let mut installed = self.handlers.remove(index);
        let ended = if let Removed::Crashed(reason) = why {
            Err(Crashed(reason.clone()))
        } else {
            guard(|| installed.handler.terminate(why))
                .inspect_err(|_crashed| note_last_message("terminate".to_owned()))
        };
        let mut told = why.clone();
        if let Err(Crashed(reason)) = &ended {
            report_handler(installed.handler.type_name(), reason, installed.handler.state());
            told = Removed::Crashed(reason.clone());
        }
        let exit = HandlerExit { id: installed.id, type_name: installed.handler.type_name(), why: told };
        if let Some(owner) = &installed.owner {
            (owner.tell)(exit);
        }
        match ended {
            Ok(()) => (Some(installed.handler.into_any()), installed.owner),
            Err(_crashed) => {
                if let Err(Crashed(reason)) = guard(|| drop(installed.handler)) {
                    tracing::error!(pid = %cx.pid(), "a handler that crashed could not be dropped: {reason}");
                }
                (None, installed.owner)
            }
        }
    }

    fn subscribe(&mut self, subscriber: Subscriber<E>) {
        if self.subscribers.iter().all(|(other, _)| other.pid != subscriber.pid) {
            // Runs in a process, so it has a monitor.
            let monitor = monitor(subscriber.pid).ok();
            self.subscribers.push((subscriber, monitor));
        }
    }

    fn unsubscribe(&mut self, pid: Pid) -> bool {
        let Some(index) = self.subscribers.iter().position(|(other, _)| other.pid == pid) else {
            return false;
        };
        if let (_, Some(monitor)) = self.subscribers.remove(index) {
            let _always_a_process = demonitor(monitor);
        }
        true
    }

    fn position(&self, id: HandlerId) -> Option<usize> {
        self.handlers.iter().position(|installed| installed.id == id)
    }
}

impl<E> Installed<E> {
    fn info(&self) -> HandlerInfo {
        let owner = self.owner.as_ref().map(|owner| owner.pid);
        HandlerInfo { id: self.id, type_name: self.handler.type_name(), owner }
    }
}

impl<E: Send + 'static> fmt::Debug for EventManager<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handlers: Vec<_> = self.handlers.iter().map(|installed| installed.handler.type_name()).collect();
        let subscribers: Vec<_> = self.subscribers.iter().map(|(subscriber, _)| subscriber.pid).collect();
        f.debug_struct("EventManager")
            .field("handlers", &handlers)
            .field("subscribers", &subscribers)
            .finish()
    }
}
