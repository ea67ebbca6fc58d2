//! Real Erlang nodes, which is what this node is to be taken for.

use std::process::Command;

use tokio::sync::oneshot;

use super::echo::{call, far, heard, start};
use super::{Member, block_on, member};
use crate::dist::Table;
use crate::process::ExitReason;
use crate::term::{Atom, Term};

/// Runs `script` in a hidden Erlang node without epmd, which finds `member` under its port; what it prints.
pub(super) fn erl(member: &Member, name: &str, script: &str) -> oneshot::Receiver<String> {
    let (port, node) = (member.distribution.ports()[0].to_string(), &member.name);
    let eval = format!("N = '{node}', {script}, halt().");
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-noinput", "-hidden", "-start_epmd", "false", "-dist_listen", "false"]).args([
        "-erl_epmd_port",
        &port,
        "-name",
        name,
        "-setcookie",
        "secret",
        "-eval",
        &eval,
    ]);
    let (sender, printed) = oneshot::channel();
    std::thread::spawn(move || {
        let output = erl.output().expect("erl is installed; see .ci/run");
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let _left = sender.send(text.concat());
    });
    printed
}

#[test]
fn an_erlang_node_pings_calls_casts_and_monitors() {
    block_on(async {
        let c = member("c", &Table::default()).await;
        let (_pid, end) = start(&c.node, "counter");
        let mut end = Some(end);
        let script = "
            pong = net_adm:ping(N),
            io:format(\"~0p~n\", [gen_server:call({counter, N}, {add, 1})]),
            gen_server:cast({counter, N}, {cast, 2}),
            {counter, N} ! {info, 3},
            R = erlang:monitor(process, {counter, N}),
            io:format(\"~0p~n\", [gen_server:call({counter, N}, [1, 2, <<\"three\">>], infinity)]),
            io:format(\"~0p~n\", [catch gen_server:call({counter, N}, drop)]),
            io:format(\"~0p~n\", [catch gen_server:call({counter, N}, keep, 50)]),
            io:format(\"~0p~n\", [catch gen_server:call({nobody, N}, 1)]),
            {counter, N} ! 'end',
            receive {'DOWN', R, process, Who, Why} -> io:format(\"~0p ~0p~n\", [Who, Why]) end,
            R2 = erlang:monitor(process, {counter, N}),
            receive {'DOWN', R2, process, _, Why2} -> io:format(\"~0p~n\", [Why2]) end";
        let mut printed = erl(&c, "x1@127.0.0.1", script);
        let printed = loop {
            tokio::select! {
                printed = &mut printed => break printed.expect("ended"),
                () = tokio::task::yield_now() => {}
            }
            let said =
                heard(&c.node).messages.lock().expect("whole").iter().any(|said| said.to_string() == "'end'");
            if let (true, Some(end)) = (said, end.take_if(|_| said)) {
                end.send(ExitReason::error("boom")).expect("runs");
            }
        };
        let lines: Vec<_> = printed.lines().collect();
        assert_eq!(
            lines,
            [
                "{add,1}",
                "[1,2,<<\"three\">>]",
                "{'EXIT',{{umbrella,no_reply},{gen_server,call,[{counter,'c@127.0.0.1'},drop]}}}",
                "{'EXIT',{timeout,{gen_server,call,[{counter,'c@127.0.0.1'},keep,50]}}}",
                "{'EXIT',{noproc,{gen_server,call,[{nobody,'c@127.0.0.1'},1]}}}",
                "{counter,'c@127.0.0.1'} {error,<<\"boom\">>}",
                "noproc",
            ]
        );
        let heard: Vec<_> =
            heard(&c.node).messages.lock().expect("whole").iter().map(Term::to_string).collect();
        assert_eq!(heard, ["{cast,2}", "{info,3}", "'end'"]);
    });
}

#[test]
fn this_node_calls_a_server_of_an_erlang_node() {
    block_on(async {
        let c = member("c", &Table::default()).await;
        let (_pid, _end) = start(&c.node, "counter");
        // It connects, and tells where its server is; then it serves until it is told to stop.
        let script = "
            register(server, self()),
            {counter, N} ! self(),
            F = fun F() -> receive
                {'$gen_call', From, stop} -> gen_server:reply(From, stopped), timer:sleep(100);
                {'$gen_call', From, {plain, X}} -> {Pid, [alias | Ref]} = From, Pid ! {Ref, X}, F();
                {'$gen_call', From, X} -> gen_server:reply(From, {got, X}), F()
            end end,
            F()";
        let mut printed = erl(&c, "x2@127.0.0.1", script);
        while heard(&c.node).messages.lock().expect("whole").is_empty() {
            assert!(printed.try_recv().is_err(), "it has ended");
            tokio::task::yield_now().await;
        }
        let server = far(&c.node, "x2@127.0.0.1", "server");
        let got = |term: Term| Term::Tuple(vec![Atom::new("got").into(), term]);
        assert_eq!(call(&c.node, &server, 7).await, Ok(got(7.into())));
        let plain = Term::Tuple(vec![Atom::new("plain").into(), 8.into()]);
        assert_eq!(call(&c.node, &server, plain).await, Ok(8.into()));
        assert_eq!(call(&c.node, &server, Atom::new("stop")).await, Ok(Atom::new("stopped").into()));
        assert_eq!(printed.await.as_deref(), Ok(""));
    });
}
