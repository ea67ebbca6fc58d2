//! A whole release as a child process: `examples/release.rs`, driven by its command line and by signals.

mod config;
mod release;

use std::fs;
use std::process::Stdio;

use rustix::process::{Pid, Signal, test_kill_process};

use release::{Said, Umbrella, order};

#[test]
fn a_node_starts_in_order_and_stops_in_reverse_on_sigterm() {
    let umbrella = Umbrella::new();
    let mut node = umbrella.start("start", &[]);
    let log = node.until("is running (pid");
    assert_eq!(order(&log, "started"), ["c", "b", "a"]);
    node.signal(Signal::TERM);
    let (rest, code) = node.end();
    let rest: Vec<_> = rest.lines().map(str::to_owned).collect();
    assert_eq!(order(&rest, "stopped"), ["a", "b", "c"], "{rest:#?}");
    assert_eq!(code, Some(0));
    assert!(!umbrella.file("abc.json").exists() && !umbrella.file("abc.sock").exists());
}

#[test]
fn named_applications_start_with_what_they_need_and_no_others() {
    let umbrella = Umbrella::with("[c]\nstart = 1\n");
    let mut node = umbrella.start("start c", &[]);
    let log = node.until("is running (pid");
    assert_eq!(order(&log, "started"), ["c"], "b is not even configured");
    node.signal(Signal::INT);
    assert_eq!(node.end().1, Some(0));
}

#[test]
fn a_second_signal_ends_the_node_at_once() {
    let umbrella = Umbrella::new();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut node = umbrella.start("start", &[("ABC__C__STOPS_SLOWLY", "true")]);
        node.until("is running (pid");
        node.signal(Signal::INT);
        node.until("never done");
        node.signal(signal);
        assert_eq!(node.end().1, Some(code));
        assert!(!umbrella.file("abc.json").exists());
    }
}

#[test]
fn a_signal_during_the_boot_stops_what_has_started() {
    let umbrella = Umbrella::new();
    let mut node = umbrella.start("start", &[("ABC__B__HANG", "true")]);
    node.until("c  started");
    node.signal(Signal::TERM);
    let (rest, code) = node.end();
    assert!(rest.contains("c  stopped"), "{rest}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_daemon_is_ready_when_the_command_returns_and_gone_when_stop_does() {
    let umbrella = Umbrella::new();
    let started = umbrella.run("daemon");
    let pid = umbrella.pid();
    let number = pid.as_raw_pid();
    started.check(0, &format!("abc is running (pid {number})"));
    umbrella.run("daemon").check(0, &format!("abc is already running (pid {number}, up 0s)"));
    let foreground = umbrella.run("start");
    assert_eq!(foreground.stderr, format!("error: abc is already running (pid {number}, up 0s)\n"));
    assert_eq!(foreground.code, Some(1));

    let status = umbrella.run("status --json");
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!((&status["version"], &status["state"]), (&1.into(), &"running".into()));
    let table = umbrella.run("status");
    assert!(table.stdout.contains("\nb            running"), "{}", table.stdout);

    let stopped = umbrella.run("stop");
    assert!(stopped.stdout.starts_with("abc stopped ("), "{stopped:?}");
    assert_eq!(stopped.code, Some(0));
    // The child of a child that has ended: nobody's zombie.
    assert!(is_gone(pid), "stop returned before the process was gone");
    umbrella.run("stop").check(0, "abc is not running");
    umbrella.run("status").check(3, "abc is not running");
    assert_eq!(umbrella.run("pid").code, Some(3));
}

/// Whether a process has ended; what waits to be reaped has.
fn is_gone(pid: Pid) -> bool {
    let zombie = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    };
    test_kill_process(pid).is_err() || zombie()
}

#[test]
fn of_two_starts_one_wins_and_the_other_says_so() {
    let umbrella = Umbrella::new();
    let starts: Vec<_> = (0..2)
        .map(|_| {
            umbrella.command("daemon").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    let said: Vec<_> =
        starts.into_iter().map(|start| Said::new(&start.wait_with_output().expect("it ends"))).collect();
    let pid = umbrella.pid().as_raw_pid().to_string();
    let won = format!("abc is running (pid {pid})\n");
    assert_eq!(said.iter().filter(|said| said.stdout == won).count(), 1, "{said:?}");
    let lost = said.iter().find(|said| said.stdout != won).expect("the other one");
    let text = format!("{}{}", lost.stdout, lost.stderr);
    assert!(text.contains(&format!("abc is already running (pid {pid}, up 0s)")), "{lost:?}");
    assert_eq!(lost.code, Some(0), "it runs, which is what was asked for");
}

#[test]
fn a_killed_node_is_reported_as_crashed_and_can_be_started_again() {
    let umbrella = Umbrella::new();
    let mut node = umbrella.start("start", &[]);
    node.until("is running (pid");
    let pid = umbrella.pid().as_raw_pid();
    node.signal(Signal::KILL);
    node.end();
    umbrella.run("status").check(3, &format!("abc crashed (pid {pid} is gone)"));
    let mut node = umbrella.start("start", &[]);
    node.until(&format!("the node before this one (pid {pid}) did not stop in order"));
    node.until("is running (pid");
    node.signal(Signal::TERM);
    assert_eq!(node.end().1, Some(0));
}

#[test]
fn a_daemon_that_cannot_boot_shows_its_log_and_leaves_nothing_running() {
    let umbrella = Umbrella::new();
    let failed = umbrella.run_with("daemon", &[("ABC__B__FAIL", "true")]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stderr.contains("application `b` failed to start: told to fail"), "{failed:?}");
    umbrella.run("status").check(3, "abc is not running");
}

#[test]
fn a_daemon_that_is_not_ready_in_time_is_ended() {
    let umbrella = Umbrella::new();
    let late = umbrella.run_with("daemon --timeout 0.3", &[("ABC__B__HANG", "true")]);
    assert_eq!(late.code, Some(5), "{late:?}");
    assert!(late.stderr.starts_with("error: abc was not ready within 0.3 s and has been ended"), "{late:?}");
    umbrella.run("status").check(3, "abc is not running");
    umbrella.run("stop").check(0, "abc is not running");
}

#[test]
fn a_node_that_does_not_stop_in_time_is_killed() {
    let umbrella = Umbrella::new();
    umbrella.run_with("daemon", &[("ABC__C__STOPS_SLOWLY", "true")]);
    let pid = umbrella.pid();
    umbrella.run("stop --timeout 0.2").check(0, "abc did not stop within 0.2 s and was killed");
    assert!(is_gone(pid));
    umbrella.run("status").check(3, "abc is not running");
}

#[test]
fn restarting_what_does_not_run_starts_it() {
    let umbrella = Umbrella::new();
    let said = umbrella.run("restart");
    let pid = umbrella.pid().as_raw_pid();
    said.check(0, &format!("abc was not running\nabc is running (pid {pid})"));
    umbrella.run("stop");
}

#[test]
fn the_end_of_a_permanent_application_ends_the_node_and_the_log_says_why() {
    let umbrella = Umbrella::new();
    let failed = umbrella.run_with("start", &[("ABC__B__CRASH", "true")]);
    assert_eq!(failed.code, Some(1));
    let ended = failed.stdout.lines().find(|line| line.contains("application `b` ended: shutdown"));
    let crash = ended.unwrap_or_else(|| panic!("{}", failed.stdout));
    assert!(crash.contains("b_counter") && crash.contains("asked to crash"), "{crash}");
    let log: Vec<_> = failed.stdout.lines().map(str::to_owned).collect();
    // Whether `a` had been started by then is a matter of luck.
    assert_eq!(order(&log, "stopped").last().map(String::as_str), Some("c"));
}

#[test]
fn unknown_applications_and_commands_are_refused() {
    let umbrella = Umbrella::new();
    let unknown = umbrella.run("start z");
    assert_eq!(unknown.stderr, "error: no application `z` in this node\nhelp: applications: a, b, c\n");
    assert_eq!(unknown.code, Some(1));
    let usage = umbrella.run("frob");
    assert!(usage.stderr.starts_with("error: unknown command `frob`\n\nThe release abc.\n"), "{usage:?}");
    assert_eq!((usage.code, usage.stdout.as_str()), (Some(2), ""));
    let log = umbrella.run_with("start", &[("UMBRELLA_LOG", "b=loud")]);
    assert!(log.stderr.starts_with("error: `UMBRELLA_LOG` is not understood"), "{log:?}");
}

#[test]
fn help_and_version_need_no_umbrella() {
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    let umbrella = Umbrella(nowhere);
    umbrella.run("version").check(0, concat!("abc ", env!("CARGO_PKG_VERSION")));
    assert_eq!(umbrella.run("help").code, Some(0));
    assert!(umbrella.run("daemon --help").stdout.contains("Usage: abc daemon [APP]... [--timeout SECONDS]"));
    let status = umbrella.run("status");
    assert_eq!(status.code, Some(1));
    assert!(status.stderr.contains("help: start in the umbrella, or set UMBRELLA_ROOT"), "{status:?}");
}

#[test]
fn a_deep_run_folder_works_although_sockets_have_short_paths() {
    let umbrella = Umbrella::new();
    let deep = umbrella.root().join("x".repeat(100)).join("run");
    let variables = [("UMBRELLA_RUN_DIR", deep.to_str().expect("UTF-8"))];
    let started = umbrella.run_with("daemon", &variables);
    assert_eq!(started.code, Some(0), "{started:?}");
    assert_eq!(umbrella.run_with("status", &variables).code, Some(0));
    assert_eq!(umbrella.run_with("stop", &variables).code, Some(0));
}
