//! Real Erlang: what its nodes do with ours, and ours with its.

mod asks;
mod epmd;
mod erl;
mod servers;
mod signals;

use std::sync::Arc;

use umbrella::dist::{Cookie, Distribution, Options};
use umbrella::prelude::*;

/// What all nodes of these tests know.
const COOKIE: &str = "interop";

/// A node of ours that is distributed.
struct Member {
    node: Node,
    distribution: Distribution,
}

impl Member {
    /// A node that is called `c@127.0.0.1`.
    async fn start(change: impl FnOnce(Options) -> Options) -> Self {
        let node = Node::new("c");
        let options = change(Options::new(NAME, Cookie::new(COOKIE)));
        let distribution = Distribution::start(&node, options).await.expect("starts");
        Self { node, distribution }
    }

    fn port(&self) -> u16 {
        self.distribution.ports()[0]
    }
}

/// Our node, for everybody.
const NAME: &str = "c@127.0.0.1";

fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(body)
}

/// Nodes that are told, or hear of each other, only through what a test does.
fn nowhere(options: Options) -> Options {
    Options { resolver: Arc::new(umbrella::dist::Table::default()), ..options }
}

/// A counter, as a newcomer would write one.
#[derive(Debug)]
struct Counter {
    count: i64,
}

const COUNTER: Name<Counter> = Counter::named("counter");

#[gen_server]
impl Counter {
    fn init(count: i64) -> Self {
        Self { count }
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    #[call]
    fn get(&self) -> i64 {
        self.count
    }

    #[call]
    fn divide(&self, by: i64) -> Result<i64, String> {
        self.count.checked_div(by).ok_or_else(|| "by zero".into())
    }

    #[cast]
    fn set(&mut self, count: i64) {
        self.count = count;
    }

    #[cast]
    fn crash(&mut self) {
        panic!("at {}", self.count)
    }

    #[call]
    fn forever(&self, _reply: ReplyTo<()>) {}
}
