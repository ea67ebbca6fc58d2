//! Real Erlang and Elixir, and nodes in Java and C: what they do with ours, and ours with theirs.

mod aliases;
mod asks;
mod elixir;
mod epmd;
mod erl;
mod global;
mod managers;
mod others;
mod program;
mod servers;
mod signals;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
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
struct Counter {
    count: i64,
    held: Vec<ReplyTo<()>>,
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counter").field("count", &self.count).finish_non_exhaustive()
    }
}

/// What counters and processes of Erlang say to each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Said {
    Word(String, Ref<Counter>),
    Heard(String),
}

const COUNTERS: Group<Counter> = Group::new("counters");

const COUNTER: Name<Counter> = Counter::named("counter");

#[gen_server]
impl Counter {
    fn init(count: i64) -> Self {
        Self { count, held: Vec::new() }
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

    #[call]
    fn hold(&mut self, reply: ReplyTo<()>) {
        self.held.push(reply);
    }

    #[call]
    fn let_go(&mut self) -> usize {
        self.held.drain(..).map(|reply| reply.reply(())).count()
    }

    #[call]
    async fn another(&self) -> Result<Pid, String> {
        let another = Start::<Self>::new(0).start().await;
        another.map(|another| Ref::pid(&another)).map_err(|error| error.to_string())
    }

    #[call]
    fn join(&self, cx: &mut Context<Self>) -> bool {
        COUNTERS.join(cx.pid()).is_ok()
    }

    #[call]
    fn leave(&self, cx: &mut Context<Self>) -> bool {
        COUNTERS.leave(cx.pid()).is_ok()
    }

    #[call]
    fn tell_all(&self, cx: &mut Context<Self>) -> usize {
        COUNTERS.broadcast(&Said::Word("to all".into(), cx.me()))
    }

    #[info]
    fn said(&self, said: Said, cx: &mut Context<Self>) {
        match said {
            Said::Word(word, from) if Ref::pid(&from) != cx.pid() => {
                // Whoever has gone does not hear it.
                let _gone = Ref::send(&from, Said::Heard(word));
            }
            Said::Word(..) | Said::Heard(_) => {}
        }
    }
}
