//! With so many idle supervised processes on the node: what they weigh, what starts, calls, and their end cost.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use umbrella::prelude::*;
use umbrella::process;

use crate::{each, on_node};

pub(crate) const HEAD: &str = "\
| supervised processes | start, each | resident, each | call a random one | cast to a random one | start + stop another | stop all, each |
|---|---|---|---|---|---|---|";

/// Children of one supervisor at most.
const CHILDREN: usize = 1_000_000;
const OPERATIONS: usize = 100_000;
/// One process in so many is called.
const SAMPLE: usize = 100;

static SAMPLED: Mutex<Vec<Ref<Idle>>> = Mutex::new(Vec::new());

fn sampled() -> std::sync::MutexGuard<'static, Vec<Ref<Idle>>> {
    SAMPLED.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Idle {
    count: u64,
}

#[gen_server(local)]
impl Idle {
    fn init(number: usize, cx: &mut Context<Self>) -> Self {
        if number.is_multiple_of(SAMPLE) {
            sampled().push(cx.me());
        }
        Self { count: 0 }
    }

    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.count += by;
        self.count
    }

    #[cast]
    fn bump(&mut self, by: u64) {
        self.count += by;
    }

    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }
}

pub(crate) fn measure(size: usize) {
    on_node(async move {
        let before = resident();
        let began = Instant::now();
        let supervisors = populate(size).await;
        let start = each(began.elapsed(), size);
        let bytes = (resident() - before) / size;
        let call = each(calls().await, OPERATIONS);
        let cast = each(casts().await, OPERATIONS);
        let another = each(starts().await, OPERATIONS);
        sampled().clear();
        let began = Instant::now();
        for supervisor in supervisors {
            supervisor.stop(ExitReason::Shutdown).await.unwrap();
        }
        let stop = each(began.elapsed(), size);
        assert_eq!(Node::current().unwrap().processes(), []);
        println!("| {size} | {start} ns | {bytes} B | {call} ns | {cast} ns | {another} ns | {stop} ns |");
    });
}

/// Dynamic supervisors with `size` permanent children, started by one task for each supervisor.
async fn populate(size: usize) -> Vec<Ref<DynamicSupervisor>> {
    let mut starts = Vec::new();
    for first in (0..size).step_by(CHILDREN) {
        let node = Node::current().unwrap();
        let supervisor = async move {
            let supervisor = DynamicSupervisor::new().start().await.unwrap();
            for number in first..size.min(first + CHILDREN) {
                supervisor.start_child(Idle::child_spec(number)).await.unwrap();
            }
            supervisor
        };
        starts.push(tokio::spawn(async move { node.scope(supervisor).await }));
    }
    let mut supervisors = Vec::new();
    for start in starts {
        supervisors.push(start.await.unwrap());
    }
    supervisors
}

/// So many references in random order, the same on every run.
fn at_random() -> Vec<Ref<Idle>> {
    let sampled = sampled();
    let mut random = 1u64;
    let next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sampled[(random >> 33) as usize % sampled.len()].clone()
    };
    std::iter::repeat_with(next).take(OPERATIONS).collect()
}

/// By a process, as callers are.
async fn calls() -> Duration {
    let (done, elapsed) = oneshot::channel();
    let caller = process::spawn(async {
        let servers = at_random();
        let began = Instant::now();
        for server in &servers {
            server.add(1).await.unwrap();
        }
        done.send(began.elapsed()).unwrap();
    });
    process::wait_exit(caller.unwrap()).await;
    elapsed.await.unwrap()
}

async fn casts() -> Duration {
    let servers = at_random();
    let began = Instant::now();
    for server in &servers {
        server.bump(1).unwrap();
    }
    // One mailbox after another, so that all casts have been handled.
    let all = sampled().clone();
    for server in all.iter().step_by(100) {
        server.add(0).infinity().await.unwrap();
    }
    began.elapsed()
}

async fn starts() -> Duration {
    let began = Instant::now();
    for _ in 0..OPERATIONS {
        let server = Idle::start(1).await.unwrap();
        server.stop().unwrap();
        process::wait_exit(Ref::pid(&server)).await;
    }
    began.elapsed()
}

/// Bytes of this process in memory, by `/proc/self/statm`.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
