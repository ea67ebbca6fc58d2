//! Ending a child: shutdown times and kills.

use std::time::Duration;

use tokio::time::Instant;

use super::probe::Recipe;
use super::{on_node, states};
use crate::prelude::*;
use crate::process::{Signal, receive, spawn_link, trap_exit};
use crate::supervisor::{ChildSpec, DynamicSupervisor, Restart, Shutdown, Strategy, Supervisor};

const SECOND: Duration = Duration::from_secs(1);

/// How long stopping a child takes that wants `wanted` and is given `shutdown`, and what it wrote.
async fn stop(wanted: Duration, shutdown: Shutdown) -> (Duration, String) {
    let mut seen = None;
    on_node(async |log| {
        let child = Recipe::new("a", &log).terminates_in(wanted).spec().shutdown(shutdown);
        let sup = Supervisor::new(Strategy::OneForOne).child(child).start().await.expect("starts");
        let before = Instant::now();
        sup.stop(ExitReason::Shutdown).await.expect("lives");
        seen = Some((before.elapsed(), log.take()));
    })
    .await;
    seen.expect("the test ran")
}

#[tokio::test(start_paused = true)]
async fn a_child_that_stops_in_time_is_not_killed() {
    assert_eq!(stop(SECOND, Shutdown::After(2 * SECOND)).await, (SECOND, "+a ~a -a".into()));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_takes_too_long_is_killed() {
    assert_eq!(stop(60 * SECOND, Shutdown::After(2 * SECOND)).await, (2 * SECOND, "+a -a".into()));
}

#[tokio::test(start_paused = true)]
async fn infinity_waits_for_as_long_as_it_takes() {
    assert_eq!(stop(3600 * SECOND, Shutdown::Infinity).await, (3600 * SECOND, "+a ~a -a".into()));
}

#[tokio::test(start_paused = true)]
async fn a_brutal_kill_does_not_ask() {
    assert_eq!(stop(SECOND, Shutdown::BrutalKill).await, (Duration::ZERO, "+a -a".into()));
}

#[tokio::test(start_paused = true)]
async fn a_brutal_kill_is_the_reason_of_the_end() {
    on_node(async |log| {
        let child = Recipe::new("a", &log).spec().shutdown(Shutdown::BrutalKill);
        let sup = Supervisor::new(Strategy::OneForOne).child(child).start().await.expect("starts");
        let pid = super::probe::pid(&sup, "a").await;
        let terminate = async { sup.terminate_child("a").await.expect("is a child") };
        let (reason, ()) = tokio::join!(crate::process::wait_exit(pid), terminate);
        assert_eq!(reason, ExitReason::Killed);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_slow_child_does_not_shorten_the_time_of_the_next() {
    on_node(async |log| {
        let child = |id| Recipe::new(id, &log).terminates_in(4 * SECOND).spec();
        let sup = Supervisor::new(Strategy::OneForOne).child(child("a")).child(child("b"));
        let sup = sup.start().await.expect("starts");
        let before = Instant::now();
        sup.stop(ExitReason::Shutdown).await.expect("lives");
        assert_eq!((before.elapsed(), log.take()), (8 * SECOND, "+a +b ~b -b ~a -a".into()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn siblings_are_given_their_shutdown_time_before_a_restart() {
    on_node(async |log| {
        let slow = Recipe::new("a", &log).terminates_in(2 * SECOND).spec();
        let sup = Supervisor::new(Strategy::OneForAll).child(slow).child(Recipe::new("b", &log).spec());
        let sup = sup.start().await.expect("starts");
        super::probe::crash(&sup, "b").await;
        assert_eq!(states(&sup).await, "a+ b+");
        assert_eq!(log.take(), "+a +b -b ~a -a +a +b");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_supervisor_takes_its_children_along() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(Recipe::new("a", &log).spec())
            .child(Recipe::new("b", &log).terminates_in(SECOND).spec().restart(Restart::Temporary))
            .start()
            .await
            .expect("starts");
        let node = Node::current().expect("a test runs in a node");
        let pids = node.processes();
        node.kill(Ref::pid(&sup));
        for pid in pids {
            node.wait_exit(pid).await;
        }
        assert_eq!(node.processes(), []);
    })
    .await;
}

/// A child that does not stop when it is asked to, and ends when it hears that its supervisor was killed.
fn stubborn() -> ChildSpec {
    ChildSpec::worker("stubborn", async || {
        let body = async {
            trap_exit(true)?;
            loop {
                if let Signal::Exit(Exit { reason: ExitReason::Killed, .. }) = receive().await? {
                    return Ok::<(), ExitReason>(());
                }
            }
        };
        spawn_link(body).map_err(StartError::failed)
    })
    .shutdown(Shutdown::Infinity)
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_killed_while_it_waits_for_a_child_leaves_no_orphan() {
    on_node(async |_| {
        let node = Node::current().expect("a test runs in a node");
        let fixed = Supervisor::new(Strategy::OneForOne).child(stubborn()).start().await.expect("starts");
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        dynamic.start_child(stubborn()).await.expect("starts");
        let children = node.processes();
        let kill = async {
            // Polled last: both wait by now.
            tokio::task::yield_now().await;
            node.kill(Ref::pid(&fixed));
            node.kill(Ref::pid(&dynamic));
        };
        let (stopped, dynamic_stopped, ()) =
            tokio::join!(fixed.stop(ExitReason::Shutdown), dynamic.stop(ExitReason::Shutdown), kill);
        assert!(stopped.is_ok() && dynamic_stopped.is_ok());
        for pid in children {
            node.wait_exit(pid).await;
        }
        assert_eq!(node.processes(), []);
    })
    .await;
}
