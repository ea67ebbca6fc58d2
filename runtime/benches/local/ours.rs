//! The workloads on umbrella: every call has its 5 s deadline and sees the server's death at once.

use std::time::{Duration, Instant};

use umbrella::prelude::*;
use umbrella::process;

use crate::{CALLERS, OPERATIONS, STARTS, runtime};

pub(crate) struct Counter {
    count: i64,
}

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self { count: 0 }
    }
    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }
    #[cast]
    fn bump(&mut self, by: i64) {
        self.count += by;
    }
    #[call]
    fn get(&self) -> i64 {
        self.count
    }
    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }
}

/// A caller that is a process, as callers are.
struct Caller;

#[gen_server(local)]
impl Caller {
    fn init() -> Self {
        Self
    }

    #[call]
    async fn calls(&mut self, server: Ref<Counter>, times: u32) -> Duration {
        let began = Instant::now();
        for _ in 0..times {
            server.add(1).await.unwrap();
        }
        began.elapsed()
    }

    #[call]
    async fn casts(&mut self, server: Ref<Counter>) -> Duration {
        let began = Instant::now();
        for _ in 0..OPERATIONS {
            server.bump(1).unwrap();
        }
        assert_eq!(server.get().await, Ok(i64::from(OPERATIONS)));
        began.elapsed()
    }

    #[call]
    async fn starts(&mut self) -> Duration {
        let began = Instant::now();
        for _ in 0..STARTS {
            let server = Counter::start(()).await.unwrap();
            server.stop().unwrap();
            process::wait_exit(Ref::pid(&server)).await;
        }
        began.elapsed()
    }
}

fn on_node<T>(body: impl AsyncFnOnce() -> T) -> T {
    runtime().block_on(Node::new("bench").scope(body()))
}

pub(crate) fn call() -> Duration {
    on_node(async || {
        let (server, caller) = (Counter::start(()).await.unwrap(), Caller::start(()).await.unwrap());
        caller.calls(server, OPERATIONS).infinity().await.unwrap() / OPERATIONS
    })
}

pub(crate) fn cast() -> Duration {
    on_node(async || {
        let (server, caller) = (Counter::start(()).await.unwrap(), Caller::start(()).await.unwrap());
        caller.casts(server).infinity().await.unwrap() / OPERATIONS
    })
}

pub(crate) fn eight_callers() -> Duration {
    on_node(async || {
        let server = Counter::start(()).await.unwrap();
        let mut callers = Vec::new();
        for _ in 0..CALLERS {
            callers.push(Caller::start(()).await.unwrap());
        }
        let began = Instant::now();
        let node = Node::current().unwrap();
        let calls: Vec<_> = callers
            .into_iter()
            .map(|caller| {
                let (server, node) = (server.clone(), node.clone());
                tokio::spawn(async move {
                    node.scope(async { caller.calls(server, OPERATIONS / CALLERS).infinity().await }).await
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        began.elapsed() / OPERATIONS
    })
}

pub(crate) fn start_stop() -> Duration {
    on_node(async || Caller::start(()).await.unwrap().starts().infinity().await.unwrap() / STARTS)
}
