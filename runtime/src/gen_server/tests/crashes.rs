//! What is reported of crashes and of traced processes.

use std::fmt;

use super::{COUNTER, Counter, on_node};
use crate::prelude::*;
use crate::process::heard::Events;
use crate::sys;

/// Crashes in every way there is.
#[derive(Debug)]
struct Bomb {
    fuse: u32,
}

/// Text is not `Copy`, so it is gone when the handler has it.
#[gen_server]
impl Bomb {
    fn init(fuse: u32) -> Self {
        Self { fuse }
    }

    #[call]
    fn light(&mut self, fuse: u32, why: String) -> u32 {
        self.fuse += fuse;
        panic!("{why}")
    }

    #[cast]
    async fn smoulder(&mut self, fuse: u32) {
        tokio::task::yield_now().await;
        panic!("slowly at {fuse}")
    }

    #[cast]
    fn give_up(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::error("wet"));
    }

    #[cast]
    fn retire(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Shutdown);
    }
}

#[test]
fn a_crash_is_one_report_with_everything_that_is_known() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    let mut top_pid = String::new();
    on_node(async |_| {
        const TOP: Name<Supervisor> = Supervisor::named("top", "umbrella");
        const BOMB: Name<Bomb> = Bomb::named("bomb");
        let top = Supervisor::new(Strategy::OneForOne).name(TOP).child(Bomb::child_spec(1).name(BOMB));
        top_pid = Ref::pid(&top.start().await.expect("starts")).to_string();
        let _exited = BOMB.light(2, "boom".into()).await;
        TOP.count_children().await.expect("lives");
    });
    let [report] = &reports.take()[..] else { panic!("one crash, one report") };
    let field = |name| report.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(field("process"), "bomb");
    assert_eq!(field("application"), "test");
    assert!(field("reason").ends_with("boom"), "{report:?}");
    assert!(field("location").contains("crashes.rs"), "{report:?}");
    assert_eq!(field("last_message"), "light(2, <String>)");
    assert_eq!(field("state"), "Bomb { fuse: 3 }");
    assert_eq!(field("ancestors"), "top");
    assert_eq!(field("restarts"), "0");
    assert_eq!(field("queued"), "0");
    assert_eq!(field("links"), format!("[{top_pid}]"));
}

#[test]
fn a_handler_that_panics_after_it_awaited_is_named() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        let bomb = Bomb::start(1).await.expect("starts");
        bomb.smoulder(5).expect("alive");
        node.wait_exit(Ref::pid(&bomb)).await;
    });
    let [report] = &reports.take()[..] else { panic!("one crash, one report") };
    assert_eq!((&*report["last_message"], &*report["state"]), ("smoulder(5)", "Bomb { fuse: 1 }"));
}

#[test]
fn giving_up_is_a_crash_and_shutting_down_is_not() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        for gives_up in [true, false] {
            let bomb = Bomb::start(1).await.expect("starts");
            if gives_up {
                bomb.give_up().expect("alive")
            } else {
                bomb.retire().expect("alive")
            }
            node.wait_exit(Ref::pid(&bomb)).await;
        }
        let killed = Bomb::start(1).await.expect("starts");
        node.kill(Ref::pid(&killed));
        node.wait_exit(Ref::pid(&killed)).await;
    });
    let [report] = &reports.take()[..] else { panic!("one crash, one report") };
    assert_eq!((&*report["reason"], &*report["last_message"]), ("wet", "give_up"));
    assert_eq!(report["state"], "Bomb { fuse: 1 }");
}

#[test]
fn a_traced_crash_shows_the_whole_message() {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |_| {
        let bomb = Bomb::start(1).await.expect("starts");
        sys::trace(&bomb, true).await.expect("answers");
        let _exited = bomb.light(2, "boom".into()).await;
    });
    let [report] = &reports.take()[..] else { panic!("one crash, one report") };
    assert_eq!(report["last_message"], "light(2, \"boom\")");
}

#[test]
fn a_state_whose_debug_panics_while_it_unwinds_ends_its_process_only() {
    struct Cursed;
    impl fmt::Debug for Cursed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Cursed")?;
            panic!("in Debug")
        }
    }
    #[gen_server]
    impl Cursed {
        fn init() -> Self {
            Self
        }
        #[cast]
        fn crash(&mut self) {
            panic!("first")
        }
    }
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        let other = Counter::start(1).await.expect("starts");
        let cursed = Cursed::start(()).await.expect("starts");
        cursed.crash().expect("alive");
        let reason = node.wait_exit(Ref::pid(&cursed)).await;
        let ExitReason::Panicked(panic) = reason else { panic!("{reason}") };
        assert_eq!(panic.message, "first");
        assert_eq!(other.get().await, Ok(1));
    });
    let [report] = &reports.take()[..] else { panic!("one crash, one report") };
    assert_eq!(report["state"], "Cursed… (its `Debug` panicked)");
}

#[test]
fn a_crash_says_nothing_of_the_one_before_it() {
    struct Mute;
    #[gen_server]
    impl Mute {
        fn init() -> Self {
            Self
        }
        #[cast]
        fn crash(&mut self) {
            panic!("quietly")
        }
    }
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        let bomb = Bomb::start(1).await.expect("starts");
        bomb.smoulder(5).expect("alive");
        node.wait_exit(Ref::pid(&bomb)).await;
        let mute = Mute::start(()).await.expect("starts");
        mute.crash().expect("alive");
        node.wait_exit(Ref::pid(&mute)).await;
        let plain = crate::process::spawn(async { panic!("plain") }).expect("in a node");
        node.wait_exit(plain).await;
    });
    let reports = reports.take();
    let shown: Vec<_> = reports
        .iter()
        .map(|report| {
            (report.get("last_message").map(String::as_str), report.get("state").map(String::as_str))
        })
        .collect();
    let first = (Some("smoulder(5)"), Some("Bomb { fuse: 1 }"));
    assert_eq!(shown, [first, (Some("crash"), None), (None, None)]);
}

#[test]
fn a_plain_process_that_crashes_is_called_after_the_function_it_was_written_in() {
    async fn doomed() -> ExitReason {
        tokio::task::yield_now().await;
        ExitReason::error("no fuel")
    }
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async |node| {
        let outer = crate::process::spawn(async move {
            let inner = crate::process::spawn(doomed()).expect("in a node");
            node.wait_exit(inner).await;
            panic!("too")
        });
        let outer = outer.expect("in a node");
        Node::current().expect("in a node").wait_exit(outer).await;
    });
    let reports = reports.take();
    let [inner, outer] = &reports[..] else { panic!("two crashes, two reports: {reports:?}") };
    assert!(inner["process"].ends_with("::doomed"), "{inner:?}");
    assert!(inner["message"].ends_with(" crashed: no fuel"), "{inner:?}");
    assert_eq!((inner.get("location"), inner.get("state")), (None, None));
    let label = &outer["process"];
    assert!(label.ends_with("called_after_the_function_it_was_written_in"), "{outer:?}");
    assert_eq!(inner["ancestors"], format!("{label} {}", outer["pid"]));
    assert!(outer["location"].contains("crashes.rs"), "{outer:?}");
}

#[test]
fn a_trace_tells_what_comes_in_and_what_goes_out() {
    let (events, _listening) = Events::of("umbrella::trace");
    on_node(async |_| {
        let counter = Start::<Counter>::new(3).name(&COUNTER).start().await.expect("starts");
        counter.add(1).await.expect("answers");
        sys::trace(&counter, true).await.expect("answers");
        counter.add(2).await.expect("answers");
        counter.reset().expect("alive");
        counter.get().await.expect("answers");
        sys::trace(&counter, false).await.expect("answers");
        counter.get().await.expect("answers");
    });
    let told: Vec<_> = events.take().iter().map(|event| event["message"].clone()).collect();
    let expected = ["in: add(2)", "out: 6", "in: reset", "in: get", "out: 0"];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with("counter <") && told.ends_with(expected), "{told}");
    }
}
