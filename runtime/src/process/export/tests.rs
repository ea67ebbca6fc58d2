//! What nodes promise each other about processes that one has the other spawn, each promise one test.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::{Export, SpawnError, spawn_link_on, spawn_monitor_on, spawn_on};
use crate::process::wire::Wire;
use crate::process::{
    Exit, ExitReason, GroupLeader, Node, Pid, Signal, kill, receive, self_pid, spawn, trap_exit, wait_exit,
};

const WORK: Export<(u8, String)> = Export::new("b", "work");
const FAIL: Export<()> = Export::new("b", "fail");
const THERE: &str = "b@test";

fn crash() {
    panic!("boom")
}

fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(body)
}

/// Runs `body` as a process of the near node; gives what the far one was asked to do, too.
fn near<T, F>(body: impl FnOnce(Arc<Wire>) -> F + Send + 'static) -> (T, Vec<(u8, String, Option<Pid>)>)
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    block_on(async {
        let wire = Wire::new();
        let asked: Arc<Mutex<Vec<_>>> = Arc::default();
        let noted = asked.clone();
        let there = wire.nodes[1].clone();
        there.export(WORK, move |(n, text)| {
            let noted = noted.clone();
            async move {
                noted.lock().expect("no panic").push((n, text, self_pid()));
                n
            }
        });
        there.export(FAIL, async |()| crash());
        let (sender, answer) = oneshot::channel();
        let here = wire.nodes[0].clone();
        let run = async move { sender.send(body(wire).await).map_err(|_| ExitReason::Killed) };
        here.enter(|| spawn(run)).expect("a node");
        let answer = answer.await.expect("the process ended before it was done");
        (answer, std::mem::take(&mut *asked.lock().expect("no panic")))
    })
}

#[test]
fn a_process_is_spawned_where_it_is_wanted_and_does_what_is_exported_there() {
    let (spawned, asked) = near(async |wire| {
        let pid = spawn_on(THERE, WORK, (7, "seven".into())).await.expect("exported");
        wait_exit(pid).await;
        wire.translate(0, pid)
    });
    assert_eq!(asked, [(7, "seven".into(), Some(spawned))]);
}

#[test]
fn the_same_line_spawns_here() {
    block_on(Node::new("alone").scope(async {
        let here = Node::current().expect("a node");
        let (ran, has_run) = oneshot::channel();
        let ran = Mutex::new(Some(ran));
        here.export(FAIL, move |()| {
            let ran = ran.lock().expect("no panic").take().expect("runs once");
            async move { ran.send(self_pid()).is_ok() }
        });
        let pid = spawn_on(here.full_name(), FAIL, ()).await.expect("exported");
        assert_eq!(has_run.await, Ok(Some(pid)));
        let elsewhere = spawn_on(THERE, FAIL, ()).await;
        assert_eq!(elsewhere, Err(SpawnError::NoConnection));
    }));
}

#[test]
fn what_is_not_exported_is_denied() {
    const WORK_OF_ONE: Export<(u8,)> = Export::new("b", "work");
    const SECRET: Export<()> = Export::new("b", "secret");
    let (denied, _) = near(async |wire| {
        let denied =
            [spawn_on(THERE, WORK_OF_ONE, (1,)).await.err(), spawn_link_on(THERE, SECRET, ()).await.err()];
        assert_eq!(wire.nodes[1].processes(), []);
        denied
    });
    assert_eq!(denied, [Some(SpawnError::NotExported), Some(SpawnError::NotExported)]);
}

#[test]
fn a_linked_process_takes_whoever_spawned_it_down_and_the_other_way_round() {
    near(async |wire| {
        trap_exit(true).expect("a process");
        let pid = spawn_link_on(THERE, FAIL, ()).await.expect("exported");
        let Ok(Signal::Exit(Exit { from, reason: ExitReason::Panicked(panic) })) = receive().await else {
            panic!("it panicked");
        };
        assert_eq!((from, panic.message.as_str()), (pid, "boom"));
        // Gone before it is told that it spawned one.
        const FOREVER: Export<()> = Export::new("b", "forever");
        let there = wire.nodes[1].clone();
        there.export(FOREVER, async |()| std::future::pending::<()>().await);
        wire.hold();
        let parent = spawn(async { spawn_link_on(THERE, FOREVER, ()).await.map(drop) }).expect("a node");
        tokio::task::yield_now().await;
        kill(parent);
        wait_exit(parent).await;
        wire.release();
        let [orphan] = there.processes()[..] else { panic!("spawned, and not told yet") };
        assert_eq!(there.wait_exit(orphan).await, ExitReason::NoProc);
    });
}

#[test]
fn a_monitored_process_tells_of_its_end() {
    near(async |_| {
        let (pid, monitor) = spawn_monitor_on(THERE, WORK, (1, String::new())).await.expect("exported");
        let Ok(Signal::Down(down)) = receive().await else { panic!("it ended") };
        assert_eq!((down.pid, down.monitor, down.reason), (pid, monitor, ExitReason::Normal));
    });
}

#[test]
fn arguments_that_are_none_of_it_end_the_process() {
    const WORK_OF_OTHERS: Export<(String, String)> = Export::new("b", "work");
    near(async |_| {
        let wrong = (String::from("seven"), String::new());
        spawn_monitor_on(THERE, WORK_OF_OTHERS, wrong).await.expect("exported");
        let Ok(Signal::Down(down)) = receive().await else { panic!("it ended") };
        assert!(down.reason.to_string().starts_with("bad arguments of b:work/2: "), "{}", down.reason);
    });
}

#[test]
fn what_a_process_exports_belongs_to_its_application_and_ends_with_it() {
    const MINE: Export<()> = Export::new("b", "mine");
    block_on(Node::new("test").scope(async {
        let here = Node::current().expect("a node");
        let (told, is_told) = oneshot::channel::<()>();
        let exports = spawn(async move {
            let here = Node::current().expect("a node");
            here.export(MINE, async |()| ());
            here.export(MINE, async |()| std::future::pending::<()>().await);
            is_told.await.map_err(|_| ExitReason::Shutdown)
        })
        .expect("a node");
        tokio::task::yield_now().await;
        let mine = spawn_on(here.full_name(), MINE, ()).await.expect("exported");
        let leader: &Arc<GroupLeader> = here.leader();
        assert!(here.processes_of(leader).contains(&mine));
        drop(told);
        here.wait_exit(exports).await;
        assert_eq!(spawn_on(here.full_name(), MINE, ()).await, Err(SpawnError::NotExported));
    }));
}
