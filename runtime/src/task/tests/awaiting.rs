//! Starting and awaiting tasks.

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{SECOND, in_process, on_node, process, seconds};
use crate::prelude::*;
use crate::process::{Signal, kill, receive, self_pid, trap_exit, wait_exit, with_deadline};

fn reason(outcome: Result<(), TaskError>) -> ExitReason {
    match outcome {
        Err(TaskError::Exited(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_task_answers_what_its_future_comes_to() {
    assert_eq!(in_process(async || Task::spawn(async { 42 }).await), Ok(42));
}

#[test]
fn tasks_run_while_their_owner_does_something_else() {
    let took = in_process(async || {
        let begun = Instant::now();
        let tasks = [3, 1, 2].map(|n| Task::spawn(async move { seconds(n).await }));
        seconds(1).await;
        for task in tasks {
            task.await.expect("answers");
        }
        begun.elapsed()
    });
    assert_eq!(took, 3 * SECOND);
}

#[test]
fn code_that_is_no_process_may_own_tasks_too() {
    on_node(async |node| {
        let task = Task::spawn(async { self_pid() });
        let (pid, links) = (task.pid().expect("runs"), task.pid().and_then(|pid| node.process_info(pid)));
        assert!(links.expect("alive").links.is_empty());
        assert_eq!(task.await, Ok(Some(pid)));
        assert!(node.processes().is_empty());
        let crashed = Task::spawn(async { panic!("boom") });
        assert!(matches!(reason(crashed.await), ExitReason::Panicked(_)));
    });
}

#[test]
fn outside_a_node_awaiting_says_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a tokio runtime");
    assert_eq!(runtime.block_on(Task::spawn(async {})), Err(TaskError::NoNode));
}

#[test]
fn a_crash_of_a_task_is_a_crash_of_its_owner() {
    on_node(async |_| {
        let outcome = process(async || {
            let _outcome = Task::spawn(async { panic!("boom") }).await;
            std::future::pending::<()>().await;
        });
        assert_eq!(outcome.await, None);
    });
}

#[test]
fn an_owner_that_traps_exits_sees_why_at_once() {
    let (outcome, signal, waited) = in_process(async || {
        trap_exit(true).expect("a process");
        let begun = Instant::now();
        let task = Task::spawn(async { panic!("boom") });
        let pid = task.pid();
        let outcome = task.infinity().await;
        let Ok(Signal::Exit(exit)) = receive().await else { panic!("no exit") };
        (outcome, (Some(exit.from) == pid, exit.reason), begun.elapsed())
    });
    let ExitReason::Panicked(panic) = reason(outcome) else { panic!("no panic") };
    assert_eq!(panic.message, "boom");
    assert_eq!(signal, (true, ExitReason::Panicked(panic)));
    assert!(waited.is_zero());
}

#[test]
fn a_task_that_is_killed_fails_its_owner_at_once() {
    let outcome = in_process(async || {
        trap_exit(true).expect("a process");
        let task = Task::spawn(std::future::pending());
        kill(task.pid().expect("runs"));
        task.infinity().await
    });
    assert_eq!(reason(outcome), ExitReason::Killed);
}

#[test]
fn the_end_of_an_owner_ends_its_tasks() {
    on_node(async |node| {
        let (sender, told) = oneshot::channel();
        let owner = process(async move || {
            let task = Task::spawn(std::future::pending::<()>());
            let _told = sender.send(task.pid().expect("runs"));
            crate::process::exit(self_pid().expect("a process"), ExitReason::Shutdown);
            task.infinity().await
        });
        assert_eq!(owner.await, None);
        // Ended by the signal of its owner, maybe before this looks.
        node.wait_exit(told.await.expect("told")).await;
        assert!(node.processes().is_empty());
    });
}

#[test]
fn five_seconds_are_waited_and_the_task_can_be_awaited_again() {
    let (first, waited, second) = in_process(async || {
        let mut task = Task::spawn(async {
            seconds(7).await;
            42
        });
        let begun = Instant::now();
        let first = (&mut task).await;
        (first, begun.elapsed(), task.await)
    });
    assert_eq!((first, waited, second), (Err(TaskError::Timeout), 5 * SECOND, Ok(42)));
}

#[test]
fn the_time_to_wait_can_be_said() {
    let outcomes = in_process(async || {
        let slow = || Task::spawn(seconds(60));
        let begun = Instant::now();
        let within = slow().within(SECOND).await;
        let waited = begun.elapsed();
        (within, waited, slow().infinity().await)
    });
    assert_eq!(outcomes, (Err(TaskError::Timeout), SECOND, Ok(())));
}

#[test]
fn a_task_is_not_awaited_past_the_deadline_of_the_call_that_is_answered() {
    struct Server;
    #[gen_server(local)]
    impl Server {
        fn init() -> Self {
            Self
        }

        #[call]
        async fn ask(&self, begun: Instant) -> u64 {
            let outcome = Task::spawn(std::future::pending::<()>()).infinity().await;
            assert_eq!(outcome, Err(TaskError::Timeout));
            begun.elapsed().as_secs()
        }
    }
    on_node(async |_| {
        let server = Server::start(()).await.expect("starts");
        let outcome = server.ask(Instant::now()).within(3 * SECOND).await;
        assert!(matches!(outcome, Err(CallError::Timeout) | Ok(3)), "{outcome:?}");
        // The handler is done: the server answers again.
        let again = server.ask(Instant::now()).within(2 * SECOND).await;
        assert!(matches!(again, Err(CallError::Timeout) | Ok(2)), "{again:?}");
    });
}

#[test]
fn yield_gives_nothing_until_there_is_something() {
    let seen = in_process(async || {
        let mut task = Task::spawn(async {
            seconds(3).await;
            42
        });
        let early = task.yield_within(2 * SECOND).await;
        (early, task.yield_within(2 * SECOND).await, task.yield_within(SECOND).await)
    });
    assert_eq!(seen, (None, Some(Ok(42)), Some(Err(TaskError::Awaited))));
}

#[test]
fn a_dropped_await_loses_nothing() {
    let outcome = in_process(async || {
        let mut task = Task::spawn(async {
            seconds(1).await;
            42
        });
        tokio::select! {
            biased;
            outcome = &mut task => panic!("{outcome:?} came too soon"),
            () = tokio::task::yield_now() => {}
        }
        seconds(2).await;
        task.await
    });
    assert_eq!(outcome, Ok(42));
}

#[test]
fn only_the_owner_awaits() {
    let outcome = in_process(async || {
        let task = Task::spawn(async { 42 });
        Task::spawn(task).await
    });
    assert_eq!(outcome, Ok(Err(TaskError::NotOwner)));
}

#[test]
fn many_are_awaited_together_in_order() {
    let outcome = in_process(async || {
        let tasks = [3, 1, 2].map(|n: u32| {
            Task::spawn(async move {
                seconds(n).await;
                n
            })
        });
        Task::await_many(tasks).await
    });
    assert_eq!(outcome, Ok(vec![3, 1, 2]));
}

#[test]
fn many_have_five_seconds_together_and_fail_with_the_first() {
    let (late, failed, waited) = in_process(async || {
        trap_exit(true).expect("a process");
        let late = Task::await_many([Task::spawn(seconds(4)), Task::spawn(seconds(6))]).await;
        let begun = Instant::now();
        let crash = Task::spawn(async {
            seconds(1).await;
            panic!("boom")
        });
        let failed = Task::await_many([Task::spawn(seconds(60)), crash]).infinity().await;
        (late, failed.map(drop), begun.elapsed())
    });
    assert_eq!(late, Err(TaskError::Timeout));
    assert!(matches!(reason(failed), ExitReason::Panicked(_)));
    assert_eq!(waited, SECOND);
}

#[test]
fn shutdown_ends_a_task_and_leaves_its_owner_alone() {
    let outcome = in_process(async || {
        let task = Task::spawn(std::future::pending::<()>());
        let pid = task.pid().expect("runs");
        let outcome = task.shutdown(Shutdown::After(SECOND)).await;
        (outcome, Node::current().and_then(|node| node.process_info(pid)).is_none())
    });
    assert_eq!(outcome, (None, true));
}

#[test]
fn shutdown_gives_an_answer_that_came_before() {
    let outcome = in_process(async || {
        let task = Task::spawn(async { 42 });
        wait_exit(task.pid().expect("runs")).await;
        task.shutdown(Shutdown::BrutalKill).await
    });
    assert_eq!(outcome, Some(Ok(42)));
}

#[test]
fn shutdown_kills_when_the_time_is_up() {
    let (outcome, waited) = in_process(async || {
        let task = Task::spawn(async {
            trap_exit(true).expect("a process");
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        (task.shutdown(Shutdown::After(3 * SECOND)).await, begun.elapsed())
    });
    assert_eq!((outcome, waited), (None, 3 * SECOND));
}

#[test]
fn shutdown_tells_of_an_end_for_another_reason() {
    let outcome = in_process(async || {
        trap_exit(true).expect("a process");
        let task = Task::spawn(async { panic!("boom") });
        wait_exit(task.pid().expect("runs")).await;
        task.shutdown(Shutdown::Infinity).await.expect("not because of the shutdown")
    });
    assert!(matches!(reason(outcome), ExitReason::Panicked(_)));
}

#[test]
fn fire_and_forget_is_linked_only_when_asked_for() {
    let links = in_process(async || {
        let alone = Task::start(std::future::pending::<()>()).expect("a node");
        let linked = Task::start_link(std::future::pending::<()>());
        let links = |pid| Node::current()?.process_info(pid).map(|info| info.links);
        let answer = (links(alone), links(linked.expect("a process")), self_pid());
        kill(alone);
        answer
    });
    assert_eq!((links.0, links.1), (Some(Vec::new()), Some(vec![links.2.expect("a process")])));
}

#[test]
fn shutdown_has_its_own_time_whatever_is_left_of_the_call_that_is_answered() {
    let (outcome, waited) = in_process(async || {
        let task = Task::spawn(async {
            trap_exit(true).expect("a process");
            seconds(3).await;
            42
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        let outcome = with_deadline(begun + SECOND, task.shutdown(Shutdown::Infinity)).await;
        (outcome, begun.elapsed())
    });
    assert_eq!((outcome, waited), (Some(Ok(42)), 3 * SECOND));
}
