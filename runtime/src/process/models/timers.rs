//! A process that waits until a deadline is woken by then, whatever else it was armed for.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use super::super::state::TaskSize;
use super::super::sync::{block_on, spawn as on_thread};
use super::super::{AnyCell, NEVER, Node};
use super::explore;
use super::signals::cell;

/// What the clock shows, and until when the process that waits believes to be armed; only the model sees it.
struct Scene {
    node: Node,
    now: AtomicU64,
    /// Or `NEVER`: it runs, or has been woken.
    waits_until: AtomicU64,
    wakes: AtomicU64,
    inner: Waker,
}

impl Wake for Scene {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        self.waits_until.store(NEVER, SeqCst);
        self.inner.wake_by_ref();
    }
}

impl Scene {
    /// As the task of the timers: time passes only while nothing is due, and never past what a process waits for.
    async fn pass_time(&self) {
        let timers = &self.node.timers().0;
        loop {
            let clock = self.node.clock();
            let Some(now) = clock.instant(self.now.load(SeqCst)) else { return };
            let next = timers.fire(now);
            let mut changed = std::pin::pin!(timers.changed.notified());
            let woken = poll_fn(|cx| Poll::Ready(changed.as_mut().poll(cx).is_ready())).await;
            match next {
                _ if woken => {}
                None => changed.await,
                Some(at) => {
                    let at = clock.at(at);
                    assert!(at <= self.waits_until.load(SeqCst), "slept past a deadline");
                    self.now.store(at, SeqCst);
                }
            }
        }
    }

    fn arm(&self, process: &Arc<dyn AnyCell>, due: u64) {
        let wakes = self.wakes.load(SeqCst);
        self.node.timers().wake_by(process, due);
        if self.wakes.load(SeqCst) == wakes {
            self.waits_until.store(due, SeqCst);
        }
    }

    /// As a call that is not answered.
    async fn wait_until(&self, process: &Arc<dyn AnyCell>, due: u64) {
        poll_fn(|_| {
            self.waits_until.store(NEVER, SeqCst);
            if self.now.load(SeqCst) >= due {
                return Poll::Ready(());
            }
            self.arm(process, due);
            Poll::Pending
        })
        .await;
    }
}

/// Catches what it is armed for written after it is queued or woken; a new head not told.
#[test]
fn whoever_waits_until_a_deadline_is_woken_by_then() {
    explore(|node| {
        let process: Arc<dyn AnyCell> = cell(&node);
        block_on(async {
            let inner = poll_fn(|cx: &mut Context<'_>| Poll::Ready(cx.waker().clone())).await;
            let begin = node.clock().now();
            let scene = Arc::new(Scene {
                node: node.clone(),
                now: AtomicU64::new(begin),
                waits_until: AtomicU64::new(NEVER),
                wakes: AtomicU64::new(0),
                inner,
            });
            process.set_task(Waker::from(scene.clone()), TaskSize::default());
            let timer = scene.clone();
            on_thread(async move { timer.pass_time().await });
            // A call that is answered at once, then shorter and longer ones that are not.
            scene.arm(&process, begin + 20);
            scene.wait_until(&process, begin + 10).await;
            scene.wait_until(&process, begin + 15).await;
            scene.wait_until(&process, begin + 30).await;
            scene.now.store(NEVER, SeqCst);
            node.timers().0.changed.notify_one();
        });
    });
}
