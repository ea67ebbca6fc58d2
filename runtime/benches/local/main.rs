//! How dear the process core is beside bare tokio: calls, casts, starts, memory.
//!
//! `cargo bench -p umbrella-runtime --bench local -- [ROUNDS] [WORKLOAD]` runs every workload in turn, or those whose name
//! contains WORKLOAD, round after round, and prints medians and ratios. Bare tokio has neither the deadline nor the death watch that every call of ours has.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod bare;
mod memory;
mod ours;

use std::time::Duration;

/// Operations per measurement.
const OPERATIONS: u32 = 200_000;
const STARTS: u32 = 50_000;
const CALLERS: u32 = 8;
const MEMORY: &str = "idle server";

struct Workload {
    name: &'static str,
    bare: fn() -> Duration,
    ours: fn() -> Duration,
}

const WORKLOADS: [Workload; 4] = [
    Workload { name: "call", bare: bare::call, ours: ours::call },
    Workload { name: "cast", bare: bare::cast, ours: ours::cast },
    Workload { name: "8 callers, one server", bare: bare::eight_callers, ours: ours::eight_callers },
    Workload { name: "start + stop", bare: bare::start_stop, ours: ours::start_stop },
];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(10);
    let wanted = arguments.iter().find(|argument| argument.parse::<u32>().is_err());
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| name.contains(wanted));
    let workloads: Vec<_> = WORKLOADS.iter().filter(|workload| is_wanted(workload.name)).collect();
    let mut times = vec![(Vec::new(), Vec::new()); workloads.len()];
    for _ in 0..rounds {
        for (workload, (bare, ours)) in workloads.iter().zip(&mut times) {
            bare.push((workload.bare)());
            ours.push((workload.ours)());
        }
    }
    println!("{:<24} {:>12} {:>12} {:>8}", "workload", "bare tokio", "umbrella", "ratio");
    for (workload, (bare, ours)) in workloads.iter().zip(&mut times) {
        let (bare, ours) = (median(bare), median(ours));
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        println!("{:<24} {:>9} ns {:>9} ns {ratio:>7.2}x", workload.name, bare.as_nanos(), ours.as_nanos());
    }
    if is_wanted(MEMORY) {
        let (bare, ours) = (memory::bare(), memory::ours());
        println!("{MEMORY:<24} {bare:>10} B {ours:>10} B {:>7.2}x", ours as f64 / bare as f64);
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Both sides run on the same kind of tokio runtime.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
