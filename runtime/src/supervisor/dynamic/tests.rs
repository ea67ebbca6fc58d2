//! The laws of DynamicSupervisor, on real processes and paused time.

use std::time::Duration;

use tokio::time::Instant;

use super::DynamicSupervisor;
use crate::prelude::*;
use crate::process::wait_exit;
use crate::supervisor::tests::on_node;
use crate::supervisor::tests::probe::{Init, Log, Probe, Recipe};
use crate::supervisor::{AutoShutdown, ChildError, ChildState, Restart, Shutdown, SpecError, Supervised};

async fn start(sup: &Ref<DynamicSupervisor>, recipe: Recipe) -> Pid {
    sup.start_child(recipe.spec()).await.expect("starts").expect("runs")
}

async fn end(id: &'static str, reason: ExitReason) {
    let pid = Name::pid(&Probe::named(id)).expect("runs");
    Probe::named(id).end(reason).expect("runs");
    wait_exit(pid).await;
}

async fn crash(id: &'static str) {
    end(id, ExitReason::error("crash")).await;
}

/// How many children there are, and how many of them live.
async fn counts(sup: &Ref<DynamicSupervisor>) -> (usize, usize) {
    let counts = sup.count_children().await.expect("lives");
    (counts.specs, counts.active)
}

#[tokio::test(start_paused = true)]
async fn a_crashed_child_is_restarted_alone() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        let (a, b) = (start(&sup, Recipe::new("a", &log)).await, start(&sup, Recipe::new("b", &log)).await);
        crash("a").await;
        assert_eq!(counts(&sup).await, (2, 2));
        assert_ne!(Name::pid(&Probe::named("a")), Some(a));
        assert_eq!(Name::pid(&Probe::named("b")), Some(b));
        assert_eq!(log.take(), "+a +b -a +a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn restarts_are_counted_for_each_child_and_go_with_it() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().intensity(9).start().await.expect("starts");
        let told = async || {
            let mut told: Vec<_> = sup.which_children().await.expect("lives");
            told.sort_by_key(|child| child.id.clone());
            told.into_iter().map(|child| (child.id.to_string(), child.restarts)).collect::<Vec<_>>()
        };
        let of = |id: &str, restarts| (id.to_owned(), Some(restarts));
        start(&sup, Recipe::new("a", &log)).await;
        start(&sup, Recipe::new("b", &log)).await;
        assert_eq!(told().await, [of("a", 0), of("b", 0)]);
        crash("a").await;
        crash("b").await;
        crash("a").await;
        assert_eq!(told().await, [of("a", 2), of("b", 1)]);
        let a = Name::pid(&Probe::named("a")).expect("runs");
        sup.terminate_child(a).await.expect("is a child");
        start(&sup, Recipe::new("a", &log)).await;
        assert_eq!(told().await, [of("a", 0), of("b", 1)], "another child, though it is called the same");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_is_not_restarted_is_forgotten() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().intensity(9).start().await.expect("starts");
        for (restart, reason, children) in [
            (Restart::Temporary, ExitReason::error("crash"), 0),
            (Restart::Temporary, ExitReason::Normal, 0),
            (Restart::Transient, ExitReason::Normal, 0),
            (Restart::Transient, ExitReason::error("crash"), 1),
            (Restart::Permanent, ExitReason::Normal, 1),
        ] {
            let spec = Recipe::new("a", &log).spec().restart(restart);
            let pid = sup.start_child(spec).await.expect("starts").expect("runs");
            Probe::named("a").end(reason).expect("runs");
            wait_exit(pid).await;
            assert_eq!(counts(&sup).await, (children, children));
            for child in sup.which_children().await.expect("lives") {
                sup.terminate_child(child.state.pid().expect("runs")).await.expect("is a child");
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn no_more_children_than_the_maximum() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().max_children(1).start().await.expect("starts");
        let a = start(&sup, Recipe::new("a", &log)).await;
        let refused = sup.start_child(Recipe::new("b", &log).spec()).await;
        assert_eq!(refused, Err(ChildError::MaxChildren(1)));
        sup.terminate_child(a).await.expect("is a child");
        assert_eq!(sup.terminate_child(a).await, Err(ChildError::NotFound));
        start(&sup, Recipe::new("b", &log)).await;
        assert_eq!(log.take(), "+a -a +b");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_does_not_start_is_not_kept() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        let failed = sup.start_child(Recipe::new("a", &log).inits([Some(Init::Fails)]).spec()).await;
        assert_eq!(failed, Err(ChildError::Start(StartError::InitFailed(ExitReason::error("no")))));
        let ignored = sup.start_child(Recipe::new("a", &log).inits([Some(Init::Ignores)]).spec()).await;
        assert_eq!(ignored, Ok(None));
        let refused =
            sup.start_child(Recipe::new("a", &log).spec().restart(Restart::Transient).significant()).await;
        assert_eq!(refused, Err(ChildError::BadSpec(SpecError::SignificantUnderNever { id: "a".into() })));
        assert_eq!(counts(&sup).await, (0, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_restart_is_tried_again_until_the_child_is_terminated() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().intensity(9).max_children(1).start().await.expect("starts");
        let failing =
            |fails| Recipe::new("a", &log).inits([None].into_iter().chain(vec![Some(Init::Fails); fails]));
        let a = start(&sup, failing(2)).await;
        crash("a").await;
        // Asked while the first attempt is under way.
        let children = sup.which_children().await.expect("lives");
        assert_eq!(children.iter().map(|child| child.state).collect::<Vec<_>>(), [ChildState::Restarting]);
        // Asked while the second is.
        assert_eq!(counts(&sup).await, (1, 0));
        assert_eq!(counts(&sup).await, (1, 1));
        assert_eq!(log.take(), "+a -a !a !a +a");

        let running = Name::pid(&Probe::named("a")).expect("runs");
        sup.terminate_child(running).await.expect("is a child");
        assert_eq!(sup.terminate_child(a).await, Err(ChildError::NotFound));
        let a = start(&sup, failing(1)).await;
        crash("a").await;
        // Asked while it is neither dead nor alive: it counts.
        assert_eq!(sup.start_child(Recipe::new("b", &log).spec()).await, Err(ChildError::MaxChildren(1)));
        assert_eq!(counts(&sup).await, (1, 1));
        sup.terminate_child(Name::pid(&Probe::named("a")).expect("runs")).await.expect("is a child");
        assert_eq!(sup.terminate_child(a).await, Err(ChildError::NotFound));

        let a = start(&sup, failing(1)).await;
        crash("a").await;
        assert_eq!(sup.terminate_child(a).await, Ok(()));
        assert_eq!(counts(&sup).await, (0, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn more_restarts_than_the_intensity_end_the_supervisor_and_all_children() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        start(&sup, Recipe::new("a", &log)).await;
        start(&sup, Recipe::new("b", &log)).await;
        crash("a").await;
        assert_eq!(counts(&sup).await, (2, 2));
        let (ended, ()) = tokio::join!(wait_exit(Ref::pid(&sup)), crash("b"));
        assert_eq!(ended, ExitReason::Shutdown);
        assert_eq!(Node::current().map(|node| node.processes()), Some(Vec::new()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn all_children_are_stopped_at_once_each_in_its_own_time() {
    on_node(async |log: Log| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        let second = Duration::from_secs(1);
        for (id, wanted, shutdown) in [
            ("a", 4 * second, Shutdown::After(9 * second)),
            ("b", 60 * second, Shutdown::After(3 * second)),
            ("c", 5 * second, Shutdown::Infinity),
            ("d", second, Shutdown::After(9 * second)),
            ("e", second, Shutdown::BrutalKill),
            // Its time does not begin when that of another is up.
            ("f", 60 * second, Shutdown::After(7 * second / 2)),
        ] {
            let spec = Recipe::new(id, &log).terminates_in(wanted).spec().shutdown(shutdown);
            sup.start_child(spec).await.expect("starts");
        }
        log.take();
        let before = Instant::now();
        sup.stop(ExitReason::Shutdown).await.expect("lives");
        assert_eq!(before.elapsed(), 5 * second);
        assert_eq!(log.take(), "-e ~d -d -b -f ~a -a ~c -c");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_significant_children_ends_the_supervisor_as_auto_shutdown_says() {
    let (any, all) = (AutoShutdown::AnySignificant, AutoShutdown::AllSignificant);
    for (auto_shutdown, survivors) in [(any, &[] as &[_]), (all, &["a"])] {
        on_node(async |log| {
            let sup = DynamicSupervisor::new().auto_shutdown(auto_shutdown).intensity(9);
            let sup = sup.start().await.expect("starts");
            let child = |id| Recipe::new(id, &log).spec().restart(Restart::Transient);
            for id in ["a", "b"] {
                sup.start_child(child(id).significant()).await.expect("starts");
            }
            sup.start_child(child("c")).await.expect("starts");
            // Restarted, or not significant: these ends mean nothing.
            crash("a").await;
            end("c", ExitReason::Normal).await;
            for id in survivors {
                end(id, ExitReason::Normal).await;
            }
            assert_eq!(counts(&sup).await, (2 - survivors.len(), 2 - survivors.len()));
            let (ended, ()) = tokio::join!(wait_exit(Ref::pid(&sup)), end("b", ExitReason::Normal));
            assert_eq!(ended, ExitReason::Shutdown);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn children_are_counted_by_kind_and_known_by_pid() {
    on_node(async |log| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        let a = start(&sup, Recipe::new("a", &log)).await;
        let inner = DynamicSupervisor::new().child_spec("inner");
        let inner = sup.start_child(inner).await.expect("starts").expect("runs");
        let counts = sup.count_children().await.expect("lives");
        assert_eq!((counts.specs, counts.active, counts.supervisors, counts.workers), (2, 2, 1, 1));
        assert_eq!(sup.get_childspec(a).await.expect("is a child").child_id(), "a");
        sup.terminate_child(inner).await.expect("is a child");
        assert_eq!(sup.get_childspec(inner).await.map(drop), Err(ChildError::NotFound));
        let counts = sup.count_children().await.expect("lives");
        assert_eq!((counts.specs, counts.active, counts.supervisors, counts.workers), (1, 1, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_children_start_and_stop() {
    struct Idle;
    #[gen_server(local)]
    impl Idle {
        fn init(_: ()) -> Self {
            Self
        }
    }
    on_node(async |_| {
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        for _ in 0..10_000 {
            sup.start_child(Idle::child_spec(()).restart(Restart::Temporary)).await.expect("starts");
        }
        assert_eq!(counts(&sup).await, (10_000, 10_000));
        sup.stop(ExitReason::Shutdown).await.expect("lives");
        assert_eq!(Node::current().map(|node| node.processes()), Some(Vec::new()));
    })
    .await;
}
