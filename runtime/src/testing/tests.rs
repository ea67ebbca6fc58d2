//! The test harness itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Defect, defects, restarted, run};
use crate::application::{Application, Spec, StartContext, StartType};
use crate::gen_server::{CallError, Context, GenServer, StartError};
use crate::process::{ExitReason, Node};
use crate::registry::{Name, Ref};
use crate::supervisor::{Strategy, Supervised, Supervisor};

/// Counts, and crashes when told to.
struct Counter(i64);

#[umbrella::gen_server(local)]
impl Counter {
    async fn init(start: i64) -> Result<Self, ExitReason> {
        Ok(Self(start))
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.0 += by;
        self.0
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }

    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }
}

const COUNTER: Name<Counter> = Counter::named("counter");

struct Counting {
    restart: crate::supervisor::Restart,
}

#[derive(serde::Deserialize)]
struct Config {
    start: i64,
}

impl Application for Counting {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        let counter = Counter::child_spec(cx.config().start).name(COUNTER).restart(self.restart);
        Supervisor::new(Strategy::OneForOne).child(counter).start_link().await
    }
}

/// A folder with a configuration, and the application that wants it.
fn counting(restart: crate::supervisor::Restart) -> (tempfile::TempDir, Vec<Spec>) {
    let root = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(root.path().join("config")).expect("config/");
    std::fs::create_dir_all(root.path().join("apps/b")).expect("apps/b/");
    std::fs::write(root.path().join("config/config.toml"), "[b]\nstart = 1\n").expect("a file");
    std::fs::write(root.path().join("config/test.toml"), "[b]\nstart = 40\n").expect("a file");
    (root, vec![Spec::supervised("b", "0.1.0", Counting { restart }, StartType::Permanent)])
}

fn in_test<T>(restart: crate::supervisor::Restart, body: impl Future<Output = T>) -> T {
    let (root, specs) = counting(restart);
    run(root.path().join("apps/b").to_str().expect("UTF-8"), specs, body)
}

fn panic_of(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).expect_err("it panics");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).expect("a text")
}

#[test]
fn the_applications_run_with_the_configuration_for_tests() {
    let sum = in_test(crate::supervisor::Restart::Permanent, async { COUNTER.add(2).await });
    assert_eq!(sum, Ok(42));
}

#[test]
fn a_restarted_process_is_another_one_with_fresh_state() {
    let outcome = in_test(crate::supervisor::Restart::Permanent, async {
        COUNTER.add(5).await?;
        let before = Name::pid(&COUNTER);
        let fresh = restarted(COUNTER, || COUNTER.crash()).await?;
        assert_ne!(Some(fresh), before);
        COUNTER.add(0).await
    });
    assert_eq!(outcome, Ok(40));
}

#[test]
fn a_process_that_does_not_come_back_is_named() {
    // Virtual time runs ahead as soon as everybody waits.
    let text = panic_of(|| {
        in_test(crate::supervisor::Restart::Temporary, async {
            tokio::time::pause();
            restarted(COUNTER, || COUNTER.stop()).await.map(drop).expect("sent");
        });
    });
    assert_eq!(text, "no other process was registered as `counter` within 5 s: nobody has it");
}

#[test]
fn an_action_that_fails_is_the_error() {
    let outcome = in_test(crate::supervisor::Restart::Permanent, async {
        restarted(COUNTER, || Err::<(), _>(CallError::NoProc)).await
    });
    assert_eq!(outcome, Err(CallError::NoProc));
}

#[test]
fn a_process_that_is_left_fails_the_test_and_is_named() {
    let text = panic_of(|| {
        in_test(crate::supervisor::Restart::Permanent, async {
            drop(Counter::start(0).await.expect("it starts"));
        });
    });
    assert!(text.starts_with("processes were left after the test:\n  "), "{text}");
    assert!(text.contains("Counter"), "{text}");
}

#[test]
fn a_panic_of_the_body_is_the_panic_of_the_test_and_everything_is_stopped() {
    let mut node = None;
    let text = panic_of(|| {
        in_test(crate::supervisor::Restart::Permanent, async {
            node = Node::current();
            panic!("the assertion of a test");
        });
    });
    assert_eq!(text, "the assertion of a test");
    assert!(node.expect("it ran in a node").processes().is_empty());
}

#[test]
fn a_missing_configuration_fails_before_anything_is_started() {
    let (root, specs) = counting(crate::supervisor::Restart::Permanent);
    for file in ["config/config.toml", "config/test.toml"] {
        std::fs::write(root.path().join(file), "").expect("a file");
    }
    let folder = root.path().to_str().expect("UTF-8");
    let text = panic_of(|| run(folder, specs, async { panic!("not reached") }));
    assert!(text.contains("`start` of application `b` is missing"), "{text}");
}

#[test]
fn a_tree_at_rest_has_no_defects_and_each_one_there_can_be_is_found() {
    use crate::process::{spawn_link, unlink};
    use crate::supervisor::{ChildSpec, DynamicSupervisor, Restart};
    // A start function with bad manners: it leaves a process behind, or gives one away unlinked.
    let ill = |id: &'static str, leaves: bool| {
        ChildSpec::worker(id, move || async move {
            let pid = spawn_link(std::future::pending::<()>()).map_err(StartError::failed)?;
            unlink(pid).map_err(StartError::failed)?;
            if leaves { Err(StartError::Ignore) } else { Ok(pid) }
        })
    };
    in_test(Restart::Permanent, async {
        let node = Node::current().expect("a test runs in a node");
        let supervisor = Supervisor::new(Strategy::OneForOne).start().await.expect("starts");
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        supervisor.start_child(Counter::child_spec(0)).await.expect("starts");
        dynamic.start_child(Counter::child_spec(0)).await.expect("starts");
        assert_eq!(defects(&node).await, []);

        supervisor.terminate_child(std::any::type_name::<Counter>()).await.expect("is a child");
        dynamic.start_child(ill("unlinked", false)).await.expect("starts");
        dynamic.start_child(ill("left", true)).await.expect("has nothing to run");
        let found = defects(&node).await;
        let has = |is: fn(&Defect) -> bool| found.iter().any(is);
        assert!(has(|defect| matches!(defect, Defect::Down { .. })), "{found:?}");
        assert!(has(|defect| matches!(defect, Defect::Lost { id, .. } if &**id == "unlinked")), "{found:?}");
        assert!(has(|defect| matches!(defect, Defect::Unsupervised { .. })), "{found:?}");
        assert_eq!(found.len(), 3);

        // The unlinked ones outlive it.
        node.kill(Ref::pid(&dynamic));
        node.wait_exit(Ref::pid(&dynamic)).await;
        let orphan = |defect| if let Defect::Orphan { pid, .. } = defect { Some(pid) } else { None };
        let orphans: Vec<_> = defects(&node).await.into_iter().filter_map(orphan).collect();
        assert_eq!(orphans.len(), 2);
        for pid in orphans.into_iter().chain([Ref::pid(&supervisor)]) {
            node.kill(pid);
            node.wait_exit(pid).await;
        }
    });
}
