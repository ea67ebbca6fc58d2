//! ractor_cluster and kameo, which are a program of a workspace of its own: `others/`.

use std::process::{Command, Stdio};

use crate::Workload;

pub(crate) const CONTENDERS: [&str; 2] = ["ractor_cluster 0.16", "kameo 0.22"];

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/remote/others/Cargo.toml");
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/others");
const PROGRAM: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/others/release/others");

pub(crate) fn build() {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--manifest-path", MANIFEST, "--target-dir", TARGET]);
    assert!(cargo.status().unwrap().success(), "{MANIFEST} was not built");
}

pub(crate) fn serve(contender: &str) -> Command {
    program(&["--serve", contender])
}

pub(crate) fn measure(contender: &str, workload: &Workload, address: &str) -> Command {
    // A message of kameo's takes a hundred times as long as one of the others.
    let share = if contender.starts_with("kameo") { 20 } else { 1 };
    program(&["--one", contender, workload.name, &(workload.operations / share).to_string(), address])
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stderr(Stdio::inherit());
    command
}
