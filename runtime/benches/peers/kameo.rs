//! The workloads on kameo, as its documentation writes them.

use std::time::{Duration, Instant};

use ::kameo::actor::{Actor, ActorRef, Spawn};
use ::kameo::error::Infallible;
use ::kameo::mailbox;
use ::kameo::message::{Context, Message};

use crate::memory::{SERVERS, resident};
use crate::{CALLERS, CRASHES, OPERATIONS, STARTS, each, runtime};

#[derive(Clone)]
struct Counter {
    count: i64,
}

impl Actor for Counter {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(counter: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(counter)
    }
}

struct Add(i64);
struct Bump(i64);
struct Get;
struct Fail;

impl Message<Add> for Counter {
    type Reply = i64;

    async fn handle(&mut self, Add(by): Add, _: &mut Context<Self, i64>) -> i64 {
        self.count += by;
        self.count
    }
}

impl Message<Bump> for Counter {
    type Reply = ();

    async fn handle(&mut self, Bump(by): Bump, _: &mut Context<Self, ()>) {
        self.count += by;
    }
}

impl Message<Get> for Counter {
    type Reply = i64;

    async fn handle(&mut self, Get: Get, _: &mut Context<Self, i64>) -> i64 {
        self.count
    }
}

impl Message<Fail> for Counter {
    type Reply = Result<(), &'static str>;

    async fn handle(&mut self, Fail: Fail, _: &mut Context<Self, Self::Reply>) -> Self::Reply {
        Err("asked to fail")
    }
}

fn start() -> ActorRef<Counter> {
    Counter::spawn_with_mailbox(Counter { count: 0 }, mailbox::unbounded())
}

pub(crate) fn call() -> Duration {
    each(OPERATIONS, async {
        let server = start();
        for _ in 0..OPERATIONS {
            server.ask(Add(1)).await.unwrap();
        }
    })
}

pub(crate) fn cast() -> Duration {
    each(OPERATIONS, async {
        let server = start();
        for _ in 0..OPERATIONS {
            server.tell(Bump(1)).await.unwrap();
        }
        assert_eq!(server.ask(Get).await.unwrap(), i64::from(OPERATIONS));
    })
}

pub(crate) fn eight_callers() -> Duration {
    each(OPERATIONS, async {
        let server = start();
        let calls = |server: ActorRef<Counter>| async move {
            for _ in 0..OPERATIONS / CALLERS {
                server.ask(Add(1)).await.unwrap();
            }
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(calls(server.clone()))).collect();
        for caller in callers {
            caller.await.unwrap();
        }
    })
}

pub(crate) fn start_stop() -> Duration {
    each(STARTS, async {
        for _ in 0..STARTS {
            let server = start();
            server.wait_for_startup().await;
            server.stop_gracefully().await.unwrap();
            server.wait_for_shutdown().await;
        }
    })
}

pub(crate) fn memory() -> usize {
    runtime().block_on(async {
        let before = resident();
        let mut servers = Vec::with_capacity(SERVERS);
        for _ in 0..SERVERS {
            let server = start();
            server.wait_for_startup().await;
            servers.push(server);
        }
        (resident() - before) / SERVERS
    })
}

struct Parent;

impl Actor for Parent {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// The reference survives a restart; a question that comes in between may be lost, and is then asked again.
pub(crate) fn restart() -> Duration {
    runtime().block_on(async {
        let crashes = async {
            let parent = Parent::spawn(());
            let child = Counter::supervise(&parent, Counter { count: 0 });
            let child = child.restart_limit(u32::MAX, Duration::from_secs(1));
            let child = child.spawn_with_mailbox(mailbox::unbounded()).await;
            let began = Instant::now();
            for _ in 0..CRASHES {
                child.tell(Fail).await.unwrap();
                while child.ask(Get).await.is_err() {
                    tokio::task::yield_now().await;
                }
            }
            began.elapsed() / CRASHES
        };
        tokio::spawn(crashes).await.unwrap()
    })
}
