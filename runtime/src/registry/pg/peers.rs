//! What the scopes of one name on several nodes tell each other. Pure: events in, actions out.
//!
//! Every scope tells the others of its own members, and believes what they tell of theirs:
//!
//! | a scope | sends |
//! |---|---|
//! | sees another node | `discover` to the scope of the same name there |
//! | is discovered | `sync` with all its members, and a `discover` of its own to one that it does not know |
//! | has a member more or less | `join` or `leave` to all that it knows |
//!
//! A scope that does not answer is asked again from time to time: a node of Erlang does not tell a hidden one that it has
//! started its scope.
//!
//! Source: OTP `pg`, whose scopes understand each other with these.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use super::message::{Form, Message, Name};
use crate::process::{NodeId, Pid};

/// What one scope knows of the others.
pub(super) struct Peers {
    me: Pid,
    local: HashMap<Arc<str>, Local>,
    /// By scope, whose members.
    remote: HashMap<Pid, Groups>,
    up: HashSet<NodeId>,
}

/// The members of a group on this node.
struct Local {
    form: Form,
    pids: Vec<Pid>,
}

type Groups = HashMap<Arc<str>, Vec<Pid>>;

/// What happened.
#[derive(Debug)]
pub(super) enum Event {
    Up(NodeId),
    Down(NodeId),
    /// A scope that was monitored ended, or its node was lost.
    Ended(Pid),
    Came(Message),
    /// Processes of this node joined a group.
    Joined(Name, Arc<[Pid]>),
    Left(Arc<str>, Arc<[Pid]>),
    /// Some time has passed.
    Again,
}

/// What is to be done, in this order.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Action {
    /// Send it to the scope of the same name on the node.
    Discover(NodeId),
    Send(Pid, Message),
    Monitor(Pid),
    /// Processes of another node joined a group.
    Join(Arc<str>, Vec<Pid>),
    Leave(Arc<str>, Vec<Pid>),
}

impl Peers {
    pub(super) fn new(me: Pid) -> Self {
        Self { me, local: HashMap::new(), remote: HashMap::new(), up: HashSet::new() }
    }

    pub(super) fn handle(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Up(node) => {
                self.up.insert(node);
                vec![Action::Discover(node)]
            }
            Event::Down(node) => {
                self.up.remove(&node);
                Vec::new()
            }
            Event::Ended(peer) => leave_all(self.remote.remove(&peer).unwrap_or_default()).collect(),
            Event::Came(message) => self.came(message),
            Event::Joined(name, pids) => self.joined(name, &pids),
            Event::Left(group, pids) => self.left(&group, &pids),
            Event::Again => self.missing().map(Action::Discover).collect(),
        }
    }

    /// The nodes whose scope has not answered.
    fn missing(&self) -> impl Iterator<Item = NodeId> {
        let known: HashSet<_> = self.remote.keys().map(|peer| peer.node()).collect();
        self.up.iter().copied().filter(move |node| !known.contains(node))
    }

    /// Whether there is anybody to be asked again.
    pub(super) fn misses_any(&self) -> bool {
        self.missing().next().is_some()
    }

    fn came(&mut self, message: Message) -> Vec<Action> {
        match message {
            Message::Discover(peer) => {
                let mut actions = vec![Action::Send(peer, self.sync())];
                if !self.remote.contains_key(&peer) {
                    actions.push(Action::Send(peer, Message::Discover(self.me)));
                    actions.extend(self.meet(peer));
                }
                actions
            }
            Message::Sync(peer, groups) => {
                let mut actions: Vec<_> = self.meet(peer).into_iter().collect();
                let mut after = Groups::new();
                for (name, pids) in groups {
                    after.entry(name.text).or_default().extend(of_node(peer, pids));
                }
                if let Some(before) = self.remote.insert(peer, after.clone()) {
                    actions.extend(changes(before, after));
                }
                actions
            }
            Message::Join(peer, name, pids) => {
                let Some(groups) = self.remote.get_mut(&peer) else { return Vec::new() };
                let pids: Vec<_> = of_node(peer, pids).collect();
                groups.entry(name.text.clone()).or_default().extend(&pids);
                one_if_any(Action::Join, name.text, pids)
            }
            Message::Leave(peer, pids, names) => {
                let Some(groups) = self.remote.get_mut(&peer) else { return Vec::new() };
                let left = |name: Name| {
                    let members = groups.get_mut(&name.text)?;
                    let left = take_each(members, &pids);
                    if members.is_empty() {
                        groups.remove(&name.text);
                    }
                    Some(one_if_any(Action::Leave, name.text, left))
                };
                names.into_iter().filter_map(left).flatten().collect()
            }
        }
    }

    /// Begins to know a scope, if it is new.
    fn meet(&mut self, peer: Pid) -> Option<Action> {
        let is_new = !self.remote.contains_key(&peer);
        self.remote.entry(peer).or_default();
        is_new.then_some(Action::Monitor(peer))
    }

    fn sync(&self) -> Message {
        let name = |text: &Arc<str>, form| Name { text: text.clone(), form };
        let groups = self.local.iter().map(|(text, local)| (name(text, local.form), local.pids.clone()));
        Message::Sync(self.me, groups.collect())
    }

    fn joined(&mut self, name: Name, pids: &[Pid]) -> Vec<Action> {
        let local =
            self.local.entry(name.text.clone()).or_insert(Local { form: name.form, pids: Vec::new() });
        local.pids.extend(pids);
        let name = Name { form: local.form, ..name };
        self.tell_all(|me| Message::Join(me, name.clone(), pids.to_vec()))
    }

    fn left(&mut self, group: &Arc<str>, pids: &[Pid]) -> Vec<Action> {
        let Some(local) = self.local.get_mut(group) else { return Vec::new() };
        let left = take_each(&mut local.pids, pids);
        let name = Name { text: group.clone(), form: local.form };
        if local.pids.is_empty() {
            self.local.remove(group);
        }
        self.tell_all(|me| Message::Leave(me, left.clone(), vec![name.clone()]))
    }

    fn tell_all(&self, message: impl Fn(Pid) -> Message) -> Vec<Action> {
        self.remote.keys().map(|peer| Action::Send(*peer, message(self.me))).collect()
    }
}

/// Only processes of its own node are believed to be members of a scope.
fn of_node(peer: Pid, pids: Vec<Pid>) -> impl Iterator<Item = Pid> {
    pids.into_iter().filter(move |pid| pid.node() == peer.node())
}

/// Takes `pids` out of `members`, each once for each time it stands there, and says which were in.
pub(super) fn take_each(members: &mut Vec<Pid>, pids: &[Pid]) -> Vec<Pid> {
    let mut taken = Vec::new();
    for pid in pids {
        if let Some(at) = members.iter().position(|member| member == pid) {
            taken.push(members.swap_remove(at));
        }
    }
    taken
}

fn one_if_any(action: fn(Arc<str>, Vec<Pid>) -> Action, group: Arc<str>, pids: Vec<Pid>) -> Vec<Action> {
    if pids.is_empty() { Vec::new() } else { vec![action(group, pids)] }
}

fn leave_all(groups: Groups) -> impl Iterator<Item = Action> {
    groups.into_iter().flat_map(|(group, pids)| one_if_any(Action::Leave, group, pids))
}

/// What leads from `before` to `after`.
fn changes(mut before: Groups, after: Groups) -> Vec<Action> {
    let mut actions = Vec::new();
    for (group, pids) in after {
        let mut gone = before.remove(&group).unwrap_or_default();
        let mut new = pids;
        let stayed = take_each(&mut gone, &new);
        take_each(&mut new, &stayed);
        actions.extend(one_if_any(Action::Join, group.clone(), new));
        actions.extend(one_if_any(Action::Leave, group, mem::take(&mut gone)));
    }
    actions.extend(leave_all(before));
    actions
}
