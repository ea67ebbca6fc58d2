//! What a GenServer promises, each promise one test.

mod calls;
mod continues;
mod crashes;
mod cycles;
mod deadlines;
mod ends;
mod far;
mod mailboxes;
mod messages;
mod sys;
mod timers;

use std::future::Future;

use crate::prelude::*;

/// Runs `body` in a fresh node with a paused clock.
pub(super) fn on_node<F: Future>(body: impl FnOnce(Node) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(body(node.clone())))
}

/// A number; the simplest server there is.
#[derive(Debug)]
pub(super) struct Counter {
    count: i64,
}

pub(super) const COUNTER: Name<Counter> = Counter::named("counter");

#[gen_server]
impl Counter {
    async fn init(start: i64) -> Result<Self, ExitReason> {
        if start < 0 { Err(ExitReason::error("negative")) } else { Ok(Self { count: start }) }
    }

    /// Adds `by` and answers the new count.
    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    #[call]
    fn get(&self) -> i64 {
        self.count
    }

    #[cast]
    fn reset(&mut self) {
        self.count = 0;
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash at {}", self.count)
    }

    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }

    /// Never answers within any deadline.
    #[call]
    async fn hang(&mut self) -> i64 {
        std::future::pending().await
    }

    #[call]
    fn panics(&mut self) -> i64 {
        panic!("no answer")
    }

    #[call]
    fn forgets(&mut self, reply: ReplyTo<i64>) {
        drop(reply);
    }
}
