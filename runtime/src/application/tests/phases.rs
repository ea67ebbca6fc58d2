//! Start phases, and the time an application has to stop.

use std::time::Duration;

use super::*;

/// An application with phases, one of which may fail, and a `prep_stop` that never ends.
struct Phased {
    trace: Trace,
    failing: Option<&'static str>,
}

impl Application for Phased {
    type Config = ();
    const START_PHASES: &'static [&'static str] = &["load", "go"];
    const SHUTDOWN_TIMEOUT: Option<Duration> = Some(Duration::from_secs(3));

    async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        let workers = ["one", "two"].map(|name| Worker::child_spec((name, Arc::clone(&self.trace))).id(name));
        workers.into_iter().fold(Supervisor::new(Strategy::OneForOne), Supervisor::child).start_link().await
    }

    async fn start_phase(&self, phase: &'static str, cx: &mut StartContext<()>) -> Result<(), StartError> {
        note(&self.trace, phase, cx.name());
        if self.failing == Some(phase) { Err(StartError::failed("no data")) } else { Ok(()) }
    }

    async fn prep_stop(&self) {
        note(&self.trace, "prep_stop", "p");
        pending().await
    }

    async fn stop(&self) {
        note(&self.trace, "stop", "p");
    }
}

/// `q` needs the application with phases, `p`.
async fn phased(failing: Option<&'static str>) -> Loading {
    let plan = Plan::new();
    let callback = Phased { trace: Arc::clone(&plan.trace), failing };
    let spec = Spec::supervised("p", "1.0.0", callback, StartType::Permanent);
    plan.spec("p", &[], spec).with("q", &["p"], Behaviour::Good).load().await
}

#[tokio::test(start_paused = true)]
async fn phases_follow_the_start_in_order_and_come_before_whoever_needs_the_application() {
    let node = phased(None).await;
    node.controller.start(&["q"]).await.expect("they start");
    assert_eq!(node.take_trace(), ["init one", "init two", "load p", "go p", "start q", "init q"]);
    node.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_fails_takes_the_tree_down_in_order_and_keeps_dependents_from_starting() {
    let node = phased(Some("load")).await;
    let error = node.controller.start(&["q"]).await.expect_err("no data");
    assert_eq!(error.to_string(), "application `p` failed to start: start phase `load`: no data");
    assert_eq!(node.take_trace(), ["init one", "init two", "load p", "terminate two", "terminate one"]);
    assert_eq!(node.states(), [("p", State::Failed), ("q", State::Loaded)]);
    node.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_application_that_does_not_stop_in_its_time_is_killed() {
    let node = phased(None).await;
    node.controller.start(&["p"]).await.expect("it starts");
    node.take_trace();
    let before = tokio::time::Instant::now();
    node.controller.stop(&["p"], false).await.expect("nobody needs it");
    assert_eq!(before.elapsed(), Duration::from_secs(3));
    // The end of the master ends the tree; the stop callback is not called any more.
    assert_eq!(node.take_trace(), ["prep_stop p", "terminate two", "terminate one"]);
    assert_eq!(node.node.processes().len(), 1, "only the controller's own process is left");
    node.finish().await;
}
