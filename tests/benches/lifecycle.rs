//! How long a person waits: making an umbrella, looking at it, starting it, stopping it.
//!
//! `cargo bench -p umbrella-tests --bench lifecycle [ROUNDS]` prints medians beside the times to reach.

#![expect(clippy::print_stdout, reason = "a benchmark")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use umbrella_tests::{Sandbox, succeed};

/// What is measured, and how long it may take.
struct Measured {
    what: &'static str,
    limit: Duration,
    times: Vec<Duration>,
}

impl Measured {
    fn new(what: &'static str, limit_ms: u64) -> Self {
        Self { what, limit: Duration::from_millis(limit_ms), times: Vec::new() }
    }

    fn time(&mut self, command: &mut Command) {
        command.stdin(Stdio::null());
        let began = Instant::now();
        succeed(command);
        self.times.push(began.elapsed());
    }

    fn print(&mut self) {
        self.times.sort();
        let median = self.times[self.times.len() / 2];
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let (median, limit) = (ms(median), ms(self.limit));
        println!("{:<44} {median:>8.1} ms   to reach: {limit:>4} ms", self.what);
    }
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10);
    let sandbox = Sandbox::new();
    let mut new = Measured::new("umbrella new abc --umbrella, 3 applications", 100);
    let mut start = Measured::new("umbrella start --detach, built: to ready", 300);
    let mut status = Measured::new("umbrella status", 50);
    let mut stop = Measured::new("umbrella stop: to gone", 300);
    for round in 0..rounds {
        let name = format!("abc{round}");
        let applications = ["--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
        let arguments = ["new", &name, "--umbrella"];
        new.time(&mut sandbox.umbrella("", arguments.iter().chain(&applications)));
    }
    let umbrella = |arguments: &[&str]| sandbox.umbrella("abc0", arguments);
    succeed(&mut umbrella(&["start", "--detach"]));
    succeed(&mut umbrella(&["stop"]));
    for _ in 0..rounds {
        start.time(&mut umbrella(&["start", "--detach"]));
        status.time(&mut umbrella(&["status"]));
        stop.time(&mut umbrella(&["stop"]));
    }
    for measured in [&mut new, &mut start, &mut status, &mut stop] {
        measured.print();
    }
}
