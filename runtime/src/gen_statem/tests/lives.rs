//! Starts, ends, restarts, and what a machine is told about others.

use std::sync::Arc;
use std::time::Duration;

use super::on_node;
use crate::gen_statem::Starting;
use crate::prelude::*;

const LAMP: Name<Lamp> = Lamp::named("lamp");

#[derive(PartialEq, Clone, Copy, Debug)]
enum Light {
    Off,
    On,
}

struct Lamp {
    entered: u32,
    ended: Vec<Pid>,
}

struct Watch(Pid);

#[gen_statem(state = Light, local)]
impl Lamp {
    async fn init(entered: u32, cx: &mut Starting<Self>) -> Result<(Light, Self), ExitReason> {
        if entered > 100 {
            return Err(ExitReason::error("too bright"));
        }
        cx.trap_exit(true);
        Ok((Light::Off, Self { entered, ended: Vec::new() }))
    }

    async fn enter(&mut self, _old: &Light, _state: &Light) {
        tokio::task::yield_now().await;
        self.entered += 1;
    }

    #[call]
    fn toggle(&mut self, state: &Light, cx: &mut Transition<Self>) -> u32 {
        cx.next_state(if *state == Light::On { Light::Off } else { Light::On });
        self.entered
    }

    #[call]
    fn ended(&self) -> Vec<Pid> {
        self.ended.clone()
    }

    /// Answers once the state changes.
    #[call]
    fn hold(&mut self, held: Arc<()>, reply: ReplyTo<()>, cx: &mut Transition<Self>) {
        cx.postpone(LampMessage::Hold(held, reply));
    }

    #[cast]
    fn crash(&mut self, state: &Light) {
        panic!("while {state:?}")
    }

    #[info]
    fn watch(&mut self, watch: Watch) {
        crate::process::monitor(watch.0).expect("a process runs");
    }

    /// Remembers it only while it is on.
    #[info]
    fn down(&mut self, state: &Light, down: Down, cx: &mut Transition<Self>) {
        match state {
            Light::Off => cx.postpone(LampMessage::Down(down)),
            Light::On => self.ended.push(down.pid),
        }
    }

    #[info]
    fn exit(&mut self, exit: Exit) {
        self.ended.push(exit.from);
    }
}

#[test]
fn a_machine_whose_init_fails_does_not_start() {
    on_node(async {
        let error = Lamp::start(101).await.expect_err("it does not start");
        assert_eq!(error, StartError::InitFailed(ExitReason::error("too bright")));
    });
}

#[test]
fn the_first_state_is_entered_before_the_first_message_and_without_one() {
    on_node(async {
        let lamp = Lamp::start(0).await.expect("a machine starts");
        assert_eq!(lamp.toggle().await, Ok(1));
        assert_eq!(lamp.toggle().await, Ok(2));
    });
}

#[test]
fn a_supervisor_restarts_a_machine_in_its_first_state() {
    on_node(async {
        let top = Supervisor::new(Strategy::OneForOne).child(Lamp::child_spec(10).name(LAMP));
        let _top = top.start().await.expect("a supervisor starts");
        assert_eq!(LAMP.toggle().await, Ok(11));
        crate::testing::restarted(LAMP, || LAMP.crash()).await.expect("it is started again");
        assert_eq!(LAMP.toggle().await, Ok(11));
    });
}

#[test]
fn callers_that_try_again_do_not_fill_a_machine_that_keeps_its_state() {
    on_node(async {
        let lamp = Lamp::start(0).await.expect("a machine starts");
        let held = Arc::new(());
        for _ in 0..1000 {
            let answer = lamp.hold(held.clone()).within(Duration::from_millis(10)).await;
            assert_eq!(answer, Err(CallError::Timeout));
        }
        let kept = Arc::strong_count(&held) - 1;
        assert!(kept < 50, "{kept} calls are kept that nobody waits for");
    });
}

#[test]
fn the_end_of_a_monitored_process_is_an_event_that_can_be_postponed() {
    on_node(async {
        let lamp = Lamp::start(0).await.expect("a machine starts");
        let other = Lamp::start(0).await.expect("a machine starts");
        Ref::send(&lamp, Watch(Ref::pid(&other))).expect("it runs");
        crate::process::kill(Ref::pid(&other));
        crate::process::wait_exit(Ref::pid(&other)).await;
        assert_eq!(lamp.ended().await, Ok(vec![]));
        assert_eq!(lamp.toggle().await, Ok(1));
        assert_eq!(lamp.ended().await, Ok(vec![Ref::pid(&other)]));
    });
}

#[test]
fn an_exit_signal_is_an_event_of_a_machine_that_traps_exits() {
    on_node(async {
        let lamp = Lamp::start(0).await.expect("a machine starts");
        let other = Lamp::start(0).await.expect("a machine starts");
        crate::process::exit(Ref::pid(&lamp), ExitReason::error("hello"));
        assert_eq!(lamp.ended().await.map(|ended| ended.len()), Ok(1));
        drop(other);
    });
}

#[test]
fn a_crash_of_a_handler_fails_its_caller_with_the_place() {
    on_node(async {
        let lamp = Lamp::start(0).await.expect("a machine starts");
        lamp.crash().expect("it runs");
        let error = lamp.toggle().await.expect_err("it crashed");
        assert!(
            matches!(&error, CallError::Exited(ExitReason::Panicked(panic)) if panic.message == "while Off"),
            "{error:?}"
        );
    });
}
