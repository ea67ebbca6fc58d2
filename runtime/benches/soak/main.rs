//! Kills processes at random in a tree of ten thousand, under traffic, and then looks whether anything is wrong.
//!
//! `cargo bench -p umbrella-runtime --bench soak [SECONDS] [SEED]`: a minute unless told otherwise, and a seed of its own
//! choice, which it prints. It fails when a call hangs, when a process, a link, or a name is left over or missing, when
//! memory stays, or when a supervisor treats its children otherwise than its strategy says.
//! The seed repeats the victims; the threads make what they like of them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod census;
mod random;
mod storm;
mod strategies;
mod traffic;
mod tree;
mod worker;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use random::Random;
use umbrella::prelude::Node;

/// How long the tree may take to be whole again after the last kill.
const REST: Duration = Duration::from_secs(30);
/// More of them tell no more.
const SHOWN: usize = 20;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let seconds = numbers.next().unwrap_or(60);
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into();
    let seed = numbers.next().unwrap_or_else(clock);
    println!("{seconds} s with seed {seed}");
    // A hundred thousand crash reports are not to be read; rendering them is not what is examined here.
    tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new()).unwrap();
    std::panic::set_hook(Box::new(|_| {}));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let storm = soak(Duration::from_secs(seconds), Random::new(seed));
    let wrong = umbrella::testing::run_on(&runtime, env!("CARGO_MANIFEST_DIR"), tree::applications(), storm);
    for line in wrong.iter().take(SHOWN) {
        println!("wrong: {line}");
    }
    println!("{} things are wrong", wrong.len());
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Everything that is wrong after the storm. The node then stops, and fails if a process is left.
async fn soak(time: Duration, mut random: Random) -> Vec<String> {
    let node = Node::current().unwrap();
    let before = node.processes().len();
    println!("{before} processes, {} MB resident", census::resident() >> 20);
    // A short storm first: what the allocator keeps for good is no leak.
    storm::rage(&node, time / 10, &mut random).await;
    let mut wrong = census::come_to_rest(REST).await;
    let resident = census::resident();

    let traffic = traffic::begin(&node, &mut random);
    let killed = storm::rage(&node, time, &mut random).await;
    wrong.extend(traffic.end().await);
    wrong.extend(census::come_to_rest(REST).await);
    wrong.extend(census::is_complete(&node).await);
    let left = census::resident();
    println!(
        "{killed} ended, {} starts, {} processes, {} MB resident",
        worker::starts(),
        node.processes().len(),
        left >> 20
    );
    // Half as much again is what fragmentation may cost; a leak of a hundred bytes a kill is more within ten minutes.
    if left > resident + resident / 2 {
        wrong.push(format!("{} MB were resident before the storm, {} MB are", resident >> 20, left >> 20));
    }
    if wrong.is_empty() {
        wrong.extend(strategies::hold(&node, &mut random).await);
    }
    wrong
}
