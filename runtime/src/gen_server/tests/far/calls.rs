//! What works as on one node.

use std::time::Duration;

use super::*;
use crate::gen_statem::Machine;
use crate::process::{Routing, deadline};

#[test]
fn every_shape_of_call_is_answered() {
    with_far(async |_| {
        assert_eq!(COUNTER.add(2).await, Ok(2));
        assert_eq!(COUNTER.get().await, Ok(2));
        assert_eq!(SINK.nothing().await, Ok(()));
        assert_eq!(SINK.sum(1, -2, 300).await, Ok(299));
        let order = Order { id: 7, price: 1.5, note: None };
        assert_eq!(SINK.place(order.clone()).await, Ok(Ok(order.clone())));
        assert_eq!(SINK.place(Order { id: 0, ..order }).await, Ok(Err("no id".into())));
        assert_eq!(SINK.noted(1, Some("é".into())).infinity().await, Ok((1, Some("é".into()))));
    });
}

#[test]
fn casts_and_infos_come_in_the_order_they_were_sent() {
    with_far(async |_| {
        SINK.hear("one".into(), 1).expect("sent");
        Name::send(&SINK, Tick(2)).expect("sent");
        Name::send(&SINK, Alarm::Fire).expect("sent");
        Name::deliver(&SINK, Tick(3)).await.expect("sent");
        assert_eq!(SINK.heard().await, Ok(["one 1", "tick 2", "Fire", "tick 3"].map(Into::into).into()));
    });
}

#[test]
fn a_deferred_reply_comes_when_it_is_given() {
    with_far(async |far| {
        let sink = SINK;
        let (mut first, mut second) = (Box::pin(sink.later()), Box::pin(sink.later()));
        for call in [&mut first, &mut second] {
            assert!(poll_once(call.as_mut()).is_none());
        }
        assert_eq!(far.wire.calls(), 2);
        SINK.answer().expect("sent");
        assert_eq!((first.await, second.await), (Ok(7), Ok(7)));
        assert_eq!(far.wire.calls(), 0);
    });
}

#[test]
fn a_reply_to_a_caller_that_left_goes_nowhere() {
    with_far(async |far| {
        let sink = SINK;
        let mut call = Box::pin(sink.later());
        assert!(poll_once(call.as_mut()).is_none());
        drop(call);
        assert_eq!(far.wire.calls(), 0);
        SINK.answer().expect("sent");
        assert_eq!(SINK.sum(1, 1, 1).await, Ok(3));
    });
}

/// Hands each call to another process.
struct Front;

#[gen_server]
impl Front {
    fn init() -> Self {
        Self
    }

    #[call]
    fn delegated(&self, reply: ReplyTo<i64>) {
        crate::process::spawn(async move { reply.reply(42) }).expect("a node");
    }

    #[call]
    fn of_a_thread(&self, reply: ReplyTo<Ref<Front>>, cx: &mut Context<Self>) {
        let me = cx.me();
        std::thread::spawn(move || reply.reply(me));
    }

    #[call]
    fn remaining(&self) -> Option<Duration> {
        deadline().map(|at| at - tokio::time::Instant::now())
    }
}

#[test]
fn another_process_or_a_thread_may_answer() {
    with_far(async |far| {
        let front = Start::<Front>::new(()).registered_as("front");
        far.wire.nodes[1].scope(front.start()).await.expect("starts");
        let front = Front::named("front");
        assert_eq!(front.delegated().await, Ok(42));
        let me = front.of_a_thread().infinity().await.expect("answered");
        assert_eq!(me.delegated().await, Ok(42));
    });
}

#[test]
fn the_callee_knows_how_long_the_caller_waits() {
    with_far(async |far| {
        let front = Start::<Front>::new(()).registered_as("front");
        far.wire.nodes[1].scope(front.start()).await.expect("starts");
        let front = Front::named("front");
        assert_eq!(front.remaining().within(Duration::from_secs(2)).await, Ok(Some(Duration::from_secs(2))));
        assert_eq!(front.remaining().infinity().await, Ok(None));
    });
}

#[test]
fn a_name_is_found_where_its_application_runs_and_here_first() {
    with_far(async |far| {
        assert_eq!(COUNTER.add(1).await, Ok(1));
        let here = Start::<Counter>::new(40).name(&COUNTER).start().await.expect("starts");
        assert_eq!((COUNTER.add(2).await, here.get().await), (Ok(42), Ok(42)));
        assert_eq!(Name::on(&COUNTER, "b@test").get().await, Ok(1));
        assert_eq!(Name::on(&COUNTER, "a@test").get().await, Ok(42));
        assert_eq!(far.wire.nodes[1].enter(|| Name::pid(&COUNTER)), Some(Ref::pid(&far.counter)));
    });
}

#[test]
fn instances_take_turns_and_a_key_stays_with_one() {
    with_far(async |far| {
        Start::<Counter>::new(40).name(&COUNTER).start().await.expect("starts");
        let (here, application) = (&far.wire.nodes[0], env!("CARGO_PKG_NAME"));
        here.set_placement(application, ["a@test", "b@test"]).expect("few nodes");
        assert_eq!(COUNTER.get().await, Ok(40));
        here.set_routing(application, Routing::RoundRobin);
        let all: Vec<_> = [COUNTER.get().await, COUNTER.get().await, COUNTER.get().await].into();
        assert_eq!(all, [Ok(40), Ok(0), Ok(40)]);
        let of = async |key: u64| Name::by_key(&COUNTER, &key).get().await.expect("answered");
        let mut chosen = Vec::new();
        for key in 0..32 {
            chosen.push(of(key).await);
            assert_eq!(of(key).await, chosen[key as usize]);
        }
        assert!(chosen.contains(&0) && chosen.contains(&40), "{chosen:?}");
    });
}

/// A server of any type.
struct Store<T> {
    kept: Vec<T>,
}

#[gen_server]
impl<T> Store<T>
where
    T: Serialize + serde::de::DeserializeOwned + Clone + Send + 'static,
{
    fn init() -> Self {
        Self { kept: Vec::new() }
    }

    #[call]
    fn put(&mut self, value: T) -> Vec<T> {
        self.kept.push(value);
        self.kept.clone()
    }
}

#[protocol]
trait Billing {
    #[call]
    async fn bill(&mut self, cents: u64) -> u64;
    #[cast]
    fn forget(&mut self);
}

struct Bills(u64);

#[gen_server(protocol = BillingProtocol)]
impl Bills {
    fn init() -> Self {
        Self(0)
    }
}

impl Billing for Bills {
    async fn bill(&mut self, cents: u64) -> u64 {
        self.0 += cents;
        self.0
    }

    fn forget(&mut self) {
        self.0 = 0;
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Lock {
    Open,
    Closed,
}

struct Door;

#[gen_statem(state = Lock)]
impl Door {
    fn init() -> (Lock, Self) {
        (Lock::Closed, Self)
    }

    #[call]
    fn is_open(&self, state: &Lock) -> bool {
        *state == Lock::Open
    }

    /// Answered once it is open.
    #[call]
    fn enter(&mut self, state: &Lock, reply: ReplyTo<u8>, cx: &mut Transition<Self>) {
        if *state == Lock::Open { reply.reply(1) } else { cx.postpone(DoorMessage::Enter(reply)) }
    }

    #[cast]
    fn open(&mut self, cx: &mut Transition<Self>) {
        cx.next_state(Lock::Open);
    }
}

#[test]
fn generic_servers_protocols_and_state_machines_are_called_alike() {
    with_far(async |far| {
        let there = &far.wire.nodes[1];
        let start = async {
            Start::<Store<(u8, char)>>::new(()).registered_as("store").start().await.expect("starts");
            Start::<Bills>::new(()).registered_as("bills").start().await.expect("starts");
            Start::<Machine<Door>>::new(()).registered_as("door").start().await.expect("starts");
        };
        there.scope(start).await;
        assert_eq!(Store::named("store").put((1, 'ß')).await, Ok(vec![(1, 'ß')]));
        let bills = BillingProtocol::named("bills", env!("CARGO_PKG_NAME"));
        bills.forget().expect("sent");
        assert_eq!(bills.bill(250).await, Ok(250));
        let door = Door::named("door");
        assert_eq!(door.is_open().await, Ok(false));
        let mut entered = Box::pin(door.enter());
        assert!(poll_once(entered.as_mut()).is_none());
        door.open().expect("sent");
        assert_eq!(entered.await, Ok(1));
    });
}
