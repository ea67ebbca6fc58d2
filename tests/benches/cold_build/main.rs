//! What the first build of an umbrella costs, beside the same three crates on bare tokio, serde and tracing.
//!
//! `cargo bench -p umbrella-tests --bench cold_build [ROUNDS]` builds both from nothing, in turn, and prints medians and
//! their ratio. Both have the same versions, the same profile, and the same features of tokio and tracing-subscriber.

#![expect(clippy::print_stdout, reason = "a benchmark")]

mod bare;

use std::fs;
use std::time::{Duration, Instant};

use umbrella_tests::{Sandbox, succeed};

/// What the umbrella may take, as a multiple of the bare crates.
const LIMIT: f64 = 1.3;

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(3);
    let sandbox = Sandbox::new();
    let new = ["new", "abc", "--umbrella", "--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
    succeed(&mut sandbox.umbrella("", new));
    bare::write(&sandbox.path().join("bare"));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        theirs.push(build(&sandbox, "bare"));
        ours.push(build(&sandbox, "abc"));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("{:<52} {:>8.1} s", "three crates on bare tokio, serde and tracing", theirs.as_secs_f64());
    println!("{:<52} {:>8.1} s", "an umbrella of three applications", ours.as_secs_f64());
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("{:<52} {ratio:>8.2} x   to reach: {LIMIT} x", "ratio");
}

/// The time from an empty target folder to everything built.
fn build(sandbox: &Sandbox, workspace: &str) -> Duration {
    let target = sandbox.path().join("cold");
    let mut cargo = sandbox.cargo(workspace, ["build", "--workspace"]);
    cargo.env("CARGO_TARGET_DIR", &target);
    let began = Instant::now();
    succeed(&mut cargo);
    let took = began.elapsed();
    fs::remove_dir_all(&target).expect("what was built can be removed");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
