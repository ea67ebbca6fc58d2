//! What comes from other nodes, changed at random: it is read or refused, and never does harm.
//!
//!     FUZZ_SECONDS=60 cargo test --test fuzz     # a minute for each target
//!     FUZZ_SEED=7 cargo test --test fuzz         # the same inputs again
//!
//! The targets are also those of cargo-fuzz, which knows what the inputs reach: see `cargo-fuzz/Cargo.toml`.

#![expect(clippy::print_stderr, reason = "a test program says which seed it used, and how much it tried")]

mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mutate::Random;
use targets::{TARGETS, Target};

/// What is tried of each target where no time is given.
const INPUTS: u64 = 5_000;

/// How many inputs are kept because they were read.
const KEPT: usize = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn no_input_does_harm() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    let seed = number("FUZZ_SEED").unwrap_or_else(|| u64::from(now.subsec_nanos()));
    let time = number("FUZZ_SECONDS").map(Duration::from_secs);
    for target in TARGETS {
        // Before it begins: what ends the program tells nothing afterwards.
        eprintln!("{}: FUZZ_SEED={seed}", target.name);
        let (tried, read) = fuzz(target, seed, time);
        eprintln!("{}: {tried} inputs, {read} of them read", target.name);
        assert!(read > 0, "{}: nothing that was tried has been read", target.name);
    }
}

/// How many inputs were tried, and how many were read.
fn fuzz(target: &Target, seed: u64, time: Option<Duration>) -> (u64, u64) {
    let mut random = Random::new(seed);
    let mut corpus = (target.corpus)();
    let given = corpus.len();
    let begin = Instant::now();
    let (mut tried, mut read) = (0, 0);
    while time.map_or(tried < INPUTS, |time| begin.elapsed() < time) {
        let input = random.mutated(&corpus);
        tried += 1;
        let was_read = catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).unwrap_or_else(|_| {
            let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
            panic!("{}: input {tried} of FUZZ_SEED={seed} does harm: {hex}", target.name)
        });
        if was_read {
            read += 1;
            // What is read is worth changing further; what was given stays.
            if corpus.len() < KEPT {
                corpus.push(input);
            } else {
                let at = given + random.below(corpus.len() - given);
                corpus[at] = input;
            }
        }
    }
    (tried, read)
}
