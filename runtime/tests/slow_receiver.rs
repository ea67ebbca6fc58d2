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
    next: u64,
}

#[gen_server]
impl Sink {
    fn init() -> Self {
        Self { next: 0 }
    }

    #[cast]
    fn put(&mut self, number: u64) {
        assert_eq!(number, self.next, "nothing is lost, and the order kept");
        self.next += 1;
    }

    #[call]
    fn next(&self) -> u64 {
        self.next
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

#[tokio::test]
async fn a_sender_waits_for_a_receiver_that_is_behind_and_nothing_is_lost() {
    let table = Table::default();
    let (a, _a) = member("a", &table).await;
    let (b, _b) = member("b", &table).await;
    let sink = b.scope(async { Start::<Sink>::new(()).name(&SINK).start().await }).await.expect("starts");
    b.scope(async { sys::suspend(&sink).await }).await.expect("suspends");
    let sent = Arc::new(AtomicU64::new(0));
    let to = Name::on(&SINK, "b@127.0.0.1");
    let sender = a.enter(|| process::spawn(send_all(to.clone(), sent.clone()))).expect("in a node");

    let (mut before, mut turns) = (0, 0);
    while turns < 1000 {
        tokio::task::yield_now().await;
        let now = sent.load(Ordering::Relaxed);
        turns = if now == before && now > 0 { turns + 1 } else { 0 };
        before = now;
    }
    assert!(before < MESSAGES, "it was not held back");

    b.scope(async { sys::resume(&sink).await }).await.expect("resumes");
    assert_eq!(a.wait_exit(sender).await, ExitReason::Normal);
    assert_eq!(a.scope(async { to.next().await }).await, Ok(MESSAGES));
}
