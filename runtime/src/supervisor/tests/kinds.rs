//! What can be a child, what it is called, and what whoever starts it gets.

use super::on_node;
use crate::prelude::*;
use crate::process::wait_exit;
use crate::supervisor::{Child, ChildError, ServerSpec};

/// Runs, unless it is told not to.
struct Idle;

#[umbrella::gen_server(local)]
impl Idle {
    fn init(runs: bool) -> Result<Self, ExitReason> {
        if runs { Ok(Self) } else { Err(ExitReason::Normal) }
    }

    #[call]
    fn answer(&self) -> i64 {
        42
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }
}

#[tokio::test(start_paused = true)]
async fn a_started_server_is_a_reference() {
    on_node(async |_| {
        let fixed = Supervisor::new(Strategy::OneForOne).start().await.expect("starts");
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        let one = fixed.start_child(Idle::child_spec(true)).await.expect("starts");
        let other = dynamic.start_child(Idle::child_spec(true)).await.expect("starts");
        assert_eq!((one.answer().await, other.answer().await), (Ok(42), Ok(42)));
        assert_ne!(one, other);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_want_to_run_is_ignored_as_by_start() {
    on_node(async |_| {
        let ignored = Some(StartError::Ignore);
        assert_eq!(Idle::start(false).await.err(), ignored);
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        let started = dynamic.start_child(Idle::child_spec(false)).await;
        assert_eq!(started.err(), ignored.map(ChildError::Start));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn there_is_no_reference_to_a_child_that_has_ended() {
    on_node(async |_| {
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        let child = dynamic.start_child(Idle::child_spec(true).restart(Restart::Temporary)).await;
        let child = child.expect("starts");
        let pid = Ref::pid(&child);
        assert_eq!(ServerSpec::<Idle>::started(Some(pid)), Ok(child.clone()));
        child.crash().expect("runs");
        wait_exit(pid).await;
        assert_eq!(ServerSpec::<Idle>::started(Some(pid)), Err(ChildError::Ended(pid)));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_is_a_child_called_by_its_name_or_its_kind() {
    const ROOMS: Name<DynamicSupervisor> = DynamicSupervisor::named("rooms", "test");
    const CLEANERS: Name<TaskSupervisor> = TaskSupervisor::named("cleaners", "test");
    on_node(async |_| {
        let top = Supervisor::new(Strategy::OneForOne)
            .child(Supervisor::new(Strategy::OneForAll))
            .child(DynamicSupervisor::new())
            .child(TaskSupervisor::new())
            .child(DynamicSupervisor::new().name(ROOMS))
            .child(TaskSupervisor::new().name(CLEANERS))
            .start()
            .await
            .expect("starts");
        let children = top.which_children().await.expect("lives");
        let ids: Vec<_> = children.iter().rev().map(|child| &*child.id).collect();
        assert_eq!(ids, ["Supervisor", "DynamicSupervisor", "TaskSupervisor", "rooms", "cleaners"]);

        let inner = top.start_child(Supervisor::new(Strategy::RestForOne).name(INNER)).await.expect("starts");
        assert_eq!(Name::pid(&INNER), Some(Ref::pid(&inner)));
        let inner = ROOMS.start_child(DynamicSupervisor::new()).await.expect("starts");
        assert_eq!(inner.count_children().await.map(|counts| counts.specs), Ok(0));
    })
    .await;
}

const INNER: Name<Supervisor> = Supervisor::named("inner", "test");
