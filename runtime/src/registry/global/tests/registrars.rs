//! Registrars of three nodes, whatever the order in which their messages arrive.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::registrar::{Action, Event, Message, Registrar};
use crate::process::{NodeId, Pid};

const NODES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Register(usize, u32, bool),
    Unregister(usize, bool),
    End(usize, u32),
    Connect(usize, usize),
    Disconnect(usize, usize),
    Deliver(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let node = 0..NODES;
    prop_oneof![
        4 => (node.clone(), 0..2_u32, any::<bool>()).prop_map(|(node, pid, name)| Step::Register(node, pid, name)),
        1 => (node.clone(), any::<bool>()).prop_map(|(node, name)| Step::Unregister(node, name)),
        1 => (node.clone(), 0..2_u32).prop_map(|(node, pid)| Step::End(node, pid)),
        2 => (node.clone(), node.clone()).prop_map(|(a, b)| Step::Connect(a, b)),
        1 => (node.clone(), node).prop_map(|(a, b)| Step::Disconnect(a, b)),
        10 => any::<Index>().prop_map(Step::Deliver),
    ]
}

fn name(which: bool) -> Box<str> {
    if which { "leader".into() } else { "other".into() }
}

fn id(node: usize) -> NodeId {
    NodeId::nth(node + 1).expect("a small number")
}

fn index(node: NodeId) -> usize {
    node.number() as usize - 1
}

fn peer(node: usize) -> Pid {
    Pid::on(id(node), 100, 0, 1)
}

/// All number nodes alike, the first as 1, so that pids need no translation.
struct World {
    registrars: Vec<Registrar>,
    monitored: Vec<BTreeSet<Pid>>,
    connected: [[bool; NODES]; NODES],
    wires: BTreeMap<(usize, usize), VecDeque<Message>>,
    /// What the processes of each node see.
    seen: Vec<BTreeMap<Box<str>, Pid>>,
    ended: BTreeSet<Pid>,
    /// How often each place was used, so that no pid is used again.
    lives: BTreeMap<(usize, u32), u32>,
    requests: u64,
    answers: BTreeMap<u64, Result<(), Pid>>,
}

impl World {
    fn new() -> Self {
        let rank = |pid: Pid| ("".into(), pid.node().number(), pid.serial(), pid.id());
        Self {
            registrars: (0..NODES).map(|node| Registrar::new(peer(node), rank)).collect(),
            monitored: vec![BTreeSet::new(); NODES],
            connected: [[false; NODES]; NODES],
            wires: BTreeMap::new(),
            seen: vec![BTreeMap::new(); NODES],
            ended: BTreeSet::new(),
            lives: BTreeMap::new(),
            requests: 0,
            answers: BTreeMap::new(),
        }
    }

    fn pid(&self, node: usize, place: u32) -> Pid {
        Pid::on(id(node), place, self.lives.get(&(node, place)).copied().unwrap_or(0), 1)
    }

    fn handle(&mut self, node: usize, event: Event) {
        // Of an end a registrar is told as of everything: when it has done what it is doing.
        let mut killed = Vec::new();
        for action in self.registrars[node].handle(event) {
            match action {
                Action::Hello(to, message) => self.send(node, index(to), message),
                Action::Send(to, message) => self.send(node, index(to.node()), message),
                Action::Monitor(peer) => assert!(self.monitored[node].insert(peer), "monitored once"),
                Action::Answer(request, answer) => {
                    assert!(self.answers.insert(request, answer).is_none(), "answered once");
                }
                Action::Set(name, pid) => drop(self.seen[node].insert(name, pid)),
                Action::Unset(name, pid) => assert_eq!(self.seen[node].remove(&name), Some(pid)),
                Action::Kill(name, pid) => {
                    assert_eq!(pid.node(), id(node), "each node kills its own");
                    assert_ne!(self.seen[node].get(&name), Some(&pid), "another has the name");
                    killed.push(pid);
                }
            }
        }
        for pid in killed {
            self.end(pid);
        }
    }

    fn end(&mut self, pid: Pid) {
        if self.ended.insert(pid) {
            *self.lives.entry((index(pid.node()), pid.id())).or_default() += 1;
            self.handle(index(pid.node()), Event::Ended(pid));
        }
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        if self.connected[from][to] {
            self.wires.entry((from, to)).or_default().push_back(message);
        }
    }

    fn register(&mut self, node: usize, place: u32, which: bool) -> u64 {
        self.requests += 1;
        let (request, pid) = (self.requests, self.pid(node, place));
        self.handle(node, Event::Register(request, name(which), pid));
        request
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
            if self.monitored[here].remove(&peer(there)) {
                self.handle(here, Event::PeerEnded(peer(there)));
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

    fn deliver_all(&mut self) {
        while let Some((to, message)) =
            self.wires.iter_mut().find_map(|((_, to), wire)| Some((*to, wire.pop_front()?)))
        {
            self.handle(to, Event::Came(message));
        }
    }

    fn connect_all(&mut self) {
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            self.connect(a, b);
        }
        self.deliver_all();
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Register(node, place, which) => drop(self.register(node, place, which)),
            Step::Unregister(node, which) => self.handle(node, Event::Unregister(name(which))),
            Step::End(node, place) => self.end(self.pid(node, place)),
            Step::Connect(a, b) => self.connect(a, b),
            Step::Disconnect(a, b) => self.disconnect(a, b),
            Step::Deliver(which) => self.deliver(which),
        }
    }
}

proptest! {
    #[test]
    fn once_all_are_connected_all_know_the_same_names_of_processes_that_live(
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.connect_all();
        prop_assert_eq!(&world.seen[0], &world.seen[1]);
        prop_assert_eq!(&world.seen[0], &world.seen[2]);
        prop_assert!(world.seen[0].values().all(|pid| !world.ended.contains(pid)));
        prop_assert_eq!(world.answers.len() as u64, world.requests, "each request has its answer");
    }

    #[test]
    fn of_several_that_want_a_name_at_once_one_gets_it(
        order in prop::collection::vec((0..NODES, any::<bool>()), 1..8),
        deliveries in prop::collection::vec((any::<Index>(), 0..4_usize), 40),
    ) {
        let mut world = World::new();
        world.connect_all();
        let mut wants = order.into_iter();
        let mut requests = Vec::new();
        for (which, more) in deliveries {
            if more == 0 && let Some((node, place)) = wants.next() {
                requests.push(world.register(node, u32::from(place), true));
            }
            world.deliver(which);
        }
        requests.extend(wants.map(|(node, place)| world.register(node, u32::from(place), true)));
        world.deliver_all();
        let granted = requests.iter().filter(|request| world.answers[request].is_ok()).count();
        prop_assert_eq!(granted, 1);
        prop_assert!(world.ended.is_empty(), "nobody is killed for it");
        prop_assert!(world.seen.iter().all(|seen| seen.len() == 1));
    }
}

#[test]
fn of_two_after_a_partition_the_lower_one_keeps_the_name() {
    let mut world = World::new();
    for node in 0..NODES {
        let request = world.register(node, 0, true);
        assert_eq!(world.answers[&request], Ok(()));
    }
    let all: Vec<_> = (0..NODES).map(|node| world.pid(node, 0)).collect();
    world.connect_all();
    assert_eq!(world.ended, BTreeSet::from([all[1], all[2]]));
    assert!(world.seen.iter().all(|seen| seen.values().eq([&all[0]])));
}

#[test]
fn nodes_that_see_only_a_third_one_are_told_by_it() {
    let mut world = World::new();
    world.connect(0, 1);
    world.connect(1, 2);
    world.deliver_all();
    for node in [2, 0] {
        world.register(node, 0, true);
    }
    let (kept, lost) = (world.pid(0, 0), world.pid(2, 0));
    // Neither has heard of the other when it claims.
    world.deliver_all();
    assert!(world.ended.is_subset(&BTreeSet::from([lost])));
    assert!([kept, lost].contains(&world.seen[1][&name(true)]));
}
