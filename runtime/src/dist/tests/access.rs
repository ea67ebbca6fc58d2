//! What other nodes may have a node do, if it says so.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::echo::{Body, call, far, heard, start};
use super::erlang::erl;
use super::{Member, block_on, member};
use crate::dist::{Access, Address, Cookie, Distribution, Options, Pattern, Permissions, Table};
use crate::process::remote::{Failure, Far, Shape};
use crate::process::{
    Exit, ExitReason, Export, Node, Pid, Signal, SpawnError, kill, link, receive, spawn, spawn_on, trap_exit,
};
use crate::term::{Atom, Term};

const OPEN: Export<(u32,)> = Export::new("b", "open");
const CLOSED: Export<(u32,)> = Export::new("b", "closed");

fn listed(names: &[&str]) -> Vec<Pattern> {
    names.iter().map(|name| Pattern::new(*name)).collect()
}

/// The node `b`, of which others may have done only what is called `open`.
async fn restricted(table: &Table) -> Member {
    let mut access = Access::default();
    let permissions =
        Permissions { call: listed(&["open"]), spawn: listed(&["b:open/1"]), stop: listed(&["open"]) };
    access.allow(Pattern::new("*@127.0.0.1"), permissions);
    let (node, name) = (Node::new("b"), "b@127.0.0.1");
    let options =
        Options { resolver: Arc::new(table.clone()), access, ..Options::new(name, Cookie::new("secret")) };
    let distribution = Distribution::start(&node, options).await.expect("starts");
    table.insert(name, [Address::tcp((Ipv4Addr::LOCALHOST, distribution.ports()[0]))]);
    Member { node, name: name.into(), distribution }
}

fn refused(outcome: Result<Term, Failure>) -> String {
    match outcome {
        Err(Failure::BadMessage(why)) => why.to_string(),
        other => panic!("expected a refusal: {other:?}"),
    }
}

#[test]
fn who_may_call_one_server_reaches_no_other() {
    block_on(async {
        let table = Table::default();
        let (a, b) = (member("a", &table).await, restricted(&table).await);
        let (_pid, _end) = start(&b.node, "open");
        let (closed, _end) = start(&b.node, "closed");
        let to = |name| far(&a.node, &b.name, name);
        assert_eq!(call(&a.node, &to("open"), 1).await, Ok(Term::from(1)));
        let why = refused(call(&a.node, &to("closed"), 1).await);
        assert!(why.contains("`a@127.0.0.1` may not call `closed`\nhelp: list `closed` in `call`"), "{why}");
        let b_id = a.node.node_id(&b.name).expect("room");
        let by_pid = Far::Pid(Pid::on(b_id, closed.id(), closed.serial(), closed.creation()));
        refused(call(&a.node, &by_pid, 1).await);
        for (name, shape) in [("closed", Shape::Cast), ("closed", Shape::Info), ("open", Shape::Cast)] {
            let remote = a.node.remote().expect("distributed");
            assert_eq!(remote.send(None, &to(name), &Body(shape, Atom::new(name).into())), Ok(()));
        }
        assert_eq!(call(&a.node, &to("open"), 1).await, Ok(Term::from(1)));
        let heard: Vec<_> = heard(&b.node).messages.lock().expect("whole").drain(..).collect();
        assert_eq!(heard, [Term::from(Atom::new("open"))]);
        // Whoever says nothing of others is open to them.
        let (_pid, _end) = start(&a.node, "closed");
        assert_eq!(call(&b.node, &far(&b.node, &a.name, "closed"), 1).await, Ok(Term::from(1)));
    });
}

#[test]
fn who_may_stop_one_process_ends_no_other_by_a_signal_or_a_link() {
    block_on(async {
        let table = Table::default();
        let (a, b) = (member("a", &table).await, restricted(&table).await);
        let (open, _end) = start(&b.node, "open");
        let (closed, _end) = start(&b.node, "closed");
        let b_id = a.node.node_id(&b.name).expect("room");
        let [open_there, closed_there] =
            [open, closed].map(|pid| Pid::on(b_id, pid.id(), pid.serial(), pid.creation()));
        let (sender, linked) = tokio::sync::oneshot::channel();
        let linking = async move {
            trap_exit(true).expect("a process");
            link(closed_there).expect("a process");
            let exit = loop {
                if let Ok(Signal::Exit(Exit { reason, .. })) = receive().await {
                    break reason;
                }
            };
            sender.send(exit).map_err(|_| ExitReason::Killed)
        };
        a.node.enter(|| spawn(linking)).expect("a node");
        let why = linked.await.expect("a reason").to_string();
        assert!(why.contains("may not stop `closed`\nhelp: list `closed` in `stop`"), "{why}");
        a.node.enter(|| {
            kill(closed_there);
            kill(open_there);
        });
        assert_eq!(b.node.wait_exit(open).await, ExitReason::Killed);
        assert!(b.node.process(closed).is_some());
    });
}

#[test]
fn who_may_have_one_function_run_runs_no_other() {
    block_on(async {
        let table = Table::default();
        let (a, b) = (member("a", &table).await, restricted(&table).await);
        for export in [OPEN, CLOSED] {
            b.node.export(export, async |_number| {});
        }
        let there = b.name.clone();
        let both = async move { (spawn_on(&there, OPEN, (1,)).await, spawn_on(&there, CLOSED, (1,)).await) };
        let (open, closed) = a.node.scope(both).await;
        assert!(open.is_ok(), "{open:?}");
        let why = "`b@127.0.0.1` does not allow it; its log says what to list";
        assert_eq!(closed, Err(SpawnError::Refused(why.into())));
    });
}

#[test]
fn an_erlang_node_is_told_what_it_may_not_do() {
    block_on(async {
        let b = restricted(&Table::default()).await;
        let (_pid, _end) = start(&b.node, "open");
        let (_pid, _end) = start(&b.node, "closed");
        let script = "
            pong = net_adm:ping(N),
            io:format(\"~0p~n\", [gen_server:call({open, N}, 1)]),
            {'EXIT', {{umbrella, {bad_message, Why}}, _}} = (catch gen_server:call({closed, N}, 1)),
            io:format(\"~ts~n\", [Why]),
            {'EXIT', {{umbrella, {bad_message, Why2}}, _}} = (catch sys:get_state({closed, N})),
            io:format(\"~ts~n\", [Why2]),
            {'EXIT', {Why3, _}} = (catch erpc:call(N, b, closed, [1])),
            io:format(\"~0p~n\", [Why3])";
        let printed = erl(&b, "x3@127.0.0.1", script).await.expect("ended");
        let lines: Vec<_> = printed.lines().collect();
        let refused = "`x3@127.0.0.1` may not call `closed`";
        let help = "help: list `closed` in `call` of the entry for `x3@127.0.0.1`, under [umbrella.node.access] in the \
                    configuration of `b@127.0.0.1`";
        assert_eq!(lines, ["1", refused, help, refused, help, "{erpc,not_allowed}"]);
    });
}
