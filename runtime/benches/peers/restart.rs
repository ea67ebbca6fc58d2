//! The supervised restart of umbrella: from asking a server to fail until its successor has answered a call.

use std::time::{Duration, Instant};

use umbrella::prelude::*;

use crate::{CRASHES, runtime};

const COUNTER: Name<Counter> = Counter::named("counter");

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn get(&self) -> u64 {
        1
    }

    /// Stops with an error: the restart alone, without the price of a panic.
    #[cast]
    fn fail(&self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::error("asked to fail"));
    }
}

pub(crate) fn ours() -> Duration {
    runtime().block_on(async {
        let node = Node::new("bench");
        let inside = node.clone();
        tokio::spawn(async move { inside.scope(crash_again_and_again(&inside)).await }).await.unwrap()
    })
}

async fn crash_again_and_again(node: &Node) -> Duration {
    let sup = Supervisor::new(Strategy::OneForOne).intensity(u32::MAX).period(Duration::from_millis(1));
    sup.child(Counter::child_spec(()).name(COUNTER)).start().await.unwrap();
    let began = Instant::now();
    for _ in 0..CRASHES {
        let before = Name::pid(&COUNTER);
        COUNTER.fail().unwrap();
        node.wait_registered("counter", before).await;
        COUNTER.get().await.unwrap();
    }
    began.elapsed() / CRASHES
}
