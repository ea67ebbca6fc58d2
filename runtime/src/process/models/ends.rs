//! Whoever watches a process learns of its end, once, and with the reason if it came in time.

use super::super::sync::block_on;
use super::super::{ExitReason, Node, Signal, current, link, monitor, receive, spawn, trap_exit};
use super::explore;

/// Whether it is that of a process that ends by itself, or of one that was gone before.
fn is_known(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Shutdown | ExitReason::NoProc)
}

/// Whether nothing is left to be told to the running process.
fn has_heard_all() -> bool {
    current::cell().is_some_and(|this| this.queued() == 0 && this.links().is_empty())
}

/// Runs `body` as a process, which must come to its end: a panic would only end the process.
fn as_process(node: &Node, body: impl Future<Output = ()> + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let body = async move {
        body.await;
        done.send(()).expect("the model waits");
    };
    let pid = spawn(body).expect("a node");
    block_on(node.wait_exit(pid));
    is_done.try_recv().expect("no panic");
}

/// Catches others told before the place is free.
#[test]
fn whoever_waits_for_an_end_is_told_of_it() {
    explore(|node| {
        let pid = spawn(async { ExitReason::Shutdown }).expect("a node");
        assert!(is_known(&block_on(node.wait_exit(pid))));
        assert!(node.process(pid).is_none(), "whoever learns of the end finds its place free");
    });
}

/// Catches a monitor taken by a process whose watchers have been told, or refused by one whose have not.
#[test]
fn a_monitor_fires_once() {
    explore(|node| {
        let pid = spawn(async { ExitReason::Shutdown }).expect("a node");
        as_process(&node, async move {
            let held = monitor(pid).expect("a process");
            let Ok(Signal::Down(down)) = receive().await else { panic!("no monitor fired") };
            assert!(down.monitor == held && down.pid == pid && is_known(&down.reason));
            assert!(has_heard_all());
        });
    });
}

/// Catches a link taken by a process that has ended.
#[test]
fn a_link_tells_of_the_end_once() {
    explore(|node| {
        let pid = spawn(async { ExitReason::Shutdown }).expect("a node");
        as_process(&node, async move {
            trap_exit(true).expect("a process");
            link(pid).expect("a process");
            let Ok(Signal::Exit(exit)) = receive().await else { panic!("no exit signal came") };
            assert!(exit.from == pid && is_known(&exit.reason));
            assert!(has_heard_all());
        });
    });
}

/// Catches others told before the leader has counted it out.
#[test]
fn a_process_that_is_killed_as_it_ends_ends_once() {
    explore(|node| {
        let pid = spawn(async { ExitReason::Shutdown }).expect("a node");
        node.kill(pid);
        let reason = block_on(node.wait_exit(pid));
        assert!(is_known(&reason) || reason == ExitReason::Killed);
        assert_eq!(node.leader().processes(), 0);
    });
}
