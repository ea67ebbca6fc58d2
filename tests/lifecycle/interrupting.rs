//! `umbrella test` and Ctrl-C: what runs is ended, with all that it started, and what came of the rest is told.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::abc::{Said, end_of, eventually, signal_process};
use crate::selecting::{Umbrella, summary};

/// Tests that say in files who they are, and do not end: one with a child, one that is deaf to all signals but one.
const HANG: &str = r#"//! Hangs.
use std::os::unix::process::CommandExt as _;
use std::process::Command;

fn sh(script: &str) -> Command {
    let mut sh = Command::new("sh");
    sh.args(["-c", script]);
    sh
}

#[test]
fn fails() {
    panic!("as ever");
}

#[test]
fn hangs() {
    println!("it hangs");
    sh("echo $PPID $$ > hangs.new; mv hangs.new hangs; sleep 600; true").status().unwrap();
}

#[test]
fn is_deaf() {
    let error = sh("trap '' HUP INT TERM; echo $$ > deaf.new; mv deaf.new deaf; while true; do sleep 600; done").exec();
    panic!("{error}");
}

#[test]
fn leaves_a_child() {
    sh("echo $$ > left; exec sleep 600").spawn().unwrap();
    while std::fs::read_to_string("left").unwrap_or_default().is_empty() {}
}
"#;

fn hanging(name: &str) -> Umbrella {
    let umbrella = Umbrella::new(name);
    umbrella.write("apps/lone/tests/lone.rs", HANG);
    umbrella
}

/// Runs tests until those of these names run, sends `signals`, each when what came before it was noted, and waits for the
/// end. No process of a test is left then.
fn interrupted(umbrella: &Umbrella, args: &[&str], running: &[&str], signals: &[&str]) -> Said {
    let mut test = umbrella.command(args);
    test.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = test.spawn().expect("umbrella runs");
    let files = || running.iter().map(|name| umbrella.root.join("apps/lone").join(name));
    eventually(|| files().all(|file| file.exists()));
    let mut err = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let mut said = String::new();
    for signal in signals {
        signal_process(signal, u64::from(child.id()));
        while !said.contains("interrupted: ") {
            assert_ne!(err.read_line(&mut said).expect("it speaks text"), 0, "it ended: {said}");
        }
    }
    let mut end = end_of(child);
    err.read_to_string(&mut said).expect("it speaks text");
    end.err = said;
    for file in files() {
        let pids = fs::read_to_string(file).expect("it was there");
        pids.split_whitespace().for_each(|pid| eventually(|| is_gone(pid)));
    }
    end
}

/// Whether a process has ended, waited for or not.
fn is_gone(pid: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().expect("ps runs");
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    state.is_empty() || state.starts_with('Z')
}

#[test]
fn an_interrupted_test_is_ended_with_its_children_and_told_of() {
    let umbrella = hanging("ended");
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        drop(fs::remove_file(umbrella.root.join("apps/lone/hangs")));
        // One at a time, in order: the first fails, the second hangs, and two are not begun.
        let args = ["lone", "--", "--test-threads=1", "--skip", "adds"];
        let said = interrupted(&umbrella, &args, &["hangs"], &[signal]).ended(code);
        let expected = "1 application, 1 test: 0 passed, 1 failed, 2 skipped, 1 interrupted, 2 not run";
        assert_eq!(summary(&said), expected, "{}", said.out);
        for line in ["        it hangs", "  ENDED lone hangs", "        umbrella test lone -- --exact hangs"]
        {
            assert!(said.out.lines().any(|shown| shown == line), "{line}: {}", said.out);
        }
        assert!(said.out.contains("   FAIL lone fails  apps/lone/tests/lone.rs:13"), "{}", said.out);
    }
    // What failed before is known, and what was ended is neither failed nor passed.
    let failed = umbrella.test(&["lone", "--failed"]).ended(100);
    assert_eq!(summary(&failed), "1 application, 1 test: 0 passed, 1 failed, 5 skipped");
}

#[test]
fn a_second_ctrl_c_kills_at_once() {
    let umbrella = hanging("killed");
    let said = interrupted(&umbrella, &["lone", "--", "is_deaf"], &["deaf"], &["-INT", "-INT"]).ended(130);
    assert_eq!(
        summary(&said),
        "1 application, 0 tests, 5 skipped, 1 interrupted",
        "{}\n{}",
        said.out,
        said.err
    );
    assert!(!said.err.contains("not gone after"), "it was not waited for: {}", said.err);
}

#[test]
fn what_a_test_leaves_behind_is_ended() {
    let umbrella = hanging("left");
    let said = umbrella.test(&["lone", "--json", "--", "leaves_a_child"]).ended(0);
    assert!(said.err.contains("   LEAK lone leaves_a_child ("), "{}", said.err);
    let verdict: serde_json::Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
    assert_eq!(verdict["units"][0]["tests"][0]["leaky"], true);
    let pid = fs::read_to_string(umbrella.root.join("apps/lone/left")).expect("it was there");
    eventually(|| is_gone(pid.trim()));
}
