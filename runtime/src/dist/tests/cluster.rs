//! Three nodes in a simulated network in which everything happens, for many seeds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::network::{Random, Simulation};
use crate::dist::{Cookie, Distribution, Options};
use crate::prelude::*;
use crate::process::{self, NoNode};
use crate::registry::global::Global;

/// What a ledger has done, in whichever life it ran.
pub(super) type Done = Arc<Mutex<Vec<u64>>>;

/// Writes down what it is told.
pub(super) struct Ledger {
    done: Done,
}

pub(super) const LEDGER: Name<Ledger> = Ledger::named("ledger");

/// All ledgers.
pub(super) const LEDGERS: Group<Ledger> = Group::new("ledgers");

#[gen_server]
impl Ledger {
    fn init(done: Done) -> Result<Self, ExitReason> {
        let me = process::self_pid().map_or(Err(NoNode), |me| LEDGERS.join(me));
        me.map(|()| Self { done }).map_err(ExitReason::error)
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

/// The one among all nodes.
pub(super) const LEADER: Global<Leader> = Global::new("leader");

/// Who has the name, or had it when it began to end.
pub(super) struct Leader {
    count: Arc<AtomicUsize>,
}

#[gen_server]
impl Leader {
    async fn init(count: Arc<AtomicUsize>) -> Result<Self, ExitReason> {
        LEADER.register().await?;
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Self { count })
    }

    #[call]
    fn node(&self) -> String {
        Node::current().expect("a node").full_name().to_owned()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A life of a node; dropped, it is as if its process had been killed.
pub(super) struct Life {
    pub(super) node: Node,
    pub(super) leaders: Arc<AtomicUsize>,
    distribution: Mutex<Option<Distribution>>,
    candidate: JoinHandle<()>,
}

pub(super) const NAMES: [&str; 3] = ["a@host", "b@host", "c@host"];

impl Life {
    pub(super) async fn start(simulation: &Simulation, name: &str, done: Done) -> Self {
        let node = Node::new(name);
        let options = Options {
            listen: Vec::new(),
            resolver: simulation.resolver(name),
            ..Options::new(name, Cookie::new("secret"))
        };
        let distribution = Distribution::start(&node, options).await.expect("starts");
        simulation.listen(name, &distribution.network);
        let ledger = Start::<Ledger>::new(done).name(&LEDGER);
        node.scope(async { ledger.start().await }).await.expect("starts");
        let leaders = Arc::<AtomicUsize>::default();
        let candidate = tokio::spawn(run_for_leader(node.clone(), leaders.clone()));
        Self { node, leaders, distribution: Mutex::new(Some(distribution)), candidate }
    }

    /// Whoever still works in it learns that there is nobody else any more.
    fn end(&self) {
        self.candidate.abort();
        drop(self.distribution.lock().expect("whole").take());
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.candidate.abort();
    }
}

/// Has the node lead whenever nobody does.
async fn run_for_leader(node: Node, count: Arc<AtomicUsize>) {
    loop {
        let count = count.clone();
        if let Ok(leader) = node.scope(async { Leader::start(count).await }).await {
            node.wait_exit(Ref::pid(&leader)).await;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Three nodes, each in its present life.
pub(super) struct Cluster {
    pub(super) simulation: Simulation,
    lives: Mutex<Vec<Arc<Life>>>,
    pub(super) done: [Done; 3],
}

impl Cluster {
    pub(super) async fn start(simulation: Simulation) -> Self {
        let cluster = Self { simulation, lives: Mutex::default(), done: Default::default() };
        for (name, done) in NAMES.iter().zip(&cluster.done) {
            let life = Life::start(&cluster.simulation, name, done.clone()).await;
            cluster.lives().push(Arc::new(life));
        }
        cluster
    }

    fn lives(&self) -> MutexGuard<'_, Vec<Arc<Life>>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn life(&self, nth: usize) -> Arc<Life> {
        self.lives()[nth].clone()
    }

    /// Kills a node, and starts it again under its name after a while.
    async fn restart(&self, nth: usize, after: Duration) {
        self.simulation.leave(NAMES[nth]);
        self.life(nth).end();
        sleep(after).await;
        let life = Life::start(&self.simulation, NAMES[nth], self.done[nth].clone()).await;
        self.lives()[nth] = Arc::new(life);
    }

    /// Does something bad to the network, or to a node.
    pub(super) async fn disturb(&self, random: &mut Random) {
        let nth = random.below(3) as usize;
        let (one, other) = (NAMES[nth], NAMES[(nth + 1 + random.below(2) as usize) % 3]);
        match random.below(7) {
            0 => self.simulation.cut(one, other),
            1 => self.simulation.block(one, other),
            2 => {
                self.simulation.block(one, other);
                self.simulation.block(other, one);
            }
            3 => self.simulation.slow_down(one, other, 20 + random.below(2000) as u32),
            4 => self.restart(nth, Duration::from_millis(random.below(5000))).await,
            _ => self.simulation.heal(),
        }
        sleep(Duration::from_millis(random.below(20_000))).await;
    }
}

/// How many seeds are tried where none are given.
const SEEDS: u64 = 25;

/// Runs `body` with every seed, in virtual time: `SEED=7` is one, `SEEDS=1000` are so many, `FROM=500` the first of them.
pub(super) fn for_seeds<F: Future<Output = ()>>(body: impl Fn(u64) -> F) {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let from = number("FROM").unwrap_or(0);
            from..from + number("SEEDS").unwrap_or(SEEDS)
        }
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
