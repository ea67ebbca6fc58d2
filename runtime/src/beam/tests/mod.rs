//! Terms in, terms out: what nodes of Erlang ask, and what they are answered.

mod there;

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::mpsc;

use self::there::{Told, Two};
use super::Introspection;
use crate::prelude::*;
use crate::process::export::Tie;
use crate::process::remote::{Failure, Shape};
use crate::process::{AnyCell, Export, GroupLeader, Kind, Spawn, run};
use crate::term::Term;

/// What the type is called, which is its module here.
const COUNTER: &str = "umbrella::beam::tests::Counter";

#[derive(Debug)]
struct Counter {
    count: i64,
}

#[umbrella::gen_server]
impl Counter {
    fn init(count: i64) -> Self {
        Self { count }
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }
}

const ADD: Export<(i64, i64)> = Export::new("b", "add");

fn crash() -> i64 {
    panic!("boom")
}

#[test]
fn what_was_exported_is_called() {
    Two::run(Introspection::Off, async |mut two| {
        two.node.export(ADD, async |(one, other)| if other == 0 { crash() } else { one + other });
        let sum = two.value("b", "add", vec![Term::Integer(40), Term::Integer(2)]).await;
        assert_eq!(sum, Term::Integer(42));
        let bad = two.call("b", "add", vec![Term::Integer(1), Term::atom("x")]).await;
        let said = Term::List(bad).to_string();
        assert!(said.starts_with("[error,{bad_arguments,<<"), "{said}");
        let panicked = two.call("b", "add", vec![Term::Integer(1), Term::Integer(0)]).await;
        let said = Term::List(panicked).to_string();
        assert!(said.starts_with("[error,{panicked,<<\"boom\">>,<<"), "{said}");
        assert!(said.ends_with("[{b,add,[1,0],[]}]]"), "{said}");
    });
}

#[test]
fn what_was_not_exported_is_undefined_as_in_erlang() {
    Two::run(Introspection::Off, async |mut two| {
        for (module, function) in [("os", "cmd"), ("erlang", "processes"), ("erlang", "halt")] {
            let answer = Term::List(two.call(module, function, vec![]).await).to_string();
            assert_eq!(answer, format!("[error,undef,[{{{module},{function},[],[]}}]]"));
        }
        assert_eq!(two.spawn("os", "cmd", vec![], Tie::Link), None);
    });
}

#[test]
fn a_cast_runs_what_was_exported_and_tells_nobody() {
    Two::run(Introspection::Off, async |two| {
        let (ran, mut has_run) = mpsc::unbounded_channel();
        const RUN: Export<(i64,)> = Export::new("b", "run");
        two.node.export(RUN, move |(n,)| {
            let ran = ran.clone();
            async move { ran.send(n).is_ok() }
        });
        let arguments = vec![Term::atom("b"), Term::atom("run"), Term::List(vec![Term::Integer(7)])];
        two.spawn("erpc", "execute_cast", arguments, Tie::Link).expect("exported");
        assert_eq!(has_run.recv().await, Some(7));
    });
}

#[test]
fn rex_answers_older_nodes_and_c_nodes() {
    Two::run(Introspection::Off, async |mut two| {
        two.node.export(ADD, async |(one, other)| one + other);
        let rex = two.node.whereis("rex").expect("runs");
        let call = |kind| {
            let arguments = Term::List(vec![Term::Integer(1), Term::Integer(2)]);
            Term::tuple([Term::atom(kind), Term::atom("b"), Term::atom("add"), arguments, Term::atom("user")])
        };
        for kind in ["call", "block_call"] {
            let mut answer = two.send(rex, Shape::Call, &call(kind));
            assert_eq!(answer.recv().await, Some(Ok(Term::Integer(3))));
        }
        let other = two.other().1;
        two.send(rex, Shape::Info, &Term::tuple([other.clone(), call("call")]));
        assert_eq!(two.message().await.to_string(), "{rex,3}");
        two.send(rex, Shape::Info, &Term::tuple([other, Term::atom("features_request")]));
        assert_eq!(two.message().await.to_string(), "{features_reply,c@here,[erpc]}");
        let undefined = Term::tuple([
            Term::atom("block_call"),
            Term::atom("os"),
            Term::atom("cmd"),
            Term::List(vec![]),
            Term::atom("user"),
        ]);
        let answer = two.send(rex, Shape::Call, &undefined).recv().await.expect("an answer").expect("a term");
        assert_eq!(answer.to_string(), "{badrpc,{'EXIT',{undef,[{os,cmd,[],[]}]}}}");
        let refused = two.send(rex, Shape::Call, &Term::atom("other")).recv().await;
        assert!(matches!(refused, Some(Err(Failure::BadMessage(_)))), "{refused:?}");
    });
}

#[test]
fn servers_answer_system_messages() {
    Two::run(Introspection::On, async |mut two| {
        let counter = Counter::start(40).await.expect("starts");
        let pid = Ref::pid(&counter);
        let state = two.system(pid, Term::atom("get_state")).await;
        assert_eq!(state.to_string(), "{ok,<<\"Counter { count: 40 }\">>}");
        assert_eq!(two.system(pid, Term::atom("suspend")).await.to_string(), "ok");
        let status = two.system(pid, Term::atom("get_status")).await;
        let Some([_, _, module, Term::List(parts)]) = status.as_tuple() else { panic!("{status}") };
        assert_eq!(module.to_string(), format!("{{module,'{COUNTER}'}}"));
        assert_eq!(parts[1].to_string(), "suspended");
        assert_eq!(two.system(pid, Term::atom("resume")).await.to_string(), "ok");
        assert_eq!(counter.add(2).await, Ok(42));
        let debug =
            |how: Term| Term::tuple([Term::atom("debug"), Term::tuple([Term::atom("statistics"), how])]);
        assert_eq!(two.system(pid, debug(Term::atom("get"))).await.to_string(), "{ok,no_statistics}");
        assert_eq!(two.system(pid, debug(Term::atom("true"))).await.to_string(), "ok");
        assert_eq!(counter.add(1).await, Ok(43));
        let counted = two.system(pid, debug(Term::atom("get"))).await.to_string();
        assert!(counted.contains("{messages_in,1}"), "{counted}");
        let unknown = two.system(pid, Term::atom("change_code")).await;
        assert_eq!(unknown.to_string(), "{error,{unknown_system_msg,change_code}}");
        let rex = two.node.whereis("rex").expect("runs");
        let said = two.system(rex, Term::atom("get_state")).await.to_string();
        assert!(said.starts_with("{error,<<\"the process is not a server"), "{said}");
    });
}

#[test]
fn nobody_looks_into_a_node_that_does_not_let_him() {
    Two::run(Introspection::Off, async |mut two| {
        let pid = Ref::pid(&Counter::start(40).await.expect("starts"));
        let said = two.system(pid, Term::atom("get_state")).await.to_string();
        assert_eq!(said, "{error,introspection_is_off}");
        let applications = two.node.whereis("application_controller").expect("runs");
        let refused = two.send(applications, Shape::Call, &Term::atom("which_applications")).recv().await;
        assert!(matches!(refused, Some(Err(Failure::BadMessage(_)))), "{refused:?}");
        two.spawn("observer_backend", "procs_info", vec![two.other().1], Tie::Monitor).expect("exported");
        let Some(Told::Down(reason)) = two.told.recv().await else { panic!("it ends") };
        assert_eq!(reason, ExitReason::error("introspection is off"));
    });
}

#[test]
fn supervisors_tell_of_their_children() {
    Two::run(Introspection::On, async |mut two| {
        let inner = DynamicSupervisor::new().child_spec("inner");
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .child(Counter::child_spec(1))
            .child(inner)
            .start()
            .await
            .expect("starts");
        let pid = Ref::pid(&supervisor);
        let children = two.send(pid, Shape::Call, &Term::atom("which_children")).recv().await;
        let children = children.expect("an answer").expect("a term");
        let [inner, counter] = children.as_list().expect("a list") else { panic!("{children}") };
        let Some([id, Term::Pid(_), kind, modules]) = counter.as_tuple() else { panic!("{counter}") };
        assert_eq!(format!("{id} {kind} {modules}"), format!("<<\"{COUNTER}\">> worker ['{COUNTER}']"));
        assert_eq!(inner.as_tuple().expect("a child")[2], Term::atom("supervisor"));
        let counts = "[{specs,2},{active,2},{supervisors,1},{workers,1}]";
        let counted = two.send(pid, Shape::Call, &Term::atom("count_children")).recv().await;
        assert_eq!(counted.expect("an answer").expect("a term").to_string(), counts);
        let this = crate::beam::identity::pid(&two.node, pid);
        assert_eq!(two.value("supervisor", "count_children", vec![this]).await.to_string(), counts);
    });
}

#[test]
fn processes_are_seen_as_erlang_shows_its_own() {
    Two::run(Introspection::On, async |mut two| {
        let pid = Ref::pid(&Counter::start(40).await.expect("starts"));
        let this = crate::beam::identity::pid(&two.node, pid);
        let all = two.value("erlang", "processes", vec![]).await;
        assert!(all.as_list().expect("a list").contains(&this));
        let one = two.value("erlang", "process_info", vec![this.clone(), Term::atom("status")]).await;
        assert_eq!(one.to_string(), "{status,waiting}");
        let some = Term::List(vec![Term::atom("message_queue_len"), Term::atom("registered_name")]);
        let some = two.value("erlang", "process_info", vec![this.clone(), some]).await;
        assert_eq!(some.to_string(), "[{message_queue_len,0},{registered_name,[]}]");
        let whole = two.value("erlang", "process_info", vec![this.clone()]).await.to_string();
        assert!(whole.contains(&format!("{{initial_call,{{'{COUNTER}',init,0}}}}")), "{whole}");
        assert!(!whole.contains("registered_name"), "{whole}");
        let wrong = two.call("erlang", "process_info", vec![this, Term::atom("wrong")]).await;
        assert_eq!(wrong[..2], [Term::atom("error"), Term::atom("badarg")]);
        let rex = two.value("erlang", "whereis", vec![Term::atom("rex")]).await;
        assert!(matches!(rex, Term::Pid(_)), "{rex}");
        assert_eq!(two.value("erlang", "node", vec![]).await.to_string(), "c@here");
    });
}

#[test]
fn the_leader_of_a_process_is_the_master_of_its_application() {
    const KIND: &Kind = &super::registered::kind(|| "shop", |_, _| Ok(()));
    Two::run(Introspection::On, async |mut two| {
        let leader = Arc::new(GroupLeader::new("shop"));
        let node = two.node.clone();
        let spawned = |parent| {
            let spawn = Spawn { node: node.clone(), parent, leader: leader.clone(), kind: KIND };
            let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
            let pid = cell.head().pid;
            run(cell, std::future::pending::<(ExitReason, ())>());
            pid
        };
        let master = spawned(None);
        let supervisor = spawned(Some(master));
        let worker = spawned(Some(supervisor));
        let alone = Ref::pid(&Counter::start(0).await.expect("starts"));
        for (of, leader) in [(master, master), (supervisor, master), (worker, master), (alone, alone)] {
            let [of, leader] = [of, leader].map(|pid| crate::beam::identity::pid(&node, pid));
            let told = two.value("erlang", "process_info", vec![of, Term::atom("group_leader")]).await;
            assert_eq!(told, Term::tuple([Term::atom("group_leader"), leader]));
        }
    });
}

#[test]
fn an_observer_finds_what_its_panels_need() {
    Two::run(Introspection::On, async |mut two| {
        let info = two.value("observer_backend", "sys_info", vec![]).await;
        let info = info.as_list().expect("a list").to_vec();
        assert_eq!(info.len(), 39);
        let allocators = info[19].as_tuple().expect("a pair")[1].as_list().expect("a list").len();
        assert!(allocators > 0, "a panel divides by it");
        let procs = [Term::atom("observer_backend"), Term::atom("procs_info"), Term::Integer(1)];
        assert_eq!(two.value("erlang", "function_exported", procs.to_vec()).await, Term::atom("true"));

        let collector = two.spawn("observer_backend", "procs_info", vec![two.other().1], Tie::Monitor);
        let told = two.message().await;
        let Some([what, from, Term::List(processes)]) = told.as_tuple() else { panic!("{told}") };
        assert_eq!(what.as_atom(), Some("procs_info"));
        assert_eq!(*from, crate::beam::identity::pid(&two.node, collector.expect("exported")));
        assert_eq!(processes.len(), 2, "rex and application_controller, and not who tells");
        assert!(processes.iter().all(|each| each.as_tuple().is_some_and(|fields| fields.len() == 8)));
        assert!(matches!(two.told.recv().await, Some(Told::Down(ExitReason::Normal))));

        let every = vec![two.other().1, Term::Integer(1000)];
        let fetching = two.spawn("observer_backend", "fetch_stats", every, Tie::Link).expect("exported");
        for _ in 0..2 {
            let told = two.message().await;
            let Some([stats, one, Term::List(schedulers), _, _]) = told.as_tuple() else { panic!("{told}") };
            assert_eq!((stats.as_atom(), one, schedulers.len()), (Some("stats"), &Term::Integer(1), 1));
        }
        two.send(fetching, Shape::Info, &Term::atom("exit"));
        two.node.wait_exit(fetching).await;
    });
}

#[test]
fn the_applications_are_told_to_whoever_wants_to_draw_them() {
    Two::run(Introspection::On, async |mut two| {
        let other = two.other().1;
        let started =
            two.value("appmon_info", "start_link2", vec![other.clone(), other.clone(), Term::List(vec![])]);
        let started = started.await;
        let Some([_, Term::Pid(appmon)]) = started.as_tuple() else { panic!("{started}") };
        let appmon = crate::beam::identity::read_pid(&two.node, appmon).expect("ours");
        let wants = |command, aux| {
            Term::tuple([other.clone(), Term::atom(command), aux, Term::atom("true"), Term::List(vec![])])
        };
        two.send(appmon, Shape::Cast, &wants("app_ctrl", Term::atom("c@here")));
        let told = two.message().await;
        assert_eq!(told.as_tuple().expect("a tuple")[4], Term::List(vec![]), "there are no applications");
        // The processes of none belong to the node itself.
        two.send(appmon, Shape::Cast, &wants("app", Term::atom("c")));
        let told = two.message().await;
        let tree = &told.as_tuple().expect("a tuple")[4];
        let Some([root, Term::List(processes), Term::List(edges), _]) = tree.as_tuple() else {
            panic!("{tree}")
        };
        let names: Vec<_> =
            processes.iter().map(|each| each.as_tuple().expect("a pair")[1].clone()).collect();
        assert!(names.contains(root));
        let ends = edges.iter().flat_map(|edge| edge.as_tuple().expect("a pair").to_vec());
        assert!(ends.into_iter().all(|end| names.contains(&end)), "{tree}");
    });
}
