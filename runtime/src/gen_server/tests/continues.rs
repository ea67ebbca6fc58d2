//! Going on after a callback, and resting when there is nothing to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::on_node;
use crate::prelude::*;
use crate::sys;

type Seen = Arc<Mutex<Vec<String>>>;

/// Writes down what it does, in order.
struct Clerk {
    seen: Seen,
}

struct Load(u8);

struct Store;

#[gen_server(local)]
impl Clerk {
    fn init(seen: Seen, cx: &mut Context<Self>) -> Self {
        cx.continue_with(Load(1));
        cx.continue_with(Store);
        Self { seen }
    }

    fn note(&self, what: impl Into<String>) {
        self.seen.lock().expect("no panic").push(what.into());
    }

    #[handle_continue]
    async fn load(&mut self, load: Load) {
        tokio::task::yield_now().await;
        self.note(format!("load {}", load.0));
    }

    #[handle_continue]
    fn store(&self, _: Store, cx: &mut Context<Self>) {
        self.note(format!("store {}", cx.parent().is_none()));
    }

    /// Works, and goes on twice.
    #[cast]
    fn work(&mut self, cx: &mut Context<Self>) {
        self.note("work");
        cx.continue_with(Load(2));
        cx.continue_with(Load(3));
    }

    #[cast]
    fn rest(&mut self, cx: &mut Context<Self>) {
        cx.hibernate();
    }

    #[call]
    fn sync(&self) {
        self.note("sync");
    }

    fn hibernate(&mut self) {
        self.note("hibernate");
    }
}

fn take(seen: &Seen) -> Vec<String> {
    std::mem::take(&mut seen.lock().expect("no panic"))
}

#[test]
fn a_continuation_of_init_comes_before_every_message() {
    on_node(async |_| {
        let seen = Seen::default();
        let clerk = Clerk::start(seen.clone()).await.expect("starts");
        clerk.sync().await.expect("answers");
        assert_eq!(take(&seen), ["load 1", "store true", "sync"]);
    });
}

#[test]
fn continuations_come_in_order_before_what_waits_already_and_before_system_requests() {
    on_node(async |_| {
        let seen = Seen::default();
        let clerk = Clerk::start(seen.clone()).await.expect("starts");
        clerk.sync().await.expect("answers");
        take(&seen);
        clerk.work().expect("alive");
        let visit = sys::with_state(&clerk, |clerk: &mut Clerk| clerk.note("visit"));
        let (answer, visited) = tokio::join!(clerk.sync(), visit.into_future());
        assert!(answer.is_ok() && visited.is_ok());
        let seen = take(&seen);
        let at = |what: &str| seen.iter().position(|seen| seen == what).expect("happened");
        // The request may overtake the message, but nothing comes between a handler and what it goes on with.
        assert_eq!((at("load 2"), at("load 3")), (at("work") + 1, at("work") + 2), "{seen:?}");
        assert_eq!(seen.last().map(String::as_str), Some("sync"), "{seen:?}");
    });
}

#[test]
fn a_server_hibernates_when_it_says_so() {
    on_node(async |_| {
        let seen = Seen::default();
        let clerk = Clerk::start(seen.clone()).await.expect("starts");
        clerk.rest().expect("alive");
        clerk.sync().await.expect("answers");
        assert_eq!(take(&seen), ["load 1", "store true", "hibernate", "sync"]);
    });
}

#[test]
fn an_idle_server_hibernates_once_after_its_time() {
    on_node(async |_| {
        let seen = Seen::default();
        let start = Start::<Clerk>::new(seen.clone()).hibernate_after(Duration::from_secs(10));
        let clerk = start.start().await.expect("starts");
        clerk.sync().await.expect("answers");
        tokio::time::sleep(Duration::from_secs(6)).await;
        clerk.sync().await.expect("answers");
        take(&seen);
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert!(take(&seen).is_empty());
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(take(&seen), ["hibernate"]);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(take(&seen).is_empty());
        clerk.sync().await.expect("answers");
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert_eq!(take(&seen), ["sync", "hibernate"]);
    });
}

/// Serves a protocol of its own crate, which knows nothing of continuations.
#[protocol]
trait Counting {
    #[call]
    fn counted(&mut self) -> u32;
}

struct Lazy(u32);

#[gen_server(protocol = CountingProtocol)]
impl Lazy {
    fn init(cx: &mut Context<Self>) -> Self {
        cx.continue_with(Load(9));
        Self(0)
    }

    #[handle_continue]
    fn load(&mut self, load: Load) {
        self.0 += u32::from(load.0);
    }
}

impl Counting for Lazy {
    fn counted(&mut self) -> u32 {
        self.0
    }
}

#[test]
fn a_server_of_a_protocol_continues_too() {
    on_node(async |_| {
        let lazy = Lazy::start(()).await.expect("starts");
        assert_eq!(lazy.counted().await, Ok(9));
    });
}
