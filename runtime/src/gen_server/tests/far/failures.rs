//! How calls and casts to another node fail.

use std::time::Duration;

use super::*;
use crate::process::Mailbox;
use crate::process::incoming::ImportError;

async fn start<S: GenServer>(far: &Far, args: S::Args, name: &'static str) -> Ref<S::Protocol> {
    far.wire.nodes[1]
        .scope(async { Start::<S>::new(args).registered_as(name).start().await })
        .await
        .expect("starts")
}

#[test]
fn nobody_there_is_noproc() {
    with_far(async |far| {
        let unknown = Counter::named("unknown");
        let mut call = unknown.add(1);
        assert_eq!((&mut call).await, Err(CallError::NoProc));
        unknown.reset().expect("sent, to nobody");
        let counter = Counter::of(&far.counter).await;
        far.wire.nodes[1].kill(Ref::pid(&far.counter));
        far.wire.nodes[1].wait_exit(Ref::pid(&far.counter)).await;
        assert_eq!(counter.get().await, Err(CallError::NoProc));
    });
}

impl Counter {
    /// A counter of the other node, as this one knows it.
    async fn of(there: &Ref<Counter>) -> Ref<Counter> {
        let node = Node::current().expect("a node");
        let pid = Ref::pid(there);
        let id = node.node_id("b@test").expect("room");
        Ref::from_pid(Pid::on(id, pid.id(), pid.serial(), pid.creation())).expect("believed")
    }
}

#[test]
fn the_end_of_the_callee_fails_its_calls_with_the_reason() {
    with_far(async |_| {
        let panicked = COUNTER.panics().await;
        assert!(matches!(&panicked, Err(CallError::Exited(ExitReason::Panicked(_)))), "{panicked:?}");
    });
    with_far(async |far| {
        let counter = COUNTER;
        let mut waiting = Box::pin(counter.get());
        COUNTER.stop().expect("sent");
        assert!(poll_once(waiting.as_mut()).is_none());
        assert_eq!(waiting.await, Err(CallError::Exited(ExitReason::Normal)));
        assert_eq!(far.wire.calls(), 0);
    });
}

#[test]
fn a_dropped_reply_fails_the_caller_at_once() {
    with_far(async |_| assert_eq!(COUNTER.forgets().await, Err(CallError::NoReply)));
}

#[test]
fn a_deadline_passes_on_the_clock_of_the_caller_and_gives_the_answer_up() {
    with_far(async |far| {
        let begun = tokio::time::Instant::now();
        assert_eq!(COUNTER.hang().within(Duration::from_millis(300)).await, Err(CallError::Timeout));
        assert_eq!((begun.elapsed(), far.wire.calls()), (Duration::from_millis(300), 0));
        far.wire.cut();
    });
}

#[test]
fn work_whose_caller_has_left_meanwhile_is_not_started() {
    with_far(async |far| {
        // Its only handler is busy until the deadline of the next call has passed.
        let counter = COUNTER;
        let busy = counter.add(1).within(Duration::from_millis(10));
        far.wire.hold();
        assert_eq!(busy.await, Err(CallError::Timeout));
        far.wire.release();
        assert_eq!(COUNTER.get().await, Ok(0), "that nobody waits came right behind the call");
        let sleeper = start::<Sleeper>(&far, (), "sleeper").await;
        let sleeper_there = Sleeper::named("sleeper");
        sleeper_there.sleep().expect("sent");
        assert_eq!(sleeper_there.begun().within(Duration::from_millis(10)).await, Err(CallError::Timeout));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(far.wire.nodes[1].scope(sleeper.begun()).await, Ok(1));
    });
}

/// Sleeps, and counts the calls that it begins with.
struct Sleeper {
    begun: u32,
}

#[gen_server]
impl Sleeper {
    fn init() -> Self {
        Self { begun: 0 }
    }

    #[cast]
    async fn sleep(&mut self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    #[call]
    fn begun(&mut self) -> u32 {
        self.begun += 1;
        self.begun
    }
}

#[test]
fn a_message_that_cannot_be_written_comes_back() {
    with_far(async |far| {
        let sink = SINK;
        let mut call = sink.place(Order { id: 1, price: f64::NAN, note: None });
        let error = (&mut call).await.expect_err("not a number");
        let CallError::BadMessage(text) = error else { panic!("{error:?}") };
        assert!(text.starts_with("argument `order: ") && text.contains("of `place`"), "{text}");
        assert!(matches!(call.into_undelivered(), Some(SinkMessage::Place(Order { id: 1, .. }, _))));
        let error = SINK.price(f64::INFINITY).expect_err("not finite");
        assert!(matches!(error.error, CallError::BadMessage(_)));
        assert!(matches!(*error.message, SinkMessage::Price(price) if price.is_infinite()));
        assert_eq!((far.wire.calls(), SINK.heard().await), (0, Ok(vec![])));
    });
}

#[test]
fn an_info_that_stays_on_its_node_comes_back() {
    with_far(async |far| {
        let error = Name::send(&SINK, Opaque).expect_err("no serde");
        assert!(matches!(error.error, CallError::BadMessage(_)), "{error:?}");
        assert!(matches!(*error.message, SinkMessage::Opaque(_)));
        far.wire.nodes[1].enter(|| Ref::send(&far.sink, Opaque)).expect("here it goes");
        assert_eq!(SINK.heard().await, Ok(vec!["opaque".into()]));
    });
}

#[test]
fn a_reply_that_cannot_be_written_fails_the_call_and_not_the_server() {
    with_far(async |_| {
        let error = SINK.nan().await.expect_err("not a number");
        assert_eq!(error.to_string(), "bad message: the reply, f64: a float is infinite or not a number");
        assert_eq!(SINK.sum(1, 1, 1).await, Ok(3));
    });
}

/// What an older release takes for a [`Sink`].
struct Older;

#[gen_server]
impl Older {
    fn init() -> Self {
        Self
    }

    #[call]
    fn sum(&self, a: i64, b: i64) -> String {
        (a + b).to_string()
    }

    #[call]
    fn nothing(&self) -> u8 {
        1
    }

    #[call]
    fn noted(&self, id: u64) -> (u64, Option<String>) {
        (id, None)
    }

    #[cast]
    fn heard(&self) {}
}

#[test]
fn a_call_that_the_other_side_does_not_understand_says_which_handler_argument_and_type() {
    with_far(async |_| {
        let older = Older::named("b");
        let failed = |error: CallError| error.to_string();
        let protocol = std::any::type_name::<Sink>();
        let missing = older.sum(1, 2).await.map_err(failed);
        assert_eq!(
            missing,
            Err(format!("bad message: {protocol}: argument `c: i64` of `sum`: it is missing"))
        );
        let reply = older.nothing().await.map_err(failed).expect_err("not a number");
        assert!(reply.starts_with("bad message: the reply to `nothing`, u8: "), "{reply}");
        assert_eq!(older.noted(3).await, Ok((3, None)), "what is optional may be missing");
        assert_eq!(SINK.heard().await, Ok(vec![]));
    });
}

#[test]
fn what_is_not_understood_does_not_crash_the_server() {
    with_far(async |far| {
        let older = Older::named("b");
        older.heard().expect("sent");
        let refused = far.wire.refused();
        let unknown = format!(
            "{} has no cast `heard`; its casts: `hear`, `price`, `answer`",
            std::any::type_name::<Sink>()
        );
        assert_eq!(refused, [ImportError::Unknown(unknown.into())]);
        assert_eq!(SINK.sum(1, 1, 1).await, Ok(3));
    });
}

/// Stays on its node.
struct Local;

#[gen_server(local)]
impl Local {
    fn init() -> Self {
        Self
    }

    #[call]
    fn opaque(&self, _: Opaque) {}

    #[cast]
    fn forget(&self) {}
}

#[test]
fn a_local_server_is_not_called_from_other_nodes() {
    with_far(async |far| {
        start::<Local>(&far, (), "local").await;
        let local = Local::named("local");
        let mut call = local.opaque(Opaque);
        assert!(matches!((&mut call).await, Err(CallError::BadMessage(_))));
        assert!(call.into_undelivered().is_some());
        assert!(matches!(local.forget().map_err(CallError::from), Err(CallError::BadMessage(_))));
        let counter = Counter::named("local");
        let refused = counter.get().await;
        assert_eq!(refused, Err(CallError::BadMessage("takes no messages of other nodes".into())));
    });
}

#[test]
fn a_lost_connection_fails_calls_at_once_and_gives_messages_back() {
    with_far(async |far| {
        let counter = COUNTER;
        let mut waiting = Box::pin(counter.hang().infinity());
        assert!(poll_once(waiting.as_mut()).is_none());
        far.wire.cut();
        let lost = CallError::NoConnection("b@test".into());
        assert_eq!(waiting.await, Err(lost.clone()));
        let mut call = counter.add(1);
        assert_eq!((&mut call).await, Err(lost.clone()));
        assert!(matches!(call.into_undelivered(), Some(CounterMessage::Add(1, _))));
        assert_eq!(COUNTER.reset().map_err(CallError::from), Err(lost));
    });
}

/// Takes one message.
struct Full;

#[gen_server(mailbox = Mailbox::messages(1))]
impl Full {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn put(&self) {}

    #[call]
    fn flush(&self) {}
}

#[test]
fn a_full_mailbox_refuses_calls_and_counts_casts() {
    with_far(async |far| {
        let there = start::<Full>(&far, (), "full").await;
        let full = Full::named("full");
        full.put().expect("sent");
        full.put().expect("sent");
        assert_eq!(full.flush().await, Err(CallError::Full));
        assert_eq!(far.wire.refused(), [ImportError::Full, ImportError::Full]);
        let mailbox = far.wire.nodes[1].process_info(Ref::pid(&there)).and_then(|info| info.mailbox);
        assert_eq!(mailbox.map(|mailbox| mailbox.refused), Some(2));
        assert_eq!(SINK.nothing().await, Ok(()), "and meanwhile the other one has run");
        assert_eq!(full.flush().await, Ok(()));
    });
}
