//! What plain processes promise, each promise one test.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::any_cell::{AnyCell, SentBy};
use super::remote::Far;
use super::spawn::{Spawn, discard};
use super::{
    AliasError, Down, Exit, ExitReason, Kind, MonitorAlias, NoNode, Node, NotAProcess, Pid, Signal, alias,
    demonitor, exit, kill, link, monitor, monitor_alias, receive, receive_alias, receive_down, reply_alias,
    self_pid, spawn, spawn_link, spawn_monitor, trap_exit, unalias, unlink, wait_exit,
};

/// Runs `body` in a fresh node with a paused clock.
fn on_node<T>(body: impl AsyncFnOnce(Node) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(body(node.clone())))
}

/// Runs `body` as a process and answers what it came to.
fn in_process<T, F>(body: impl FnOnce() -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    on_node(async move |_| {
        let (sender, answer) = oneshot::channel();
        let run = async move {
            let _nobody_waits = sender.send(body().await);
        };
        spawn(run).expect("a node");
        answer.await.expect("the process ended before it was done")
    })
}

async fn forever() {
    std::future::pending().await
}

#[test]
fn outside_a_node_there_is_nothing_to_spawn_in() {
    assert_eq!(spawn(async {}), Err(NoNode));
    assert_eq!(spawn_link(async {}), Err(NotAProcess));
    on_node(async |_| {
        assert_eq!(spawn_link(async {}), Err(NotAProcess));
        assert_eq!(spawn_monitor(async {}), Err(NotAProcess));
        assert_eq!(receive().await, Err(NotAProcess));
    });
}

#[test]
fn a_process_ends_as_its_future_says() {
    on_node(async |node| {
        let error = ExitReason::error("disk full");
        let failed = error.clone();
        let ended = async |pid: Result<Pid, NoNode>| node.wait_exit(pid.expect("a node")).await;
        assert_eq!(ended(spawn(async {})).await, ExitReason::Normal);
        assert_eq!(ended(spawn(async { ExitReason::Shutdown })).await, ExitReason::Shutdown);
        assert_eq!(ended(spawn(async { Ok::<_, ExitReason>(()) })).await, ExitReason::Normal);
        assert_eq!(ended(spawn(async { Err(failed) })).await, error);
        assert!(node.processes().is_empty());
    });
}

#[test]
fn a_process_belongs_to_whoever_spawned_it() {
    let (parent, info) = in_process(async || {
        let child = spawn(forever()).expect("a node");
        (self_pid(), Node::current().expect("a node").process_info(child).expect("alive"))
    });
    assert_eq!(info.parent, parent);
    assert_eq!(info.application, "test");
    assert!(info.links.is_empty());
}

#[test]
fn a_panic_is_a_crash_that_monitors_see() {
    let (child, down) = in_process(async || {
        let (child, monitor) = spawn_monitor(async { panic!("boom") }).expect("a process");
        (child, receive_down(monitor).await.expect("a process"))
    });
    assert_eq!(down.pid, child);
    let ExitReason::Panicked(panic) = down.reason else { panic!("{}", down.reason) };
    assert_eq!(panic.message, "boom");
}

#[test]
fn a_link_takes_the_other_down_unless_the_end_was_normal() {
    on_node(async |node| {
        let parent = spawn(async {
            let calm = spawn_link(async {}).expect("a process");
            wait_exit(calm).await;
            spawn_link(async { ExitReason::error("crash") }).expect("a process");
            forever().await;
        });
        assert_eq!(node.wait_exit(parent.expect("a node")).await, ExitReason::error("crash"));
    });
}

#[test]
fn the_end_of_a_parent_ends_its_linked_children() {
    on_node(async |node| {
        let (sender, child) = oneshot::channel();
        let parent = spawn(async move {
            let _told = sender.send(spawn_link(forever()).expect("a process"));
            forever().await;
        });
        let child = child.await.expect("told");
        exit(parent.expect("a node"), ExitReason::Shutdown);
        assert_eq!(node.wait_exit(child).await, ExitReason::Shutdown);
    });
}

#[test]
fn who_traps_exits_receives_them_in_order() {
    let (children, seen) = in_process(async || {
        trap_exit(true).expect("a process");
        let (one, first) = spawn_monitor(async { ExitReason::Shutdown }).expect("a process");
        wait_exit(one).await;
        let two = spawn_link(async {}).expect("a process");
        wait_exit(two).await;
        exit(self_pid().expect("a process"), ExitReason::error("asked"));
        let seen =
            [receive().await, receive().await, receive().await].map(|signal| signal.expect("a process"));
        ((one, first, two, self_pid().expect("a process")), seen)
    });
    let (one, monitor, two, me) = children;
    assert_eq!(
        seen,
        [
            Signal::Down(Down { monitor, pid: one, reason: ExitReason::Shutdown }),
            Signal::Exit(Exit { from: two, reason: ExitReason::Normal }),
            Signal::Exit(Exit { from: me, reason: ExitReason::error("asked") }),
        ]
    );
}

#[test]
fn receive_down_leaves_everything_else_in_the_mailbox() {
    let (waited_for, rest) = in_process(async || {
        trap_exit(true).expect("a process");
        let linked = spawn_link(async {}).expect("a process");
        let (_, monitor) = spawn_monitor(async {
            wait_exit(spawn(async {}).expect("a node")).await;
        })
        .expect("a process");
        let down = receive_down(monitor).await.expect("a process");
        (down.monitor == monitor, (linked, receive().await))
    });
    assert!(waited_for);
    let (from, signal) = rest;
    assert_eq!(signal, Ok(Signal::Exit(Exit { from, reason: ExitReason::Normal })));
}

#[test]
fn signals_are_received_behind_wakers_of_others_too() {
    // `select!` shares the waker of its task; a `LocalSet`-like combinator does not: this one wraps it.
    struct Wrapped(std::task::Waker);
    impl std::task::Wake for Wrapped {
        fn wake(self: Arc<Self>) {
            self.0.wake_by_ref();
        }
    }
    let down = in_process(async || {
        let (_, monitor) = spawn_monitor(async { tokio::task::yield_now().await }).expect("a process");
        let mut receiving = Box::pin(receive_down(monitor));
        std::future::poll_fn(move |cx| {
            let waker = Arc::new(Wrapped(cx.waker().clone())).into();
            receiving.as_mut().poll(&mut std::task::Context::from_waker(&waker))
        })
        .await
    });
    assert_eq!(down.map(|down| down.reason), Ok(ExitReason::Normal));
}

#[test]
fn a_dropped_receive_loses_nothing() {
    let reason = in_process(async || {
        let (release, released) = oneshot::channel::<()>();
        let (child, _) = spawn_monitor(async {
            let _dropped = released.await;
        })
        .expect("a process");
        tokio::select! {
            biased;
            signal = receive() => panic!("{signal:?} came before the end"),
            () = std::future::ready(()) => drop(release),
        }
        wait_exit(child).await;
        match receive().await {
            Ok(Signal::Down(down)) => down.reason,
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn demonitor_takes_the_down_back_and_unlink_the_exit() {
    let left = in_process(async || {
        trap_exit(true).expect("a process");
        let (monitored, monitor) = spawn_monitor(forever()).expect("a process");
        let linked = spawn_link(forever()).expect("a process");
        unlink(linked).expect("a process");
        kill(monitored);
        kill(linked);
        wait_exit(monitored).await;
        wait_exit(linked).await;
        demonitor(monitor).expect("a process");
        // A sign that comes after all others.
        let last = spawn_link(async {}).expect("a process");
        (last, receive().await)
    });
    assert_eq!(left.1, Ok(Signal::Exit(Exit { from: left.0, reason: ExitReason::Normal })));
}

#[test]
fn a_process_that_is_gone_is_noproc_to_links_and_monitors() {
    let (gone, seen) = in_process(async || {
        trap_exit(true).expect("a process");
        let gone = spawn(async {}).expect("a node");
        wait_exit(gone).await;
        link(gone).expect("a process");
        let monitor = monitor(gone).expect("a process");
        (
            gone,
            [
                receive().await,
                receive().await,
                Ok(Signal::Down(Down { monitor, pid: gone, reason: ExitReason::NoProc })),
            ],
        )
    });
    assert_eq!(seen[0], Ok(Signal::Exit(Exit { from: gone, reason: ExitReason::NoProc })));
    assert_eq!(seen[1], seen[2]);
}

#[test]
fn a_kill_cannot_be_trapped() {
    on_node(async |node| {
        let pid: Pid = spawn(async {
            trap_exit(true).expect("a process");
            forever().await;
        })
        .expect("a node");
        tokio::task::yield_now().await;
        node.exit(pid, ExitReason::Shutdown);
        tokio::task::yield_now().await;
        assert!(node.process_info(pid).is_some());
        node.kill(pid);
        assert_eq!(node.wait_exit(pid).await, ExitReason::Killed);
    });
}

#[test]
fn whoever_waits_for_a_process_that_never_runs_is_told() {
    on_node(async |node| {
        let cell = Spawn::here(&Kind {
            label: || "never",
            handlers: None,
            import: None,
            layout: None,
            contract: None,
        })
        .expect("a node")
        .cell::<()>();
        let pid = cell.head().pid;
        let discarded = async { discard(&*cell) };
        let (reason, ()) = tokio::join!(wait_exit(pid), discarded);
        assert_eq!((reason, node.process_info(pid).is_none()), (ExitReason::NoProc, true));
    });
}

#[test]
fn an_answer_that_comes_after_its_alias_was_closed_is_dropped() {
    in_process(async || {
        let answers = alias::<u8>().expect("a process");
        answers.send(1);
        assert_eq!(unalias(&answers), Ok(true));
        answers.send(2);
        assert_eq!(receive_alias(&answers).await, Ok(1));
        assert_eq!(unalias(&answers), Ok(false));
        let nothing = tokio::time::timeout(std::time::Duration::from_secs(1), receive_alias(&answers)).await;
        assert!(nothing.is_err(), "{nothing:?}");
    });
}

#[test]
fn aliases_are_received_from_apart_and_from_signals() {
    in_process(async || {
        let (first, second) = (alias().expect("a process"), reply_alias().expect("a process"));
        let other = spawn(async {}).expect("a node");
        let monitor = monitor(other).expect("a process");
        first.send(1_u8);
        second.send("one");
        second.send("late");
        wait_exit(other).await;
        assert_eq!(receive_alias(&second).await, Ok("one"));
        assert!(matches!(receive().await, Ok(Signal::Down(down)) if down.monitor == monitor));
        assert_eq!(receive_alias(&first).await, Ok(1));
    });
}

#[test]
fn an_answer_ends_the_monitor_of_its_alias_on_both_sides() {
    in_process(async || {
        let other = spawn(forever()).expect("a node");
        let answer = monitor_alias::<u8>(other, MonitorAlias::ReplyDemonitor).expect("a process");
        answer.send(1);
        kill(other);
        wait_exit(other).await;
        assert_eq!(receive_alias(&answer).await, Ok(1));
        let left = tokio::time::timeout(std::time::Duration::from_secs(1), receive()).await;
        assert!(left.is_err(), "{left:?}");
        let gone = monitor_alias::<u8>(other, MonitorAlias::Demonitor).expect("a process");
        let reason = ExitReason::NoProc;
        let down = Down { monitor: gone.reference().expect("of this node"), pid: other, reason };
        assert_eq!(receive_alias(&gone).await, Err(AliasError::Down(down)));
        assert_eq!(unalias(&gone), Ok(false));
    });
}

#[test]
fn only_its_process_receives_from_an_alias_and_closes_it() {
    in_process(async || {
        let answers = alias::<u8>().expect("a process");
        let (others, (sender, tried)) = (answers.clone(), oneshot::channel());
        let other = spawn(async move {
            let _nobody_waits = sender.send((unalias(&others), receive_alias(&others).await));
        });
        other.expect("a node");
        assert_eq!(tried.await, Ok((Ok(false), Err(AliasError::NotReceived))));
        assert_eq!(unalias(&answers), Ok(true));
    });
}

/// The shared part of a process that does not run.
fn idle_cell() -> Arc<super::Cell<()>> {
    Spawn::here(&Kind { label: || "idle", handlers: None, import: None, layout: None, contract: None })
        .expect("a node")
        .cell()
}

#[test]
fn of_several_exit_signals_the_first_counts() {
    on_node(async |_| {
        let (cell, from) = (idle_cell(), Pid::nth(1));
        cell.exit_signal(from, ExitReason::Shutdown, SentBy::Process);
        cell.exit_signal(from, ExitReason::error("later"), SentBy::Process);
        cell.kill();
        assert_eq!(cell.take_fatal(), Some(ExitReason::Shutdown));
    });
}

#[test]
fn signals_on_their_way_are_dropped_once_nobody_is_linked_or_monitors() {
    on_node(async |node| {
        let (cell, other, monitor) = (idle_cell(), Pid::nth(1), node.next_reference());
        cell.exit_signal(other, ExitReason::Shutdown, SentBy::Link);
        cell.down(monitor, ExitReason::Shutdown);
        assert_eq!((cell.take_fatal(), cell.queued()), (None, 0));
        assert!(cell.link(other));
        cell.monitoring(monitor, Far::Pid(other));
        cell.exit_signal(other, ExitReason::Shutdown, SentBy::Link);
        cell.down(monitor, ExitReason::Shutdown);
        assert_eq!((cell.take_fatal(), cell.queued()), (Some(ExitReason::Shutdown), 1));
    });
}

/// With the counts of its `Arc`, 8 bytes of malloc, and the task of a server, 256 bytes that tokio aligns to 128, it
/// fills 512: one byte less, and malloc leaves a gap of 128 behind every other server.
#[test]
fn a_process_and_its_task_leave_no_gap_in_memory() {
    assert_eq!(size_of::<super::Cell<()>>(), 208);
}

#[test]
fn process_info_tells_monitors_both_ways_and_whether_exits_are_trapped() {
    let (of, by, me, target) = in_process(async || {
        let target = spawn(forever()).expect("a node");
        let _monitor = monitor(target).expect("a process");
        trap_exit(true).expect("a process");
        let (node, me) = (Node::current().expect("a node"), self_pid().expect("a process"));
        let info = |pid| node.process_info(pid).expect("alive");
        (info(me), info(target), me, target)
    });
    assert_eq!((of.monitors, of.monitored_by, of.trap_exit), (vec![target], vec![], true));
    assert_eq!((by.monitors, by.monitored_by, by.trap_exit), (vec![], vec![me], false));
}
