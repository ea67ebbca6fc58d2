//! What two nodes promise each other.

use super::echo::{Body, begin_call, call, far, heard, start};
use super::{Member, block_on, member};
use crate::dist::{
    Address, ConnectError, Cookie, Distribution, Listen, NodeEvent, Options, Table, monitor_nodes,
};
use crate::process::Node;
use crate::process::remote::{Failure, Far, Shape};
use crate::process::traffic::Traffic;
use crate::process::{
    Exit, ExitReason, MonitorRef, Pid, Signal, exit, kill, link, monitor, receive, trap_exit,
};
use crate::process::{spawn, unlink};
use crate::term::{Atom, Term};
use tokio::sync::oneshot;

fn atom(name: &'static str) -> Term {
    Atom::new(name).into()
}

async fn pair() -> (Member, Member) {
    let table = Table::default();
    (member("a", &table).await, member("b", &table).await)
}

/// Runs `body` as a process of `member`.
async fn in_process<T, F>(member: &Member, body: F) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let (sender, answer) = oneshot::channel();
    let run = async move { sender.send(body.await).map_err(|_| ExitReason::Killed) };
    member.node.enter(|| spawn(run)).expect("a node");
    answer.await.expect("the process ended before it was done")
}

/// The pid of a process of `of`, as `member` knows it.
fn seen(member: &Member, of: &Member, pid: Pid) -> Pid {
    let node = member.node.node_id(&of.name).expect("room");
    Pid::on(node, pid.id(), pid.serial(), pid.creation())
}

#[test]
fn a_call_by_name_and_one_by_pid_are_answered() {
    block_on(async {
        let (a, b) = pair().await;
        let (pid, _end) = start(&b.node, "echo");
        let by_name = far(&a.node, &b.name, "echo");
        assert_eq!(call(&a.node, &by_name, atom("hello")).await, Ok(atom("hello")));
        assert_eq!(call(&a.node, &Far::Pid(seen(&a, &b, pid)), Term::from(7)).await, Ok(Term::from(7)));
        assert_eq!(
            (a.node.nodes(), b.node.nodes()),
            (vec![b.name.as_str().into()], vec![a.name.as_str().into()])
        );
    });
}

#[test]
fn what_nodes_tell_each_other_is_counted_in_bytes() {
    const LONG: usize = 100_000;
    block_on(async {
        let (a, b) = pair().await;
        let (_pid, _end) = start(&b.node, "echo");
        let long = Term::Binary(vec![7; LONG]);
        assert_eq!(call(&a.node, &far(&a.node, &b.name, "echo"), long.clone()).await, Ok(long));
        for node in [&a.node, &b.node] {
            let (input, output) = Traffic::of(node).both();
            let once = LONG as u64..2 * LONG as u64;
            assert!(once.contains(&input) && once.contains(&output), "{input} {output}");
        }
    });
}

#[test]
fn a_node_ends_with_the_runtime_that_its_processes_run_on() {
    let (a, b) = block_on(async {
        let (a, b) = pair().await;
        let (_pid, _end) = start(&b.node, "echo");
        assert_eq!(call(&a.node, &far(&a.node, &b.name, "echo"), 1).await, Ok(Term::from(1)));
        (a.node.downgrade(), b.node.downgrade())
    });
    assert!(a.upgrade().is_none() && b.upgrade().is_none());
}

#[test]
fn a_call_to_nobody_fails_at_once() {
    block_on(async {
        let (a, b) = pair().await;
        assert_eq!(call(&a.node, &far(&a.node, &b.name, "nobody"), 1).await, Err(Failure::NoProc));
        let (pid, end) = start(&b.node, "echo");
        end.send(ExitReason::Normal).expect("runs");
        b.node.wait_exit(pid).await;
        assert_eq!(call(&a.node, &Far::Pid(seen(&a, &b, pid)), 1).await, Err(Failure::NoProc));
    });
}

#[test]
fn a_call_whose_callee_ends_or_gives_it_up_fails_at_once() {
    block_on(async {
        let (a, b) = pair().await;
        let (_, end) = start(&b.node, "echo");
        let echo = far(&a.node, &b.name, "echo");
        assert_eq!(call(&a.node, &echo, atom("drop")).await, Err(Failure::Dropped));
        let kept = begin_call(&a.node, &echo, atom("keep"));
        // Messages keep their order: once this is answered, the other has come.
        assert_eq!(call(&a.node, &echo, 1).await, Ok(Term::from(1)));
        end.send(ExitReason::error("boom")).expect("runs");
        assert_eq!(kept.outcome().await, Err(Failure::Exited(ExitReason::error("boom"))));
    });
}

#[test]
fn calls_to_a_node_that_is_lost_or_not_there_fail_at_once() {
    block_on(async {
        let (a, b) = pair().await;
        let (_pid, _end) = start(&b.node, "echo");
        let echo = far(&a.node, &b.name, "echo");
        let kept = begin_call(&a.node, &echo, atom("keep"));
        assert_eq!(call(&a.node, &echo, 1).await, Ok(Term::from(1)));
        drop(b.distribution);
        assert_eq!(kept.outcome().await, Err(Failure::NoConnection(b.name.as_str().into())));
        let nowhere = far(&a.node, "nowhere@127.0.0.1", "echo");
        assert!(matches!(call(&a.node, &nowhere, 1).await, Err(Failure::NoConnection(_))));
        let failed = a.node.connect("nobody@127.0.0.1").await;
        assert_eq!(failed, Err(ConnectError::Failed("nobody knows where it is".into())));
    });
}

#[test]
fn casts_and_infos_arrive_in_the_order_in_which_they_were_sent() {
    block_on(async {
        let (a, b) = pair().await;
        let (_pid, _end) = start(&b.node, "echo");
        let echo = far(&a.node, &b.name, "echo");
        let remote = a.node.remote().expect("distributed");
        for n in 0..1000 {
            let shape = if n % 2 == 0 { Shape::Cast } else { Shape::Info };
            assert_eq!(remote.send(None, &echo, &Body(shape, n.into())), Ok(()));
        }
        assert_eq!(call(&a.node, &echo, 1).await, Ok(Term::from(1)));
        let heard: Vec<_> = heard(&b.node).messages.lock().expect("whole").drain(..).collect();
        assert_eq!(heard, (0..1000).map(Term::from).collect::<Vec<_>>());
    });
}

#[test]
fn a_monitor_tells_the_reason_of_a_far_end_and_that_its_node_is_lost() {
    block_on(async {
        let (a, b) = pair().await;
        let (one, end) = start(&b.node, "one");
        let (two, _end) = start(&b.node, "two");
        let (one, two) = (seen(&a, &b, one), seen(&a, &b, two));
        let (watching, watched) = oneshot::channel();
        let told = in_process(&a, async move {
            let monitors = [monitor(one), monitor(two), monitor(Pid::on(one.node(), 12345, 0, 1))];
            let mut told = Vec::new();
            let mut watching = Some(watching);
            while told.len() < 3 {
                let Ok(Signal::Down(down)) = receive().await else { continue };
                told.push((down.monitor, down.pid, down.reason));
                if let Some(watching) = watching.take() {
                    watching.send(()).expect("awaited");
                }
            }
            (monitors.map(|monitor| monitor.expect("a process")), told)
        });
        let lose = async {
            // The third was told at once that there is no such process, so all are set.
            watched.await.expect("watches");
            end.send(ExitReason::error("boom")).expect("runs");
            b.node
                .wait_exit(Pid::local(
                    std::num::NonZeroU32::new(one.id()).expect("not 0"),
                    one.serial(),
                    one.creation(),
                ))
                .await;
            call(&a.node, &far(&a.node, &b.name, "two"), 1).await.expect("answers");
            drop(b.distribution);
        };
        let ((monitors, told), ()) = tokio::join!(told, lose);
        let expected: [(MonitorRef, Pid, ExitReason); 3] = [
            (monitors[2], Pid::on(one.node(), 12345, 0, 1), ExitReason::NoProc),
            (monitors[0], one, ExitReason::error("boom")),
            (monitors[1], two, ExitReason::NoConnection),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn links_pass_ends_both_ways_until_they_are_taken_back() {
    block_on(async {
        let (a, b) = pair().await;
        let (one, end_one) = start(&b.node, "one");
        let (two, end_two) = start(&b.node, "two");
        let [far_one, far_two] = [one, two].map(|pid| seen(&a, &b, pid));
        let (sync, b_name) = (a.node.clone(), b.name.clone());
        let (linked, is_linked) = oneshot::channel();
        let told = in_process(&a, async move {
            trap_exit(true).expect("a process");
            link(far_one).and(link(far_two)).and(unlink(far_two)).expect("a process");
            call(&sync, &far(&sync, &b_name, "two"), 1).await.expect("answers");
            linked.send(()).expect("awaited");
            receive().await
        });
        let ends = async {
            is_linked.await.expect("linked");
            end_two.send(ExitReason::error("unnoticed")).expect("runs");
            b.node.wait_exit(two).await;
            end_one.send(ExitReason::error("boom")).expect("runs");
        };
        let (told, ()) = tokio::join!(told, ends);
        let expected = Exit { from: far_one, reason: ExitReason::error("boom") };
        assert_eq!(told, Ok(Signal::Exit(expected)));

        let (three, _end) = start(&b.node, "three");
        let far_three = seen(&a, &b, three);
        in_process(&a, async move { link(far_three) }).await.expect("a process");
        // The process ended normally, which does not end the other; it is killed by the next one.
        in_process(&a, async move { kill(far_three) }).await;
        assert_eq!(b.node.wait_exit(three).await, ExitReason::Killed);
        let (four, _end) = start(&b.node, "four");
        let far_four = seen(&a, &b, four);
        in_process(&a, async move { exit(far_four, ExitReason::shutdown_with("moved")) }).await;
        assert_eq!(b.node.wait_exit(four).await, ExitReason::shutdown_with("moved"));
    });
}

#[test]
fn nodes_that_come_and_go_are_told() {
    block_on(async {
        let (a, b) = pair().await;
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        a.node.connect(&b.name).await.expect("is there");
        assert_eq!(events.next().await, NodeEvent::Up(b.name.as_str().into()));
        assert!(a.node.disconnect(&b.name) && !a.node.disconnect(&b.name));
        assert_eq!(events.next().await, NodeEvent::Down(b.name.as_str().into()));
        assert_eq!(a.node.nodes(), []);
    });
}

#[test]
fn two_nodes_that_connect_to_each_other_at_once_have_one_connection() {
    block_on(async {
        for _ in 0..20 {
            let (a, b) = pair().await;
            let (_pid, _end) = start(&a.node, "echo");
            let (_pid, _end) = start(&b.node, "echo");
            let (to_a, to_b) = (far(&b.node, &a.name, "echo"), far(&a.node, &b.name, "echo"));
            let both = tokio::join!(call(&a.node, &to_b, 1), call(&b.node, &to_a, 2));
            assert_eq!(both, (Ok(Term::from(1)), Ok(Term::from(2))));
        }
    });
}

#[test]
fn nodes_of_one_machine_may_talk_over_a_socket_of_it() {
    block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("b.sock");
        let table = Table::default();
        let a = member("a", &table).await;
        let node = Node::new("b");
        let options = Options {
            listen: vec![Listen::Unix(socket.clone())],
            ..Options::new("b@127.0.0.1", Cookie::new("secret"))
        };
        let distribution = Distribution::start(&node, options).await.expect("starts");
        assert_eq!(distribution.ports(), [0; 0]);
        table.insert("b@127.0.0.1", [Address::unix(socket)]);
        let (_pid, _end) = start(&node, "echo");
        assert_eq!(call(&a.node, &far(&a.node, "b@127.0.0.1", "echo"), 1).await, Ok(Term::from(1)));
    });
}
