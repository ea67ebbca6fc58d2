//! Tasks under supervisors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{oneshot, watch};

use super::{in_process, on_node, process};
use crate::prelude::*;
use crate::process::{kill, self_pid, wait_exit};
use crate::supervisor::ChildError;

async fn supervisor() -> Ref<TaskSupervisor> {
    TaskSupervisor::new().start().await.expect("starts")
}

#[test]
fn a_supervised_task_answers_its_owner() {
    on_node(async |_| {
        let tasks = supervisor().await;
        assert_eq!(tasks.spawn(async { 42 }).await.expect("starts").await, Ok(42));
        assert_eq!(tasks.spawn_nolink(async { 43 }).await.expect("starts").await, Ok(43));
        assert_eq!(tasks.children().await, Ok(Vec::new()));
    });
}

#[test]
fn the_supervisor_is_the_parent_and_the_owner_is_linked() {
    let (linked, alone, me, parent) = in_process(async || {
        let tasks = supervisor().await;
        let linked = tasks.spawn(std::future::pending::<()>()).await.expect("starts");
        let alone = tasks.spawn_nolink(std::future::pending::<()>()).await.expect("starts");
        let info = |task: &Task<()>| Node::current()?.process_info(task.pid()?);
        (info(&linked), info(&alone), self_pid().expect("a process"), Ref::pid(&tasks))
    });
    let (linked, alone) = (linked.expect("alive"), alone.expect("alive"));
    assert_eq!((linked.parent, alone.parent), (Some(parent), Some(parent)));
    assert_eq!(alone.links, [parent]);
    assert!(linked.links.contains(&parent) && linked.links.contains(&me) && linked.links.len() == 2);
}

#[test]
fn a_crash_without_a_link_is_an_error_and_nothing_more() {
    let outcome = in_process(async || {
        let tasks = supervisor().await;
        let crashed = tasks.spawn_nolink(async { panic!("boom") }).await.expect("starts").await;
        (crashed, tasks.children().await)
    });
    assert!(matches!(outcome.0, Err::<(), _>(TaskError::Exited(ExitReason::Panicked(_)))));
    assert_eq!(outcome.1, Ok(Vec::new()));
}

#[test]
fn a_crash_with_a_link_takes_the_owner_but_not_the_supervisor() {
    on_node(async |_| {
        let tasks = supervisor().await;
        let theirs = tasks.clone();
        let outcome = process(async move || {
            let _outcome = theirs.spawn(async { panic!("boom") }).await.expect("starts").await;
            std::future::pending::<()>().await;
        });
        assert_eq!(outcome.await, None);
        assert_eq!(tasks.children().await, Ok(Vec::new()));
    });
}

#[test]
fn the_end_of_an_owner_ends_linked_tasks_only() {
    on_node(async |_| {
        let tasks = supervisor().await;
        let theirs = tasks.clone();
        let (sender, told) = oneshot::channel();
        let owner = process(async move || {
            let linked = theirs.spawn(std::future::pending::<()>()).await.expect("starts");
            let alone = theirs.spawn_nolink(std::future::pending::<()>()).await.expect("starts");
            let _told = sender.send((linked.pid(), alone.pid()));
            crate::process::exit(self_pid().expect("a process"), ExitReason::Shutdown);
            linked.infinity().await
        });
        assert_eq!(owner.await, None);
        let (linked, alone) = told.await.expect("told");
        wait_exit(linked.expect("ran")).await;
        assert_eq!(tasks.children().await, Ok(Vec::from_iter(alone)));
    });
}

#[test]
fn no_more_tasks_than_allowed() {
    on_node(async |_| {
        let tasks = TaskSupervisor::new().max_children(1).start().await.expect("starts");
        let first = tasks.start(std::future::pending::<()>()).await.expect("starts");
        assert_eq!(tasks.spawn(async {}).await.map(drop), Err(ChildError::MaxChildren(1)));
        kill(first);
        wait_exit(first).await;
        assert_eq!(tasks.spawn(async {}).await.expect("starts").await, Ok(()));
    });
}

/// Crashes the first `crashes` times it is run, and counts the runs.
fn job(crashes: usize) -> (Arc<AtomicUsize>, impl Fn() -> std::future::Ready<()> + Send + Sync + 'static) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = runs.clone();
    (runs, move || {
        assert!(counter.fetch_add(1, Ordering::Relaxed) >= crashes, "not yet");
        std::future::ready(())
    })
}

#[test]
fn a_job_of_a_supervisor_runs_once_or_again_when_it_crashes() {
    on_node(async |node| {
        let tasks = TaskSupervisor::new().intensity(9).start().await.expect("starts");
        for (restart, expected) in [(Restart::Temporary, 1), (Restart::Transient, 3)] {
            let runs = Arc::new(AtomicUsize::new(0));
            let counter = runs.clone();
            let spec = Task::child_spec("job", move || {
                let run = counter.fetch_add(1, Ordering::Relaxed);
                async move { assert!(run >= 2, "not yet") }
            });
            tasks.start_child(spec.restart(restart)).await.expect("starts");
            while !tasks.children().await.expect("alive").is_empty() {
                tokio::task::yield_now().await;
            }
            assert_eq!(runs.load(Ordering::Relaxed), expected, "{restart:?}");
        }
        assert_eq!(node.processes(), [Ref::pid(&tasks)]);
    });
}

#[test]
fn an_error_that_nobody_awaits_is_the_end_of_its_task() {
    on_node(async |node| {
        let tasks = supervisor().await;
        let (go, wait) = watch::channel(());
        let job = |mut wait: watch::Receiver<()>| async move {
            wait.changed().await.expect("told to go on");
            Err::<(), _>("x".parse::<u8>().expect_err("no number"))
        };
        let alone = Task::start(job(wait.clone())).expect("a node");
        let owned = tasks.start(job(wait)).await.expect("starts");
        go.send(()).expect("both wait");
        // Before either has run on.
        let (alone, owned) = tokio::join!(node.wait_exit(alone), node.wait_exit(owned));
        let reason = ExitReason::error("invalid digit found in string");
        assert_eq!((alone, owned), (reason.clone(), reason));
    });
}

#[test]
fn a_task_is_called_after_the_function_it_was_written_in() {
    on_node(async |node| {
        let tasks = supervisor().await;
        let spawned = Task::spawn(std::future::pending::<i32>()).pid().expect("runs");
        let owned = tasks.start(async { std::future::pending::<()>().await }).await.expect("starts");
        let label = |pid| node.process_info(pid).map(|info| info.label);
        assert_eq!(label(spawned), Some("core::future::pending::Pending<i32>"));
        let test = "::a_task_is_called_after_the_function_it_was_written_in";
        assert!(label(owned).is_some_and(|label| label.ends_with(test)), "{:?}", label(owned));
    });
}

#[test]
fn a_job_that_cannot_even_begin_does_not_start() {
    on_node(async |_| {
        let (runs, job) = job(1);
        let tasks = supervisor().await;
        let failed = tasks.start_child(Task::child_spec("job", job)).await;
        assert!(matches!(failed, Err(ChildError::Start(_))), "{failed:?}");
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_task_supervisor_is_a_child_with_a_name() {
    const TASKS: Name<TaskSupervisor> = TaskSupervisor::named("tasks", "test");
    on_node(async |node| {
        let tasks = TaskSupervisor::new().name(TASKS).child_spec("tasks");
        let tree = Supervisor::new(Strategy::OneForOne).child(tasks).start().await.expect("starts");
        let running = TASKS.start(std::future::pending::<()>()).await.expect("starts");
        assert_eq!(TASKS.children().await, Ok(vec![running]));
        assert_eq!(TASKS.spawn(async { 42 }).await.expect("starts").await, Ok(42));
        tree.stop(ExitReason::Shutdown).await.expect("alive");
        assert!(node.processes().is_empty());
        assert_eq!(TASKS.spawn(async {}).await.map(drop), Err(ChildError::Call(CallError::NoProc)));
    });
}
