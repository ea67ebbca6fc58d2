//! What holds whatever the network does, in virtual time, for many seeds; a failure prints its seed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::network::{Random, Simulation};
use crate::dist::{Cookie, Distribution, NodeEvent, Options, monitor_nodes};
use crate::prelude::*;
use crate::process::{self, MonitorRef, Signal};

/// What a ledger has done, wherever and in whichever life it ran.
type Done = Arc<Mutex<Vec<u64>>>;

/// Writes down what it is told.
struct Ledger {
    done: Done,
}

const LEDGER: Name<Ledger> = Ledger::named("ledger");

#[gen_server]
impl Ledger {
    fn init(done: Done) -> Self {
        Self { done }
    }

    #[call]
    fn write(&mut self, entry: u64) -> u64 {
        self.done.lock().expect("whole").push(entry);
        entry
    }

    #[call]
    fn pid(&self) -> Pid {
        process::self_pid().expect("a process")
    }

    #[cast]
    fn note(&mut self, entry: u64) {
        self.done.lock().expect("whole").push(entry);
    }
}

/// A node in the simulated network.
struct Member {
    node: Node,
    done: Done,
    _distribution: Distribution,
}

const NAMES: [&str; 3] = ["a@host", "b@host", "c@host"];

impl Member {
    async fn start(simulation: &Simulation, name: &str) -> Self {
        let node = Node::new(name);
        let options = Options {
            listen: Vec::new(),
            resolver: simulation.resolver(name),
            ..Options::new(name, Cookie::new("secret"))
        };
        let distribution = Distribution::start(&node, options).await.expect("starts");
        simulation.listen(name, &distribution.network);
        let done = Done::default();
        let ledger = Start::<Ledger>::new(done.clone()).name(&LEDGER);
        node.scope(async { ledger.start().await }).await.expect("starts");
        Self { node, done, _distribution: distribution }
    }
}

/// How many seeds are tried where none are given.
const SEEDS: u64 = 25;

/// Runs `body` with every seed, in virtual time: `SEED=7` is one, `SEEDS=1000` are so many.
fn for_seeds<F: Future<Output = ()>>(body: impl Fn(u64) -> F) {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let _seed = Seed(seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a tokio runtime").block_on(body(seed));
    }
}

/// Says which seed it was that failed.
struct Seed(u64);

impl Drop for Seed {
    #[expect(clippy::print_stderr, reason = "a test that failed says how to repeat it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with SEED={}", self.0);
        }
    }
}

/// Does something bad to the network.
async fn disturb(simulation: &Simulation, random: &mut Random) {
    let one = random.below(3) as usize;
    let (one, other) = (NAMES[one], NAMES[(one + 1 + random.below(2) as usize) % 3]);
    match random.below(4) {
        0 => simulation.cut(one, other),
        1 => simulation.block(one, other),
        2 => {
            simulation.block(one, other);
            simulation.block(other, one);
        }
        _ => simulation.heal(),
    }
    sleep(Duration::from_millis(random.below(20_000))).await;
}

/// Calls others for as long as the network is bad; the entries that were acknowledged.
async fn call_others(me: &Member, own: usize, seed: u64, until: Instant) -> Vec<(usize, u64)> {
    const DEADLINE: Duration = Duration::from_secs(2);
    let mut random = Random::new(seed * 31 + own as u64);
    let mut acknowledged = Vec::new();
    let mut entry = own as u64 * 1_000_000;
    while Instant::now() < until {
        let to = (own + 1 + random.below(2) as usize) % 3;
        entry += 1;
        let began = Instant::now();
        let ledger = Name::on(&LEDGER, NAMES[to]);
        let outcome = me.node.scope(async { ledger.write(entry).within(DEADLINE).await }).await;
        let took = began.elapsed();
        assert!(took <= DEADLINE + Duration::from_millis(20), "{took:?}: {outcome:?}");
        match outcome {
            Ok(written) => {
                assert_eq!(written, entry);
                acknowledged.push((to, entry));
            }
            Err(CallError::Timeout | CallError::NoConnection(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
        sleep(Duration::from_millis(random.below(1500))).await;
    }
    acknowledged
}

#[test]
fn every_call_ends_in_time_none_is_done_twice_and_the_cluster_is_whole_after_repair() {
    for_seeds(async |seed| {
        let simulation = Simulation::new(seed, 30);
        let mut members = Vec::new();
        for name in NAMES {
            members.push(Member::start(&simulation, name).await);
        }
        let until = Instant::now() + Duration::from_secs(300);
        let bad = async {
            let mut random = Random::new(seed + 1);
            while Instant::now() < until {
                disturb(&simulation, &mut random).await;
            }
        };
        let calls = |own: usize| call_others(&members[own], own, seed, until);
        let ((), a, b, c) = tokio::join!(bad, calls(0), calls(1), calls(2));
        for (to, entry) in a.into_iter().chain(b).chain(c) {
            assert!(members[to].done.lock().expect("whole").contains(&entry), "acknowledged, and not done");
        }
        for member in &members {
            let done = member.done.lock().expect("whole");
            assert_eq!(done.iter().collect::<HashSet<_>>().len(), done.len(), "done twice");
        }
        simulation.heal();
        // What hangs is seen within net_ticktime and a quarter of it.
        sleep(Duration::from_secs(90)).await;
        for member in &members {
            for name in NAMES {
                let ledger = Name::on(&LEDGER, name);
                let outcome = member.node.scope(async { ledger.write(7_000_000).await }).await;
                assert_eq!(outcome, Ok(7_000_000), "{} to {name}", member.node.name());
            }
        }
    });
}

#[test]
fn a_node_that_is_silent_is_lost_within_the_stated_time() {
    for_seeds(async |seed| {
        let simulation = Simulation::new(seed, 5);
        let [a, b] = [Member::start(&simulation, NAMES[0]).await, Member::start(&simulation, NAMES[1]).await];
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        a.node.connect(NAMES[1]).await.expect("connects");
        events.next().await;
        sleep(Duration::from_millis(seed * 1777)).await;
        // Either both ways, or one.
        simulation.block(NAMES[1], NAMES[0]);
        if seed % 2 == 0 {
            simulation.block(NAMES[0], NAMES[1]);
        }
        let silent = Instant::now();
        let waits = Name::on(&LEDGER, NAMES[1]);
        let waiting = a.node.scope(async { waits.pid().infinity().await });
        assert!(matches!(waiting.await, Err(CallError::NoConnection(_))));
        let took = silent.elapsed();
        assert!((Duration::from_secs(44)..Duration::from_secs(76)).contains(&took), "{took:?}");
        assert_eq!(events.next().await, NodeEvent::Down(NAMES[1].into()));
        drop(b);
    });
}

#[test]
fn a_node_that_is_started_again_gets_nothing_that_was_for_its_former_life() {
    for_seeds(async |seed| {
        let simulation = Simulation::new(seed, 10);
        let a = Member::start(&simulation, NAMES[0]).await;
        let b = Member::start(&simulation, NAMES[1]).await;
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        let former = a.node.scope(async { Name::on(&LEDGER, NAMES[1]).pid().await }).await.expect("answers");
        let (sender, told) = tokio::sync::oneshot::channel();
        let watch = async move {
            let monitor: MonitorRef = process::monitor(former).expect("a process");
            match process::receive().await {
                Ok(Signal::Down(down)) if down.monitor == monitor => sender.send(down.reason),
                other => panic!("{other:?}"),
            }
            .map_err(|_| ExitReason::Killed)
        };
        a.node.enter(|| process::spawn(watch)).expect("a node");
        let to_former = a.node.enter(|| Ref::<Ledger>::from_pid(former)).expect("far");
        a.node.enter(|| to_former.note(1)).expect("connected");
        sleep(Duration::from_millis(seed * 7)).await;
        drop(b);
        let again = Member::start(&simulation, NAMES[1]).await;
        for entry in 2..50 {
            // It may be sent, to a process that is no more, or fail.
            let _ = a.node.enter(|| to_former.note(entry));
            sleep(Duration::from_millis(seed)).await;
        }
        assert_eq!(told.await, Ok(ExitReason::NoConnection));
        // It is missed, and connected again without anybody's doing.
        let expected = [NodeEvent::Up, NodeEvent::Down, NodeEvent::Up].map(|event| event(NAMES[1].into()));
        assert_eq!([events.next().await, events.next().await, events.next().await], expected);
        let ledger = Name::on(&LEDGER, NAMES[1]);
        let now = a.node.scope(async { ledger.pid().await }).await.expect("answers");
        assert_ne!(now, former);
        assert_eq!((now.id(), now.serial()), (former.id(), former.serial()), "the same place in the table");
        let gone = a.node.scope(async { to_former.pid().await }).await;
        assert_eq!(gone, Err(CallError::NoProc));
        assert!(again.done.lock().expect("whole").is_empty(), "nothing was for this life");
    });
}
