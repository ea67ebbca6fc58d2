//! What calls, casts, and infos promise when caller and server are on different nodes, each promise one test.

mod aliases;
mod calls;
mod failures;
mod foreign;
mod groups;
mod native;
mod references;

use std::future::Future;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calls::futures_poll_once as poll_once;
use super::{COUNTER, Counter, CounterMessage};
use crate::prelude::*;
use crate::process::wire::Wire;

/// Runs `body` on one of two nodes that are connected, with a paused clock. On the other one a counter has its name, and
/// a [`Sink`] is called `b`.
fn with_far<T, F: Future<Output = T>>(body: impl FnOnce(Far) -> F) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(async {
        let wire = Wire::new();
        wire.nodes[0].set_elsewhere(env!("CARGO_PKG_NAME"), "b@test");
        let far = wire.nodes[1].clone();
        let counter =
            far.scope(async { Start::<Counter>::new(0).name(&COUNTER).start().await }).await.expect("starts");
        let sink =
            far.scope(async { Start::<Sink>::new(()).name(&SINK).start().await }).await.expect("starts");
        wire.nodes[0].scope(body(Far { wire: wire.clone(), counter, sink })).await
    })
}

/// What is on the other node.
struct Far {
    wire: Arc<Wire>,
    /// As that node itself knows it.
    counter: Ref<Counter>,
    sink: Ref<Sink>,
}

const SINK: Name<Sink> = Sink::named("b");

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Order {
    id: u64,
    price: f64,
    note: Option<String>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct Tick(u8);

#[derive(Serialize, Deserialize, Debug)]
enum Alarm {
    Fire,
}

/// What stays on its node.
struct Opaque;

/// A handler of every shape.
struct Sink {
    heard: Vec<String>,
    kept: Vec<ReplyTo<i64>>,
}

#[gen_server]
impl Sink {
    fn init() -> Self {
        Self { heard: Vec::new(), kept: Vec::new() }
    }

    #[call]
    fn nothing(&mut self) {}

    #[call]
    fn sum(&self, a: i64, b: i64, c: i64) -> i64 {
        a + b + c
    }

    #[call]
    async fn place(&mut self, order: Order) -> Result<Order, String> {
        tokio::task::yield_now().await;
        if order.id == 0 { Err("no id".into()) } else { Ok(order) }
    }

    #[call]
    fn later(&mut self, reply: ReplyTo<i64>) {
        self.kept.push(reply);
    }

    #[call]
    fn nan(&self) -> f64 {
        f64::NAN
    }

    #[call]
    fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }

    #[call]
    fn noted(&self, id: u64, note: Option<String>) -> (u64, Option<String>) {
        (id, note)
    }

    #[cast]
    fn hear(&mut self, word: String, times: u8) {
        self.heard.push(format!("{word} {times}"));
    }

    #[cast]
    fn price(&mut self, price: f64) {
        self.heard.push(price.to_string());
    }

    /// Answers all calls that wait.
    #[cast]
    fn answer(&mut self) {
        self.kept.drain(..).for_each(|reply| reply.reply(7));
    }

    #[info]
    fn tick(&mut self, Tick(tick): Tick) {
        self.heard.push(format!("tick {tick}"));
    }

    #[info]
    fn alarm(&mut self, alarm: Alarm) {
        self.heard.push(format!("{alarm:?}"));
    }

    #[info]
    fn opaque(&mut self, _: Opaque) {
        self.heard.push("opaque".into());
    }
}
