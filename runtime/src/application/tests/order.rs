//! Order, failure, ends, leaks.

use super::*;

#[tokio::test]
async fn applications_start_after_what_they_need_and_stop_in_reverse() {
    let node = abc().load().await;
    assert_eq!(node.controller.start(&["a"]).await.expect("they start").start, ["c", "b", "a"]);
    let order = ["start c", "init c", "start b", "init b", "start a", "init a"];
    assert_eq!(node.take_trace(), order);
    assert_eq!(node.controller.shut_down().await, ["a", "b", "c"]);
    let order = [
        "prep_stop a",
        "terminate a",
        "stop a",
        "prep_stop b",
        "terminate b",
        "stop b",
        "prep_stop c",
        "terminate c",
        "stop c",
    ];
    assert_eq!(node.take_trace(), order);
    assert!(matches!(
        node.controller.start(&["a"]).await,
        Err(OperationError::Refused(Refused::NodeStopping))
    ));
    node.finish().await;
}

#[tokio::test]
async fn starting_and_stopping_again_says_that_it_is_so_already() {
    let node = abc().load().await;
    node.controller.start(&["b"]).await.expect("it starts");
    assert_eq!(node.controller.start(&["b"]).await.expect("it runs").already, ["b"]);
    node.controller.stop(&["b"], false).await.expect("nobody needs it");
    assert_eq!(node.controller.stop(&["b"], false).await.expect("fine").already, ["b"]);
    assert_eq!(node.states(), [("c", State::Running), ("b", State::Stopped), ("a", State::Loaded)]);
    node.finish().await;
}

#[tokio::test]
async fn a_refused_stop_stops_nothing() {
    let node = abc().load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    let refused = node.controller.stop(&["c"], false).await.expect_err("a and b need it");
    assert_eq!(refused.to_string(), "application `c` is needed by `b`, `a`");
    assert!(node.states().iter().all(|(_, state)| *state == State::Running));
    node.finish().await;
}

#[tokio::test]
async fn a_restart_with_dependents_gives_all_of_them_fresh_processes() {
    let node = abc().load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    let before: Vec<_> = ["a", "b", "c"].map(|name| node.node.whereis(name)).into();
    let plan = node.controller.restart(&["b"], true).await.expect("restarted");
    assert_eq!((plan.stop, plan.start), (vec!["a", "b"], vec!["b", "a"]));
    let after: Vec<_> = ["a", "b", "c"].map(|name| node.node.whereis(name)).into();
    assert!(after.iter().all(Option::is_some));
    assert_ne!(after[0], before[0]);
    assert_ne!(after[1], before[1]);
    assert_eq!(after[2], before[2], "c was left alone");
    node.finish().await;
}

#[tokio::test]
async fn a_failed_start_stops_what_the_request_had_started_and_nothing_else() {
    let plan = abc().with("d", &["b", "c"], Behaviour::FailsToStart);
    let node = plan.load().await;
    node.controller.start(&["c"]).await.expect("it starts");
    let error = node.controller.start(&["d"]).await.expect_err("no disk");
    assert_eq!(error.to_string(), "application `d` failed to start: no disk");
    let states = [("c", State::Running), ("b", State::Stopped), ("a", State::Loaded), ("d", State::Failed)];
    assert_eq!(node.states(), states);
    node.finish().await;
}

#[tokio::test]
async fn a_start_that_fails_after_its_tree_has_started_shuts_the_tree_down_in_order() {
    let node = Plan::new().with("a", &[], Behaviour::FailsLate).load().await;
    let error = node.controller.start(&["a"]).await.expect_err("no disk any more");
    assert_eq!(error.to_string(), "application `a` failed to start: no disk any more");
    assert_eq!(node.take_trace(), ["start a", "init a", "terminate a"]);
    node.finish().await;
}

#[tokio::test]
async fn a_panic_in_the_start_callback_is_the_reason_of_the_failure() {
    let node = Plan::new().with("a", &[], Behaviour::PanicsInStart).load().await;
    let error = node.controller.start(&["a"]).await.expect_err("it panics");
    assert!(error.to_string().contains("no disk at all"), "{error}");
    node.finish().await;
}

#[tokio::test]
async fn callbacks_that_panic_do_not_keep_an_application_from_stopping() {
    let node = Plan::new().with("a", &[], Behaviour::PanicsInCallbacks).load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    node.controller.stop(&["a"], false).await.expect("it stops");
    assert_eq!(node.take_trace(), ["start a", "init a", "prep_stop a", "terminate a", "stop a"]);
    node.finish().await;
}

#[tokio::test]
async fn the_end_of_a_permanent_application_takes_the_node_down_and_names_the_crash() {
    let node = abc().load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    node.crash("b");
    let ended = node.controller.ended().await;
    assert_eq!(ended.application, "b");
    let text = ended.to_string();
    assert!(text.starts_with("application `b` ended: shutdown; its last crash: b <"), "{text}");
    assert!(text.contains("asked to crash"), "{text}");
    assert_eq!(node.controller.shut_down().await, ["a", "c"]);
    node.finish().await;
}

#[tokio::test]
async fn an_application_that_ends_before_anybody_can_watch_it_keeps_its_reason() {
    let node = Plan::new().with("a", &[], Behaviour::EndsAtOnce).load().await;
    node.controller.start(&["a"]).await.expect("its start function says so");
    assert_eq!(node.controller.ended().await.reason, ExitReason::error("enough"));
    node.finish().await;
}

#[tokio::test]
async fn the_end_of_a_temporary_application_is_only_reported_and_it_can_be_started_again() {
    let node = Plan::new().typed("a", &[], Behaviour::Good, StartType::Temporary).load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    let first = node.node.whereis("a").expect("it runs");
    node.crash("a");
    node.node.wait_exit(first).await;
    node.until("a", State::Failed).await;
    assert_eq!(node.states(), [("a", State::Failed)]);
    assert_eq!(node.take_trace(), ["start a", "init a", "prep_stop a", "stop a"]);
    let info = &node.controller.infos()[0];
    assert!(info.last_crash.as_ref().is_some_and(|crash| &*crash.process == "a"));
    assert_eq!(node.controller.start(&["a"]).await.expect("it starts again").start, ["a"]);
    node.finish().await;
}

#[tokio::test]
async fn an_application_elsewhere_is_not_started_and_what_only_it_needs_is_not_of_this_node() {
    use Behaviour::Good;
    let plan = Plan::new().with("d", &[], Good).with("c", &["d"], Good).with("a", &["c"], Good);
    let a = plan.specs["a"].clone();
    let plan = Plan { specs: [("a", a)].into(), ..plan }.elsewhere("c", "backend");
    let node = plan.load().await;
    assert_eq!(node.states(), [("c", State::Elsewhere), ("a", State::Loaded)]);
    assert_eq!(node.controller.start(&["a"]).await.expect("it starts").start, ["a"]);
    assert_eq!(node.node.elsewhere("c").as_deref(), Some("backend"));
    node.finish().await;
}

#[tokio::test]
async fn what_outlives_its_application_is_killed() {
    let node = Plan::new().with("a", &[], Behaviour::Leaks).load().await;
    node.controller.start(&["a"]).await.expect("it starts");
    node.controller.stop(&["a"], false).await.expect("it stops");
    let leader = node.controller.infos()[0].processes;
    assert_eq!(leader, 0);
    node.finish().await;
}

#[tokio::test]
async fn a_start_that_hangs_is_given_up_when_the_node_stops() {
    let node =
        Plan::new().with("c", &[], Behaviour::Good).with("h", &["c"], Behaviour::NeverStarts).load().await;
    let hanging = node.controller.clone();
    let start = tokio::spawn(async move { hanging.start(&["h"]).await.map(|plan| plan.start) });
    node.until("h", State::Starting).await;
    assert_eq!(node.controller.shut_down().await, ["h"]);
    let error = start.await.expect("no panic").expect_err("given up");
    assert_eq!(error.to_string(), "application `h` failed to start: the node is stopping");
    assert_eq!(node.states(), [("c", State::Stopped), ("h", State::Stopped)]);
    node.finish().await;
}

#[tokio::test]
async fn a_temporary_application_that_fails_at_boot_does_not_stop_the_boot() {
    let plan = abc().typed("t", &[], Behaviour::FailsToStart, StartType::Temporary);
    let node = plan.load().await;
    assert_eq!(node.controller.boot(&["a", "t"]).await.expect("without t").start, ["c", "b", "a"]);
    node.finish().await;

    let node = abc().with("t", &[], Behaviour::FailsToStart).load().await;
    assert!(node.controller.boot(&["a", "t"]).await.is_err());
    node.finish().await;
}
