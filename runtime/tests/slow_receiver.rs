//! A process that is slow slows those on other nodes who send to it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use umbrella::dist::{Address, Cookie, Distribution, Options, Table};
use umbrella::prelude::*;
use umbrella::{process, sys};

const SINK: Name<Sink> = Sink::named("sink");

/// More than is ever let wait.
const MESSAGES: u64 = 100_000;

struct Sink {
    /// Nothing before the first message.
    last: Option<u64>,
}

#[gen_server]
impl Sink {
    fn init() -> Self {
        Self { last: None }
    }

    #[cast]
    fn put(&mut self, number: u64) {
        let next = self.last.map_or(number, |last| last + 1);
        assert_eq!(number, next, "nothing is lost, and the order kept");
        self.last = Some(number);
    }

    #[call]
    fn last(&self) -> Option<u64> {
        self.last
    }
}

async fn member(name: &str, table: &Table) -> (Node, Distribution) {
    let node = Node::new(name);
    let full = format!("{name}@127.0.0.1");
    let resolver = Arc::new(table.clone());
    let options = Options { resolver, ..Options::new(full.as_str(), Cookie::new("secret")) };
    let distribution = Distribution::start(&node, options).await.expect("starts");
    table.insert(&full, [Address::tcp((Ipv4Addr::LOCALHOST, distribution.ports()[0]))]);
    (node, distribution)
}

/// Sends everything, and gives way after each message.
async fn send_all(to: Name<Sink>, sent: Arc<AtomicU64>) -> Result<(), ExitReason> {
    for number in 0..MESSAGES {
        to.put(number)?;
        sent.store(number + 1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Two nodes, and what `a` sends to a sink of `b` that takes nothing, until `a` is held back.
struct Behind {
    a: (Node, Distribution),
    b: (Node, Distribution),
    sink: Ref<Sink>,
    sender: Pid,
}

async fn behind() -> Behind {
    let table = Table::default();
    let (a, b) = (member("a", &table).await, member("b", &table).await);
    let sink = b.0.scope(sink()).await;
    b.0.scope(async { sys::suspend(&sink).await }).await.expect("suspends");
    let sent = Arc::new(AtomicU64::new(0));
    let to = Name::on(&SINK, "b@127.0.0.1");
    let sender = a.0.enter(|| process::spawn(send_all(to, sent.clone()))).expect("in a node");
    let (mut before, mut turns) = (0, 0);
    while turns < 1000 {
        tokio::task::yield_now().await;
        let now = sent.load(Ordering::Relaxed);
        turns = if now == before && now > 0 { turns + 1 } else { 0 };
        before = now;
    }
    assert!(before < MESSAGES, "it was not held back");
    Behind { a, b, sink, sender }
}

async fn sink() -> Ref<Sink> {
    Start::<Sink>::new(()).name(&SINK).start().await.expect("starts")
}

#[tokio::test]
async fn a_sender_waits_for_a_receiver_that_is_behind_and_nothing_is_lost() {
    let Behind { a, b, sink, sender } = behind().await;
    b.0.scope(async { sys::resume(&sink).await }).await.expect("resumes");
    assert_eq!(a.0.wait_exit(sender).await, ExitReason::Normal);
    let to = Name::on(&SINK, "b@127.0.0.1");
    assert_eq!(a.0.scope(async { to.last().await }).await, Ok(Some(MESSAGES - 1)));
}

#[tokio::test]
async fn a_sender_waits_no_longer_than_the_receiver_lives() {
    let Behind { a, b, sink: behind, sender } = behind().await;
    b.0.kill(Ref::pid(&behind));
    assert_eq!(b.0.wait_exit(Ref::pid(&behind)).await, ExitReason::Killed);
    // Under the same name.
    b.0.scope(sink()).await;
    assert_eq!(a.0.wait_exit(sender).await, ExitReason::Normal);
}
