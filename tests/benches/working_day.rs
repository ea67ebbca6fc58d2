//! What an engineer of forty applications types all day, and how long it takes.
//!
//! `cargo bench -p umbrella-tests --bench working_day [ROUNDS]` prints medians beside what is to be reached: looking within
//! 150 ms; tests of everything, when nothing changed, within 1.2 times what `cargo test --workspace` takes; and what one
//! edit affects at least 3 times as fast.

#![expect(clippy::print_stdout, reason = "a benchmark")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use umbrella_tests::{Sandbox, succeed};

const APPLICATIONS: usize = 40;

/// What each of these took.
struct Measured {
    what: String,
    times: Vec<Duration>,
}

/// A file that is edited, and what each took to test what came of it.
struct Edit {
    file: PathBuf,
    umbrella: Measured,
    cargo: Measured,
}

impl Measured {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), times: Vec::new() }
    }

    fn time(&mut self, command: &mut Command) {
        command.stdin(Stdio::null());
        let began = Instant::now();
        succeed(command);
        self.times.push(began.elapsed());
    }

    fn median(&mut self) -> f64 {
        self.times.sort();
        self.times[self.times.len() / 2].as_secs_f64() * 1000.0
    }

    fn print(&mut self, to_reach: &str) {
        let median = self.median();
        println!("{:<56} {median:>9.1} ms   {to_reach}", self.what);
    }
}

/// Forty applications: two of three are supervised, and each but the first stands on the one of half its number.
fn arguments() -> Vec<String> {
    let name = |number: usize| format!("app{number:02}");
    let mut arguments: Vec<String> = ["new", "forty", "--umbrella"].map(str::to_owned).into();
    for number in 1..=APPLICATIONS {
        let kind = if number % 3 == 0 { "" } else { ":sup" };
        arguments.extend(["--app".to_owned(), format!("{}{kind}", name(number))]);
    }
    for number in 2..=APPLICATIONS {
        arguments.extend(["--dep".to_owned(), format!("{}:{}", name(number), name(number / 2))]);
    }
    arguments
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    // Where it stays: building it takes minutes.
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "working_day");
    succeed(&mut sandbox.umbrella("", arguments()));
    let umbrella = |arguments: &[&str]| sandbox.umbrella("forty", arguments);
    let cargo = || sandbox.cargo("forty", ["test", "--workspace", "--quiet"]);
    succeed(&mut cargo());
    succeed(&mut umbrella(&["test"]));
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=bench", "-c", "user.email=bench@example.com"]);
        git.args(["-c", "init.defaultBranch=main"]);
        succeed(git.args(arguments).current_dir(sandbox.path().join("forty")));
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "forty"]);

    let mut looks =
        [&["list"][..], &["status"], &["graph"]].map(|arguments| (arguments, Measured::new(arguments[0])));
    let mut whole = Measured::new("umbrella test, nothing changed");
    let mut of_cargo = Measured::new("cargo test --workspace, nothing changed");
    // One in the middle, with three above it; and one that nobody stands on, as half of them.
    let mut edits = [("app10", "4 affected"), ("app40", "1 affected")].map(|(app, so_many)| Edit {
        file: sandbox.path().join(format!("forty/apps/{app}/src/lib.rs")),
        umbrella: Measured::new(format!("umbrella test --affected, {app} edited, {so_many}")),
        cargo: Measured::new(format!("cargo test --workspace, {app} edited")),
    });
    for round in 0..rounds {
        for (arguments, measured) in &mut looks {
            let mut look = umbrella(arguments);
            if arguments[0] == "status" {
                // Nothing runs, which `status` says by its exit code.
                let began = Instant::now();
                look.stdin(Stdio::null()).output().expect("umbrella runs");
                measured.times.push(began.elapsed());
            } else {
                measured.time(&mut look);
            }
        }
        whole.time(&mut umbrella(&["test"]));
        of_cargo.time(&mut cargo());
        for Edit { file, umbrella: affected, cargo: of_cargo } in &mut edits {
            let source = fs::read_to_string(&*file).expect("a library");
            let edit = |which: &str| {
                fs::write(&*file, format!("{source}\n// Edited: {which} {round}.\n")).expect("written");
            };
            edit("umbrella");
            affected.time(&mut umbrella(&["test", "--affected"]));
            edit("cargo");
            of_cargo.time(&mut cargo());
            fs::write(&*file, &source).expect("written");
            succeed(&mut cargo());
        }
    }
    for (_, look) in &mut looks {
        look.print("to reach: 150 ms");
    }
    let ratio = whole.median() / of_cargo.median();
    whole.print(&format!("to reach: 1.2 x cargo test; it is {ratio:.2} x"));
    of_cargo.print("");
    for Edit { umbrella: mut affected, cargo: mut of_cargo, .. } in edits {
        let faster = of_cargo.median() / affected.median();
        affected.print(&format!("to reach: 3 x as fast as cargo test; it is {faster:.1} x"));
        of_cargo.print("");
    }
}
