//! The same scenarios on Erlang/OTP and on this runtime: the traces are the same. README.md says how it works.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what has no word of its own is told in its own words, or is a mistake"
)]
#![expect(clippy::print_stderr, reason = "a test program says what it compared, and with what")]

mod accepted;
mod compare;
mod otp;
mod ours;
mod scenario;

use std::collections::BTreeSet;
use std::path::PathBuf;

use scenario::Scenario;

fn folder() -> PathBuf {
    umbrella_tests::checkout().join("tests/conformance")
}

fn scenarios() -> Vec<Scenario> {
    let mut files: Vec<_> = std::fs::read_dir(folder().join("scenarios"))
        .expect("the scenarios")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let all: Vec<_> = files.iter().flat_map(|file| scenario::read(file)).collect();
    let wanted = std::env::var("CONFORMANCE_ONLY").unwrap_or_default();
    all.into_iter().filter(|scenario| scenario.name.contains(&wanted)).collect()
}

#[test]
fn every_scenario_goes_as_on_otp() {
    let scenarios = scenarios();
    let otp = otp::traces(&scenarios);
    let theirs = otp::driver().map(|driver| otp::run(driver, &scenarios));
    let differences = compare::compare(&scenarios, &otp, theirs.as_ref().unwrap_or(&ours::play(&scenarios)));
    eprintln!("{} scenarios, {} differ", scenarios.len(), differences.len());
    // What is accepted of this runtime is not of another.
    let unexpected = match theirs {
        None => accepted::check(&scenarios, &differences),
        Some(_) => differences.into_values().collect(),
    };
    assert!(unexpected.is_empty(), "\n{}", unexpected.join("\n"));
}

#[test]
fn scenarios_have_names_of_their_own_and_are_many() {
    let scenarios = scenarios();
    let names: BTreeSet<_> = scenarios.iter().map(|scenario| &scenario.name).collect();
    assert_eq!(names.len(), scenarios.len(), "two scenarios have the same name");
    assert!(std::env::var_os("CONFORMANCE_ONLY").is_some() || names.len() >= 300, "{}", names.len());
}
