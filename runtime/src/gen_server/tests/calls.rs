//! Calls: answers, deadlines, and every way not to get an answer.

use std::time::Duration;

use super::{COUNTER, Counter, on_node};
use crate::prelude::*;

#[test]
fn a_call_is_answered_in_order_of_sending() {
    on_node(async |_| {
        let counter = Counter::start(40).await.expect("starts");
        assert_eq!(counter.add(1).await, Ok(41));
        counter.reset().expect("alive");
        assert_eq!(counter.add(2).await, Ok(2));
    });
}

#[test]
fn a_deadline_of_five_seconds_is_the_default() {
    on_node(async |_| {
        let counter = Counter::start(0).await.expect("starts");
        let began = tokio::time::Instant::now();
        assert_eq!(counter.hang().await, Err(CallError::Timeout));
        assert_eq!(began.elapsed().as_millis() / 10, 500);
    });
}

#[test]
fn a_call_within_a_process_times_out_through_the_nodes_timer() {
    struct Caller;
    #[gen_server(local)]
    impl Caller {
        fn init() -> Self {
            Self
        }
        #[call]
        async fn ask(&mut self, counter: Ref<Counter>) -> (u64, CallError) {
            let began = tokio::time::Instant::now();
            let error = counter.hang().within(Duration::from_millis(700)).await.expect_err("it hangs");
            (began.elapsed().as_millis() as u64, error)
        }
    }
    on_node(async |_| {
        let (counter, caller) =
            (Counter::start(0).await.expect("starts"), Caller::start(()).await.expect("starts"));
        let (waited, error) = caller.ask(counter).await.expect("answers");
        assert_eq!(error, CallError::Timeout);
        assert!((700..710).contains(&waited), "{waited} ms");
    });
}

#[test]
fn a_call_to_a_server_that_ends_fails_at_once_with_the_reason() {
    on_node(async |node| {
        let counter = Counter::start(0).await.expect("starts");
        let began = tokio::time::Instant::now();
        let Err(CallError::Exited(ExitReason::Panicked(panic))) = counter.panics().await else {
            panic!("not a panic")
        };
        assert_eq!(panic.message, "no answer");
        assert!(panic.location.contains("gen_server/tests/mod.rs"), "{}", panic.location);

        let counter = Counter::start(0).await.expect("starts");
        let hanging = counter.hang().infinity();
        let (answer, ()) = tokio::join!(hanging, async { node.kill(Ref::pid(&counter)) });
        assert_eq!(answer, Err(CallError::Exited(ExitReason::Killed)));
        assert_eq!(began.elapsed(), Duration::ZERO);
    });
}

#[test]
fn calls_waiting_in_the_mailbox_of_a_dying_server_fail_with_its_reason() {
    on_node(async |_| {
        let counter = Counter::start(0).await.expect("starts");
        let (first, second) = tokio::join!(counter.panics(), counter.get());
        assert!(matches!(first, Err(CallError::Exited(ExitReason::Panicked(_)))));
        assert_eq!(second, first);
    });
}

#[test]
fn a_call_to_nobody_fails_at_once_and_gives_the_message_back() {
    on_node(async |node| {
        let counter = Counter::start(0).await.expect("starts");
        node.kill(Ref::pid(&counter));
        node.wait_exit(Ref::pid(&counter)).await;
        let mut call = counter.add(1);
        assert_eq!((&mut call).await, Err(CallError::NoProc));
        assert!(call.into_undelivered().is_some());
        assert_eq!(COUNTER.get().await, Err(CallError::NoProc));
        let error = counter.reset().expect_err("dead");
        assert_eq!(error.error, CallError::NoProc);
    });
}

#[test]
fn a_name_of_an_application_elsewhere_has_no_connection() {
    on_node(async |node| {
        node.set_elsewhere(env!("CARGO_PKG_NAME"), "other");
        assert_eq!(COUNTER.get().await, Err(CallError::NoConnection("other".into())));
    });
}

#[test]
fn names_mean_nothing_outside_a_node() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a tokio runtime");
    assert_eq!(runtime.block_on(async { COUNTER.get().await }), Err(CallError::NoNode));
}

#[test]
fn a_dropped_reply_fails_the_caller_at_once() {
    on_node(async |_| {
        let counter = Counter::start(0).await.expect("starts");
        assert_eq!(counter.forgets().await, Err(CallError::NoReply));
        assert_eq!(counter.get().await, Ok(0));
    });
}

#[test]
fn expired_work_is_not_started() {
    on_node(async |_| {
        let counter = Counter::start(0).await.expect("starts");
        let mut abandoned = Box::pin(counter.add(5));
        // Sent by being polled once, then given up before the server runs.
        assert!(futures_poll_once(abandoned.as_mut()).is_none());
        drop(abandoned);
        assert_eq!(counter.get().await, Ok(0));
    });
}

pub(super) fn futures_poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_server_that_calls_itself_is_told_so() {
    struct Selfish;
    #[gen_server]
    impl Selfish {
        fn init() -> Self {
            Self
        }
        #[call]
        fn get(&self) -> u8 {
            7
        }
        #[call]
        async fn ask_myself(&self, cx: &mut Context<Self>) -> bool {
            cx.me().get().await == Err(CallError::CallingSelf)
        }
    }
    on_node(async |_| {
        let selfish = Selfish::start(()).await.expect("starts");
        assert_eq!(selfish.ask_myself().await, Ok(true));
        assert_eq!(selfish.get().await, Ok(7));
    });
}

/// Lets others answer.
struct Broker;

#[gen_server(local)]
impl Broker {
    fn init() -> Self {
        Self
    }

    #[call]
    fn ask_a_task(&mut self, reply: ReplyTo<u8>) {
        Task::start(async move {
            let _reply = reply;
            panic!("the task knows no answer")
        })
        .expect("on a node");
    }
}

#[test]
fn a_call_that_another_process_should_answer_fails_at_once_when_that_one_panics() {
    on_node(async |_| {
        let broker = Broker::start(()).await.expect("starts");
        let asked = tokio::time::timeout(Duration::from_secs(1), broker.ask_a_task().infinity());
        assert_eq!(asked.await, Ok(Err(CallError::NoReply)));
    });
}

/// Catches its own panics.
struct Catcher;

#[gen_server(local)]
impl Catcher {
    fn init() -> Self {
        Self
    }

    #[call]
    fn catches(&mut self, reply: ReplyTo<i64>) {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _held = reply;
            panic!("caught");
        }));
        assert!(caught.is_err());
    }

    #[call]
    fn lives(&self) -> bool {
        true
    }
}

#[test]
fn a_call_whose_answer_was_lost_in_a_panic_that_was_caught_fails_at_once() {
    on_node(async |_| {
        let catcher = Catcher::start(()).await.expect("starts");
        let began = tokio::time::Instant::now();
        assert_eq!(catcher.catches().infinity().await, Err(CallError::NoReply));
        assert_eq!(catcher.catches().await, Err(CallError::NoReply));
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(catcher.lives().await, Ok(true));
    });
}

#[test]
fn a_call_that_is_awaited_again_panics() {
    use std::panic::AssertUnwindSafe;

    async fn awaited_again(mut call: crate::gen_server::Call<'_, Counter, i64>) -> bool {
        let _answer = (&mut call).await;
        let again = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            std::pin::Pin::new(&mut call).poll(&mut cx).is_pending()
        }));
        again.is_err()
    }
    on_node(async |node| {
        let counter = Counter::start(1).await.expect("starts");
        assert!(awaited_again(counter.get()).await, "answered");
        assert!(awaited_again(counter.hang().within(Duration::from_secs(1))).await, "timed out");
        node.kill(Ref::pid(&counter));
        node.wait_exit(Ref::pid(&counter)).await;
        assert!(awaited_again(counter.get()).await, "not delivered");
    });
}
