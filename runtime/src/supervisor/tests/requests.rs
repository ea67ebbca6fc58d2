//! start_child, terminate_child, restart_child, delete_child.

use std::sync::Arc;

use super::probe::{Init, Probe, Recipe, end, pid};
use super::{on_node, started, states};
use crate::prelude::*;
use crate::supervisor::{
    AutoShutdown, ChildError, ChildKind, ChildSpec, Restart, Shutdown, SpecError, Strategy, Supervisor,
};

#[tokio::test(start_paused = true)]
async fn a_child_is_added_after_all_others() {
    on_node(async |log| {
        let sup = started(Strategy::RestForOne, &["a"], &log).await;
        let b = sup.start_child(Recipe::new("b", &log).spec()).await.expect("starts");
        assert_eq!(b, Some(pid(&sup, "b").await));
        assert_eq!(states(&sup).await, "a+ b+");
        sup.stop(ExitReason::Shutdown).await.expect("lives");
        assert_eq!(log.take(), "+b -b -a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_id_is_taken_whether_its_child_runs_or_not() {
    on_node(async |log| {
        let sup = started(Strategy::OneForOne, &["a"], &log).await;
        let again = || sup.start_child(Recipe::new("a", &log).spec());
        assert_eq!(again().await, Err(ChildError::AlreadyStarted(pid(&sup, "a").await)));
        sup.terminate_child("a").await.expect("lives");
        assert_eq!(again().await, Err(ChildError::AlreadyPresent));
        sup.delete_child("a").await.expect("is stopped");
        assert!(again().await.is_ok());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_start_is_not_added() {
    on_node(async |log| {
        let sup = started(Strategy::OneForOne, &["a"], &log).await;
        let failed = sup.start_child(Recipe::new("b", &log).inits([Some(Init::Fails)]).spec()).await;
        assert_eq!(failed, Err(ChildError::Start(StartError::InitFailed(ExitReason::error("no")))));
        let ignoring = |id| Recipe::new(id, &log).inits([Some(Init::Ignores)]).spec();
        assert_eq!(sup.start_child(ignoring("c").restart(Restart::Temporary)).await, Ok(None));
        assert_eq!(sup.start_child(ignoring("d")).await, Ok(None));
        let refused = sup.start_child(Recipe::new("e", &log).spec().significant()).await;
        assert_eq!(refused, Err(ChildError::BadSpec(SpecError::SignificantUnderNever { id: "e".into() })));
        assert_eq!(states(&sup).await, "a+ d-");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_terminated_child_stays_down_until_it_is_restarted_by_hand() {
    on_node(async |log| {
        let sup = started(Strategy::OneForAll, &["a", "b"], &log).await;
        sup.terminate_child("a").await.expect("lives");
        assert_eq!((states(&sup).await, log.take()), ("a- b+".into(), "-a".into()));
        assert_eq!(sup.terminate_child("a").await, Ok(()));
        let a = sup.restart_child("a").await.expect("starts");
        assert_eq!(a, Some(pid(&sup, "a").await));
        assert_eq!(sup.restart_child("a").await, Err(ChildError::Running));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_by_hand_that_fails_changes_nothing() {
    on_node(async |log| {
        let failing = Recipe::new("a", &log).inits([None, Some(Init::Fails), Some(Init::Ignores)]);
        let sup = Supervisor::new(Strategy::OneForOne).intensity(0).child(failing.spec());
        let sup = sup.start().await.expect("starts");
        sup.terminate_child("a").await.expect("lives");
        let failed = sup.restart_child("a").await;
        assert_eq!(failed, Err(ChildError::Start(StartError::InitFailed(ExitReason::error("no")))));
        assert_eq!(sup.restart_child("a").await, Ok(None));
        assert_eq!(states(&sup).await, "a-");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_terminated_temporary_child_is_forgotten() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(Recipe::new("a", &log).spec().restart(Restart::Temporary));
        let sup = sup.start().await.expect("starts");
        sup.terminate_child("a").await.expect("lives");
        assert_eq!(sup.restart_child("a").await, Err(ChildError::NotFound));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_a_child_that_does_not_run_can_be_deleted() {
    on_node(async |log| {
        let sup = started(Strategy::OneForOne, &["a", "b"], &log).await;
        assert_eq!(sup.delete_child("a").await, Err(ChildError::Running));
        sup.terminate_child("a").await.expect("lives");
        assert_eq!(sup.delete_child("a").await, Ok(()));
        assert_eq!(sup.delete_child("a").await, Err(ChildError::NotFound));
        assert_eq!(sup.terminate_child("a").await, Err(ChildError::NotFound));
        assert_eq!(states(&sup).await, "b+");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn counts_tell_specifications_from_live_processes() {
    on_node(async |log| {
        let inner = Supervisor::new(Strategy::OneForOne).child_spec("inner");
        let transient = Recipe::new("a", &log).spec().restart(Restart::Transient);
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(transient)
            .child(inner)
            .child(Recipe::new("b", &log).spec());
        let sup = sup.start().await.expect("starts");
        end(&sup, "a", ExitReason::Normal).await;
        let counts = sup.count_children().await.expect("lives");
        assert_eq!((counts.specs, counts.active, counts.supervisors, counts.workers), (3, 2, 1, 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_is_gone_says_so() {
    on_node(async |log| {
        let sup = started(Strategy::OneForOne, &["a"], &log).await;
        sup.stop(ExitReason::Normal).await.expect("lives");
        assert_eq!(sup.which_children().await, Err(CallError::NoProc));
        assert_eq!(sup.delete_child("a").await, Err(ChildError::Call(CallError::NoProc)));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_temporary_child_was_started_with_is_given_back() {
    on_node(async |log| {
        let (temporary, permanent) = (Arc::new(()), Arc::new(()));
        let spec = |id, held: &Arc<()>| {
            let (recipe, held) = (Recipe::new(id, &log), held.clone());
            ChildSpec::worker(id, move || {
                let _held = &held;
                let starting = Probe::start_link(recipe.clone());
                async move { starting.await.map(|probe| Ref::pid(&probe)) }
            })
        };
        let sup = Supervisor::new(Strategy::OneForOne).start().await.expect("starts");
        sup.start_child(spec("a", &temporary).restart(Restart::Temporary)).await.expect("starts");
        sup.start_child(spec("b", &permanent)).await.expect("starts");
        let held = [&temporary, &permanent].map(Arc::strong_count);
        assert_eq!(held, [1, 2]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_childspec_is_given_as_the_supervisor_has_it() {
    on_node(async |log| {
        let child = |id| Recipe::new(id, &log).spec();
        let sup = Supervisor::new(Strategy::OneForOne)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .child(child("a").restart(Restart::Transient).significant().shutdown(Shutdown::BrutalKill))
            .child(child("t").restart(Restart::Temporary));
        assert_eq!(sup.check(), Ok(()));
        let sup = sup.start().await.expect("starts");
        let spec = sup.get_childspec("a").await.expect("is a child");
        assert_eq!(
            (spec.child_id(), spec.restart_type(), spec.is_significant()),
            ("a", Restart::Transient, true)
        );
        assert_eq!((spec.shutdown_time(), spec.kind()), (Shutdown::BrutalKill, ChildKind::Worker));
        assert_eq!(sup.get_childspec("b").await.map(drop), Err(ChildError::NotFound));
        // Whole: it starts a child elsewhere, once the name is free. What a temporary child began with is forgotten.
        sup.terminate_child("a").await.expect("is a child");
        let other = Supervisor::new(Strategy::OneForOne).auto_shutdown(AutoShutdown::AnySignificant);
        let other = other.start().await.expect("starts");
        assert!(other.start_child(spec).await.is_ok_and(|pid| pid.is_some()));
        let spent = sup.get_childspec("t").await.expect("is a child");
        assert!(matches!(other.start_child(spent).await, Err(ChildError::Start(_))));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_check_says_what_a_start_would_refuse() {
    on_node(async |log| {
        let twice = Supervisor::new(Strategy::OneForOne)
            .child(Recipe::new("a", &log).spec())
            .child(Recipe::new("a", &log).spec());
        assert_eq!(twice.check(), Err(SpecError::DuplicateId { id: "a".into() }));
        assert_eq!(log.take(), "");
    })
    .await;
}
