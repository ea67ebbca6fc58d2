//! What follows the end of a child.

use std::time::Duration;

use super::probe::{Init, Recipe, crash, end, pid};
use super::{ended_by, on_node, started, states};
use crate::prelude::*;
use crate::supervisor::{AutoShutdown, ChildError, Restart, Strategy, Supervisor};

#[tokio::test(start_paused = true)]
async fn one_for_one_restarts_the_crashed_child_alone() {
    on_node(async |log| {
        let sup = started(Strategy::OneForOne, &["a", "b", "c"], &log).await;
        let (a, b, c) = (pid(&sup, "a").await, pid(&sup, "b").await, pid(&sup, "c").await);
        crash(&sup, "b").await;
        assert_eq!((pid(&sup, "a").await, pid(&sup, "c").await), (a, c));
        assert_ne!(pid(&sup, "b").await, b);
        assert_eq!(log.take(), "-b +b");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_for_all_stops_right_to_left_and_restarts_left_to_right() {
    on_node(async |log| {
        let sup = started(Strategy::OneForAll, &["a", "b", "c"], &log).await;
        crash(&sup, "b").await;
        assert_eq!(states(&sup).await, "a+ b+ c+");
        assert_eq!(log.take(), "-b -c -a +a +b +c");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rest_for_one_restarts_the_crashed_child_and_those_after_it() {
    on_node(async |log| {
        let sup = started(Strategy::RestForOne, &["a", "b", "c", "d"], &log).await;
        crash(&sup, "b").await;
        assert_eq!(states(&sup).await, "a+ b+ c+ d+");
        assert_eq!(log.take(), "-b -d -c +b +c +d");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_siblings_that_crash_together_are_restarted_once() {
    on_node(async |log| {
        let sup = started(Strategy::OneForAll, &["a", "b", "c"], &log).await;
        let (a, c) = (pid(&sup, "a").await, pid(&sup, "c").await);
        let node = Node::current().expect("a test runs in a node");
        node.exit(a, ExitReason::error("crash"));
        node.exit(c, ExitReason::error("crash"));
        node.wait_exit(c).await;
        assert_eq!(states(&sup).await, "a+ b+ c+");
        assert_eq!(log.take(), "-a -c -b +a +b +c");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_an_abnormal_end_restarts_a_transient_child() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(Recipe::new("a", &log).spec().restart(Restart::Transient));
        let sup = sup.start().await.expect("starts");
        crash(&sup, "a").await;
        assert_eq!(states(&sup).await, "a+");
        for reason in [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("moved")] {
            end(&sup, "a", reason).await;
            assert_eq!(states(&sup).await, "a-");
            sup.restart_child("a").await.expect("starts");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_temporary_child_is_forgotten_when_it_ends_and_when_a_sibling_restarts() {
    on_node(async |log| {
        let temporary = |id| Recipe::new(id, &log).spec().restart(Restart::Temporary);
        let sup = Supervisor::new(Strategy::OneForAll).child(temporary("a")).child(temporary("b"));
        let sup = sup.child(Recipe::new("c", &log).spec()).start().await.expect("starts");
        crash(&sup, "a").await;
        assert_eq!(states(&sup).await, "b+ c+");
        crash(&sup, "c").await;
        assert_eq!(states(&sup).await, "c+");
        assert_eq!(log.take(), "+a +b +c -a -c -b +c");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_restart_is_tried_again_and_others_are_served_in_between() {
    on_node(async |log| {
        let failing =
            Recipe::new("a", &log).inits([None, Some(Init::Fails), Some(Init::Panics), Some(Init::Fails)]);
        let sup = Supervisor::new(Strategy::OneForOne).intensity(4).child(failing.spec()).start();
        let sup = sup.await.expect("starts");
        crash(&sup, "a").await;
        // Asked while the first attempt is under way, answered before the second.
        assert_eq!(sup.restart_child("a").await, Err(ChildError::Restarting));
        // Asked while the second, which panics at once, or the third is under way.
        assert_eq!(states(&sup).await, "a*");
        while states(&sup).await != "a+" {}
        assert_eq!(log.take(), "+a -a !a !a +a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_terminated_between_two_attempts_is_not_tried_again() {
    on_node(async |log| {
        let failing = Recipe::new("a", &log).inits([None, Some(Init::Fails)]);
        let sup = Supervisor::new(Strategy::OneForOne).intensity(9).child(failing.spec()).start();
        let sup = sup.await.expect("starts");
        let a = pid(&sup, "a").await;
        let node = Node::current().expect("a test runs in a node");
        node.exit(a, ExitReason::error("crash"));
        node.wait_exit(a).await;
        assert_eq!(sup.terminate_child("a").await, Ok(()));
        assert_eq!(states(&sup).await, "a-");
        assert_eq!(log.take(), "+a -a !a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn failed_attempts_count_against_the_intensity() {
    on_node(async |log| {
        let failing =
            Recipe::new("a", &log).inits([None, Some(Init::Fails), Some(Init::Fails), Some(Init::Fails)]);
        let sup = Supervisor::new(Strategy::OneForOne).intensity(2).child(failing.spec());
        let sup = sup.child(Recipe::new("b", &log).spec()).start().await.expect("starts");
        assert_eq!(ended_by(&sup, crash(&sup, "a")).await, ExitReason::Shutdown);
        assert_eq!(log.take(), "+a +b -a !a !a -b");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_window_slides() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne).child(Recipe::new("a", &log).spec());
        let sup = sup.start().await.expect("starts");
        for _ in 0..10 {
            crash(&sup, "a").await;
            assert_eq!(states(&sup).await, "a+");
            tokio::time::advance(Duration::from_millis(5001)).await;
        }
        crash(&sup, "a").await;
        assert_eq!(states(&sup).await, "a+");
        assert_eq!(ended_by(&sup, crash(&sup, "a")).await, ExitReason::Shutdown);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_gives_up_is_restarted_by_its_own() {
    on_node(async |log| {
        let inner = Supervisor::new(Strategy::OneForOne).intensity(0).child(Recipe::new("a", &log).spec());
        let inner = inner.child(Recipe::new("b", &log).spec());
        let outer = Supervisor::new(Strategy::OneForOne).child(inner.child_spec("inner"));
        let outer = outer.start().await.expect("starts");
        let inner = pid(&outer, "inner").await;
        let node = Node::current().expect("a test runs in a node");
        log.take();
        node.exit(node.whereis("a").expect("runs"), ExitReason::error("crash"));
        assert_eq!(node.wait_exit(inner).await, ExitReason::Shutdown);
        assert_ne!(pid(&outer, "inner").await, inner);
        assert_eq!(log.take(), "-a -b +a +b");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn significant_children_end_their_supervisor_as_auto_shutdown_says() {
    on_node(async |log| {
        let significant = |id| Recipe::new(id, &log).spec().restart(Restart::Transient).significant();
        let new = |auto_shutdown| {
            let sup = Supervisor::new(Strategy::OneForOne).auto_shutdown(auto_shutdown);
            sup.child(significant("a")).child(significant("b")).child(Recipe::new("c", &log).spec())
        };
        let any = new(AutoShutdown::AnySignificant).start().await.expect("starts");
        crash(&any, "a").await;
        assert_eq!(states(&any).await, "a+ b+ c+");
        assert_eq!(ended_by(&any, end(&any, "a", ExitReason::Normal)).await, ExitReason::Shutdown);
        assert_eq!(log.take(), "+a +b +c -a +a -a -c -b");

        let all = new(AutoShutdown::AllSignificant).start().await.expect("starts");
        end(&all, "a", ExitReason::Normal).await;
        assert_eq!(states(&all).await, "a- b+ c+");
        assert_eq!(ended_by(&all, end(&all, "b", ExitReason::Normal)).await, ExitReason::Shutdown);
    })
    .await;
}
