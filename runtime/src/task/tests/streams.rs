//! Many items, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::{SECOND, in_process, on_node, process, seconds};
use crate::prelude::*;
use crate::process::trap_exit;

/// Takes as many seconds as it says.
async fn takes(wanted: u32) -> u32 {
    seconds(wanted).await;
    wanted
}

#[test]
fn answers_come_in_the_order_of_the_items() {
    let answers =
        in_process(async || Task::async_stream([3, 1, 2], takes).max_concurrency(3).collect().await);
    assert_eq!(answers, [Ok(3), Ok(1), Ok(2)]);
}

#[test]
fn unordered_answers_come_as_they_end() {
    let answers = in_process(async || {
        Task::async_stream([3, 1, 2], takes).max_concurrency(3).unordered().collect().await
    });
    assert_eq!(answers, [Ok(1), Ok(2), Ok(3)]);
}

#[test]
fn never_more_than_the_limit_run_at_a_time() {
    let (most, took) = in_process(async || {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (running.clone(), most.clone());
        let begun = Instant::now();
        let stream = Task::async_stream(0..10, move |_| {
            let (running, most) = counters.clone();
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                seconds(1).await;
                running.fetch_sub(1, Ordering::Relaxed);
            }
        });
        let answers = stream.max_concurrency(4).collect().await;
        assert_eq!(answers.len(), 10);
        (most.load(Ordering::Relaxed), begun.elapsed())
    });
    assert_eq!((most, took), (4, 3 * SECOND));
}

#[test]
fn items_are_taken_only_when_their_task_can_start() {
    let taken = in_process(async || {
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        let endless = std::iter::repeat_with(move || counter.fetch_add(1, Ordering::Relaxed));
        let mut stream = Task::async_stream(endless, async |_| seconds(1).await).max_concurrency(2);
        let before = taken.load(Ordering::Relaxed);
        stream.next().await.expect("endless").expect("answers");
        (before, taken.load(Ordering::Relaxed))
    });
    assert_eq!(taken.0, 0);
    assert!(taken.1 <= 4, "{} were taken", taken.1);
}

#[test]
fn an_item_that_takes_too_long_is_ended_alone() {
    let (answers, left) = in_process(async || {
        let answers = Task::async_stream([1, 9, 2], takes).max_concurrency(3).collect().await;
        tokio::task::yield_now().await;
        (answers, Node::current().map(|node| node.processes().len()))
    });
    assert_eq!(answers, [Ok(1), Err(TaskError::Timeout), Ok(2)]);
    assert_eq!(left, Some(1));
}

#[test]
fn a_crash_is_an_answer_to_an_owner_that_traps_exits_and_nothing_else() {
    let (answers, queued) = in_process(async || {
        trap_exit(true).expect("a process");
        let stream = Task::async_stream(0..3, async |n| {
            assert_ne!(n, 1, "boom");
            n
        });
        let answers = stream.collect().await;
        tokio::task::yield_now().await;
        let node = Node::current().expect("a node");
        let me = crate::process::self_pid().and_then(|pid| node.process_info(pid));
        (answers, me.map(|info| (info.queued, info.links.len())))
    });
    assert!(
        matches!(&answers[..], [Ok(0), Err(TaskError::Exited(ExitReason::Panicked(_))), Ok(2)]),
        "{answers:?}"
    );
    assert_eq!(queued, Some((0, 0)));
}

#[test]
fn a_crash_is_a_crash_of_an_owner_that_does_not() {
    on_node(async |node| {
        let outcome = process(async || {
            let _answers = Task::async_stream(0..3, async |n| assert_ne!(n, 1)).collect().await;
            std::future::pending::<()>().await;
        });
        assert_eq!(outcome.await, None);
        tokio::task::yield_now().await;
        assert!(node.processes().is_empty());
    });
}

#[test]
fn a_dropped_stream_ends_what_runs() {
    let left = in_process(async || {
        let mut stream = Task::async_stream([1, 60, 60], takes).max_concurrency(3).infinity();
        assert_eq!(stream.next().await, Some(Ok(1)));
        drop(stream);
        tokio::task::yield_now().await;
        Node::current().map(|node| node.processes().len())
    });
    assert_eq!(left, Some(1));
}

#[test]
fn what_takes_too_long_or_is_dropped_ends_though_it_traps_exits() {
    async fn stubborn(seconds: u32) -> u32 {
        trap_exit(true).expect("a process");
        takes(seconds).await
    }
    let (answers, left) = in_process(async || {
        let answers = Task::async_stream([9], stubborn).collect().await;
        let mut dropped = Task::async_stream([1, 60], stubborn).max_concurrency(2).infinity();
        assert_eq!(dropped.next().await, Some(Ok(1)));
        drop(dropped);
        tokio::task::yield_now().await;
        (answers, Node::current().map(|node| node.processes().len()))
    });
    assert_eq!((answers, left), (vec![Err(TaskError::Timeout)], Some(1)));
}

#[test]
fn an_iterator_that_has_ended_is_not_asked_again() {
    let answers = in_process(async || {
        let mut calls = 0;
        // Not fused: it would go on after its end.
        let items = std::iter::from_fn(move || {
            calls += 1;
            (calls % 3 != 0).then_some(calls)
        });
        Task::async_stream(items, takes).max_concurrency(3).collect().await
    });
    assert_eq!(answers, [Ok(1), Ok(2)]);
}
