//! Does an application start and stop as it should? `umbrella::application!()` makes a test of it, without a line of the
//! user's.
//!
//! It is done in a process of its own, so that whatever is left is the application's: the test runs its own program again.

mod check;
mod machine;
#[cfg(test)]
mod tests;

use std::env;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::run::{self, variables};
use crate::application::Spec;
use crate::node::console;
use check::Check;
use machine::Machine;

/// Set for the process in which the application is started and stopped.
const ALONE: &str = "UMBRELLA_START_STOP";

/// How many seconds one start and one stop may take.
const TIMEOUT: &str = "UMBRELLA_START_STOP_TIMEOUT";

/// How long one start and one stop may take, if nothing else is said.
///
/// Twice as long as a supervisor gives a child that does not end.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a line with something that is wrong begins with.
const FINDING: &str = "start/stop: ";

/// What a line with something that could not be looked at begins with.
const NOTE: &str = "note: start/stop: ";

/// Starts an application alone with what it needs, stops it, starts it again, and stops it twice: all of it in time, with
/// no process, no name, no task and no socket left.
///
/// `test` is the full name of the test that calls it.
///
/// # Panics
/// With everything that is wrong.
pub fn start_stop(manifest_dir: &str, test: &str, application: Spec) {
    if env::var_os(ALONE).is_some() {
        alone(manifest_dir, application);
    }
    let program = env::current_exe().expect("a test knows its program");
    let test = test.split_once("::").map_or(test, |(_crate, name)| name);
    let mut again = Command::new(program);
    again.args(["--exact", test, "--nocapture", "--include-ignored"]).env(ALONE, "1").stdin(Stdio::null());
    let output = again.output().expect("the program of a test runs");
    let said = String::from_utf8_lossy(&output.stdout);
    // Not through the test's own output, which nobody sees of one that passes.
    said.lines().filter(|line| line.starts_with(NOTE)).for_each(console::say);
    if output.status.success() {
        return;
    }
    let findings: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(FINDING)).collect();
    let name = application.name();
    if findings.is_empty() {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("application `{name}` ended the process that started it ({}):\n{said}{errors}", output.status);
    }
    panic!("application `{name}` does not start and stop as it should:\n  {}", findings.join("\n  "));
}

/// Does it, and ends the process.
fn alone(manifest_dir: &str, application: Spec) -> ! {
    let variables = variables();
    let limit =
        variables.iter().find(|(name, _)| name == TIMEOUT).and_then(|(_, text)| text.parse::<u64>().ok());
    let limit = limit.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
    let name = application.name();
    let loaded = run::load(manifest_dir.as_ref(), vec![application], &variables);
    // As in a release: what holds one thread up does not hold up the others.
    if let Some(unseen) = Machine::look().unseen() {
        console::say(format_args!("{NOTE}{unseen}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a tokio runtime can be started");
    let findings = runtime.block_on(Check { application: name, limit }.run(loaded));
    for finding in &findings {
        console::say(format_args!("{FINDING}{finding}"));
    }
    // At once: what hangs must not keep it from ending.
    std::process::exit(i32::from(!findings.is_empty()))
}
