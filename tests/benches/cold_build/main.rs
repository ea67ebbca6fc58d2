//! What the first build of an umbrella costs, beside the same three crates on bare tokio, serde and tracing.
//!
//! `cargo bench -p umbrella-tests --bench cold_build [ROUNDS]` builds both from nothing, in turn, and prints medians and
//! their ratios, in time and in processor time, which other programs on the machine disturb less.
//! Both have the same versions, the same profile, and the same features of tokio and tracing-subscriber.
//!
//! Neither is compiled incrementally: the runtime lies beside this bench, where cargo would do so, while a user has it
//! from the registry, where cargo never does.

#![expect(clippy::print_stdout, reason = "a benchmark")]

mod bare;

use std::fs;

use umbrella_tests::{Sandbox, succeed};

/// What the umbrella may take, as a multiple of the bare crates.
const LIMIT: f64 = 1.3;

/// What one build took, in seconds.
#[derive(Clone, Copy)]
struct Cost {
    time: f64,
    processor: f64,
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(3);
    let sandbox = Sandbox::new();
    let new = ["new", "abc", "--umbrella", "--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
    succeed(&mut sandbox.umbrella("", new));
    bare::write(&sandbox.path().join("bare"));
    // Resolving is not building; and the lock file of this repository is in place from now on.
    for workspace in ["bare", "abc"] {
        succeed(&mut sandbox.cargo(workspace, ["tree"]));
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        theirs.push(build(&sandbox, "bare"));
        ours.push(build(&sandbox, "abc"));
    }
    let (ours, theirs) = (median(&ours), median(&theirs));
    println!("{:<46} {:>10} {:>12}", "", "time", "processor");
    for (name, cost) in [
        ("three crates on bare tokio, serde and tracing", theirs),
        ("an umbrella of three applications", ours),
    ] {
        println!("{name:<46} {:>8.1} s {:>10.1} s", cost.time, cost.processor);
    }
    let (time, processor) = (ours.time / theirs.time, ours.processor / theirs.processor);
    println!("{:<46} {time:>8.2} x {processor:>10.2} x   to reach: {LIMIT} x", "ratio");
}

/// From an empty target folder to everything built.
fn build(sandbox: &Sandbox, workspace: &str) -> Cost {
    let target = sandbox.path().join("cold");
    let line = "TIMEFORMAT='%R %U %S'; time cargo build --quiet --workspace";
    let mut cargo = sandbox.typed(&sandbox.path().join(workspace), line);
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
    let said = succeed(&mut cargo).stderr;
    fs::remove_dir_all(&target).expect("what was built can be removed");
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().last().unwrap_or_default();
    let seconds: Vec<f64> = last.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [time, user, system] = seconds[..] else { panic!("bash tells three times, not {last:?}") };
    Cost { time, processor: user + system }
}

/// Of each figure by itself.
fn median(costs: &[Cost]) -> Cost {
    let middle = |figure: fn(&Cost) -> f64| {
        let mut figures: Vec<f64> = costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Cost { time: middle(|cost| cost.time), processor: middle(|cost| cost.processor) }
}
