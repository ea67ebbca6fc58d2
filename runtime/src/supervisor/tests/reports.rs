//! What operators are told, and what is counted.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

use super::probe::{Init, Recipe, crash, end};
use super::{ended_by, on_node, states};
use crate::prelude::*;
use crate::process::GroupLeader;
use crate::process::heard::Events;
use crate::supervisor::{ChildError, DynamicSupervisor, Restart, Shutdown, Strategy, Supervisor};

/// Keeps supervisor reports, as `context id: reason`, and counts exit signals that nobody waited for.
#[derive(Clone, Default)]
struct Reports {
    reports: Arc<Mutex<Vec<String>>>,
    strays: Arc<AtomicUsize>,
}

impl Reports {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.reports.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Default)]
struct Fields {
    context: String,
    reason: String,
    id: String,
    /// Which process it was, and why it ended last, if the report says so.
    pid: Option<String>,
    last: Option<String>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "context" => self.context = format!("{value:?}").replace('"', ""),
            "reason" => self.reason = format!("{value:?}"),
            "offender.pid" => self.pid = Some(format!("{value:?}")),
            "offender.reason" => self.last = Some(format!("{value:?}")),
            "offender.id" => self.id = format!("{value:?}").replace('"', ""),
            _ => {}
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Reports {
    fn on_event(&self, event: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        let target = event.metadata().target();
        if target == "umbrella::supervisor::driver" {
            self.strays.fetch_add(1, Ordering::Relaxed);
        } else if target == "umbrella::supervisor_report" {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let Fields { context, reason, id, pid, last } = fields;
            let was = if pid.is_some() { "" } else { " (never ran)" };
            let last = last.map(|last| format!(", last {last}")).unwrap_or_default();
            self.reports
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(format!("{context} {id}{was}: {reason}{last}"));
        }
    }
}

/// Listens on this thread, which is the only one of a test, until it is dropped.
fn listen() -> (Reports, (tracing::subscriber::DefaultGuard, tracing::Dispatch)) {
    let reports = Reports::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(reports.clone()));
    // While there is one subscriber only, tracing asks whichever thread comes by first whether anybody listens, and
    // that may be the one of a test that does not. With a second one it asks all subscribers.
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    (reports, (guard, second))
}

#[tokio::test(start_paused = true)]
async fn every_failure_is_one_report() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let a = Recipe::new("a", &log).inits([None, Some(Init::Fails)]);
        let sup =
            Supervisor::new(Strategy::OneForOne).intensity(2).child(a.spec()).start().await.expect("starts");
        crash(&sup, "a").await;
        while states(&sup).await != "a+" {}
        assert_eq!(ended_by(&sup, crash(&sup, "a")).await, ExitReason::Shutdown);
    })
    .await;
    let expected = [
        "child_terminated a: crash",
        "start_error a: init failed: no",
        "child_terminated a: crash",
        "shutdown a: reached its restart intensity, last crash",
    ];
    assert_eq!(reports.take(), expected);
}

/// As OTP does: the process that ended is named until the child runs again, and each attempt counts.
#[tokio::test(start_paused = true)]
async fn a_restart_that_fails_is_reported_and_counts_until_the_supervisor_gives_up() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let node = Node::current().expect("a test runs in a node");
        let before = node.leader().restarts();
        let a =
            Recipe::new("a", &log).inits([None, Some(Init::Fails), Some(Init::Panics), Some(Init::Fails)]);
        let sup = Supervisor::new(Strategy::OneForOne).intensity(3).child(a.spec());
        let sup = sup.start().await.expect("starts");
        assert_eq!(ended_by(&sup, crash(&sup, "a")).await, ExitReason::Shutdown);
        // Once for the crash, once for each of two failed starts; the third is one too many.
        assert_eq!(node.leader().restarts() - before, 3);
    })
    .await;
    let reports = reports.take();
    let [first, second, third, fourth, fifth] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!(first, "child_terminated a: crash");
    assert_eq!(second, "start_error a: init failed: no");
    assert!(third.starts_with("start_error a: init failed: panicked at "), "{third}");
    assert_eq!(fourth, "start_error a: init failed: no");
    assert_eq!(fifth, "shutdown a: reached its restart intensity, last init failed: no");
}

#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_reports_alike() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let node = Node::current().expect("a test runs in a node");
        let before = node.leader().restarts();
        let sup = DynamicSupervisor::new().intensity(1).start().await.expect("starts");
        let a = Recipe::new("a", &log).inits([None, Some(Init::Fails)]);
        let pid = sup.start_child(a.spec()).await.expect("starts").expect("runs");
        node.exit(pid, ExitReason::error("crash"));
        node.wait_exit(Ref::pid(&sup)).await;
        assert_eq!(node.leader().restarts() - before, 1);
    })
    .await;
    let expected = [
        "child_terminated a: crash",
        "start_error a: init failed: no",
        "shutdown a: reached its restart intensity, last init failed: no",
    ];
    assert_eq!(reports.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_does_not_start_says_because_of_which_child() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let a = Recipe::new("a", &log).inits([Some(Init::Fails)]);
        let started = Supervisor::new(Strategy::OneForOne).child(a.spec()).start().await;
        assert!(started.is_err());
    })
    .await;
    assert_eq!(reports.take(), ["start_error a (never ran): init failed: no"]);
}

/// Whoever asked for the start is told, and the crash of the child is a report of its own.
#[tokio::test(start_paused = true)]
async fn a_start_that_was_asked_for_and_fails_is_not_reported() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let sup = Supervisor::new(Strategy::OneForOne).start().await.expect("starts");
        let a = Recipe::new("a", &log).inits([Some(Init::Fails)]);
        assert!(matches!(sup.start_child(a.spec()).await, Err(ChildError::Start(_))));
        let sup = DynamicSupervisor::new().start().await.expect("starts");
        let a = Recipe::new("a", &log).inits([Some(Init::Fails)]);
        assert!(matches!(sup.start_child(a.spec()).await, Err(ChildError::Start(_))));
    })
    .await;
    assert_eq!(reports.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_report_says_what_follows() {
    let (reports, _listening) = Events::of("umbrella::supervisor_report");
    on_node(async |log| {
        let child = |id, restart| Recipe::new(id, &log).spec().restart(restart);
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(child("a", Restart::Temporary))
            .child(child("b", Restart::Permanent).shutdown(Shutdown::BrutalKill));
        let sup = sup.start().await.expect("starts");
        for id in ["a", "b"] {
            crash(&sup, id).await;
        }
        assert_eq!(ended_by(&sup, crash(&sup, "b")).await, ExitReason::Shutdown);
    })
    .await;
    let reports = reports.take();
    let told: Vec<_> = reports.iter().map(|report| untold(&report["message"])).collect();
    let expected = [
        "child `a` ended and is not restarted: crash",
        "child `b` ended and is restarted (1 of 1 within 5s): crash",
        "child `b` ended: crash",
        "gives up, since more than 1 restart within 5s would be needed; last of child `b` crash",
    ];
    assert_eq!(told, expected);
    let field = |name| reports[1].get(name).map(String::as_str);
    assert_eq!(field("restarts"), Some("1"));
    assert_eq!((field("offender.restart"), field("offender.kind")), (Some("Permanent"), Some("Worker")));
    assert_eq!(
        (field("offender.shutdown"), field("offender.significant")),
        (Some("BrutalKill"), Some("false"))
    );
}

/// What a supervisor told, without the pids.
fn untold(message: &str) -> String {
    let words = message.split(' ').skip(2).filter(|word| !word.starts_with('<'));
    words.collect::<Vec<_>>().join(" ")
}

#[tokio::test(start_paused = true)]
async fn an_end_as_it_should_be_is_not_reported() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let child = |id, restart| Recipe::new(id, &log).spec().restart(restart);
        let sup = Supervisor::new(Strategy::OneForOne)
            .child(child("a", Restart::Transient))
            .child(child("b", Restart::Temporary))
            .child(child("c", Restart::Permanent))
            .child(child("d", Restart::Permanent).shutdown(Shutdown::BrutalKill));
        let sup = sup.start().await.expect("starts");
        end(&sup, "a", ExitReason::Normal).await;
        end(&sup, "b", ExitReason::Shutdown).await;
        sup.stop(ExitReason::Shutdown).await.expect("lives");
    })
    .await;
    assert_eq!(reports.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_had_to_be_killed_or_crashed_while_it_was_stopped_is_reported() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let slow = Recipe::new("a", &log).terminates_in(Duration::from_secs(60)).spec();
        let sup = Supervisor::new(Strategy::OneForOne).child(slow).start().await.expect("starts");
        sup.stop(ExitReason::Shutdown).await.expect("lives");

        let sup = super::started(Strategy::OneForAll, &["b", "c"], &log).await;
        let (b, c) = (super::probe::pid(&sup, "b").await, super::probe::pid(&sup, "c").await);
        let node = Node::current().expect("a test runs in a node");
        node.exit(b, ExitReason::error("first"));
        node.exit(c, ExitReason::error("second"));
        node.wait_exit(c).await;
        states(&sup).await;
    })
    .await;
    assert_eq!(
        reports.take(),
        ["shutdown_error a: killed", "child_terminated b: first", "shutdown_error c: second"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_counts_as_one_restart_of_the_application_whatever_the_strategy() {
    struct Master;
    #[gen_server(local)]
    impl Master {
        async fn init(sup: Supervisor, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
            cx.trap_exit(true);
            sup.start_link().await?;
            Ok(Self)
        }
    }
    on_node(async |log| {
        const TOP: Name<Supervisor> = Supervisor::named("top", "test");
        let sup = Supervisor::new(Strategy::OneForAll).intensity(1).name(TOP);
        let sup = sup.child(Recipe::new("a", &log).spec()).child(Recipe::new("b", &log).spec());
        let leader = Arc::new(GroupLeader::new("shop"));
        let master = Start::<Master>::new(sup).group_leader(leader.clone()).start().await.expect("starts");
        let node = Node::current().expect("a test runs in a node");
        let crash = async |name| {
            let pid = node.whereis(name).expect("runs");
            node.exit(pid, ExitReason::error("crash"));
            node.wait_exit(pid).await;
        };
        assert_eq!((leader.processes(), leader.restarts()), (4, 0));
        crash("a").await;
        TOP.count_children().await.expect("lives");
        assert_eq!((leader.processes(), leader.restarts()), (4, 1));
        let top = node.whereis("top").expect("runs");
        crash("b").await;
        node.wait_exit(top).await;
        // Giving up is not a restart.
        assert_eq!((leader.processes(), leader.restarts()), (1, 1));
        node.kill(Ref::pid(&master));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_terminated_child_leaves_no_exit_signal_behind() {
    let (reports, _listening) = listen();
    on_node(async |log| {
        let sup = super::started(Strategy::OneForAll, &["a", "b"], &log).await;
        sup.terminate_child("a").await.expect("lives");
        crash(&sup, "b").await;
        assert_eq!(states(&sup).await, "a+ b+");
    })
    .await;
    assert_eq!(reports.take(), ["child_terminated b: crash"]);
    assert_eq!(reports.strays.load(Ordering::Relaxed), 0);
}

/// Gives way when it is told to, and not before.
struct Blocker {
    go_on: std::sync::mpsc::Receiver<()>,
}

#[gen_server(local)]
impl Blocker {
    fn init(go_on: std::sync::mpsc::Receiver<()>) -> Self {
        Self { go_on }
    }

    #[cast]
    fn block(&mut self, blocks: std::sync::mpsc::Sender<()>) {
        let _the_test = (blocks.send(()), self.go_on.recv());
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_that_never_gives_way_is_left_behind_and_its_supervisor_goes_on() {
    // The child has a thread of its own, since the only one of the test would stand still.
    let elsewhere = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let (reports, _listening) = listen();
    let (go_on, gate) = std::sync::mpsc::channel();
    on_node(async |log| {
        let (handle, gate) = (elsewhere.handle().clone(), Mutex::new(Some(gate)));
        let (started, child) = std::sync::mpsc::channel();
        let blocker = ChildSpec::worker("blocker", move || {
            let gate = gate.lock().unwrap_or_else(PoisonError::into_inner).take().expect("started once");
            let there = handle.enter();
            let (starting, started) = (Blocker::start_link(gate), started.clone());
            drop(there);
            async move {
                let blocker = starting.await?;
                started.send(blocker.clone()).expect("the test listens");
                Ok(Ref::pid(&blocker))
            }
        });
        let b = Recipe::new("b", &log).spec();
        let sup = Supervisor::new(Strategy::OneForOne).child(blocker).child(b).start().await.expect("starts");
        let (blocks, blocked) = std::sync::mpsc::channel();
        child.recv().expect("started").block(blocks).expect("sent");
        blocked.recv().expect("it blocks");
        sup.terminate_child("blocker").await.expect("the supervisor lives");
        assert_eq!(states(&sup).await, "blocker- b+");
    })
    .await;
    assert_eq!(reports.take(), ["shutdown_error blocker: killed, but it never yields: left behind"]);
    go_on.send(()).expect("it waits");
    elsewhere.shutdown_background();
}
