//! Supervisors and managers of events, both ways.

use serde::{Deserialize, Serialize};
use umbrella::gen_event::{EventManager, Events};
use umbrella::prelude::*;
use umbrella::supervisor::ChildKind;

use crate::erl::{Erl, Find};
use crate::{COUNTER, Counter, Member, block_on, nowhere};

const TOP: Name<Supervisor> = Supervisor::named("top", "");
/// One that every node of Erlang has.
const KERNEL: Name<Supervisor> = Supervisor::named("kernel_sup", "");

#[derive(Clone, Serialize, Deserialize)]
struct Paid(u64);

const ORDERS: Name<EventManager<Paid>> = EventManager::named("orders");
const EVERYWHERE: Name<Events<Paid>> = Events::named("orders", "");

/// Adds up what was paid.
struct Revenue(u64);

#[gen_event(event = Paid)]
impl Revenue {
    fn init() -> Self {
        Self(0)
    }

    #[event]
    fn paid(&mut self, Paid(amount): &Paid) {
        self.0 += amount;
    }

    #[call]
    fn sum(&self) -> u64 {
        self.0
    }
}

#[test]
fn an_erlang_node_manages_the_children_of_an_exported_supervisor_and_we_list_its() {
    const THERE: &str = "m1@127.0.0.1";
    block_on(async {
        let c = Member::start(nowhere).await;
        let top = Supervisor::new(Strategy::OneForOne)
            .name(TOP)
            .child(Counter::child_spec(5).name(COUNTER).id("counter"));
        c.node.scope(top.start()).await.expect("starts");
        c.node.enter(|| Supervisor::export(&TOP)).expect("a node");
        let script = "
            T = {top, N},
            [{<<\"counter\">>, Old, worker, []}] = supervisor:which_children(T), P(is_pid(Old)),
            P(supervisor:count_children(T)),
            P(supervisor:restart_child(T, <<\"counter\">>)),
            P(supervisor:terminate_child(T, <<\"counter\">>)),
            {ok, New} = supervisor:restart_child(T, <<\"counter\">>), P(New =/= Old),
            P(supervisor:terminate_child(T, <<\"nobody\">>)),
            receive after infinity -> ok end";
        let mut erl = Erl::start(THERE, &Find::Port(c.port()), script);
        for expected in [
            "true",
            "[{specs,1},{active,1},{supervisors,0},{workers,1}]",
            "{error,running}",
            "ok",
            "true",
            "{error,not_found}",
        ] {
            assert_eq!(erl.line().await.as_deref(), Some(expected));
        }
        c.node
            .scope(async {
                let kernel = Name::on(&KERNEL, THERE);
                let children = kernel.which_children().await.expect("answered");
                let counts = kernel.count_children().await.expect("answered");
                assert_eq!(counts.specs, children.len());
                let files =
                    children.iter().find(|child| &*child.id == "file_server_2").expect("OTP's kernel has it");
                assert!(files.kind == ChildKind::Worker && files.state.pid().is_some(), "{files:?}");
            })
            .await;
    });
}

#[test]
fn an_erlang_node_publishes_to_a_manager_of_ours_and_we_to_its() {
    const THERE: &str = "m2@127.0.0.1";
    block_on(async {
        let c = Member::start(nowhere).await;
        c.node
            .scope(async { Start::<EventManager<Paid>>::new(()).name(&ORDERS).start().await })
            .await
            .expect("starts");
        let revenue = c.node.scope(async { ORDERS.add_handler::<Revenue>(()).await }).await.expect("added");
        c.node.enter(|| Events::export(&EVERYWHERE)).expect("a node");
        let script = "
            register(orders, self()),
            gen_event:notify({orders, N}, 40),
            gen_event:notify({orders, N}, 2),
            pong = net_adm:ping(N), P(ready),
            receive {notify, Event} -> P(Event) end";
        let mut erl = Erl::start(THERE, &Find::Port(c.port()), script);
        assert_eq!(erl.line().await.as_deref(), Some("ready"));
        assert_eq!(c.node.scope(async { revenue.sum().await }).await, Ok(42));
        c.node.scope(async { Name::on(&EVERYWHERE, THERE).notify(Paid(7)) }).await.expect("sent");
        assert_eq!(erl.line().await.as_deref(), Some("7"));
    });
}
