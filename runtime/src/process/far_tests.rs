//! What processes of two nodes promise each other, each promise one test.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::wire::Wire;
use super::{
    AliasError, Down, Exit, ExitReason, MonitorAlias, Node, NotAProcess, Pid, Signal, demonitor, exit, kill,
    link, monitor, monitor_alias, monitor_name, receive, receive_alias, receive_down, self_pid, spawn,
    trap_exit, unlink, wait_exit,
};

fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(body)
}

/// A process on the far node that ends when it is told to, and its pid as the near one knows it.
struct FarProcess {
    wire: Arc<Wire>,
    there: Pid,
    pid: Pid,
    end: Option<oneshot::Sender<ExitReason>>,
}

impl FarProcess {
    fn new(wire: &Arc<Wire>) -> Self {
        let (end, ended) = oneshot::channel();
        let body = async move { ended.await.unwrap_or(ExitReason::Normal) };
        let there = wire.nodes[1].enter(|| spawn(body)).expect("a node");
        Self { wire: wire.clone(), there, pid: wire.translate(1, there), end: Some(end) }
    }

    /// Ends it; here and there everything has been told when this is over, but for what the wire holds.
    async fn end(&mut self, reason: ExitReason) {
        let end = self.end.take().expect("ends once");
        end.send(reason).expect("runs");
        self.wire.nodes[1].wait_exit(self.there).await;
    }

    fn links(&self) -> Vec<Pid> {
        self.wire.nodes[1].process_info(self.there).map_or(Vec::new(), |info| info.links)
    }
}

/// Runs `body` as a process of the near node, with a process on the far one.
fn near<T, F>(body: impl FnOnce(FarProcess) -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    block_on(async {
        let wire = Wire::new();
        let (sender, answer) = oneshot::channel();
        let far = FarProcess::new(&wire);
        wire.nodes[0]
            .enter(|| spawn(async move { sender.send(body(far).await).map_err(|_| ExitReason::Killed) }))
            .expect("a node");
        answer.await.expect("the process ended before it was done")
    })
}

fn boom() -> ExitReason {
    ExitReason::error("boom")
}

#[test]
fn a_process_of_another_node_is_none_of_this() {
    near(async |far| {
        let here = Node::current().expect("a node");
        assert!(here.process(far.pid).is_none() && here.process_info(far.pid).is_none());
        assert_eq!(far.pid.to_string(), format!("<1.{}.0>", far.there.id()));
        assert_eq!(far.wire.translate(0, far.pid), far.there);
    });
}

#[test]
fn a_far_end_takes_a_linked_process_down_unless_it_was_normal() {
    let linked = |reason: ExitReason| {
        near(async move |mut far| {
            let pid = far.pid;
            let (linked, is_linked) = oneshot::channel();
            let mine = spawn(async move {
                link(pid)?;
                linked.send(()).map_err(|()| NotAProcess)?;
                std::future::pending::<Result<(), NotAProcess>>().await
            });
            is_linked.await.expect("linked");
            let mine = mine.expect("a node");
            assert_eq!(far.links(), [far.wire.translate(0, mine)]);
            let held = monitor(mine).expect("a process");
            far.end(reason).await;
            exit(mine, ExitReason::Shutdown);
            receive_down(held).await.expect("a process").reason
        })
    };
    assert_eq!(linked(boom()), boom());
    assert_eq!(linked(ExitReason::Normal), ExitReason::Shutdown);
}

#[test]
fn a_near_end_takes_a_linked_far_process_down() {
    near(async |far| {
        let pid = far.pid;
        spawn(async move {
            link(pid).map_err(ExitReason::from)?;
            Err::<(), _>(boom())
        })
        .expect("a node");
        assert_eq!(far.wire.nodes[1].wait_exit(far.there).await, boom());
    });
}

#[test]
fn whoever_traps_exits_is_told_which_far_process_ended() {
    near(async |mut far| {
        trap_exit(true).expect("a process");
        link(far.pid).expect("a process");
        far.end(ExitReason::Normal).await;
        let exit = |reason| Ok(Signal::Exit(Exit { from: far.pid, reason }));
        assert_eq!(receive().await, exit(ExitReason::Normal));
        // Gone by now.
        link(far.pid).expect("a process");
        assert_eq!(receive().await, exit(ExitReason::NoProc));
    });
}

#[test]
fn an_exit_signal_that_was_on_its_way_is_dropped_by_unlink() {
    near(async |mut far| {
        trap_exit(true).expect("a process");
        link(far.pid).expect("a process");
        far.wire.hold();
        far.end(boom()).await;
        unlink(far.pid).expect("a process");
        far.wire.release();
        kill(spawn(async {}).expect("a node"));
        let this = Node::current().expect("a node").process(self_pid().expect("a process"));
        assert_eq!(this.map(|this| (this.queued(), this.links())), Some((0, vec![])));
    });
}

#[test]
fn unlink_ends_a_link_on_both_sides() {
    near(async |mut far| {
        link(far.pid).expect("a process");
        assert_eq!(far.links().len(), 1);
        unlink(far.pid).expect("a process");
        assert_eq!(far.links(), []);
        far.end(boom()).await;
    });
}

#[test]
fn a_monitor_fires_once_with_the_reason_of_the_far_end() {
    near(async |mut far| {
        let held = monitor(far.pid).expect("a process");
        far.end(boom()).await;
        let down = Down { monitor: held, pid: far.pid, reason: boom() };
        assert_eq!(receive().await, Ok(Signal::Down(down)));
        let late = monitor(far.pid).expect("a process");
        let down = Down { monitor: late, pid: far.pid, reason: ExitReason::NoProc };
        assert_eq!(receive().await, Ok(Signal::Down(down)));
    });
}

#[test]
fn a_monitor_that_was_ended_does_not_fire_even_if_its_down_was_on_its_way() {
    near(async |mut far| {
        let (ended, late) = (monitor(far.pid).expect("a process"), monitor(far.pid).expect("a process"));
        demonitor(ended).expect("a process");
        far.wire.hold();
        far.end(boom()).await;
        let still = monitor(far.pid).expect("a process");
        far.wire.release();
        // Here already, and taken out of the mailbox.
        demonitor(late).expect("a process");
        let down = Down { monitor: still, pid: far.pid, reason: ExitReason::NoProc };
        assert_eq!(receive().await, Ok(Signal::Down(down)));
    });
}

#[test]
fn a_far_process_is_monitored_by_name() {
    near(async |mut far| {
        let there = &far.wire.nodes[1];
        there.register("c".into(), &there.process(far.there).expect("alive")).expect("free");
        let held = monitor_name("c", "b@test").expect("a process");
        let unknown = monitor_name("d", "b@test").expect("a process");
        assert_eq!(receive_down(unknown).await.map(|down| down.reason), Ok(ExitReason::NoProc));
        far.end(boom()).await;
        let down = receive_down(held).await.expect("a process");
        assert_eq!((down.reason, down.pid.to_string()), (boom(), "<1.0.0>".into()));
        let mine = monitor_name("c", "a@test").expect("a process");
        assert_eq!(receive_down(mine).await.map(|down| down.reason), Ok(ExitReason::NoProc));
    });
}

#[test]
fn the_end_of_a_process_ends_its_far_monitors() {
    near(async |far| {
        let pid = far.pid;
        wait_exit(spawn(async move { monitor(pid).map(drop) }).expect("a node")).await;
        let mut monitors = 0;
        let there = far.wire.nodes[1].process(far.there).expect("alive");
        there.kill();
        far.wire.nodes[1].wait_exit(far.there).await;
        for _monitor in there.take_relations().take_monitored_by() {
            monitors += 1;
        }
        assert_eq!(monitors, 0);
    });
}

#[test]
fn far_processes_are_told_to_exit_and_killed_as_near_ones() {
    near(async |far| {
        let deaf = || {
            let there = &far.wire.nodes[1];
            let body = async {
                trap_exit(true)?;
                std::future::pending::<Result<(), NotAProcess>>().await
            };
            let there = there.enter(|| spawn(body)).expect("a node");
            (there, far.wire.translate(1, there))
        };
        exit(far.pid, ExitReason::Normal);
        exit(far.pid, ExitReason::Shutdown);
        assert_eq!(far.wire.nodes[1].wait_exit(far.there).await, ExitReason::Shutdown);
        let (there, pid) = deaf();
        kill(pid);
        assert_eq!(far.wire.nodes[1].wait_exit(there).await, ExitReason::Killed);
    });
}

#[test]
fn anybody_waits_for_a_far_end_and_leaves_nothing_behind() {
    block_on(async {
        let wire = Wire::new();
        let mut far = FarProcess::new(&wire);
        let here = &wire.nodes[0];
        {
            let mut given_up = std::pin::pin!(here.wait_exit(far.pid));
            let none =
                std::future::poll_fn(|cx| std::task::Poll::Ready(given_up.as_mut().poll(cx).is_pending()));
            assert!(none.await);
        }
        let waiting = here.wait_exit(far.pid);
        let (reason, ()) = tokio::join!(waiting, far.end(boom()));
        assert_eq!(reason, boom());
        assert_eq!(here.wait_exit(far.pid).await, ExitReason::NoProc);
        for watcher in here.processes() {
            here.wait_exit(watcher).await;
        }
        assert_eq!(here.processes(), []);
    });
}

#[test]
fn an_alias_of_a_monitor_hears_of_a_far_end() {
    near(async |mut far| {
        let answer = monitor_alias::<u8>(far.pid, MonitorAlias::ReplyDemonitor).expect("a process");
        let quick = monitor_alias::<u8>(far.pid, MonitorAlias::ReplyDemonitor).expect("a process");
        // The first message ends the monitor, over there, too.
        quick.send(1);
        assert_eq!(receive_alias(&quick).await, Ok(1));
        far.end(boom()).await;
        let down = Down { monitor: answer.reference().expect("of this node"), pid: far.pid, reason: boom() };
        assert_eq!(receive_alias(&answer).await, Err(AliasError::Down(down)));
    });
}

#[test]
fn a_lost_connection_ends_links_and_monitors() {
    near(async |far| {
        trap_exit(true).expect("a process");
        link(far.pid).expect("a process");
        let held = monitor(far.pid).expect("a process");
        far.wire.cut();
        let (from, reason) = (far.pid, ExitReason::NoConnection);
        let exit = Signal::Exit(Exit { from, reason: reason.clone() });
        assert_eq!(receive().await, Ok(exit));
        assert_eq!(receive().await, Ok(Signal::Down(Down { monitor: held, pid: from, reason })));
        // The other side does not trap exits.
        assert_eq!(far.wire.nodes[1].wait_exit(far.there).await, ExitReason::NoConnection);
    });
}

#[test]
fn a_node_that_is_alone_has_no_connection_at_once() {
    block_on(Node::new("alone").scope(async {
        let here = Node::current().expect("a node");
        let far = Pid::on(here.node_id("b@test").expect("room"), 1, 0, 7);
        let body = async move {
            trap_exit(true)?;
            let (held, named) = (monitor(far)?, monitor_name("c", "b@test")?);
            link(far)?;
            exit(far, ExitReason::Shutdown);
            kill(far);
            let mut told = Vec::new();
            for _ in 0..3 {
                told.push(receive().await?);
            }
            demonitor(held)?;
            unlink(far)?;
            let reason = ExitReason::NoConnection;
            let down = |monitor, pid| Signal::Down(Down { monitor, pid, reason: reason.clone() });
            let nobody = Pid::on(far.node(), 0, 0, 0);
            let exit = Signal::Exit(Exit { from: far, reason: reason.clone() });
            assert_eq!(told, [down(held, far), down(named, nobody), exit]);
            Ok::<_, NotAProcess>(())
        };
        assert_eq!(wait_exit(spawn(body).expect("a node")).await, ExitReason::Normal);
        assert_eq!(wait_exit(far).await, ExitReason::NoConnection);
    }));
}
