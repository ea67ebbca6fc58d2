//! Servers whose mailboxes have bounds.

use std::time::Duration;

use tokio::time::Instant;

use super::on_node;
use crate::prelude::*;
use crate::process::{Alias, Mailbox, Overflow};

const SECOND: Duration = Duration::from_secs(1);

/// Takes a second for each message.
struct Slow {
    seen: Vec<String>,
}

#[gen_server(mailbox = Mailbox::messages(2))]
impl Slow {
    fn init() -> Self {
        Self { seen: Vec::new() }
    }

    #[call]
    async fn take(&mut self, what: String) -> usize {
        tokio::time::sleep(SECOND).await;
        self.seen.push(what);
        self.seen.len()
    }

    #[cast]
    async fn put(&mut self, what: String) {
        tokio::time::sleep(SECOND).await;
        self.seen.push(what);
    }

    #[call]
    fn seen(&self) -> Vec<String> {
        self.seen.clone()
    }
}

async fn start(mailbox: Mailbox) -> Ref<Slow> {
    Start::<Slow>::new(()).mailbox(mailbox).start().await.expect("starts")
}

/// Fills the hands and the mailbox of `slow` with casts, until one is refused; how many it took.
async fn fill(slow: &Ref<Slow>) -> usize {
    let mut taken = 0;
    while slow.put(taken.to_string()).is_ok() {
        taken += 1;
        // Lets it take the first into its hands.
        tokio::task::yield_now().await;
    }
    taken
}

#[test]
fn a_full_mailbox_rejects_calls_and_casts_and_gives_them_back() {
    on_node(async |node| {
        let slow = Slow::start(()).await.expect("starts");
        assert_eq!(fill(&slow).await, 3);
        let refused = slow.put("more".into()).expect_err("full");
        assert_eq!(refused.error, CallError::Full);
        assert!(matches!(*refused.message, SlowMessage::Put(what) if what == "more"));
        let mut call = slow.take("more".into());
        assert_eq!((&mut call).await, Err(CallError::Full));
        assert!(matches!(call.into_undelivered(), Some(SlowMessage::Take(what, _)) if what == "more"));
        let info = node.process_info(Ref::pid(&slow)).and_then(|info| info.mailbox).expect("bounded");
        assert_eq!((info.messages, info.refused, info.dropped), (2, 3, 0));
        // Signals are no messages.
        node.kill(Ref::pid(&slow));
        assert_eq!(node.wait_exit(Ref::pid(&slow)).await, ExitReason::Killed);
    });
}

#[test]
fn a_call_waits_for_room_within_its_deadline_in_turn() {
    on_node(async |_| {
        let slow = start(Mailbox::messages(2).overflow(Overflow::Wait)).await;
        assert_eq!(fill(&slow).await, 3);
        let began = Instant::now();
        let mut impatient = slow.take("impatient".into()).within(SECOND / 2);
        assert_eq!((&mut impatient).await, Err(CallError::Timeout));
        assert!(impatient.into_undelivered().is_some());
        assert_eq!(began.elapsed(), SECOND / 2);
        let (first, second) = tokio::join!(
            slow.take("first".into()).within(9 * SECOND),
            slow.take("second".into()).within(9 * SECOND)
        );
        assert_eq!((first, second), (Ok(4), Ok(5)));
        assert_eq!(slow.seen().await.expect("answers"), ["0", "1", "2", "first", "second"]);
    });
}

#[test]
fn a_call_that_waits_for_room_learns_that_the_server_ended() {
    on_node(async |node| {
        let slow = start(Mailbox::messages(1).overflow(Overflow::Wait)).await;
        fill(&slow).await;
        let mut call = slow.take("late".into());
        let (answer, ()) = tokio::join!(&mut call, async { node.kill(Ref::pid(&slow)) });
        assert_eq!(answer, Err(CallError::NoProc));
        assert!(call.into_undelivered().is_some());
    });
}

#[test]
fn a_cast_can_wait_for_room() {
    on_node(async |_| {
        let slow = start(Mailbox::messages(1)).await;
        assert_eq!(fill(&slow).await, 2);
        let began = Instant::now();
        let refused = slow.put("later".into()).expect_err("full");
        Ref::deliver(&slow, *refused.message).await.expect("alive");
        assert_eq!(began.elapsed(), SECOND);
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(slow.seen().await.expect("answers"), ["0", "1", "later"]);
    });
}

#[test]
fn the_oldest_go_and_a_call_among_them_fails_at_once() {
    on_node(async |node| {
        let slow = start(Mailbox::messages(2).overflow(Overflow::DropOldest)).await;
        slow.put("in hand".into()).expect("alive");
        tokio::task::yield_now().await;
        let began = Instant::now();
        let casts = async {
            tokio::task::yield_now().await;
            for what in ["a", "b"] {
                slow.put(what.into()).expect("takes everything");
            }
        };
        let (call, ()) = tokio::join!(slow.take("call".into()), casts);
        assert_eq!((call, began.elapsed()), (Err(CallError::Full), Duration::ZERO));
        let info = node.process_info(Ref::pid(&slow)).and_then(|info| info.mailbox).expect("bounded");
        assert_eq!((info.messages, info.refused, info.dropped), (2, 0, 1));
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(slow.seen().await.expect("answers"), ["in hand", "a", "b"]);
    });
}

#[test]
fn bytes_are_what_messages_take_in_memory_and_serialised() {
    on_node(async |node| {
        let message = size_of::<SlowMessage>() + 4 + 100;
        let slow = start(Mailbox::bytes(2 * message)).await;
        let long = "x".repeat(100);
        let info = || node.process_info(Ref::pid(&slow)).and_then(|info| info.mailbox).expect("bounded");
        slow.put(long.clone()).expect("room");
        assert_eq!(info().bytes, message);
        slow.put(long.clone()).expect("room");
        assert_eq!(slow.put(String::new()).expect_err("full").error, CallError::Full);
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(info().bytes, 0);
        // Larger than the mailbox, but alone.
        slow.put(long.repeat(10)).expect("nothing else waits");
    });
}

#[test]
fn a_child_specification_bounds_the_mailbox_of_every_start() {
    on_node(async |node| {
        const SLOW: Name<Slow> = Slow::named("slow");
        let spec = Slow::child_spec(()).name(SLOW).mailbox(Mailbox::messages(7));
        let _supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start().await.expect("starts");
        let bounds = |pid| node.process_info(pid).and_then(|info| info.mailbox).map(|info| info.bounds);
        let first = node.whereis("slow").expect("started");
        assert_eq!(bounds(first), Some(Mailbox::messages(7)));
        node.kill(first);
        let second = node.wait_registered("slow", Some(first)).await;
        assert_eq!(bounds(second), Some(Mailbox::messages(7)));
    });
}

#[derive(Clone)]
struct Tick;

/// Has timers, and monitors a group.
struct Timed {
    told: Vec<&'static str>,
}

const GROUP: Group<Timed> = Group::new("watched");

#[gen_server(local)]
impl Timed {
    fn init() -> Self {
        Self { told: Vec::new() }
    }

    /// One timer, one alias, and a monitor of the group; the alias is answered.
    #[call]
    fn arm(&mut self, cx: &mut Context<Self>) -> Alias<Answer> {
        cx.send_after(SECOND / 2, Tick);
        GROUP.monitor_for(&cx.me()).expect("a node");
        cx.alias()
    }

    #[cast]
    async fn busy(&mut self) {
        tokio::time::sleep(SECOND).await;
    }

    #[info]
    fn tick(&mut self, _: Tick) {
        self.told.push("tick");
    }

    #[info]
    fn answer(&mut self, _: Answer) {
        self.told.push("answer");
    }

    #[info]
    fn change(&mut self, _: crate::registry::pg::Change) {
        self.told.push("change");
    }

    #[call]
    fn told(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.told)
    }
}

struct Answer;

async fn busy(overflow: Overflow) -> (Ref<Timed>, Alias<Answer>) {
    let mailbox = Mailbox::messages(1).overflow(overflow);
    let timed = Start::<Timed>::new(()).mailbox(mailbox).start().await.expect("starts");
    let answers = timed.arm().await.expect("answers");
    timed.busy().expect("there is room");
    tokio::task::yield_now().await;
    timed.busy().expect("there is room");
    (timed, answers)
}

#[test]
fn what_a_server_asked_for_itself_comes_into_a_full_mailbox() {
    for overflow in [Overflow::Reject, Overflow::Wait, Overflow::DropOldest] {
        on_node(async |_| {
            let (timed, answers) = busy(overflow).await;
            GROUP.join(Ref::pid(&timed)).expect("a node");
            answers.send(Answer);
            tokio::time::sleep(SECOND * 3 / 4).await;
            // Goes for nothing that was asked for.
            assert_eq!(timed.busy().is_ok(), overflow == Overflow::DropOldest);
            tokio::time::sleep(3 * SECOND).await;
            assert_eq!(timed.told().await.expect("answers"), ["change", "answer", "tick"], "{overflow:?}");
        });
    }
}
