//! How long a crash lasts: from asking a server to crash until its successor has answered a call.
//!
//! `cargo bench -p umbrella-runtime --bench restart [ROUNDS]` prints medians; with Erlang installed, beside OTP's.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::process::Command;
use std::time::{Duration, Instant};

use umbrella::prelude::*;
use umbrella::supervisor::{Strategy, Supervised, Supervisor};

const COUNTER: Name<Counter> = Counter::named("counter");
/// Crashes in a row on one supervisor. Few, to be fair: OTP counts its list of restarts anew on each of them.
const CRASHES: u32 = 300;
/// Siblings of the crashing server, to show that a big supervisor restarts as fast as a small one.
const SIBLINGS: [usize; 2] = [0, 100_000];

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn get(&self) -> u64 {
        1
    }

    /// Stops with an error: the restart alone, without the price of a panic.
    #[cast]
    fn fail(&self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::error("asked to fail"));
    }

    #[cast]
    fn panic(&self) {
        panic!("asked to panic");
    }
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10);
    println!("{:<44} {:>12}", "crash to new process serving", "median");
    for siblings in SIBLINGS {
        for (how, crash) in [("error", fail as fn()), ("panic", panic as fn())] {
            let median = median((0..rounds).map(|_| restarts(siblings, crash)).collect());
            println!("{:<44} {:>9} ns", format!("umbrella, {how}, {siblings} siblings"), median.as_nanos());
        }
    }
    let median = median((0..rounds).map_while(|_| otp()).collect());
    if median > Duration::ZERO {
        println!("{:<44} {:>9} ns", "OTP, error, 0 siblings", median.as_nanos());
    }
}

fn fail() {
    COUNTER.fail().unwrap();
}

fn panic() {
    COUNTER.panic().unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The mean of many restarts in a row.
fn restarts(siblings: usize, crash: fn()) -> Duration {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async move {
        let node = Node::new("bench");
        let inside = node.clone();
        // On a worker thread, as everything in a node is.
        let crashes = async move { inside.scope(crash_again_and_again(&inside, siblings, crash)).await };
        tokio::spawn(crashes).await.unwrap()
    })
}

async fn crash_again_and_again(node: &Node, siblings: usize, crash: fn()) -> Duration {
    let sup = Supervisor::new(Strategy::OneForOne).intensity(u32::MAX).period(Duration::from_millis(1));
    let sup = (0..siblings).fold(sup, |sup, n| sup.child(Counter::child_spec(()).id(n.to_string())));
    let sup = sup.child(Counter::child_spec(()).name(COUNTER)).start().await.unwrap();
    let began = Instant::now();
    for _ in 0..CRASHES {
        let before = Name::pid(&COUNTER);
        crash();
        node.wait_registered("counter", before).await;
        COUNTER.get().await.unwrap();
    }
    let mean = began.elapsed() / CRASHES;
    sup.stop(ExitReason::Shutdown).await.unwrap();
    mean
}

/// The same on OTP, if it is installed.
fn otp() -> Option<Duration> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/restart/otp.escript");
    let output = Command::new("escript").arg(script).arg(CRASHES.to_string()).output().ok()?;
    let nanos = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_nanos(nanos))
}
