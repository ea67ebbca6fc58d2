//! What is killed: a server that takes calls, calls others, has timers, and ends in every way there is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use umbrella::prelude::*;

/// Counts the starts of all workers.
static STARTS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn starts() -> u64 {
    STARTS.load(Ordering::Relaxed)
}

pub(crate) struct Worker {
    count: u64,
    /// Which start of all this one was: of two workers, the one with the greater number was started later.
    started: u64,
}

#[derive(Clone)]
struct Tick;

#[gen_server(local)]
impl Worker {
    fn init((): (), cx: &mut Context<Self>) -> Self {
        let started = STARTS.fetch_add(1, Ordering::Relaxed);
        // Every fourth cleans up before it goes, every sixteenth has a heartbeat.
        cx.trap_exit(started.is_multiple_of(4));
        if started.is_multiple_of(16) {
            let _for_life = cx.send_interval(Duration::from_millis(500), Tick);
        }
        Self { count: 0, started }
    }

    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.count += by;
        self.count
    }

    #[call]
    fn started(&self) -> u64 {
        self.started
    }

    /// Answers late, and something else happens meanwhile.
    #[call]
    async fn slowly(&mut self) -> u64 {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        self.count
    }

    /// Asks another one.
    #[call]
    async fn through(&mut self, other: Name<Worker>) -> Result<u64, CallError> {
        other.add(1).await
    }

    /// Answers when nobody waits any more. Not never: a server that traps exits ends only between two messages.
    #[call]
    async fn too_late(&mut self) -> u64 {
        let never = std::future::pending::<()>();
        drop(tokio::time::timeout(Duration::from_millis(500), never).await);
        self.count
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }

    #[cast]
    fn finish(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }

    #[info]
    fn tick(&mut self, _: Tick) {
        self.count += 1;
    }

    async fn terminate(&mut self, _reason: &ExitReason) {
        tokio::task::yield_now().await;
    }
}
