//! Starts and ends: init, links, monitors, exit signals, names.

use std::sync::{Arc, Mutex};

use super::{COUNTER, Counter, on_node};
use crate::prelude::*;
use crate::process;

#[test]
fn init_that_fails_gives_its_reason_and_frees_the_name() {
    on_node(async |node| {
        let failed = Start::<Counter>::new(-1).name(&COUNTER).start().await;
        assert_eq!(failed, Err(StartError::InitFailed(ExitReason::error("negative"))));
        assert_eq!(node.whereis("counter"), None);
        assert!(Start::<Counter>::new(1).name(&COUNTER).start().await.is_ok());
    });
}

/// Begins at once, or never.
struct Sleeper;

#[gen_server(local)]
impl Sleeper {
    async fn init(begins: bool) -> Self {
        if !begins {
            std::future::pending::<()>().await;
        }
        Self
    }
}

#[test]
fn an_init_that_takes_too_long_is_ended_and_has_freed_its_name() {
    const SLEEPER: Name<Sleeper> = Sleeper::named("sleeper");
    let limit = std::time::Duration::from_secs(3);
    on_node(async |node| {
        let began = tokio::time::Instant::now();
        let late = Start::<Sleeper>::new(false).name(&SLEEPER).init_timeout(limit).start().await;
        assert_eq!((late, began.elapsed()), (Err(StartError::Timeout), limit));
        assert_eq!((node.whereis("sleeper"), node.processes()), (None, Vec::new()));
        assert!(Start::<Sleeper>::new(true).name(&SLEEPER).init_timeout(limit).start().await.is_ok());
    });
}

#[test]
fn a_linked_starter_is_told_of_an_init_that_takes_too_long_by_the_answer_alone() {
    on_node(async |_| {
        let starter = process::spawn(async {
            let limit = std::time::Duration::from_secs(3);
            let late = Start::<Sleeper>::new(false).link().init_timeout(limit).start().await;
            tokio::task::yield_now().await;
            if late == Err(StartError::Timeout) { ExitReason::Normal } else { ExitReason::error("started") }
        });
        assert_eq!(process::wait_exit(starter.expect("on a node")).await, ExitReason::Normal);
    });
}

#[test]
fn a_name_is_given_once() {
    on_node(async |_| {
        let first = Start::<Counter>::new(1).name(&COUNTER).start().await.expect("starts");
        let second = Start::<Counter>::new(2).name(&COUNTER).start().await;
        assert_eq!(second, Err(StartError::AlreadyStarted(Ref::pid(&first))));
        assert_eq!(COUNTER.get().await, Ok(1));
    });
}

#[test]
fn a_panic_ends_one_process_and_nothing_else() {
    on_node(async |node| {
        let (one, other) =
            (Counter::start(1).await.expect("starts"), Counter::start(2).await.expect("starts"));
        one.crash().expect("alive");
        let reason = node.wait_exit(Ref::pid(&one)).await;
        let ExitReason::Panicked(panic) = reason else { panic!("{reason:?}") };
        assert_eq!(panic.message, "asked to crash at 1");
        assert_eq!(other.get().await, Ok(2));
        assert_eq!(node.processes(), [Ref::pid(&other)]);
    });
}

/// Writes down what it is told about the ends of others.
struct Watcher {
    seen: Seen,
}

type Seen = Arc<Mutex<Vec<String>>>;

#[gen_server(local)]
impl Watcher {
    fn init(seen: Seen, traps: bool, cx: &mut Context<Self>) -> Self {
        cx.trap_exit(traps);
        Self { seen }
    }

    fn note(&self, what: String) {
        self.seen.lock().expect("no panic").push(what);
    }

    #[call]
    fn monitor(&self, pid: Pid) -> process::MonitorRef {
        process::monitor(pid).expect("a process")
    }

    #[call]
    fn demonitor(&self, monitor: process::MonitorRef) {
        process::demonitor(monitor).expect("a process");
    }

    #[call]
    fn link(&self, pid: Pid) {
        process::link(pid).expect("a process");
    }

    #[call]
    fn unlink(&self, pid: Pid) {
        process::unlink(pid).expect("a process");
    }

    #[call]
    fn sync(&self) {}

    #[info]
    fn down(&mut self, down: Down) {
        self.note(format!("down {}", down.reason));
    }

    #[info]
    fn exit(&mut self, exit: Exit) {
        self.note(format!("exit {}", exit.reason));
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        self.note(format!("terminate {reason}"));
    }
}

async fn watcher(traps: bool) -> (Ref<Watcher>, Seen) {
    let seen = Seen::default();
    (Watcher::start((seen.clone(), traps)).await.expect("starts"), seen)
}

fn take(seen: &Seen) -> Vec<String> {
    std::mem::take(&mut seen.lock().expect("no panic"))
}

#[test]
fn a_monitor_fires_once_with_the_reason() {
    on_node(async |node| {
        let (watcher, seen) = watcher(false).await;
        let counter = Counter::start(0).await.expect("starts");
        watcher.monitor(Ref::pid(&counter)).await.expect("answers");
        counter.stop().expect("alive");
        node.wait_exit(Ref::pid(&counter)).await;
        watcher.monitor(Ref::pid(&counter)).await.expect("answers");
        watcher.sync().await.expect("answers");
        assert_eq!(take(&seen), ["down normal", "down no such process"]);
    });
}

#[test]
fn a_demonitored_down_does_not_come_even_if_it_was_on_its_way() {
    on_node(async |_| {
        let (watcher, seen) = watcher(false).await;
        let gone = watcher.monitor(Ref::pid(&watcher)).await.expect("answers");
        watcher.demonitor(gone).await.expect("answers");
        watcher.sync().await.expect("answers");
        assert!(take(&seen).is_empty());
    });
}

#[test]
fn an_abnormal_end_spreads_over_links_and_a_normal_one_does_not() {
    on_node(async |node| {
        for (normal, survives) in [(true, true), (false, false)] {
            let (watcher, _seen) = watcher(false).await;
            let counter = Counter::start(0).await.expect("starts");
            watcher.link(Ref::pid(&counter)).await.expect("answers");
            if normal {
                counter.stop().expect("alive")
            } else {
                counter.crash().expect("alive")
            }
            node.wait_exit(Ref::pid(&counter)).await;
            assert_eq!(watcher.sync().await.is_ok(), survives);
        }
    });
}

#[test]
fn a_process_that_traps_exits_hears_of_them_instead() {
    on_node(async |node| {
        let (watcher, seen) = watcher(true).await;
        let counter = Counter::start(0).await.expect("starts");
        watcher.link(Ref::pid(&counter)).await.expect("answers");
        counter.stop().expect("alive");
        node.wait_exit(Ref::pid(&counter)).await;
        node.exit(Ref::pid(&watcher), ExitReason::error("poke"));
        watcher.link(Ref::pid(&counter)).await.expect("answers");
        watcher.sync().await.expect("answers");
        assert_eq!(take(&seen), ["exit normal", "exit poke", "exit no such process"]);
    });
}

#[test]
fn an_unlinked_process_hears_nothing() {
    on_node(async |node| {
        let (watcher, seen) = watcher(true).await;
        let counter = Counter::start(0).await.expect("starts");
        watcher.link(Ref::pid(&counter)).await.expect("answers");
        watcher.unlink(Ref::pid(&counter)).await.expect("answers");
        counter.crash().expect("alive");
        node.wait_exit(Ref::pid(&counter)).await;
        watcher.sync().await.expect("answers");
        assert!(take(&seen).is_empty());
    });
}

#[test]
fn kill_cannot_be_trapped_and_skips_terminate() {
    on_node(async |node| {
        let (watcher, seen) = watcher(true).await;
        node.kill(Ref::pid(&watcher));
        assert_eq!(node.wait_exit(Ref::pid(&watcher)).await, ExitReason::Killed);
        assert!(take(&seen).is_empty());
    });
}

#[test]
fn an_exit_signal_ends_a_process_that_awaits_inside_a_handler() {
    on_node(async |node| {
        let counter = Counter::start(0).await.expect("starts");
        let pid = Ref::pid(&counter);
        let signal = async { node.exit(pid, ExitReason::Shutdown) };
        let (answer, ()) = tokio::join!(counter.hang().infinity(), signal);
        assert_eq!(answer, Err(CallError::Exited(ExitReason::Shutdown)));
    });
}

#[test]
fn an_exit_signal_with_normal_is_ignored() {
    on_node(async |node| {
        let counter = Counter::start(3).await.expect("starts");
        node.exit(Ref::pid(&counter), ExitReason::Normal);
        assert_eq!(counter.get().await, Ok(3));
    });
}

/// Starts a watcher linked to itself, as a supervisor does.
struct Parent {
    child: Ref<Watcher>,
}

#[gen_server(local)]
impl Parent {
    async fn init(seen: Seen) -> Result<Self, StartError> {
        Ok(Self { child: Watcher::start_link((seen, true)).await? })
    }

    #[call]
    fn child(&self) -> Pid {
        Ref::pid(&self.child)
    }
}

#[test]
fn the_exit_of_the_parent_ends_a_child_that_traps_exits_through_terminate() {
    on_node(async |node| {
        let seen = Seen::default();
        let parent = Parent::start(seen.clone()).await.expect("starts");
        let child = parent.child().await.expect("answers");
        node.exit(Ref::pid(&parent), ExitReason::Shutdown);
        assert_eq!(node.wait_exit(child).await, ExitReason::Shutdown);
        assert_eq!(take(&seen), ["terminate shutdown"]);
    });
}

#[test]
fn a_panic_in_init_is_the_starters_error() {
    struct Broken;
    #[gen_server]
    impl Broken {
        fn init() -> Self {
            panic!("cannot begin")
        }
    }
    on_node(async |node| {
        let failed = Broken::start(()).await.expect_err("it panics");
        let StartError::InitFailed(ExitReason::Panicked(panic)) = failed else { panic!("{failed:?}") };
        assert_eq!(panic.message, "cannot begin");
        assert!(node.processes().is_empty());
    });
}

#[test]
fn the_state_is_dropped_before_others_hear_of_the_end() {
    struct Owner {
        _resource: Arc<()>,
    }
    #[gen_server(local)]
    impl Owner {
        fn init(resource: Arc<()>) -> Self {
            Self { _resource: resource }
        }
    }
    on_node(async |node| {
        let resource = Arc::new(());
        let owner = Owner::start(resource.clone()).await.expect("starts");
        node.kill(Ref::pid(&owner));
        node.wait_exit(Ref::pid(&owner)).await;
        assert_eq!(Arc::strong_count(&resource), 1);
    });
}
