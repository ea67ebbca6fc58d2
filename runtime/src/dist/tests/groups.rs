//! Process groups that a real Erlang node is part of.

use serde::{Deserialize, Serialize};

use super::erlang::erl;
use super::{block_on, member};
use crate::dist::Table;
use crate::prelude::*;
use crate::registry::pg::Change;

#[derive(Serialize, Deserialize, Clone)]
struct Tick(u32);

struct Sum(u32);

#[gen_server]
impl Sum {
    fn init() -> Self {
        Self(0)
    }
    #[info]
    fn tick(&mut self, Tick(by): Tick) {
        self.0 += by;
    }
    #[call]
    fn sum(&self) -> u32 {
        self.0
    }
}

const SUMS: Group<Sum> = Group::new("sums");

#[test]
fn an_erlang_node_joins_groups_sees_members_and_is_seen() {
    block_on(async {
        let c = member("c", &Table::default()).await;
        let sum = c.node.scope(async { Sum::start(()).await }).await.expect("starts");
        let runtime_made = Group::<Sum>::named(String::from("made"));
        let (_, mut told) = c.node.enter(|| SUMS.monitor()).expect("a node");
        c.node.enter(|| SUMS.join(Ref::pid(&sum)).and(runtime_made.join(Ref::pid(&sum)))).expect("a node");
        let script = "
            {ok, _} = pg:start_link(),
            Wait = fun Wait(F) -> case F() of true -> ok; false -> receive after 5 -> Wait(F) end end end,
            pong = net_adm:ping(N),
            Wait(fun() -> length(pg:get_members(sums)) =:= 1 end),
            io:format(\"~0p~n\", [lists:sort(pg:which_groups())]),
            ok = pg:join(sums, self()),
            [P] = [P || P <- pg:get_members(sums), node(P) =:= N],
            P ! 40,
            receive 2 -> io:format(\"ticked~n\") end,
            ok = pg:leave(sums, self()),
            Wait(fun() -> pg:get_members(sums) =:= [] end),
            io:format(\"left~n\")";
        let printed = erl(&c, "x5@127.0.0.1", script);
        assert!(matches!(told.next().await, Change::Join { pids, .. } if *pids == [Ref::pid(&sum)]));
        assert!(matches!(told.next().await, Change::Join { pids, .. } if pids[0] != Ref::pid(&sum)));
        assert_eq!(c.node.enter(|| SUMS.broadcast(&Tick(2))), 2);
        assert!(matches!(told.next().await, Change::Leave { .. }));
        assert_eq!(c.node.scope(async { sum.sum().await }).await, Ok(42));
        c.node.enter(|| SUMS.leave(Ref::pid(&sum))).expect("a member");
        let printed = printed.await.expect("ended");
        assert_eq!(printed, "[sums,<<\"made\">>]\nticked\nleft\n");
    });
}
