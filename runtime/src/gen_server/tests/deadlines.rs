//! Deadlines that pass from call to call.

use std::time::Duration;

use tokio::time::Instant;

use super::{Counter, on_node};
use crate::prelude::*;
use crate::process;

const SECOND: Duration = Duration::from_secs(1);

/// Asks a [`Counter`] that never answers, in every way there is.
#[derive(Default)]
struct Middle {
    kept: Option<ReplyTo<Duration>>,
}

#[derive(Clone)]
struct Resume(Ref<Counter>);

/// How long `call` waited for its time-out.
async fn waited(call: impl Future<Output = Result<i64, CallError>>) -> Duration {
    let began = Instant::now();
    assert_eq!(call.await, Err(CallError::Timeout));
    began.elapsed()
}

#[gen_server(local)]
impl Middle {
    fn init() -> Self {
        Self::default()
    }

    #[call]
    async fn usual(&mut self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<Duration>) {
        tell.send(waited(counter.hang()).await).expect("the test listens");
    }

    #[call]
    async fn infinity(&mut self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<Duration>) {
        tell.send(waited(counter.hang().infinity()).await).expect("the test listens");
    }

    #[call]
    async fn detached(&mut self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<Duration>) {
        tell.send(waited(counter.hang().detached()).await).expect("the test listens");
    }

    #[call]
    async fn shorter(&mut self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<Duration>) {
        tell.send(waited(counter.hang().within(SECOND / 2)).await).expect("the test listens");
    }

    /// Answers first, and works on for nobody.
    #[call]
    async fn early(
        &mut self,
        counter: Ref<Counter>,
        tell: tokio::sync::mpsc::UnboundedSender<Duration>,
        reply: ReplyTo<()>,
    ) {
        reply.reply(());
        tell.send(waited(counter.hang()).await).expect("the test listens");
    }

    #[cast]
    async fn cast(&mut self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<Duration>) {
        tell.send(waited(counter.hang()).await).expect("the test listens");
    }

    #[call]
    fn deferred(&mut self, counter: Ref<Counter>, reply: ReplyTo<Duration>, cx: &mut Context<Self>) {
        self.kept = Some(reply);
        cx.send_after(SECOND / 4, Resume(counter));
    }

    #[info]
    async fn resume(&mut self, Resume(counter): Resume) {
        let reply = self.kept.take().expect("kept");
        assert_eq!(process::deadline(), None);
        let waited = reply.scope(waited(counter.hang())).await;
        assert_eq!(process::deadline(), None);
        reply.reply(waited);
    }

    #[call]
    fn deadline(&self, cx: &mut Context<Self>) -> Option<Instant> {
        cx.deadline()
    }

    #[call]
    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
    }
}

async fn start() -> (Ref<Middle>, Ref<Counter>) {
    (Middle::start(()).await.expect("starts"), Counter::start(0).await.expect("starts"))
}

#[test]
fn a_nested_call_waits_no_longer_than_the_caller() {
    on_node(async |_| {
        let (middle, counter) = start().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let mut nested = async |call: crate::gen_server::Call<'_, Middle, ()>| {
            // The caller stops waiting at the same moment, so what the handler saw comes by another way.
            let _caller = call.within(SECOND).await;
            told.recv().await.expect("the handler goes on")
        };
        assert_eq!(nested(middle.usual(counter.clone(), tell.clone())).await, SECOND);
        assert_eq!(nested(middle.infinity(counter.clone(), tell.clone())).await, SECOND);
        assert_eq!(nested(middle.shorter(counter.clone(), tell.clone())).await, SECOND / 2);
        assert_eq!(nested(middle.detached(counter.clone(), tell.clone())).await, 5 * SECOND);
        assert_eq!(nested(middle.early(counter.clone(), tell.clone())).await, 5 * SECOND);
    });
}

#[test]
fn a_cast_has_no_deadline_to_pass_on() {
    on_node(async |_| {
        let (middle, counter) = start().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        assert!(middle.deadline().within(SECOND).await.expect("answers").is_some());
        middle.cast(counter, tell).expect("alive");
        assert_eq!(told.recv().await, Some(5 * SECOND));
        assert_eq!(middle.deadline().infinity().await, Ok(None));
    });
}

#[test]
fn a_deferred_reply_keeps_the_deadline_of_its_caller() {
    on_node(async |_| {
        let (middle, counter) = start().await;
        let mut call = Box::pin(middle.deferred(counter).within(SECOND));
        let began = Instant::now();
        assert_eq!((&mut call).await, Err(CallError::Timeout));
        assert_eq!(began.elapsed(), SECOND);
        // Not hung: what it did for the caller ended with the caller's deadline.
        assert_eq!(middle.sleep(Duration::ZERO).within(SECOND).await, Ok(()));
        assert_eq!(began.elapsed().as_millis() / 10, 100);
    });
}

#[test]
fn a_deadline_passes_through_three_servers() {
    struct Outer;
    #[gen_server(local)]
    impl Outer {
        fn init() -> Self {
            Self
        }
        #[call]
        async fn ask(&self, middle: Ref<Middle>) -> Option<Instant> {
            middle.deadline().infinity().await.expect("answers")
        }
    }
    on_node(async |_| {
        let (outer, (middle, _)) = (Outer::start(()).await.expect("starts"), start().await);
        let deadline = Instant::now() + SECOND;
        assert_eq!(outer.ask(middle.clone()).within(SECOND).await, Ok(Some(deadline)));
        assert_eq!(outer.ask(middle).infinity().await, Ok(None));
    });
}

/// Sends `call` and holds it, without looking at it again.
fn send<F: Future>(call: std::pin::Pin<&mut F>) {
    assert!(call.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
}

#[test]
fn a_call_whose_deadline_has_passed_when_its_turn_comes_is_not_executed() {
    on_node(async |_| {
        let (middle, _) = start().await;
        for wait in [SECOND / 2, 2 * SECOND] {
            let mut busy = Box::pin(middle.sleep(3 * SECOND));
            send(busy.as_mut());
            // Held and not polled, so that nobody but the server can see that it is too late.
            let mut late = Box::pin(middle.deadline().within(wait));
            let mut in_time = Box::pin(middle.deadline().within(4 * SECOND));
            send(late.as_mut());
            send(in_time.as_mut());
            assert_eq!(busy.await, Ok(()));
            assert!(in_time.await.expect("in time").is_some());
            assert_eq!(late.await, Err(CallError::Timeout));
        }
    });
}

#[test]
fn a_call_made_after_the_deadline_is_not_sent() {
    struct Late;
    #[gen_server(local)]
    impl Late {
        fn init() -> Self {
            Self
        }
        #[call]
        async fn ask(&self, counter: Ref<Counter>, tell: tokio::sync::mpsc::UnboundedSender<bool>) {
            tokio::time::sleep(2 * SECOND).await;
            let mut call = counter.add(1);
            let error = (&mut call).await;
            tell.send(error == Err(CallError::Timeout) && call.into_undelivered().is_some())
                .expect("listens");
        }
    }
    on_node(async |_| {
        let (late, (_, counter)) = (Late::start(()).await.expect("starts"), start().await);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        assert_eq!(late.ask(counter.clone(), tell).within(SECOND).await, Err(CallError::Timeout));
        assert_eq!(told.recv().await, Some(true));
        assert_eq!(counter.get().await, Ok(0));
    });
}

#[test]
fn a_node_that_moves_to_a_runtime_whose_clock_stops_keeps_its_deadlines() {
    let runtime =
        |mut builder: tokio::runtime::Builder| builder.enable_all().build().expect("a tokio runtime");
    let node = Node::new("test");
    // Here the coarse clock of the kernel is as good as the exact one.
    let threads = runtime(tokio::runtime::Builder::new_multi_thread());
    threads.block_on(node.scope(async {
        let counter = Counter::start(1).await.expect("starts");
        assert_eq!(counter.get().await, Ok(1));
    }));
    let mut stopped = tokio::runtime::Builder::new_current_thread();
    stopped.start_paused(true);
    runtime(stopped).block_on(node.scope(async {
        let counter = Counter::start(1).await.expect("starts");
        for _ in 0..2 {
            assert_eq!(waited(counter.hang().within(10 * SECOND)).await, 10 * SECOND);
        }
    }));
}

#[test]
fn a_deadline_within_another_is_only_ever_earlier() {
    on_node(async |_| {
        let now = Instant::now();
        let inner = |at| process::with_deadline(at, async { process::deadline() });
        assert_eq!(process::with_deadline(now + SECOND, inner(now + 9 * SECOND)).await, Some(now + SECOND));
        assert_eq!(process::with_deadline(now + 9 * SECOND, inner(now + SECOND)).await, Some(now + SECOND));
    });
}
