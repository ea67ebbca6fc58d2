//! Starting and stopping a supervisor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::probe::{Init, Recipe, pid};
use super::{on_node, started, states};
use crate::prelude::*;
use crate::supervisor::{AutoShutdown, ChildSpec, Restart, SpecError, Strategy, Supervised, Supervisor};

#[tokio::test(start_paused = true)]
async fn children_start_left_to_right_and_stop_right_to_left() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne);
        let sup = ["a", "b", "c"].into_iter().fold(sup, |sup, id| sup.child(Recipe::new(id, &log).spec()));
        let sup = sup.start().await.expect("all children start");
        assert_eq!(log.take(), "+a +b +c");
        sup.stop(ExitReason::Shutdown).await.expect("the supervisor lives");
        assert_eq!(log.take(), "-c -b -a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_start_takes_the_others_down_and_is_named() {
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForAll)
            .child(Recipe::new("a", &log).spec())
            .child(Recipe::new("b", &log).spec())
            .child(Recipe::new("c", &log).inits([Some(Init::Fails)]).spec())
            .child(Recipe::new("d", &log).spec());
        let error = Box::new(StartError::InitFailed(ExitReason::error("no")));
        assert_eq!(sup.start().await, Err(StartError::Child { child: "c".into(), error }));
        assert_eq!(log.take(), "+a +b !c -b -a");
        assert_eq!(Node::current().map(|node| node.processes()), Some(Vec::new()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_is_named_through_every_level() {
    on_node(async |log| {
        let inner = Supervisor::new(Strategy::OneForOne)
            .child(Recipe::new("a", &log).inits([Some(Init::Panics)]).spec());
        let outer = Supervisor::new(Strategy::OneForOne).child(inner.child_spec("inner"));
        let error = outer.start().await.expect_err("a does not start").to_string();
        assert!(error.starts_with("child `inner` did not start: child `a` did not start: "), "{error}");
        assert!(error.ends_with(": in init"), "{error}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_start_function_that_panics_has_failed() {
    on_node(async |_| {
        let start = || async { panic!("in start") };
        let error = Supervisor::new(Strategy::OneForOne).child(ChildSpec::worker("a", start)).start().await;
        let Err(StartError::Child { child, error }) = error else { panic!("{error:?}") };
        assert_eq!(&*child, "a");
        assert!(error.to_string().ends_with(": in start"), "{error}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_with_nothing_to_run_keeps_its_specification_unless_it_is_temporary() {
    on_node(async |log| {
        let ignoring = |id| Recipe::new(id, &log).inits([Some(Init::Ignores)]).spec();
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(ignoring("a"))
            .child(ignoring("b").restart(Restart::Temporary))
            .child(Recipe::new("c", &log).spec());
        let sup = sup.start().await.expect("ignoring is not failing");
        assert_eq!(states(&sup).await, "a- c+");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_contradicts_itself_is_refused_before_anything_starts() {
    on_node(async |log| {
        let child = |id| Recipe::new(id, &log).spec();
        let refused = async |sup: Supervisor, why: SpecError| {
            assert_eq!(sup.start().await, Err(StartError::BadSpec(why.to_string().into())));
        };
        let new = || Supervisor::new(Strategy::OneForOne);
        refused(new().child(child("a")).child(child("a")), SpecError::DuplicateId { id: "a".into() }).await;
        refused(new().child(child("a")).period(Duration::ZERO), SpecError::ZeroPeriod).await;
        let significant = child("a").significant();
        let id: Arc<str> = "a".into();
        refused(new().child(significant.clone()), SpecError::SignificantUnderNever { id: id.clone() }).await;
        let any = new().auto_shutdown(AutoShutdown::AnySignificant).child(significant);
        refused(any, SpecError::SignificantPermanent { id }).await;
        assert_eq!(log.take(), "");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_named_supervisor_is_called_by_its_name_and_started_once() {
    on_node(async |log| {
        const TOP: Name<Supervisor> = Supervisor::named("top", "test");
        let new = || Supervisor::new(Strategy::OneForOne).name(TOP).child(Recipe::new("a", &log).spec());
        let sup = new().start().await.expect("starts");
        assert_eq!(TOP.count_children().await.map(|counts| counts.active), Ok(1));
        assert_eq!(new().start().await, Err(StartError::AlreadyStarted(Ref::pid(&sup))));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_server_is_its_name_or_else_its_type() {
    struct Idle;
    #[gen_server(local)]
    impl Idle {
        fn init(_: ()) -> Self {
            Self
        }
    }
    on_node(async |_| {
        let named = Idle::child_spec(()).name(Idle::named("idle"));
        let sup = Supervisor::new(Strategy::OneForOne).child(named).child(Idle::child_spec(())).start();
        let children = sup.await.expect("starts").which_children().await.expect("lives");
        assert_eq!([&*children[0].id, &*children[1].id], [std::any::type_name::<Idle>(), "idle"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_tree_stops_depth_first_right_to_left() {
    on_node(async |log| {
        let pair = |a, b| {
            let sup = Supervisor::new(Strategy::OneForOne);
            sup.child(Recipe::new(a, &log).spec()).child(Recipe::new(b, &log).spec())
        };
        let sup =
            pair("a", "b").child(pair("c", "d").child_spec("inner")).child(Recipe::new("e", &log).spec());
        let sup = sup.start().await.expect("starts");
        assert_eq!(log.take(), "+a +b +c +d +e");
        let counts = sup.count_children().await.expect("lives");
        assert_eq!((counts.specs, counts.active, counts.supervisors, counts.workers), (4, 4, 1, 3));
        sup.stop(ExitReason::Normal).await.expect("lives");
        assert_eq!(log.take(), "-e -d -c -b -a");
        assert_eq!(Node::current().map(|node| node.processes()), Some(Vec::new()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_exit_of_the_parent_stops_the_supervisor_with_its_reason() {
    struct Parent;
    #[gen_server(local)]
    impl Parent {
        async fn init(sup: Supervisor) -> Result<Self, ExitReason> {
            sup.name(Supervisor::named("sup", "test")).start_link().await?;
            Ok(Self)
        }
    }
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne).child(Recipe::new("a", &log).spec());
        let parent = Parent::start(sup.child(Recipe::new("b", &log).spec())).await.expect("starts");
        let node = Node::current().expect("a test runs in a node");
        let sup = node.whereis("sup").expect("the supervisor runs");
        log.take();
        node.exit(Ref::pid(&parent), ExitReason::error("parent"));
        assert_eq!(node.wait_exit(sup).await, ExitReason::error("parent"));
        assert_eq!(log.take(), "-b -a");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_exit_signal_from_a_stranger_changes_nothing() {
    on_node(async |log| {
        let sup = started(Strategy::OneForAll, &["a"], &log).await;
        let a = pid(&sup, "a").await;
        crate::process::exit(Ref::pid(&sup), ExitReason::error("stranger"));
        assert_eq!(pid(&sup, "a").await, a);
        assert_eq!(log.take(), "");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_whose_init_takes_too_long_has_freed_its_name_when_it_is_started_again() {
    const SLEEPER: Name<Sleeper> = Sleeper::named("sleeper");
    /// Begins at the second attempt.
    struct Sleeper;
    #[gen_server(local)]
    impl Sleeper {
        async fn init(attempts: Arc<AtomicUsize>) -> Self {
            if attempts.fetch_add(1, Ordering::Relaxed) == 1 {
                std::future::pending::<()>().await;
            }
            Self
        }
    }
    on_node(async |_| {
        let attempts = Arc::new(AtomicUsize::new(0));
        let limit = Duration::from_secs(1);
        let child = Sleeper::child_spec(attempts.clone()).name(SLEEPER).init_timeout(limit);
        // One restart for the crash, one for the start that failed.
        let sup =
            Supervisor::new(Strategy::OneForOne).intensity(2).child(child).start().await.expect("starts");
        let first = Name::pid(&SLEEPER).expect("runs");
        crate::process::kill(first);
        let node = Node::current().expect("a node");
        let second = node.wait_registered("sleeper", Some(first)).await;
        let third = node.wait_registered("sleeper", Some(second)).await;
        assert_eq!(attempts.load(Ordering::Relaxed), 3);
        assert!(
            sup.which_children().await.expect("lives").iter().all(|child| child.state.pid() == Some(third))
        );
    })
    .await;
}
