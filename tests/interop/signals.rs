//! Links, monitors, exit signals, and spawned processes, both ways.

use umbrella::dist::{NodeEvent, monitor_nodes};
use umbrella::prelude::*;
use umbrella::process::{self, Export, Signal};

use crate::erl::{Erl, Find};
use crate::{Counter, Member, block_on, nowhere};

#[test]
fn an_erlang_node_monitors_and_links_to_processes_of_ours() {
    block_on(async {
        let c = Member::start(nowhere).await;
        c.node.scope(Counter::start_as(5)).await;
        let script = "
            R = monitor(process, {counter, N}),
            gen_server:cast({counter, N}, crash),
            receive {'DOWN', R, process, {counter, N}, {panicked, What, _}} -> P(What) end,
            R2 = monitor(process, {counter, N}),
            receive {'DOWN', R2, process, {counter, N}, Why2} -> P(Why2) end,
            process_flag(trap_exit, true),
            Linked = spawn_link(N, work, forever, []),
            exit(Linked, enough),
            receive {'EXIT', Linked, Why3} -> P(Why3) end,
            {Sum, R4} = spawn_monitor(N, work, sum, [1, 2]),
            receive {'DOWN', R4, process, Sum, Why4} -> P(Why4) end,
            Other = spawn_link(N, work, forever, []),
            unlink(Other),
            R5 = monitor(process, Other),
            exit(Other, kill),
            receive {'DOWN', R5, process, Other, Why5} -> P(Why5) end,
            P(catch spawn_monitor(N, work, unknown, [])),
            link(Other),
            receive {'EXIT', Other, Why6} -> P(Why6) end";
        let sums = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = sums.clone();
        c.node.export(Export::<()>::new("work", "forever"), async |()| std::future::pending::<()>().await);
        c.node.export(Export::<(i64, i64)>::new("work", "sum"), move |(a, b)| {
            heard.lock().expect("whole").push(a + b);
            async {}
        });
        let lines = Erl::start("s1@127.0.0.1", &Find::Port(c.port()), script).lines().await;
        assert_eq!(lines[..5], ["<<\"at 5\">>", "noproc", "enough", "normal", "killed"], "{lines:?}");
        assert!(lines[5].contains("undef"), "{lines:?}");
        assert_eq!(lines[6..], ["noproc"]);
        assert_eq!(*sums.lock().expect("whole"), [3]);
    });
}

/// A server of Erlang that says who it is.
struct Known;

const KNOWN: Name<Known> = Known::named("known");

#[gen_server]
impl Known {
    fn init() -> Self {
        Self
    }

    #[call]
    fn pid(&self) -> Pid {
        process::self_pid().expect("a process")
    }

    #[call]
    fn end(&self) {}
}

#[test]
fn processes_of_ours_monitor_and_link_to_those_of_an_erlang_node() {
    const THERE: &str = "s2@127.0.0.1";
    block_on(async {
        let c = Member::start(nowhere).await;
        let mut events = c.node.enter(monitor_nodes).expect("a node");
        let script = "
            Loop = fun F() -> receive
                {'$gen_call', From, pid} -> gen_server:reply(From, self()), F();
                {'$gen_call', From, 'end'} -> gen_server:reply(From, ok), exit(boom)
            end end,
            Start = fun() -> {Pid, M} = spawn_monitor(Loop), register(known, Pid), M end,
            Again = fun F(M) -> receive {'DOWN', M, _, _, W} -> Next = Start(), P(W), F(Next) end end,
            First = Start(), pong = net_adm:ping(N), P(ready), Again(First)";
        let mut erl = Erl::start(THERE, &Find::Port(c.port()), script);
        assert_eq!(erl.line().await.as_deref(), Some("ready"));
        assert_eq!(events.next().await, NodeEvent::Up(THERE.into()));
        let known = Name::on(&KNOWN, THERE);

        let watch = async move {
            let monitor = process::monitor_name("known", THERE).expect("a process");
            known.end().await.expect("answers");
            match process::receive().await {
                Ok(Signal::Down(down)) if down.monitor == monitor => down.reason.to_string(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(run(&c, watch).await, "boom");
        assert_eq!(erl.line().await.as_deref(), Some("boom"));

        let known = Name::on(&KNOWN, THERE);
        let link = async move {
            process::trap_exit(true).expect("a process");
            let pid = known.pid().await.expect("answers");
            process::link(pid).expect("a process");
            process::exit(pid, ExitReason::shutdown_with("moved"));
            match process::receive().await {
                Ok(Signal::Exit(exit)) if exit.from == pid => exit.reason,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(run(&c, link).await, ExitReason::shutdown_with("moved"));
        assert_eq!(erl.line().await.as_deref(), Some("{shutdown,<<\"moved\">>}"));

        let known = Name::on(&KNOWN, THERE);
        let lose = async move {
            let pid = known.pid().await.expect("answers");
            process::monitor(pid).expect("a process");
            // It has come once this is answered.
            known.pid().await.expect("answers");
            drop(erl);
            match process::receive().await {
                Ok(Signal::Down(down)) if down.pid == pid => down.reason,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(run(&c, lose).await, ExitReason::NoConnection);
        assert_eq!(events.next().await, NodeEvent::Down(THERE.into()));
    });
}

/// Runs `body` as a process.
async fn run<T: Send + 'static>(member: &Member, body: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, answer) = tokio::sync::oneshot::channel();
    let run = async move { sender.send(body.await).map_err(|_| ExitReason::Killed) };
    member.node.enter(|| process::spawn(run)).expect("a node");
    answer.await.expect("the process ended before it was done")
}
