//! The runtime beside bare tokio, ractor, kameo and OTP: the same workloads, each measurement in a process of its own.
//!
//! `cargo bench -p umbrella-bench [ROUNDS] [WORKLOAD..]` prints medians and ratios to bare tokio as a table of Markdown.
//! Contenders take turns, and another one begins every round, so that what the machine does meanwhile hits all of them.
//! OTP takes part where `escript` is found. Times are those of the second go in a process: the first one is to warm up.
//!
//! Only the calls of umbrella and OTP have a deadline (5 s) and see the death of the server.
//! Mailboxes are unbounded and every runtime has two workers; whoever calls runs on one of them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "../local/bare.rs"]
mod bare;
mod kameo;
#[path = "../local/memory.rs"]
mod memory;
mod otp;
#[path = "../local/ours.rs"]
mod ours;
mod ractor;
mod restart;
mod table;

use std::process::Command;
use std::time::Duration;

use table::Table;

/// Operations per measurement.
const OPERATIONS: u32 = 200_000;
const STARTS: u32 = 50_000;
const CALLERS: u32 = 8;
/// Crashes in a row on one supervisor. Few, to be fair: OTP counts its list of restarts anew on each of them.
const CRASHES: u32 = 300;

/// Nanoseconds per operation, or bytes.
type Measure = fn() -> u128;

struct Workload {
    name: &'static str,
    what: &'static str,
    unit: &'static str,
    /// How often OTP does it; the others know.
    operations: u32,
    /// By bare tokio, umbrella, ractor, and kameo, where they have the thing.
    measures: [Option<Measure>; OTP],
}

/// The first one is what the others are compared with.
const CONTENDERS: [&str; 5] = ["bare tokio", "umbrella", "ractor 0.16", "kameo 0.22", "OTP"];
/// The contender that is not a part of this program.
const OTP: usize = 4;

const WORKLOADS: [Workload; 6] = [
    Workload {
        name: "call",
        what: "call",
        unit: "ns",
        operations: OPERATIONS,
        measures: [
            Some(|| bare::call().as_nanos()),
            Some(|| ours::call().as_nanos()),
            Some(|| ractor::call().as_nanos()),
            Some(|| kameo::call().as_nanos()),
        ],
    },
    Workload {
        name: "cast",
        what: "cast",
        unit: "ns",
        operations: OPERATIONS,
        measures: [
            Some(|| bare::cast().as_nanos()),
            Some(|| ours::cast().as_nanos()),
            Some(|| ractor::cast().as_nanos()),
            Some(|| kameo::cast().as_nanos()),
        ],
    },
    Workload {
        name: "callers",
        what: "call, eight callers of one server",
        unit: "ns",
        operations: OPERATIONS,
        measures: [
            Some(|| bare::eight_callers().as_nanos()),
            Some(|| ours::eight_callers().as_nanos()),
            Some(|| ractor::eight_callers().as_nanos()),
            Some(|| kameo::eight_callers().as_nanos()),
        ],
    },
    Workload {
        name: "start",
        what: "start and stop a server",
        unit: "ns",
        operations: STARTS,
        measures: [
            Some(|| bare::start_stop().as_nanos()),
            Some(|| ours::start_stop().as_nanos()),
            Some(|| ractor::start_stop().as_nanos()),
            Some(|| kameo::start_stop().as_nanos()),
        ],
    },
    Workload {
        name: "restart",
        what: "supervised restart, crash to serving",
        unit: "ns",
        operations: CRASHES,
        measures: [
            None,
            Some(|| restart::ours().as_nanos()),
            Some(|| ractor::restart().as_nanos()),
            Some(|| kameo::restart().as_nanos()),
        ],
    },
    Workload {
        name: "memory",
        what: "resident memory of an idle server",
        unit: "B",
        operations: memory::SERVERS as u32,
        measures: [
            Some(|| memory::bare() as u128),
            Some(|| memory::ours() as u128),
            Some(|| ractor::memory() as u128),
            Some(|| kameo::memory() as u128),
        ],
    },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [one, workload, contender] if one == "--one" => measure(workload, contender.parse().unwrap()),
        _ => compare(&arguments),
    }
}

fn compare(arguments: &[String]) {
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(10);
    let names: Vec<_> = arguments.iter().filter(|argument| argument.parse::<u32>().is_err()).collect();
    let wanted = |workload: &&Workload| names.is_empty() || names.iter().any(|name| *name == workload.name);
    let contenders = if otp::is_installed() { &CONTENDERS } else { &CONTENDERS[..OTP] };
    let mut table = Table::new(contenders);
    for workload in WORKLOADS.iter().filter(wanted) {
        let mut samples = vec![Vec::new(); contenders.len()];
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                let contender = (round + turn) % contenders.len();
                if contender == OTP {
                    samples[OTP].push(otp::measure(workload.name, workload.operations));
                } else if workload.measures[contender].is_some() {
                    samples[contender].push(in_a_process_of_its_own(workload, contender));
                }
            }
        }
        table.row(workload.what, workload.unit, samples);
    }
    println!("{table}");
}

/// This program again, for one measurement: no heap, thread, or global state of one contender meets another's.
fn in_a_process_of_its_own(workload: &Workload, contender: usize) -> u128 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--one", workload.name, &contender.to_string()]).output().unwrap();
    assert!(output.status.success(), "{} failed: {output:?}", workload.name);
    number(output.stdout)
}

fn measure(workload: &str, contender: usize) {
    let workload = WORKLOADS.iter().find(|known| known.name == workload).unwrap();
    let measure = workload.measures[contender].unwrap();
    if workload.name != "memory" {
        let _warm_up = measure();
    }
    println!("{}", measure());
}

fn number(printed: Vec<u8>) -> u128 {
    String::from_utf8(printed).unwrap().trim().parse().unwrap()
}

/// All run on the same kind of tokio runtime.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The time of one of `operations`, measured on a worker thread.
fn each<F>(operations: u32, work: F) -> Duration
where
    F: Future<Output = ()> + Send + 'static,
{
    runtime().block_on(async move {
        let began = std::time::Instant::now();
        tokio::spawn(work).await.unwrap();
        began.elapsed() / operations
    })
}
