//! The process that keeps the names of a node together with those of others: it does what [`Registrar`] decides.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use tokio::sync::oneshot;

use super::registrar::{Action, Event, Message, Registrar};
use crate::process::incoming::{ImportError, Incoming};
use crate::process::remote::{Encode, EncodeError, Far, Shape};
use crate::process::{
    AnyCell, Cell, Envelope, ExitReason, Handler, Kind, Node, NodeEvent, Pid, Place, Spawn, SystemMessage,
    begin, discard, go_on, monitor,
};
use crate::term;

/// What it is called on every node; OTP's is `global_name_server`.
const NAME: &str = "umbrella_global";

const KIND: &Kind =
    &Kind { label: || "global", handlers: None, import: Some(import), layout: None, contract: None };

/// What is done with the answer to a request: who has the name, if not whoever asked.
type Answer = oneshot::Sender<Result<(), Pid>>;

/// What the process is told.
pub(super) enum Told {
    Event(Event),
    Register(Box<str>, Pid, Answer),
}

/// The names of a node: what its processes see, and where they ask for more.
#[derive(Default)]
pub(super) struct Names {
    known: RwLock<HashMap<Box<str>, Pid>>,
    /// What the node keeps must not keep the node, so its table of processes alone holds the process.
    process: OnceLock<Weak<Cell<Told>>>,
}

impl Names {
    pub(super) fn of(node: &Node) -> Arc<Self> {
        node.extensions().get("")
    }

    pub(super) fn whereis(&self, name: &str) -> Option<Pid> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    pub(super) fn all(&self) -> Vec<(Arc<str>, Pid)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(name, pid)| ((&**name).into(), *pid)).collect()
    }

    /// Tells the process; nothing if it cannot run.
    pub(super) fn tell(self: &Arc<Self>, node: &Node, told: Told) {
        if let Some(process) = self.process.get_or_init(|| start(node, self)).upgrade() {
            // Killed by hand: whoever waits for an answer learns that there is none.
            let _ended = process.send(told);
        }
    }

    fn set(&self, name: Box<str>, pid: Pid) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(name, pid);
    }

    fn unset(&self, name: &str, pid: Pid) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.get(name) == Some(&pid) {
            known.remove(name);
        }
    }
}

/// Has other nodes see the names of this one; called once it has its way to them, in a tokio runtime.
pub(crate) fn share_names(node: &Node) {
    let names = Names::of(node);
    let _process = names.process.get_or_init(|| start(node, &names));
}

/// A process that has a name, or wants one.
pub(super) struct Holder {
    pub(super) names: Weak<Names>,
    pub(super) node: crate::process::WeakNode,
    pub(super) name: Box<str>,
}

impl Place for Holder {
    fn lost(self: Arc<Self>, pid: Pid) {
        if let (Some(names), Some(node)) = (self.names.upgrade(), self.node.upgrade()) {
            // At once here, as all names; the others are told.
            names.unset(&self.name, pid);
            names.tell(&node, Told::Event(Event::Ended(pid)));
        }
    }
}

fn start(node: &Node, names: &Arc<Names>) -> Weak<Cell<Told>> {
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: KIND };
    let cell = spawn.cell::<Told>();
    let any: Arc<dyn AnyCell> = cell.clone();
    if node.register(NAME.into(), &any).is_err() {
        tracing::error!(target: "umbrella::global", "the name `{NAME}` is taken, so no global name can be registered");
        discard(&*any);
        return Weak::new();
    }
    any.trap_exit(true);
    let weak = node.downgrade();
    let rank = move |pid: Pid| {
        let name = weak.upgrade().and_then(|node| node.node_name(pid.node()));
        (name.unwrap_or_default(), pid.creation(), pid.serial(), pid.id())
    };
    let registrar = Registrar::new(any.head().pid, rank);
    begin(&any, || {
        let inbox = Arc::downgrade(&cell);
        node.watch_nodes(Box::new(move |event| {
            let event = match event {
                NodeEvent::Up(node) => Event::Up(node),
                NodeEvent::Down(node) => Event::Down(node),
            };
            inbox.upgrade().is_some_and(|inbox| inbox.send(Told::Event(event)).is_ok())
        }));
    });
    let process = Arc::downgrade(&cell);
    let server = Server { cell, names: names.clone(), registrar, next: 0, asked: HashMap::new() };
    go_on(any, async move { (server.serve().await, ()) });
    process
}

/// A message of the registrar of another node.
fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let read = process.head().node.enter(|| term::decode(incoming.body));
    let message = read.map_err(|error| ImportError::BadMessage(error.to_string().into()))?;
    let process =
        process.clone().into_any().downcast::<Cell<Told>>().map_err(|_stranger| ImportError::Local)?;
    process.send(Told::Event(Event::Came(message))).map_err(|_ended| ImportError::Ended)
}

impl Encode for Message {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        term::encode(self, out).map_err(|error| EncodeError(error.to_string().into()))
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}

struct Server {
    cell: Arc<Cell<Told>>,
    names: Arc<Names>,
    registrar: Registrar,
    /// The number of the next request.
    next: u64,
    asked: HashMap<u64, Answer>,
}

impl Server {
    async fn serve(mut self) -> ExitReason {
        loop {
            let event = match poll_fn(|_| self.cell.poll_receive(|_| Handler::NONE)).await {
                Envelope::Message(told) => self.event(told),
                Envelope::Kept(told) => self.event(*told),
                Envelope::System(message) => match *message {
                    SystemMessage::Down(down) => Event::PeerEnded(down.pid),
                    SystemMessage::Exit(exit) => return exit.reason,
                    SystemMessage::Through(..) | SystemMessage::Control(_) => continue,
                },
            };
            for action in self.registrar.handle(event) {
                self.act(action);
            }
        }
    }

    fn event(&mut self, told: Told) -> Event {
        match told {
            Told::Event(event) => event,
            Told::Register(name, pid, answer) => {
                self.next += 1;
                self.asked.insert(self.next, answer);
                Event::Register(self.next, name, pid)
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Hello(node, message) => self.send(&Far::Name { node, name: NAME.into() }, &message),
            Action::Send(peer, message) => self.send(&Far::Pid(peer), &message),
            // It runs as a process.
            Action::Monitor(peer) => drop(monitor(peer)),
            Action::Answer(request, answer) => {
                if let Some(asked) = self.asked.remove(&request) {
                    // Whoever asked may not care any more.
                    let _ = asked.send(answer);
                }
            }
            Action::Set(name, pid) => self.names.set(name, pid),
            Action::Unset(name, pid) => self.names.unset(&name, pid),
            Action::Kill(name, pid) => {
                tracing::warn!(
                    target: "umbrella::global",
                    name = &*name,
                    pid = %pid,
                    "two processes have the global name {name}: {pid} is killed, the other keeps it",
                );
                self.cell.head().node.kill(pid);
            }
        }
    }

    fn send(&self, to: &Far, message: &Message) {
        let head = self.cell.head();
        if let Some(remote) = head.node.remote() {
            let _lost_with_its_connection = remote.send(Some(head.pid), to, message);
        }
    }
}
