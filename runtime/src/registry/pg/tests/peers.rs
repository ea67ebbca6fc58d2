//! Scopes of several nodes, whatever the order in which their messages arrive: in the end all know all members.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::message::{Form, Message, Name};
use super::super::peers::{Action, Event, Peers, take_each};
use super::sorted;
use crate::process::{NodeId, Pid};

const NODES: usize = 3;

/// What happens; connections are made and lost in both directions at once.
#[derive(Clone, Debug)]
enum Step {
    Join(usize, u32, bool),
    Leave(usize, u32, bool),
    Connect(usize, usize),
    Disconnect(usize, usize),
    Deliver(Index),
    Again(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let node = 0..NODES;
    prop_oneof![
        3 => (node.clone(), 0..3_u32, any::<bool>()).prop_map(|(node, pid, group)| Step::Join(node, pid, group)),
        2 => (node.clone(), 0..3_u32, any::<bool>()).prop_map(|(node, pid, group)| Step::Leave(node, pid, group)),
        2 => (node.clone(), node.clone()).prop_map(|(a, b)| Step::Connect(a, b)),
        1 => (node.clone(), node.clone()).prop_map(|(a, b)| Step::Disconnect(a, b)),
        8 => any::<Index>().prop_map(Step::Deliver),
        1 => node.prop_map(Step::Again),
    ]
}

fn group(which: bool) -> Arc<str> {
    if which { "a".into() } else { "b".into() }
}

type Members = BTreeMap<Arc<str>, Vec<Pid>>;

/// Three scopes. All number nodes alike, the first as 1, so that pids need no translation.
struct World {
    peers: Vec<Peers>,
    /// Whom each scope monitors.
    monitored: Vec<Vec<Pid>>,
    connected: Vec<[bool; NODES]>,
    /// What is on its way, from and to.
    wires: BTreeMap<(usize, usize), VecDeque<Message>>,
    /// The members of each node, and what each has been told of the others.
    local: Vec<Members>,
    far: Vec<Members>,
}

fn id(node: usize) -> NodeId {
    NodeId::nth(node + 1).expect("a small number")
}

fn scope(node: usize) -> Pid {
    Pid::on(id(node), 100, 0, 1)
}

fn index(node: NodeId) -> usize {
    node.number() as usize - 1
}

impl World {
    fn new() -> Self {
        Self {
            peers: (0..NODES).map(|node| Peers::new(scope(node))).collect(),
            monitored: vec![Vec::new(); NODES],
            connected: vec![[false; NODES]; NODES],
            wires: BTreeMap::new(),
            local: vec![Members::new(); NODES],
            far: vec![Members::new(); NODES],
        }
    }

    fn handle(&mut self, node: usize, event: Event) {
        for action in self.peers[node].handle(event) {
            match action {
                Action::Discover(to) => self.send(node, index(to), Message::Discover(scope(node))),
                Action::Send(to, message) => self.send(node, index(to.node()), message),
                Action::Monitor(peer) => {
                    assert!(!self.monitored[node].contains(&peer), "monitored once");
                    self.monitored[node].push(peer);
                }
                Action::Join(group, pids) => self.far[node].entry(group).or_default().extend(pids),
                Action::Leave(group, pids) => {
                    let members = self.far[node].get_mut(&group).expect("a group with members");
                    assert_eq!(take_each(members, &pids).len(), pids.len(), "only members leave");
                }
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        if self.connected[from][to] {
            self.wires.entry((from, to)).or_default().push_back(message);
        }
    }

    fn connect(&mut self, a: usize, b: usize) {
        if a != b && !self.connected[a][b] {
            (self.connected[a][b], self.connected[b][a]) = (true, true);
            self.handle(a, Event::Up(id(b)));
            self.handle(b, Event::Up(id(a)));
        }
    }

    fn disconnect(&mut self, a: usize, b: usize) {
        if a == b || !self.connected[a][b] {
            return;
        }
        (self.connected[a][b], self.connected[b][a]) = (false, false);
        for (here, there) in [(a, b), (b, a)] {
            self.wires.remove(&(here, there));
            self.handle(here, Event::Down(id(there)));
            let monitored = self.monitored[here].len();
            self.monitored[here].retain(|peer| *peer != scope(there));
            if self.monitored[here].len() < monitored {
                self.handle(here, Event::Ended(scope(there)));
            }
        }
    }

    fn deliver(&mut self, which: Index) {
        let waiting: Vec<_> =
            self.wires.iter().filter(|(_, wire)| !wire.is_empty()).map(|(at, _)| *at).collect();
        if !waiting.is_empty() {
            let (from, to) = *which.get(&waiting);
            let message = self.wires.get_mut(&(from, to)).and_then(VecDeque::pop_front).expect("not empty");
            self.handle(to, Event::Came(message));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Join(node, pid, which) => {
                let pid = Pid::on(id(node), pid, 0, 1);
                self.local[node].entry(group(which)).or_default().push(pid);
                let name = Name { text: group(which), form: Form::Atom };
                self.handle(node, Event::Joined(name, [pid].into()));
            }
            Step::Leave(node, pid, which) => {
                let pid = Pid::on(id(node), pid, 0, 1);
                let members = self.local[node].entry(group(which)).or_default();
                if !take_each(members, &[pid]).is_empty() {
                    self.handle(node, Event::Left(group(which), [pid].into()));
                }
            }
            Step::Connect(a, b) => self.connect(a, b),
            Step::Disconnect(a, b) => self.disconnect(a, b),
            Step::Deliver(which) => self.deliver(which),
            Step::Again(node) => self.handle(node, Event::Again),
        }
    }

    /// What each should have been told of the others once everything has arrived.
    fn expected(&self, node: usize) -> Members {
        let mut expected = Members::new();
        for other in (0..NODES).filter(|other| self.connected[node][*other]) {
            for (group, pids) in &self.local[other] {
                expected.entry(group.clone()).or_default().extend(pids);
            }
        }
        tidy(&expected)
    }
}

fn tidy(members: &Members) -> Members {
    let tidied = members.iter().map(|(group, pids)| (group.clone(), sorted(pids.clone())));
    tidied.filter(|(_, pids)| !pids.is_empty()).collect()
}

proptest! {
    #[test]
    fn all_know_all_members_once_everything_has_arrived(steps in prop::collection::vec(step(), 0..200)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        while let Some(((_, to), message)) =
            world.wires.iter_mut().find_map(|(at, wire)| Some((*at, wire.pop_front()?)))
        {
            world.handle(to, Event::Came(message));
        }
        for node in 0..NODES {
            prop_assert_eq!(tidy(&world.far[node]), world.expected(node));
            prop_assert!(!world.peers[node].misses_any());
        }
    }
}

#[test]
fn a_scope_that_does_not_answer_is_asked_again_until_it_does() {
    let mut peers = Peers::new(scope(0));
    assert_eq!(peers.handle(Event::Up(id(1))), [Action::Discover(id(1))]);
    assert!(peers.misses_any());
    assert_eq!(peers.handle(Event::Again), [Action::Discover(id(1))]);
    let sync = Message::Sync(scope(1), Vec::new());
    assert_eq!(peers.handle(Event::Came(sync)), [Action::Monitor(scope(1))]);
    assert!(!peers.misses_any());
    // Its scope was stopped, and may be started again.
    assert_eq!(peers.handle(Event::Ended(scope(1))), []);
    assert_eq!(peers.handle(Event::Again), [Action::Discover(id(1))]);
    assert_eq!(peers.handle(Event::Down(id(1))), []);
    assert!(!peers.misses_any());
}

#[test]
fn nobody_makes_processes_of_other_nodes_members() {
    let mut peers = Peers::new(scope(0));
    let (its, foreign) = (Pid::on(id(1), 1, 0, 1), Pid::on(id(2), 1, 0, 1));
    let name = Name { text: "a".into(), form: Form::Binary };
    let stranger = Message::Join(scope(1), name.clone(), vec![its]);
    assert_eq!(peers.handle(Event::Came(stranger)), []);
    let sync = Message::Sync(scope(1), vec![(name.clone(), vec![its, foreign])]);
    let believed = [Action::Monitor(scope(1)), Action::Join("a".into(), vec![its])];
    assert_eq!(peers.handle(Event::Came(sync)), believed);
    let join = Message::Join(scope(1), name, vec![foreign]);
    assert_eq!(peers.handle(Event::Came(join)), []);
}
