//! The process of a scope that other nodes talk to: it does what [`Peers`] decides.
//!
//! A scope needs it only where there are other nodes; members of this node come and go without it.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::message::Message;
use super::monitor::{Change, Sink};
use super::peers::{Action, Event, Peers};
use super::scope::Scope;
use crate::process::incoming::{ImportError, Incoming};
use crate::process::remote::Far;
use crate::process::{
    AnyCell, Cell, Envelope, ExitReason, Handler, Kind, Node, NodeEvent, Pid, Spawn, SystemMessage, begin,
    discard, go_on, monitor,
};

/// How long after the last time a scope that has not answered is asked again.
const DISCOVER_AGAIN: Duration = Duration::from_secs(5);

const KIND: &Kind =
    &Kind { label: || "pg scope", handlers: None, import: Some(import), layout: None, contract: None };

/// Starts the process of `scope`, unless its name is taken.
pub(super) fn start(node: &Node, name: &str, scope: &Arc<Scope>, runtime: &Handle) {
    let _runs_there = runtime.enter();
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: KIND };
    let cell = spawn.cell::<Event>();
    let any: Arc<dyn AnyCell> = cell.clone();
    if node.register(name.into(), &any).is_err() {
        let message =
            "a process has the name of a scope of process groups, which other nodes cannot see therefore";
        tracing::warn!(target: "umbrella::pg", name, message);
        return discard(&*any);
    }
    any.trap_exit(true);
    let mut peers = Peers::new(cell.head().pid);
    begin(&any, || {
        let inbox = Arc::downgrade(&cell);
        node.watch_nodes(Box::new(move |event| {
            let event = match event {
                NodeEvent::Up(node) => Event::Up(node),
                NodeEvent::Down(node) => Event::Down(node),
            };
            inbox.upgrade().is_some_and(|inbox| inbox.send(event).is_ok())
        }));
        for event in follow(node, scope, &cell) {
            peers.handle(event);
        }
    });
    let (scope, name) = (scope.clone(), name.into());
    go_on(any, async move { (serve(Server { cell, scope, name, peers }).await, ()) });
}

/// Has `cell` told of the members of this node, from those that there are on.
fn follow(node: &Node, scope: &Arc<Scope>, cell: &Arc<Cell<Event>>) -> Vec<Event> {
    let (inbox, of) = (Arc::downgrade(cell), Arc::downgrade(scope));
    let send = move |change: Change| {
        let event = match change {
            Change::Join { group, pids } => {
                let Some(scope) = of.upgrade() else { return };
                local(&pids).map(|pids| Event::Joined(scope.name(group), pids))
            }
            Change::Leave { group, pids } => local(&pids).map(|pids| Event::Left(group, pids)),
        };
        if let (Some(event), Some(inbox)) = (event, inbox.upgrade()) {
            // Ended: told to nobody.
            let _ = inbox.send(event);
        }
    };
    let sink = Sink::Server { pid: cell.head().pid, send: Box::new(send) };
    let (_, groups) = scope.monitor_all(node.next_reference(), sink);
    let joined =
        |(group, pids): (Arc<str>, Vec<Pid>)| Some(Event::Joined(scope.name(group), local(&pids.into())?));
    groups.into_iter().filter_map(joined).collect()
}

/// Those of this node. A change is about processes of one node.
fn local(pids: &Arc<[Pid]>) -> Option<Arc<[Pid]>> {
    if pids.iter().all(|pid| !pid.is_far()) {
        return Some(pids.clone());
    }
    let local: Arc<[Pid]> = pids.iter().copied().filter(|pid| !pid.is_far()).collect();
    (!local.is_empty()).then_some(local)
}

/// A message of a scope on another node.
fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let bad = |error: crate::term::DecodeError| ImportError::BadMessage(error.to_string().into());
    let read = process.head().node.enter(|| Message::read(incoming.shape, incoming.body));
    let Some(message) = read.map_err(bad)? else { return Err(ImportError::Unknown("a message".into())) };
    let process =
        process.clone().into_any().downcast::<Cell<Event>>().map_err(|_stranger| ImportError::Local)?;
    process.send(Event::Came(message)).map_err(|_ended| ImportError::Ended)
}

struct Server {
    cell: Arc<Cell<Event>>,
    scope: Arc<Scope>,
    name: Arc<str>,
    peers: Peers,
}

async fn serve(mut server: Server) -> ExitReason {
    let mut again = Instant::now() + DISCOVER_AGAIN;
    loop {
        let next = poll_fn(|_| server.cell.poll_receive(|_| Handler::NONE));
        let received = if server.peers.misses_any() {
            timeout_at(again, next).await.ok()
        } else {
            again = Instant::now() + DISCOVER_AGAIN;
            Some(next.await)
        };
        let event = match received {
            None => {
                again = Instant::now() + DISCOVER_AGAIN;
                Event::Again
            }
            Some(Envelope::Message(event)) => event,
            Some(Envelope::Kept(event)) => *event,
            Some(Envelope::System(message)) => match *message {
                SystemMessage::Down(down) => Event::Ended(down.pid),
                // Asked to stop by hand; the members of this node stay members.
                SystemMessage::Exit(exit) => return exit.reason,
                SystemMessage::Through(..) | SystemMessage::Control(_) => continue,
            },
        };
        for action in server.peers.handle(event) {
            server.act(action);
        }
    }
}

impl Server {
    fn act(&self, action: Action) {
        match action {
            Action::Join(group, pids) => self.scope.join_far(&group, &pids),
            Action::Leave(group, pids) => self.scope.leave_far(&group, &pids),
            // It runs as a process.
            Action::Monitor(peer) => drop(monitor(peer)),
            Action::Discover(node) => {
                let me = self.cell.head().pid;
                self.send(&Far::Name { node, name: self.name.clone().into() }, &Message::Discover(me));
            }
            Action::Send(peer, message) => self.send(&Far::Pid(peer), &message),
        }
    }

    /// Sends what is of use only while there is a connection: what is lost is told again when there is one.
    fn send(&self, to: &Far, message: &Message) {
        let head = self.cell.head();
        if let Some(remote) = head.node.remote() {
            let _lost_with_its_connection = remote.send(Some(head.pid), to, message);
        }
    }
}
