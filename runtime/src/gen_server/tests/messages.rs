//! Timers, infos, protocols, and generic servers.

use std::time::Duration;

use super::{Counter, on_node};
use crate::prelude::*;

#[derive(Clone)]
struct Tick;

#[derive(Default)]
struct Clock {
    ticks: u32,
    interval: Option<crate::gen_server::Interval>,
}

#[gen_server]
impl Clock {
    fn init() -> Self {
        Self::default()
    }

    #[call]
    fn once(&mut self, after: Duration, cx: &mut Context<Self>) {
        cx.send_after(after, Tick);
    }

    #[call]
    fn never(&mut self, cx: &mut Context<Self>) -> bool {
        let timer = cx.send_after(Duration::from_secs(1), Tick);
        cx.cancel_timer(timer)
    }

    #[call]
    fn every(&mut self, period: Duration, cx: &mut Context<Self>) {
        self.interval = Some(cx.send_interval(period, Tick));
    }

    #[call]
    fn ticks(&self) -> u32 {
        self.ticks
    }

    #[info]
    fn tick(&mut self, _: Tick) {
        self.ticks += 1;
        if self.ticks == 3 {
            self.interval.take().inspect(crate::gen_server::Interval::cancel);
        }
    }
}

#[test]
fn timers_fire_once_or_not_at_all_or_until_cancelled() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        clock.once(Duration::from_secs(2)).await.expect("answers");
        assert_eq!(clock.never().await, Ok(true));
        tokio::time::advance(Duration::from_millis(1999)).await;
        assert_eq!(clock.ticks().await, Ok(0));
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.ticks().await, Ok(1));
        clock.every(Duration::from_secs(1)).await.expect("answers");
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(clock.ticks().await, Ok(3));
    });
}

#[test]
fn anybody_can_send_an_info() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        Ref::send(&clock, Tick).expect("alive");
        assert_eq!(clock.ticks().await, Ok(1));
    });
}

/// What a ledger understands.
#[protocol]
trait Billing {
    /// Charges, and answers the balance.
    #[call]
    async fn charge(&mut self, cents: u64) -> u64;
    /// Forgets everything.
    #[cast]
    fn void(&mut self);
}

struct Ledger {
    balance: u64,
}

#[gen_server(protocol = BillingProtocol)]
impl Ledger {
    fn init(balance: u64) -> Self {
        Self { balance }
    }
}

impl Billing for Ledger {
    async fn charge(&mut self, cents: u64) -> u64 {
        tokio::task::yield_now().await;
        self.balance += cents;
        self.balance
    }

    fn void(&mut self) {
        self.balance = 0;
    }
}

const LEDGER: Name<BillingProtocol> = BillingProtocol::named("ledger", "billing");

#[test]
fn a_protocol_of_its_own_hides_the_server() {
    on_node(async |_| {
        let ledger = Start::<Ledger>::new(10).name(&LEDGER).start().await.expect("starts");
        assert_eq!(LEDGER.charge(5).await, Ok(15));
        ledger.void().expect("alive");
        assert_eq!(ledger.charge(1).await, Ok(1));
    });
}

struct Cell<T> {
    value: T,
}

#[gen_server(local)]
impl<T> Cell<T>
where
    T: Clone + Send + Sync + 'static,
{
    fn init(value: T) -> Self {
        Self { value }
    }

    #[call]
    fn replace(&mut self, value: T) -> T {
        std::mem::replace(&mut self.value, value)
    }
}

#[test]
fn a_server_can_be_generic() {
    on_node(async |_| {
        let cell = Cell::start("a".to_owned()).await.expect("starts");
        assert_eq!(cell.replace("b".to_owned()).await.as_deref(), Ok("a"));
    });
}

#[test]
fn a_name_taken_by_a_stranger_is_nobody() {
    const CLOCK: Name<Clock> = Clock::named("ledger");
    on_node(async |_| {
        let _ledger = Start::<Ledger>::new(10).name(&LEDGER).start().await.expect("starts");
        assert_eq!(CLOCK.ticks().await, Err(CallError::NoProc));
        assert_eq!(LEDGER.charge(0).await, Ok(10));
    });
}

#[test]
fn the_messages_taken_are_counted() {
    on_node(async |node| {
        let counter = Counter::start(0).await.expect("started");
        let taken = || node.process_info(Ref::pid(&counter)).map(|info| info.taken);
        let before = taken().expect("alive");
        counter.add(1).await.expect("answered");
        counter.add(1).await.expect("answered");
        assert_eq!(taken(), Some(before + 2));
    });
}

/// Takes apart what it is given where it is given, also what has no parts.
struct Patterns {
    seen: Vec<&'static str>,
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Unit;

struct Pair(u8, u8);

struct Went;

#[gen_server(local)]
impl Patterns {
    fn init(Unit: Unit, cx: &mut Context<Self>) -> Self {
        cx.continue_with(Went);
        Self { seen: vec!["init"] }
    }

    #[call]
    fn seen(&self, Unit: Unit) -> Vec<&'static str> {
        self.seen.clone()
    }

    #[cast]
    fn cast(&mut self, Unit: Unit, _: u8, Pair(one, two): Pair) {
        assert_eq!((one, two), (1, 2));
        self.seen.push("cast");
    }

    #[info]
    fn info(&mut self, Unit: Unit) {
        self.seen.push("info");
    }

    #[handle_continue]
    fn went(&mut self, Went: Went) {
        self.seen.push("continue");
    }
}

#[test]
fn an_argument_may_be_any_pattern() {
    on_node(async |_| {
        let patterns = Patterns::start(Unit).await.expect("starts");
        patterns.cast(Unit, 0, Pair(1, 2)).expect("alive");
        Ref::send(&patterns, Unit).expect("alive");
        assert_eq!(patterns.seen(Unit).await.expect("answers"), ["init", "continue", "cast", "info"]);
    });
}
