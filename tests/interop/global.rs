//! A cluster of Erlang nodes that agree on global names does so with a node of ours among them, and after it has gone.

use crate::epmd::{free_port, through, until_known};
use crate::erl::{Erl, Find};
use crate::program::Program;
use crate::{Member, block_on};

/// A node that is not hidden.
fn visible(port: u16, name: &str, script: &str) -> Program {
    Erl::with(name, &Find::Epmd(port), &[], script)
}

#[test]
fn global_is_not_disturbed_by_a_node_of_ours_that_comes_and_goes() {
    let port = free_port();
    block_on(async {
        let c = Member::start(through(port)).await;
        until_known(port, &["c"]).await;
        let waits = "
            pong = net_adm:ping(N), register(main, self()), monitor_node(N, true), P(ready),
            receive go -> ok end,
            ok = global:sync(), yes = global:register_name(second, self()), P(nodes()),
            receive {nodedown, N} -> ok end, receive gone -> ok end,
            P([nodes(), global:whereis_name(second) =:= self()]),
            receive after infinity -> ok end";
        let mut g2 = visible(port, "g2@127.0.0.1", waits);
        assert_eq!(g2.line().await.as_deref(), Some("ready"));
        until_known(port, &["c", "g2"]).await;
        let asks = "
            pong = net_adm:ping(N), B = 'g2@127.0.0.1', pong = net_adm:ping(B),
            ok = global:sync(), yes = global:register_name(first, self()), {main, B} ! go,
            Wait = fun F() -> case global:whereis_name(second) of undefined -> receive after 5 -> F() end; Pid -> Pid end end,
            P(node(Wait())), P(global:trans({lock, self()}, fun() -> held end, [node(), B])),
            P([nodes(), nodes(hidden)]),
            monitor_node(N, true), P(connected), receive {nodedown, N} -> ok end,
            {main, B} ! gone,
            ok = global:sync(), no = global:register_name(second, self()),
            yes = global:register_name(third, spawn(fun() -> receive after infinity -> ok end end)),
            P([nodes(), lists:sort(global:registered_names())]),
            receive after infinity -> ok end";
        let mut g1 = visible(port, "g1@127.0.0.1", asks);
        for expected in ["'g2@127.0.0.1'", "held", "[['g2@127.0.0.1'],['c@127.0.0.1']]", "connected"] {
            assert_eq!(g1.line().await.as_deref(), Some(expected));
        }
        assert_eq!(g2.line().await.as_deref(), Some("['g1@127.0.0.1']"));
        drop(c);
        assert_eq!(g1.line().await.as_deref(), Some("[['g2@127.0.0.1'],[first,second,third]]"));
        assert_eq!(g2.line().await.as_deref(), Some("[['g1@127.0.0.1'],true]"));
    });
}
