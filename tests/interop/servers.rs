//! Calls and casts, both ways.

use std::time::Duration;

use umbrella::prelude::*;

use crate::erl::{Erl, Find};
use crate::program::Program;
use crate::{COUNTER, Counter, Member, NAME, block_on, nowhere};

#[test]
fn an_erlang_node_uses_a_server_of_ours_as_one_of_its_own() {
    block_on(async {
        let c = Member::start(nowhere).await;
        c.node.scope(Counter::start_as(0)).await;
        let script = "
            P(net_adm:ping(N)),
            P(gen_server:call({counter, N}, {add, 40})),
            P(gen_server:call({counter, N}, {add, 2}, infinity)),
            gen_server:cast({counter, N}, {set, 7}),
            P(gen_server:call({counter, N}, get)),
            P(gen_server:call({counter, N}, {divide, 2})),
            P(gen_server:call({counter, N}, {divide, 0})),
            P(gen_server:multi_call([N], counter, get)),
            P(gen_server:receive_response(gen_server:send_request({counter, N}, {add, 1}), 5000)),
            P(catch gen_server:call({counter, N}, forever)),
            P(catch gen_server:call({counter, N}, {multiply, 3})),
            P(catch gen_server:call({nobody, N}, get)),
            P([nodes(), nodes(hidden)])";
        let lines = Erl::start("e1@127.0.0.1", &Find::Port(c.port()), script).lines().await;
        assert_eq!(
            lines[..9],
            [
                "pong".to_owned(),
                "40".into(),
                "42".into(),
                "7".into(),
                "{ok,3}".into(),
                "{error,<<\"by zero\">>}".into(),
                format!("{{[{{'{NAME}',7}}],[]}}"),
                "{reply,8}".into(),
                format!(
                    "{{'EXIT',{{{{umbrella,no_reply}},{{gen_server,call,[{{counter,'{NAME}'}},forever]}}}}}}"
                ),
            ]
        );
        assert!(lines[9].contains("bad_message") && lines[9].contains("multiply"), "{}", lines[9]);
        assert!(lines[10].contains("noproc"), "{}", lines[10]);
        assert_eq!(lines[11..], [format!("[[],['{NAME}']]")]);
    });
}

/// An Erlang node that has our counter's name, and has said hello.
async fn erlang_counter(c: &Member, name: &str) -> Program {
    let script =
        "{ok, _} = counter:start(0), pong = net_adm:ping(N), P(ready), receive after infinity -> ok end";
    let mut erl = Erl::start(name, &Find::Port(c.port()), script);
    assert_eq!(erl.line().await.as_deref(), Some("ready"));
    erl
}

#[test]
fn a_typed_client_uses_a_server_of_erlang_as_one_of_ours() {
    block_on(async {
        let c = Member::start(nowhere).await;
        let _erl = erlang_counter(&c, "e2@127.0.0.1").await;
        let counter = Name::on(&COUNTER, "e2@127.0.0.1");
        c.node
            .scope(async {
                assert_eq!(counter.add(40).await, Ok(40));
                assert_eq!(counter.add(2).await, Ok(42));
                counter.set(7).expect("connected");
                assert_eq!(counter.get().await, Ok(7));
                assert_eq!(counter.divide(2).await, Ok(Ok(3)));
                assert_eq!(counter.divide(0).await, Ok(Err("by zero".into())));
                let late = counter.forever().within(Duration::from_millis(50)).await;
                assert_eq!(late, Err(CallError::Timeout));
                counter.crash().expect("connected");
                let ended = counter.get().await;
                assert!(matches!(&ended, Err(CallError::Exited(_) | CallError::NoProc)), "{ended:?}");
                assert_eq!(counter.get().await, Err(CallError::NoProc));
                let nobody = Name::on(&COUNTER, "nobody@127.0.0.1");
                let failed = nobody.get().await;
                assert!(matches!(failed, Err(CallError::NoConnection(_))), "{failed:?}");
            })
            .await;
    });
}

#[test]
fn calls_fail_at_once_when_their_erlang_node_is_killed() {
    block_on(async {
        let c = Member::start(nowhere).await;
        let erl = erlang_counter(&c, "e3@127.0.0.1").await;
        let counter = Name::on(&COUNTER, "e3@127.0.0.1");
        c.node
            .scope(async {
                assert_eq!(counter.get().await, Ok(0));
                let kill = async {
                    tokio::task::yield_now().await;
                    drop(erl);
                };
                let (waited, ()) = tokio::join!(counter.forever().infinity(), kill);
                assert_eq!(waited, Err(CallError::NoConnection("e3@127.0.0.1".into())));
            })
            .await;
    });
}

impl Counter {
    /// Starts one under its name.
    pub(crate) async fn start_as(count: i64) -> Ref<Self> {
        Start::<Self>::new(count).name(&COUNTER).start().await.expect("starts")
    }
}
