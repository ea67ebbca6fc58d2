//! One connection to another node, from the first thing that is to be sent over it until it is lost.
//!
//! It exists before there is anything to carry it: what is sent meanwhile waits, and fails if nothing comes.
//! One that was lost never comes back; the next use of the node begins another.

mod access;
mod atoms;
mod call;
mod deliver;
mod flow;
mod inbound;
mod native;
mod offers;
mod outbox;
mod receive;
mod refused;
mod reply;
mod run;
mod signals;
mod spawn;
mod tables;
mod words;

use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::access::Permissions;
use super::flags::Flags;
use super::handshake::Peer;
use super::network::Network;
use crate::process::{Node, NodeId, Pid, WeakNode};
use crate::term::{Atom, PidParts, ReferenceParts};
use tables::Tables;

use atoms::Atoms;
use flow::Flow;
pub(super) use inbound::Inbound;
use offers::Offers;
use outbox::Outbox;
pub(super) use outbox::Room;
use refused::Refusals;
pub(crate) use run::Lost;
pub(crate) use signals::{lost_link, lost_monitor};
pub(super) use words::corpus;

/// A connection.
pub(crate) struct Connection {
    node: WeakNode,
    network: Weak<Network>,
    names: Names,
    peer: OnceLock<Peer>,
    /// What the other side may have this one do; as long as it is not known, nothing comes from there.
    permissions: OnceLock<Permissions>,
    refusals: Refusals,
    atoms: Atoms,
    outbox: Outbox,
    flow: Flow,
    offers: Offers,
    tables: Mutex<Tables>,
    dial: Mutex<Dial>,
    /// For those who wait for it to be made.
    stage: watch::Sender<Stage>,
    /// Something came since the last tick.
    has_heard: AtomicBool,
    /// Ticks in a row in which nothing came.
    silence: AtomicU32,
    /// What reads and writes; ended with the connection.
    tasks: Mutex<Vec<AbortHandle>>,
}

/// How far an attempt to connect has come, which decides what becomes of another from the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dial {
    /// The other side has not said anything yet.
    Fresh,
    /// The other side goes on with this attempt.
    Accepted,
    /// The other side's attempt goes before this one.
    GivenUp,
    /// There is, or is about to be, a connection.
    Done,
}

/// Whether it is there.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stage {
    Opening,
    Open,
    /// And why.
    Closed(Arc<str>),
}

/// The two nodes, as the wire knows them.
pub(crate) struct Names {
    here: Atom,
    creation: u32,
    there: Atom,
    /// The same, to be shared.
    pub(super) name: Arc<str>,
    pub(super) to: NodeId,
}

impl Names {
    pub(super) fn new(node: &Node, here: &str, to: NodeId, name: Arc<str>) -> Self {
        Self { here: Atom::from(here), creation: node.creation(), there: Atom::from(&*name), name, to }
    }

    /// A pid as it is written; of a process here or there, whose only pids are in what this node writes itself.
    fn parts(&self, pid: Pid) -> PidParts {
        let node = if pid.node() == NodeId::HERE { &self.here } else { &self.there };
        PidParts { node: node.clone(), id: pid.id(), serial: pid.serial(), creation: pid.creation() }
    }

    /// A reference of this node.
    fn reference(&self, words: &[u32; 3]) -> Option<ReferenceParts> {
        ReferenceParts::new(self.here.clone(), self.creation, words)
    }

    /// A pid as it came.
    fn pid(&self, node: &Node, parts: &PidParts) -> Option<Pid> {
        let of = if parts.node == self.there {
            self.to
        } else if parts.node == self.here {
            NodeId::HERE
        } else {
            node.node_id(parts.node.as_str()).ok()?
        };
        Some(Pid::on(of, parts.id, parts.serial, parts.creation))
    }
}

impl Connection {
    pub(super) fn new(node: &Node, network: Weak<Network>, names: Names, dial: Dial) -> Arc<Self> {
        Arc::new(Self {
            node: node.downgrade(),
            network,
            names,
            peer: OnceLock::new(),
            permissions: OnceLock::new(),
            refusals: Refusals::default(),
            atoms: Atoms::default(),
            outbox: Outbox::default(),
            flow: Flow::default(),
            offers: Offers::default(),
            tables: Mutex::default(),
            dial: Mutex::new(dial),
            stage: watch::Sender::new(Stage::Opening),
            has_heard: AtomicBool::new(false),
            silence: AtomicU32::new(0),
            tasks: Mutex::default(),
        })
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// Who is on the other side, once that is known.
    pub(super) fn peer(&self) -> Option<&Peer> {
        self.peer.get()
    }

    /// What both sides can do; while it is not known, what all do that OTP releases these days.
    fn flags(&self) -> Flags {
        self.peer().map_or(Flags::OURS, |peer| peer.flags)
    }

    pub(super) fn is_open(&self) -> bool {
        self.peer().is_some()
    }

    /// Whether the other side may have process groups and names to share; nodes in C and Java have nobody to hear of them.
    pub(super) fn may_share(&self) -> bool {
        self.flags().has(Flags::SPAWN)
    }

    /// Waits until it is made, or says why it is not.
    pub(super) async fn made(&self) -> Result<(), Arc<str>> {
        let mut stage = self.stage.subscribe();
        match stage.wait_for(|stage| *stage != Stage::Opening).await.as_deref() {
            Ok(Stage::Closed(why)) => Err(why.clone()),
            Ok(Stage::Opening | Stage::Open) | Err(_) => Ok(()),
        }
    }

    pub(super) fn dial(&self) -> MutexGuard<'_, Dial> {
        self.dial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
