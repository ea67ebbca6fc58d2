//! Whether and when a connection that failed or was lost is tried again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Network;
use crate::dist::connection::Lost;
use crate::process::NodeId;

/// How long nothing is tried after the first failure; twice as long after each of the next ones.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

/// How long nothing is tried at most.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What has failed, by node. One that is connected, or was never tried, has none.
#[derive(Default)]
pub(super) struct Attempts(HashMap<NodeId, Attempt>);

struct Attempt {
    failures: u32,
    not_before: Instant,
    /// It was connected, and is wanted back.
    is_missed: bool,
}

impl Attempts {
    pub(super) fn may_begin(&self, to: NodeId) -> bool {
        self.0.get(&to).is_none_or(|attempt| attempt.not_before <= Instant::now())
    }

    /// The last attempt came to nothing, or what it led to is lost.
    pub(super) fn has_failed(&self, to: NodeId) -> bool {
        self.0.contains_key(&to)
    }

    /// Whether it was connected, and is not any more.
    pub(super) fn is_missed(&self, to: NodeId) -> bool {
        self.0.get(&to).is_some_and(|attempt| attempt.is_missed)
    }

    pub(super) fn succeeded(&mut self, to: NodeId) {
        self.0.remove(&to);
    }

    /// Nothing was there, or what was is lost: when it is to be tried again, if it is missed.
    fn failed(&mut self, to: NodeId, was_open: bool) -> Option<Instant> {
        let now = Instant::now();
        let attempt =
            self.0.entry(to).or_insert(Attempt { failures: 0, not_before: now, is_missed: was_open });
        let wait = SHORTEST_WAIT.saturating_mul(1 << attempt.failures.min(10)).min(LONGEST_WAIT);
        attempt.failures += 1;
        attempt.not_before = now + wait;
        attempt.is_missed.then_some(attempt.not_before)
    }
}

impl Network {
    /// Remembers that a connection failed: when it is to be tried again, if it is missed and was not given up.
    pub(super) fn note_failed(&self, to: NodeId, was_open: bool, why: &Lost) -> Option<Instant> {
        if self.is_stopped() || matches!(why, Lost::Disconnected | Lost::Stopped) {
            self.attempts().succeeded(to);
            return None;
        }
        self.attempts().failed(to, was_open)
    }

    /// Tries again later what was lost. Until then whoever wants it is told at once that it is not there.
    pub(super) fn try_again(&self, to: NodeId, at: Instant) {
        let network = self.myself.clone();
        self.spawn(async move {
            sleep_until(at).await;
            if let Some(network) = network.upgrade() {
                network.begin(to, true);
            }
        });
    }

    /// Nobody answers to the name any more, so it is not missed.
    pub(super) fn forget(&self, to: NodeId) {
        if let Some(attempt) = self.attempts().0.get_mut(&to) {
            attempt.is_missed = false;
        }
    }
}

/// Why a connection was not made, as a reason.
pub(super) fn not_made(why: impl std::fmt::Display) -> Lost {
    Lost::NotMade(Arc::from(why.to_string()))
}
