//! Who has which name, among several nodes. Pure: events in, actions out.
//!
//! Every node tells the others of the names of its own processes, and knows all names. To register one it claims it with
//! all nodes that it sees, and has it once all have granted it:
//!
//! - who has the name refuses;
//! - who claims it, too, compares: of two claims the one of the [lower](Rank) process goes on, on both sides;
//! - all others grant.
//!
//! So one of several wins, whatever the order in which their claims arrive. Where nodes did not see each other, a name may
//! have two processes when they do: the lower one keeps it, and the other is killed, as each node decides alike.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::process::{NodeId, Pid};

/// What processes are compared by: the same on all nodes.
pub(super) type Rank = (Arc<str>, u32, u32, u32);

/// A message between the registrars of two nodes; the first pid is that of the sender.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Message {
    /// All names of the sender, who wants to know those of the other.
    Hello(Pid, Vec<(Box<str>, Pid)>),
    /// All names of the sender.
    Names(Pid, Vec<(Box<str>, Pid)>),
    Claim(Pid, Box<str>, Pid),
    /// The answer to a claim: who has the name, if it is not granted.
    Claimed(Pid, Box<str>, Pid, Option<Pid>),
    Registered(Pid, Box<str>, Pid),
    Unregistered(Pid, Box<str>, Pid),
    /// Asks the node of whoever has the name to give it up.
    Unregister(Pid, Box<str>),
    /// A process of the receiver has lost its name to another.
    Lost(Pid, Box<str>, Pid),
}

/// What happened.
#[derive(Debug)]
pub(super) enum Event {
    Up(NodeId),
    Down(NodeId),
    /// The registrar of another node ended, or its node was lost.
    PeerEnded(Pid),
    Came(Message),
    /// A process of this node wants a name; the answer goes to the request of this number.
    Register(u64, Box<str>, Pid),
    Unregister(Box<str>),
    /// A process of this node, which has a name or wants one, ended.
    Ended(Pid),
}

/// What is to be done, in this order.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// Send it to the registrar of the node.
    Hello(NodeId, Message),
    Send(Pid, Message),
    Monitor(Pid),
    /// Answer a request: who has the name, if not whoever asked.
    Answer(u64, Result<(), Pid>),
    /// From now on the name has this process.
    Set(Box<str>, Pid),
    /// The name has this process no more.
    Unset(Box<str>, Pid),
    /// The process of this node has lost its name to another.
    Kill(Box<str>, Pid),
}

/// What one node knows of names.
pub(super) struct Registrar {
    me: Pid,
    rank: Box<dyn Fn(Pid) -> Rank + Send + Sync>,
    names: HashMap<Box<str>, Pid>,
    claims: HashMap<Box<str>, Claim>,
    peers: HashSet<Pid>,
    up: HashSet<NodeId>,
}

/// A name that a process of this node wants.
struct Claim {
    request: u64,
    pid: Pid,
    /// Who has not answered.
    awaited: HashSet<Pid>,
}

impl Registrar {
    pub(super) fn new(me: Pid, rank: impl Fn(Pid) -> Rank + Send + Sync + 'static) -> Self {
        Self {
            me,
            rank: Box::new(rank),
            names: HashMap::new(),
            claims: HashMap::new(),
            peers: HashSet::new(),
            up: HashSet::new(),
        }
    }

    pub(super) fn handle(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        let out = &mut actions;
        match event {
            Event::Up(node) => {
                self.up.insert(node);
                out.push(self.hello(node));
            }
            Event::Down(node) => {
                self.up.remove(&node);
            }
            Event::PeerEnded(peer) => self.peer_ended(peer, out),
            Event::Came(message) => self.came(message, out),
            Event::Register(request, name, pid) => self.register(request, name, pid, out),
            Event::Unregister(name) => self.unregister(&name, out),
            Event::Ended(pid) => self.ended(pid, out),
        }
        actions
    }

    fn is_mine(&self, pid: Pid) -> bool {
        pid.node() == self.me.node()
    }

    fn mine(&self) -> Vec<(Box<str>, Pid)> {
        self.names
            .iter()
            .filter(|(_, pid)| self.is_mine(**pid))
            .map(|(name, pid)| (name.clone(), *pid))
            .collect()
    }

    fn hello(&self, node: NodeId) -> Action {
        Action::Hello(node, Message::Hello(self.me, self.mine()))
    }

    fn tell_all(&self, message: &Message, out: &mut Vec<Action>) {
        out.extend(self.peers.iter().map(|peer| Action::Send(*peer, message.clone())));
    }

    fn register(&mut self, request: u64, name: Box<str>, pid: Pid, out: &mut Vec<Action>) {
        let has = self.names.get(&name).copied().or_else(|| Some(self.claims.get(&name)?.pid));
        if let Some(has) = has {
            out.push(Action::Answer(request, Err(has)));
            return;
        }
        self.tell_all(&Message::Claim(self.me, name.clone(), pid), out);
        self.claims.insert(name.clone(), Claim { request, pid, awaited: self.peers.clone() });
        self.establish_if_granted(&name, out);
    }

    fn establish_if_granted(&mut self, name: &str, out: &mut Vec<Action>) {
        if self.claims.get(name).is_some_and(|claim| claim.awaited.is_empty())
            && let Some(claim) = self.claims.remove(name)
        {
            self.names.insert(name.into(), claim.pid);
            out.push(Action::Set(name.into(), claim.pid));
            out.push(Action::Answer(claim.request, Ok(())));
            self.tell_all(&Message::Registered(self.me, name.into(), claim.pid), out);
        }
    }

    /// The claim of this node for `name`, if there is one, has lost to `pid`.
    fn give_up(&mut self, name: &str, pid: Pid, out: &mut Vec<Action>) {
        if let Some(claim) = self.claims.remove(name) {
            out.push(Action::Answer(claim.request, Err(pid)));
        }
    }

    fn unregister(&mut self, name: &str, out: &mut Vec<Action>) {
        let Some(pid) = self.names.get(name).copied() else { return };
        if self.is_mine(pid) {
            self.unset(name, pid, out);
            self.tell_all(&Message::Unregistered(self.me, name.into(), pid), out);
        } else if let Some(peer) = self.peer_of(pid) {
            out.push(Action::Send(peer, Message::Unregister(self.me, name.into())));
        }
    }

    /// Whether it was `pid` that had the name.
    fn unset(&mut self, name: &str, pid: Pid, out: &mut Vec<Action>) -> bool {
        let had = self.names.get(name) == Some(&pid);
        if had {
            self.names.remove(name);
            out.push(Action::Unset(name.into(), pid));
        }
        had
    }

    fn ended(&mut self, pid: Pid, out: &mut Vec<Action>) {
        let claimed = self.claims.iter().filter(|(_, claim)| claim.pid == pid).map(|(name, _)| name.clone());
        for name in claimed.collect::<Vec<_>>() {
            self.give_up(&name, pid, out);
        }
        let had = self.names.iter().filter(|(_, has)| **has == pid).map(|(name, _)| name.clone());
        for name in had.collect::<Vec<_>>() {
            self.unregister(&name, out);
        }
    }

    fn peer_of(&self, pid: Pid) -> Option<Pid> {
        self.peers.iter().copied().find(|peer| peer.node() == pid.node())
    }

    fn peer_ended(&mut self, peer: Pid, out: &mut Vec<Action>) {
        self.peers.remove(&peer);
        self.keep_only(peer, &[], out);
        let awaiting = self
            .claims
            .iter_mut()
            .filter_map(|(name, claim)| claim.awaited.remove(&peer).then(|| name.clone()));
        for name in awaiting.collect::<Vec<_>>() {
            self.establish_if_granted(&name, out);
        }
        // A connection that was made anew before this was known.
        if self.up.contains(&peer.node()) {
            out.push(self.hello(peer.node()));
        }
    }

    /// Forgets the names of the node of `peer` that are not among `names`.
    fn keep_only(&mut self, peer: Pid, names: &[(Box<str>, Pid)], out: &mut Vec<Action>) {
        let its = |pid: &Pid| pid.node() == peer.node();
        let listed = |name: &str, pid: &Pid| names.iter().any(|(other, has)| **other == *name && has == pid);
        let gone = self.names.iter().filter(|(name, pid)| its(pid) && !listed(name, pid));
        for (name, pid) in gone.map(|(name, pid)| (name.clone(), *pid)).collect::<Vec<_>>() {
            self.unset(&name, pid, out);
        }
    }

    fn came(&mut self, message: Message, out: &mut Vec<Action>) {
        match message {
            Message::Hello(peer, names) => {
                self.meet(peer, names, out);
                // Those that have lost just now are not among them.
                out.push(Action::Send(peer, Message::Names(self.me, self.mine())));
            }
            Message::Names(peer, names) => self.meet(peer, names, out),
            Message::Claim(peer, name, pid) => {
                let taken = self.judge(&name, pid, out);
                out.push(Action::Send(peer, Message::Claimed(self.me, name, pid, taken)));
            }
            Message::Claimed(peer, name, pid, taken) => {
                if let Some(claim) = self.claims.get_mut(&name).filter(|claim| claim.pid == pid) {
                    match taken {
                        Some(has) => self.give_up(&name, has, out),
                        None => {
                            claim.awaited.remove(&peer);
                            self.establish_if_granted(&name, out);
                        }
                    }
                }
            }
            Message::Registered(peer, name, pid) => self.learn(peer, name, pid, out),
            Message::Unregistered(_, name, pid) => {
                self.unset(&name, pid, out);
            }
            Message::Unregister(_, name) => {
                if self.names.get(&name).is_some_and(|pid| self.is_mine(*pid)) {
                    self.unregister(&name, out);
                }
            }
            Message::Lost(_, name, pid) => {
                if self.is_mine(pid) && self.unset(&name, pid, out) {
                    out.push(Action::Kill(name.clone(), pid));
                    self.tell_all(&Message::Unregistered(self.me, name, pid), out);
                }
            }
        }
    }

    /// Who keeps `pid` of another node from having the name.
    fn judge(&mut self, name: &str, pid: Pid, out: &mut Vec<Action>) -> Option<Pid> {
        if let Some(has) = self.names.get(name) {
            return (*has != pid).then_some(*has);
        }
        let mine = self.claims.get(name)?.pid;
        if (self.rank)(mine) < (self.rank)(pid) {
            return Some(mine);
        }
        self.give_up(name, pid, out);
        None
    }

    /// Another registrar is there, and these are its names.
    fn meet(&mut self, peer: Pid, names: Vec<(Box<str>, Pid)>, out: &mut Vec<Action>) {
        if self.peers.insert(peer) {
            out.push(Action::Monitor(peer));
            for (name, claim) in &mut self.claims {
                claim.awaited.insert(peer);
                out.push(Action::Send(peer, Message::Claim(self.me, name.clone(), claim.pid)));
            }
        }
        self.keep_only(peer, &names, out);
        for (name, pid) in names {
            self.learn(peer, name, pid, out);
        }
    }

    /// A process of another node has a name. Only the node of a process is believed.
    fn learn(&mut self, peer: Pid, name: Box<str>, pid: Pid, out: &mut Vec<Action>) {
        if pid.node() != peer.node() || !self.peers.contains(&peer) {
            return;
        }
        self.give_up(&name, pid, out);
        let loser = match self.names.get(&name).copied() {
            Some(has) if has == pid => return,
            Some(has) if (self.rank)(has) < (self.rank)(pid) => Some(pid),
            before => {
                self.names.insert(name.clone(), pid);
                out.push(Action::Set(name.clone(), pid));
                before
            }
        };
        match loser {
            Some(loser) if self.is_mine(loser) => {
                out.push(Action::Kill(name.clone(), loser));
                // Those who never hear of the winner, since it has given the name up meanwhile.
                self.tell_all(&Message::Unregistered(self.me, name, loser), out);
            }
            Some(loser) => {
                let to =
                    self.peer_of(loser).map(|peer| Action::Send(peer, Message::Lost(self.me, name, loser)));
                out.extend(to);
            }
            None => {}
        }
    }
}
