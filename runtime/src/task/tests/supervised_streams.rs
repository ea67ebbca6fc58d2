//! Many items, a few at a time, under a supervisor.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{in_process, on_node, process, seconds};
use crate::prelude::*;
use crate::process::{kill, self_pid, trap_exit, wait_exit};
use crate::supervisor::ChildError;

async fn supervisor() -> Ref<TaskSupervisor> {
    TaskSupervisor::new().start().await.expect("starts")
}

/// Takes as many seconds as it says.
async fn takes(wanted: u32) -> u32 {
    seconds(wanted).await;
    wanted
}

/// Waits until no task is left, and says how long that took.
async fn all_gone(tasks: &Ref<TaskSupervisor>) -> Duration {
    let begun = Instant::now();
    for task in tasks.children().await.expect("alive") {
        wait_exit(task).await;
    }
    assert_eq!(tasks.children().await, Ok(Vec::new()));
    begun.elapsed()
}

/// The processes that the running one and its parent are linked to.
fn links() -> (Option<Pid>, Vec<Pid>) {
    let info = Node::current().zip(self_pid()).and_then(|(node, pid)| node.process_info(pid));
    info.map(|info| (info.parent, info.links)).expect("a process")
}

#[test]
fn answers_come_in_the_order_of_the_items_or_of_their_ends() {
    let (ordered, unordered) = in_process(async || {
        let tasks = supervisor().await;
        let ordered = tasks.async_stream([3, 1, 2], takes).max_concurrency(3).collect().await;
        let unordered = tasks.async_stream_nolink([3, 1, 2], takes).max_concurrency(3).unordered();
        (ordered, unordered.collect().await)
    });
    assert_eq!(ordered, [Ok(3), Ok(1), Ok(2)]);
    assert_eq!(unordered, [Ok(1), Ok(2), Ok(3)]);
}

#[test]
fn the_supervisor_is_the_parent_of_every_item_and_the_owner_is_linked_or_not() {
    let (parent, me, linked, alone) = in_process(async || {
        let tasks = supervisor().await;
        let linked = tasks.async_stream(0..2, async |_| links()).collect().await;
        let alone = tasks.async_stream_nolink(0..2, async |_| links()).collect().await;
        (Ref::pid(&tasks), self_pid().expect("a process"), linked, alone)
    });
    assert_eq!(linked, vec![Ok((Some(parent), vec![parent, me])); 2]);
    assert_eq!(alone, vec![Ok((Some(parent), vec![parent])); 2]);
}

#[test]
fn never_more_than_the_limit_belong_to_the_supervisor() {
    let (most, answers) = in_process(async || {
        let tasks = supervisor().await;
        let most = Arc::new(AtomicUsize::new(0));
        let (counter, theirs) = (most.clone(), tasks.clone());
        let stream = tasks.async_stream(0..10, move |_| {
            let (most, tasks) = (counter.clone(), theirs.clone());
            async move {
                seconds(1).await;
                most.fetch_max(tasks.children().await.expect("alive").len(), Ordering::Relaxed);
            }
        });
        let answers = stream.max_concurrency(4).collect().await;
        (most.load(Ordering::Relaxed), answers)
    });
    assert_eq!((most, answers), (4, vec![Ok(()); 10]));
}

#[test]
fn an_item_that_takes_too_long_is_killed_alone() {
    let (answers, left) = in_process(async || {
        let tasks = supervisor().await;
        let stubborn = async |wanted| {
            trap_exit(true).expect("a process");
            takes(wanted).await
        };
        let answers = tasks.async_stream_nolink([1, 3600, 2], stubborn).max_concurrency(3).collect().await;
        (answers, all_gone(&tasks).await)
    });
    assert_eq!(answers, [Ok(1), Err(TaskError::Timeout), Ok(2)]);
    assert_eq!(left, Duration::ZERO);
}

#[test]
fn a_crash_without_a_link_is_an_answer_and_nothing_more() {
    let answers = in_process(async || {
        let stream = supervisor().await.async_stream_nolink(0..3, async |n| {
            assert_ne!(n, 1, "boom");
            n
        });
        stream.collect().await
    });
    assert!(
        matches!(&answers[..], [Ok(0), Err(TaskError::Exited(ExitReason::Panicked(_))), Ok(2)]),
        "{answers:?}"
    );
}

#[test]
fn a_crash_with_a_link_takes_the_owner_and_its_other_items_but_not_the_supervisor() {
    on_node(async |node| {
        let tasks = supervisor().await;
        let theirs = tasks.clone();
        let outcome = process(async move || {
            let job = async |n| {
                assert_ne!(n, 1, "boom");
                pending::<()>().await;
            };
            theirs.async_stream(0..3, job).max_concurrency(3).infinity().collect().await
        });
        assert_eq!(outcome.await, None);
        for pid in node.processes().into_iter().filter(|pid| *pid != Ref::pid(&tasks)) {
            wait_exit(pid).await;
        }
        assert_eq!(tasks.children().await, Ok(Vec::new()));
    });
}

#[test]
fn an_item_whose_task_does_not_start_says_so_and_the_others_go_on() {
    let answers = in_process(async || {
        let tasks = TaskSupervisor::new().max_children(2).start().await.expect("starts");
        tasks.async_stream([1, 2, 3], takes).max_concurrency(3).collect().await
    });
    assert_eq!(answers, [Ok(1), Ok(2), Err(TaskError::NotStarted(ChildError::MaxChildren(2)))]);
}

#[test]
fn without_its_supervisor_no_item_starts() {
    let answers = in_process(async || {
        let tasks = supervisor().await;
        kill(Ref::pid(&tasks));
        wait_exit(Ref::pid(&tasks)).await;
        tasks.async_stream([1, 2], takes).collect().await
    });
    let gone = Err(TaskError::NotStarted(ChildError::Call(CallError::NoProc)));
    assert_eq!(answers, [gone.clone(), gone]);
}

#[test]
fn a_dropped_stream_ends_what_runs() {
    let left = in_process(async || {
        let tasks = supervisor().await;
        let mut stream = tasks.async_stream_nolink([1, 60, 60], takes).max_concurrency(3).infinity();
        assert_eq!(stream.next().await, Some(Ok(1)));
        drop(stream);
        all_gone(&tasks).await
    });
    assert_eq!(left, Duration::ZERO);
}

#[test]
fn a_dropped_stream_ends_what_has_been_asked_for_however_far_that_came() {
    // How many turns others have had between the question and the drop.
    for turns in 0..6 {
        let left = in_process(async move || {
            let tasks = supervisor().await;
            let mut stream = tasks.async_stream_nolink([60, 60], takes).max_concurrency(2).infinity();
            let asked = std::future::poll_fn(|cx| std::task::Poll::Ready(stream.poll_next(cx).is_pending()));
            assert!(asked.await);
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            drop(stream);
            all_gone(&tasks).await
        });
        assert_eq!(left, Duration::ZERO, "after {turns} turns");
    }
}
