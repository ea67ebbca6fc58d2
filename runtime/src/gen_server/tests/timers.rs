//! What timers promise when they are used badly, or their server is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Counter, on_node};
use crate::gen_server::Interval;
use crate::prelude::*;
use crate::process::{self, Mailbox};

const SECOND: Duration = Duration::from_secs(1);

/// One that cannot be copied is as good as a mine.
#[derive(Debug)]
struct Tick {
    is_mine: bool,
}

impl Clone for Tick {
    fn clone(&self) -> Self {
        assert!(!self.is_mine, "cannot be copied");
        Self { is_mine: false }
    }
}

#[derive(Default)]
struct Clock {
    ticks: u32,
    interval: Option<Interval>,
}

#[gen_server(local)]
impl Clock {
    fn init() -> Self {
        Self::default()
    }

    #[call]
    fn once(&mut self, after: Duration, cx: &mut Context<Self>) {
        cx.send_after(after, Tick { is_mine: false });
    }

    #[call]
    fn every(&mut self, period: Duration, is_mine: bool, cx: &mut Context<Self>) {
        self.interval = Some(cx.send_interval(period, Tick { is_mine }));
    }

    #[call]
    async fn works(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    #[call]
    fn ticks(&self) -> u32 {
        self.ticks
    }

    #[call]
    fn cancel(&mut self) {
        self.interval.take().inspect(Interval::cancel);
    }

    #[call]
    fn keep(&mut self, after: Duration, kept: Kept, cx: &mut Context<Self>) {
        cx.send_after(after, kept);
    }

    #[info]
    fn tick(&mut self, _: Tick) {
        self.ticks += 1;
    }

    #[info]
    fn kept(&mut self, _: Kept) {}
}

/// Counts how many of it there are.
struct Kept(Arc<AtomicUsize>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_message_that_panics_when_it_is_copied_ends_its_interval_and_no_other_timer() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        clock.every(SECOND, true).await.expect("answers");
        clock.once(3 * SECOND).await.expect("answers");
        tokio::time::sleep(4 * SECOND).await;
        assert_eq!(clock.ticks().await, Ok(1));
        let counter = Counter::start(0).await.expect("starts");
        assert_eq!(counter.hang().await, Err(CallError::Timeout));
    });
}

#[test]
fn the_longest_delay_is_as_good_as_never() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        assert_eq!(clock.once(Duration::MAX).within(Duration::MAX).await, Ok(()));
        assert_eq!(clock.every(Duration::MAX, false).await, Ok(()));
        let idle = Start::<Counter>::new(1).hibernate_after(Duration::MAX).init_timeout(Duration::MAX);
        let idle = idle.start().await.expect("starts");
        assert_eq!(idle.get().await, Ok(1));
        tokio::time::sleep(SECOND).await;
        assert_eq!(clock.ticks().await, Ok(0));
    });
}

#[test]
fn an_interval_of_no_time_leaves_time_for_others() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        clock.every(Duration::ZERO, false).await.expect("answers");
        tokio::time::sleep(Duration::from_millis(20)).await;
        clock.cancel().await.expect("answers");
        assert!(clock.ticks().await.is_ok_and(|ticks| (10..=20).contains(&ticks)));
    });
}

#[test]
fn an_interval_that_fired_late_fires_again_when_it_would_have() {
    on_node(async |_| {
        let clock = Clock::start(()).await.expect("starts");
        clock.every(2 * SECOND, false).await.expect("answers");
        tokio::time::advance(3 * SECOND).await;
        tokio::time::sleep(3 * SECOND / 2).await;
        assert_eq!(clock.ticks().await, Ok(2));
    });
}

#[test]
fn no_message_of_an_interval_is_lost_to_a_mailbox_that_is_full() {
    on_node(async |_| {
        let clock = Start::<Clock>::new(()).mailbox(Mailbox::messages(1)).start().await.expect("starts");
        clock.every(SECOND, false).await.expect("answers");
        clock.works(3 * SECOND + SECOND / 2).await.expect("answers");
        assert_eq!(clock.ticks().await, Ok(3));
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(clock.ticks().await, Ok(5));
    });
}

#[test]
fn the_timers_of_a_server_end_with_it() {
    on_node(async |_| {
        let left = Arc::new(AtomicUsize::new(1));
        let clock = Clock::start(()).await.expect("starts");
        clock.keep(3600 * SECOND, Kept(left.clone())).await.expect("answers");
        assert_eq!(left.load(Ordering::Relaxed), 1);
        process::kill(Ref::pid(&clock));
        process::wait_exit(Ref::pid(&clock)).await;
        assert_eq!(left.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_node_has_its_timers_in_whichever_runtime_it_is_used() {
    let node = Node::new("test");
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        let outcome = runtime.expect("a tokio runtime").block_on(node.scope(async {
            let counter = Counter::start(0).await.expect("starts");
            // From a process, whose deadlines are the node's timers.
            let asked = Task::spawn(async move { counter.hang().await }).infinity();
            tokio::time::timeout(10 * SECOND, asked).await
        }));
        assert_eq!(outcome.map_err(drop), Ok(Ok(Err(CallError::Timeout))));
    }
}
