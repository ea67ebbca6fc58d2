//! Looking into servers, between their messages and while they await.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::{COUNTER, Counter, on_node};
use crate::prelude::*;
use crate::sys::{self, StateText, SysError, SysState};

/// A server whose handler awaits until the test lets it go on.
#[derive(Clone, Debug)]
struct Gate {
    passed: u32,
    #[expect(dead_code, reason = "shown by its `Debug`")]
    name: &'static str,
    open: Arc<Notify>,
}

#[gen_server(local)]
impl Gate {
    fn init(open: Arc<Notify>) -> Self {
        Self { passed: 0, name: "gate", open }
    }

    #[call]
    async fn pass(&mut self) -> u32 {
        self.passed += 1;
        self.open.notified().await;
        self.passed += 1;
        self.passed
    }

    #[call]
    fn passed(&self) -> u32 {
        self.passed
    }
}

/// The clock stands still while anything can be done, so this passes only when nobody answers.
const AT_ONCE: Duration = Duration::from_millis(1);

/// A gate in which a handler awaits, and what lets it go on. The call is begun by whoever polls the future.
async fn gate() -> (Ref<Gate>, Arc<Notify>) {
    let open = Arc::new(Notify::new());
    (Gate::start(open.clone()).await.expect("starts"), open)
}

#[test]
fn the_state_is_seen_and_replaced_between_two_messages() {
    on_node(async |_| {
        let (gate, _open) = gate().await;
        assert_eq!(sys::get_state::<Gate>(&gate).await.expect("answers").passed, 0);
        let changed = sys::replace_state(&gate, |state: Gate| Gate { passed: 7, ..state }).await;
        assert_eq!(changed.expect("answers").passed, 7);
        assert_eq!(sys::with_state(&gate, |state: &mut Gate| state.passed).await, Ok(7));
        assert_eq!(gate.passed().await, Ok(7));
    });
}

#[test]
fn a_process_is_found_by_pid_by_name_and_by_reference() {
    on_node(async |_| {
        let counter = Start::<Counter>::new(3).name(&COUNTER).start().await.expect("starts");
        let now = Ok(StateText::Now("Counter { count: 3 }".into()));
        assert_eq!(sys::get_state_text(&counter).await, now);
        assert_eq!(sys::get_state_text(&COUNTER).await, now);
        assert_eq!(sys::get_state_text(&Ref::pid(&counter)).await, now);
        assert_eq!(sys::get_state_text("counter").await, now);
        assert_eq!(sys::get_state_text("nobody").await, Err(SysError::NoProc));
    });
}

#[test]
fn a_function_that_panics_changes_nothing() {
    on_node(async |_| {
        let (gate, _open) = gate().await;
        let failed = sys::replace_state(&gate, |_: Gate| panic!("no idea")).await;
        assert_eq!(failed.map(|gate| gate.passed), Err(SysError::CallbackFailed("no idea".into())));
        assert_eq!(gate.passed().await, Ok(0));
    });
}

#[test]
fn the_state_of_another_server_is_not_shown() {
    on_node(async |_| {
        let counter = Counter::start(1).await.expect("starts");
        let other = sys::get_state::<Gate>(&Ref::pid(&counter)).await.map(|gate| gate.passed);
        assert!(matches!(other, Err(SysError::OtherServer { .. })), "{other:?}");
        assert_eq!(counter.get().await, Ok(1));
    });
}

#[test]
fn a_server_without_debug_says_so() {
    struct Mute;
    #[gen_server]
    impl Mute {
        fn init() -> Self {
            Self
        }
    }
    on_node(async |_| {
        let mute = Mute::start(()).await.expect("starts");
        let text = sys::get_state_text(&mute).await;
        assert!(matches!(text, Err(SysError::NotDebug(label)) if label.ends_with("Mute")), "{text:?}");
    });
}

#[test]
fn a_suspended_server_takes_no_message_until_it_is_resumed() {
    on_node(async |_| {
        let counter = Counter::start(1).await.expect("starts");
        sys::suspend(&counter).await.expect("answers");
        assert_eq!(counter.get().within(Duration::from_secs(1)).await, Err(CallError::Timeout));
        assert_eq!(sys::get_status(&counter).await.expect("answers").state, SysState::Suspended);
        assert_eq!(sys::get_state_text(&counter).await.expect("answers").to_string(), "Counter { count: 1 }");
        let (answer, resumed) = tokio::join!(counter.add(1), sys::resume(&counter));
        assert_eq!((answer, resumed), (Ok(2), Ok(())));
        assert_eq!(sys::get_status(&counter).await.expect("answers").state, SysState::Running);
    });
}

#[test]
fn a_suspended_server_is_ended_by_signals_and_kills() {
    on_node(async |node| {
        for kill in [false, true] {
            let counter = Counter::start(1).await.expect("starts");
            sys::suspend(&counter).await.expect("answers");
            let pid = Ref::pid(&counter);
            if kill {
                node.kill(pid);
            } else {
                node.exit(pid, ExitReason::Shutdown);
            }
            let expected = if kill { ExitReason::Killed } else { ExitReason::Shutdown };
            assert_eq!(node.wait_exit(pid).await, expected);
        }
    });
}

#[test]
fn a_suspended_server_that_traps_exits_ends_with_its_parent() {
    /// Traps exits, and starts another one if it is told to.
    struct Trapper;
    #[gen_server(local)]
    impl Trapper {
        async fn init(is_parent: bool, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
            cx.trap_exit(true);
            if is_parent {
                Box::pin(Self::start_link(false)).await?;
            }
            Ok(Self)
        }
    }
    on_node(async |node| {
        let parent = Ref::pid(&Trapper::start(true).await.expect("starts"));
        let child = node.processes().into_iter().find(|&pid| pid != parent).expect("lives");
        sys::suspend(&child).await.expect("answers");
        node.kill(parent);
        assert_eq!(node.wait_exit(child).await, ExitReason::Killed);
    });
}

#[test]
fn while_a_handler_awaits_everything_but_the_state_is_answered_at_once() {
    on_node(async |_| {
        let (gate, open) = gate().await;
        let asks = async {
            // Begun after the call, which is polled first.
            tokio::task::yield_now().await;
            assert_eq!(sys::statistics(&gate, true).within(AT_ONCE).await, Ok(()));
            assert_eq!(sys::trace(&gate, true).within(AT_ONCE).await, Ok(()));
            assert_eq!(sys::trace(&gate, false).within(AT_ONCE).await, Ok(()));
            assert_eq!(sys::suspend(&gate).within(AT_ONCE).await, Ok(()));
            let status = sys::get_status(&gate).within(AT_ONCE).await.expect("answers");
            assert_eq!((status.state, status.handler), (SysState::Suspended, Some("pass")));
            let state = sys::get_state::<Gate>(&gate).await.map(|gate| gate.passed);
            let running = Duration::from_secs(5);
            assert_eq!(state, Err(SysError::Timeout { handler: Some("pass"), running }));
            open.notify_one();
            sys::get_state::<Gate>(&gate).infinity().await.expect("answers").passed
        };
        let (answer, state) = tokio::join!(gate.pass().infinity(), asks);
        assert_eq!((answer, state), (Ok(2), 2));
        assert_eq!(gate.passed().within(Duration::from_secs(1)).await, Err(CallError::Timeout));
        sys::resume(&gate).await.expect("answers");
        assert_eq!(gate.passed().await, Ok(2));
    });
}

#[test]
fn the_text_of_a_traced_state_is_known_while_a_handler_awaits() {
    on_node(async |_| {
        let (gate, open) = gate().await;
        sys::trace(&gate, true).await.expect("answers");
        let asks = async {
            tokio::task::yield_now().await;
            let text = sys::get_state_text(&gate).within(AT_ONCE).await;
            open.notify_one();
            text
        };
        let (answer, text) = tokio::join!(gate.pass(), asks);
        assert_eq!(answer, Ok(2));
        let Ok(StateText::AsHandlerBegan { text, handler }) = text else { panic!("{text:?}") };
        assert!(
            handler == "pass" && text.starts_with("Gate { passed: 0, name: \"gate\""),
            "{handler} {text}"
        );
        let text = sys::get_state_text(&gate).await.expect("answers").to_string();
        assert!(text.starts_with("Gate { passed: 2"), "{text}");
    });
}

#[test]
fn terminate_runs_the_callback_once_the_handler_is_done() {
    on_node(async |node| {
        let (gate, open) = gate().await;
        let asks = async {
            tokio::task::yield_now().await;
            sys::terminate(&gate, ExitReason::shutdown_with("asked")).within(AT_ONCE).await?;
            open.notify_one();
            Ok::<_, SysError>(())
        };
        let (answer, asked, ended) = tokio::join!(gate.pass(), asks, node.wait_exit(Ref::pid(&gate)));
        assert_eq!((answer, asked), (Ok(2), Ok(())));
        assert_eq!(ended, ExitReason::shutdown_with("asked"));
    });
}

#[test]
fn statistics_count_from_when_they_are_on() {
    on_node(async |_| {
        let counter = Counter::start(0).await.expect("starts");
        counter.add(1).await.expect("answers");
        assert_eq!(sys::get_statistics(&counter).await, Ok(None));
        sys::statistics(&counter, true).await.expect("answers");
        counter.reset().expect("alive");
        counter.add(1).await.expect("answers");
        let counted = sys::get_statistics(&counter).await.expect("answers").expect("on");
        assert_eq!((counted.messages_in, counted.messages_out), (2, 1));
        assert!(counted.polls > 0);
        sys::statistics(&counter, false).await.expect("answers");
        assert_eq!(sys::get_statistics(&counter).await, Ok(None));
    });
}

#[test]
fn a_request_to_nobody_to_oneself_and_to_no_server_fails_at_once() {
    struct Narcissus;
    #[gen_server(local)]
    impl Narcissus {
        fn init() -> Self {
            Self
        }

        #[call]
        async fn look(&self, cx: &mut Context<Self>) -> Result<StateText, SysError> {
            sys::get_state_text(&cx.pid()).await
        }
    }
    on_node(async |node| {
        let narcissus = Narcissus::start(()).await.expect("starts");
        assert_eq!(narcissus.look().await, Ok(Err(SysError::CallingSelf)));
        node.kill(Ref::pid(&narcissus));
        node.wait_exit(Ref::pid(&narcissus)).await;
        assert_eq!(sys::suspend(&narcissus).await, Err(SysError::NoProc));
        let plain = crate::process::spawn(std::future::pending::<()>()).expect("in a node");
        assert_eq!(sys::suspend(&plain).await, Err(SysError::NotAServer));
    });
}

#[test]
fn a_request_to_a_server_that_ends_says_why() {
    on_node(async |node| {
        let (gate, _open) = gate().await;
        let asks = async {
            tokio::task::yield_now().await;
            let (state, ()) =
                tokio::join!(async { sys::get_state::<Gate>(&gate).await.map(|gate| gate.passed) }, async {
                    node.exit(Ref::pid(&gate), ExitReason::Shutdown)
                },);
            state
        };
        let (answer, state) = tokio::join!(gate.pass(), asks);
        assert_eq!(answer, Err(CallError::Exited(ExitReason::Shutdown)));
        assert_eq!(state, Err(SysError::Exited(ExitReason::Shutdown)));
    });
}

#[test]
fn supervisors_answer_too() {
    on_node(async |_| {
        let top = Supervisor::new(Strategy::OneForOne).child(Counter::child_spec(0).name(COUNTER));
        let top = top.start().await.expect("starts");
        let dynamic = DynamicSupervisor::new().start().await.expect("starts");
        let text = sys::get_state_text(&top).await.expect("answers").to_string();
        assert!(text.contains("counter"), "{text}");
        assert!(sys::get_state_text(&dynamic).await.is_ok());
        for pid in [Ref::pid(&top), Ref::pid(&dynamic)] {
            sys::suspend(&pid).await.expect("answers");
            assert_eq!(sys::get_status(&pid).await.expect("answers").state, SysState::Suspended);
            sys::resume(&pid).await.expect("answers");
        }
        assert_eq!(top.count_children().await.expect("answers").active, 1);
    });
}
