//! What is reported of a machine that crashes.

use super::on_node;
use crate::gen_statem::Starting;
use crate::prelude::*;
use crate::process::heard::{Events, Fields};
use crate::sys::{self, SysError};

#[derive(PartialEq, Clone, Copy, Debug)]
enum Fuse {
    Cold,
    Lit,
    Burnt,
}

/// Crashes wherever a machine can.
#[derive(Debug)]
struct Rocket {
    stages: u32,
}

#[gen_statem(state = Fuse, local)]
impl Rocket {
    fn init(stages: u32, cx: &mut Starting<Self>) -> (Fuse, Self) {
        if stages == 0 {
            cx.next_event(RocketMessage::Explode(1));
        }
        (Fuse::Cold, Self { stages })
    }

    fn enter(&mut self, _old: &Fuse, state: &Fuse) {
        assert_ne!(*state, Fuse::Burnt, "too late");
    }

    #[cast]
    fn go(&mut self, to: Fuse, cx: &mut Transition<Self>) {
        self.stages += 1;
        cx.next_state(to);
    }

    #[cast]
    fn wait(&mut self, who: u8, cx: &mut Transition<Self>) {
        cx.postpone(RocketMessage::Wait(who));
    }

    #[cast]
    fn launch(&mut self, why: String, cx: &mut Transition<Self>) {
        drop(why);
        cx.next_event(RocketMessage::Explode(7));
    }

    #[internal]
    fn explode(&mut self, size: u8) {
        panic!("{size} of {}", self.stages)
    }

    #[cast]
    fn give_up(&mut self, cx: &mut Transition<Self>) {
        cx.stop(ExitReason::error("rain"));
    }
}

/// The one report of a rocket with `stages` to which `this` is done.
fn reported(stages: u32, this: impl FnOnce(&Ref<Rocket>)) -> Fields {
    let (reports, _listening) = Events::of("umbrella::crash_report");
    on_node(async move {
        let rocket = Rocket::start(stages).await.expect("a machine starts");
        this(&rocket);
        Node::current().expect("a test runs in a node").wait_exit(Ref::pid(&rocket)).await;
    });
    let reports = reports.take();
    let [report] = &reports[..] else { panic!("one crash, one report: {reports:?}") };
    report.clone()
}

#[test]
fn a_crash_shows_state_and_data_and_the_events_that_wait() {
    let report = reported(2, |rocket| {
        rocket.go(Fuse::Lit).expect("it runs");
        rocket.wait(5).expect("it runs");
        rocket.wait(6).expect("it runs");
        rocket.launch("now".into()).expect("it runs");
    });
    assert_eq!(
        report["state"],
        "Machine { state: Lit, data: Rocket { stages: 3 }, postponed: [wait(5), wait(6)] }"
    );
    // Not the message that it came from.
    assert_eq!(report["last_message"], "explode(7)");
    assert!(report["reason"].ends_with("7 of 3"), "{report:?}");
    assert!(report["location"].contains("reports.rs"), "{report:?}");
    assert!(report["process"].ends_with("Rocket"), "{report:?}");
}

#[test]
fn a_crash_of_the_state_enter_call_is_told_from_that_of_the_event_before_it() {
    let report = reported(2, |rocket| rocket.go(Fuse::Burnt).expect("it runs"));
    assert_eq!(report["last_message"], "enter(Cold, Burnt)");
    assert_eq!(report["state"], "Machine { state: Burnt, data: Rocket { stages: 3 } }");
}

#[test]
fn a_crash_before_the_first_message_is_reported() {
    let report = reported(0, |_| {});
    assert_eq!((&*report["last_message"], &*report["ancestors"]), ("explode(1)", ""));
}

#[test]
fn a_machine_that_gives_up_is_reported() {
    let report = reported(2, |rocket| rocket.give_up().expect("it runs"));
    assert_eq!((&*report["reason"], &*report["last_message"]), ("rain", "give_up"));
    assert_eq!(report["state"], "Machine { state: Cold, data: Rocket { stages: 2 } }");
}

#[test]
fn what_of_state_and_data_can_be_shown_is_shown() {
    struct Secret;
    #[gen_statem(state = Fuse)]
    impl Secret {
        fn init() -> (Fuse, Self) {
            (Fuse::Cold, Self)
        }
    }
    #[derive(PartialEq)]
    struct Mute;
    #[gen_statem(state = Mute)]
    impl Mute {
        fn init() -> (Mute, Self) {
            (Self, Self)
        }
    }
    on_node(async {
        let secret = Secret::start(()).await.expect("a machine starts");
        let text = sys::get_state_text(&secret).await.expect("it answers").to_string();
        assert_eq!(text, "Machine { state: Cold, data: <Secret> }");
        let mute = Mute::start(()).await.expect("a machine starts");
        assert!(matches!(sys::get_state_text(&mute).await, Err(SysError::NotDebug(_))));
    });
}
