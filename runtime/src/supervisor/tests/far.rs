//! Supervisors of other nodes: what can be asked of them, and which may be asked.

use std::sync::Arc;

use crate::prelude::*;
use crate::process::wire::Wire;
use crate::supervisor::{ChildCounts, ChildError, ChildInfo, ChildKind, ChildState};
use crate::term;

struct Worker;

#[gen_server]
impl Worker {
    fn init() -> Self {
        Self
    }
}

const TOP: Name<Supervisor> = Supervisor::named("top", "");
const JOBS: Name<DynamicSupervisor> = DynamicSupervisor::named("jobs", "");

/// Runs `body` on a node beside that of a supervisor with a worker and a dynamic supervisor.
async fn with_top(body: impl AsyncFnOnce(Arc<Wire>, Name<Supervisor>, Name<DynamicSupervisor>)) {
    let wire = Wire::new();
    let top = Supervisor::new(Strategy::OneForOne)
        .name(TOP)
        .child(Worker::child_spec(()).id("worker"))
        .child(DynamicSupervisor::new().name(JOBS).child_spec("jobs"));
    wire.nodes[1].scope(top.start()).await.expect("starts");
    let (top, jobs) = (Name::on(&TOP, "b@test"), Name::on(&JOBS, "b@test"));
    wire.nodes[0].scope(body(wire.clone(), top, jobs)).await;
}

fn is_refused<T: std::fmt::Debug>(outcome: Result<T, CallError>, why: &str) {
    let Err(CallError::BadMessage(text)) = outcome else { panic!("{outcome:?}") };
    assert!(text.contains(why), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_is_asked_by_other_nodes_once_its_name_is_exported() {
    with_top(async |wire, top, jobs| {
        is_refused(top.which_children().await, "`top` is not exported");
        is_refused(jobs.count_children().await, "`jobs` is not exported");
        assert!(matches!(
            top.terminate_child("worker").await,
            Err(ChildError::Call(CallError::BadMessage(_)))
        ));
        wire.nodes[1].enter(|| Supervisor::export(&TOP)).expect("a node");
        let counts = top.count_children().await;
        assert_eq!(counts, Ok(ChildCounts { specs: 2, active: 2, supervisors: 1, workers: 1 }));
        is_refused(jobs.count_children().await, "`jobs` is not exported");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn children_of_another_node_are_listed_terminated_restarted_and_deleted() {
    with_top(async |wire, top, _| {
        wire.nodes[1].enter(|| Supervisor::export(&TOP)).expect("a node");
        let of = async |id: &str| {
            let children = top.which_children().await.expect("answered");
            children.into_iter().find(|child| &*child.id == id)
        };
        let child = of("worker").await.expect("there");
        let pid = child.state.pid().expect("runs");
        assert_eq!((child.kind, pid.is_far()), (ChildKind::Worker, true));
        assert_eq!(of("jobs").await.map(|jobs| jobs.kind), Some(ChildKind::Supervisor));

        assert_eq!(top.restart_child("worker").await, Err(ChildError::Running));
        assert_eq!(top.terminate_child("worker").await, Ok(()));
        assert_eq!(of("worker").await.map(|child| child.state), Some(ChildState::Stopped));
        let again = top.restart_child("worker").await.expect("starts").expect("runs");
        assert!(again != pid && again.is_far());
        top.terminate_child("worker").await.expect("lives");
        assert_eq!(top.delete_child("worker").await, Ok(()));
        assert_eq!(top.delete_child("worker").await, Err(ChildError::NotFound));
        assert_eq!(wire.refused(), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_of_another_node_lists_and_terminates_its_children() {
    with_top(async |wire, _, jobs| {
        let there = &wire.nodes[1];
        there.enter(|| DynamicSupervisor::export(&JOBS)).expect("a node");
        let job =
            there.scope(async { JOBS.start_child(Worker::child_spec(())).await }).await.expect("starts");
        let children = jobs.which_children().await.expect("answered");
        let [ChildInfo { state: ChildState::Running(pid), .. }] = &*children else { panic!("{children:?}") };
        assert_eq!(jobs.terminate_child(*pid).await, Ok(()));
        assert_eq!(jobs.terminate_child(*pid).await, Err(ChildError::NotFound));
        assert_eq!(there.process_info(Ref::pid(&job)).map(|info| info.pid), None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_specification_starts_does_not_cross() {
    with_top(async |wire, top, jobs| {
        wire.nodes[1]
            .enter(|| Supervisor::export(&TOP).and(DynamicSupervisor::export(&JOBS)))
            .expect("a node");
        let refusals = [
            top.start_child(Worker::child_spec(())).await.map(drop),
            jobs.start_child(Worker::child_spec(())).await.map(drop),
            top.get_childspec("worker").await.map(drop),
            top.stop(ExitReason::Shutdown).await.map_err(ChildError::Call),
        ];
        for (refused, why) in
            refusals.into_iter().zip(["stays on its node", "stays on its node", "stay", "stay"])
        {
            let Err(ChildError::Call(error)) = refused else { panic!("{refused:?}") };
            is_refused::<()>(Err(error), why);
        }
        assert_eq!(top.count_children().await.map(|counts| counts.active), Ok(2));
    })
    .await;
}

#[test]
fn what_supervisors_answer_reads_in_erlang_as_otp_s_do() {
    let written = |bytes: Result<Vec<u8>, _>| {
        term::from_binary::<term::Term>(&bytes.expect("a term")).expect("a term").to_string()
    };
    let (id, state) = ("a".into(), ChildState::Restarting);
    let child = ChildInfo { id, state, kind: ChildKind::Worker, restarts: None };
    assert_eq!(written(term::to_binary(&child)), "{<<\"a\">>,restarting,worker,[]}");
    let counts = ChildCounts { specs: 1, active: 2, supervisors: 3, workers: 4 };
    assert_eq!(written(term::to_binary(&counts)), "[{specs,1},{active,2},{supervisors,3},{workers,4}]");
    let refused: [Result<(), ChildError>; 3] =
        [Ok(()), Err(ChildError::NotFound), Err(ChildError::Start(StartError::failed("no")))];
    let texts = refused.each_ref().map(|refused| written(term::to_binary(refused)));
    assert_eq!(texts, ["ok", "{error,not_found}", "{error,{failed,<<\"no\">>}}"]);
    for refused in refused {
        let bytes = term::to_binary(&refused).expect("a term");
        assert_eq!(term::from_binary::<Result<(), ChildError>>(&bytes).expect("read"), refused);
    }
}
