//! The timers that a process has set for itself.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, PoisonError, Weak};

use super::Pid;
use super::any_cell::AnyCell;
use super::id_hash::IdHash;
use super::place::Place;
use super::sync::{Mutex, MutexGuard};
use super::timer::{Shared, TimerRef};

/// The timers that a process has set for itself. They end with it, so that none keeps its message until it is due.
///
/// Source: OTP `erlang:send_after/3`, whose timers are cancelled when the process dies.
pub(super) struct OwnTimers {
    timers: Weak<Shared>,
    /// Nothing once the process has ended.
    set: Mutex<Option<HashSet<TimerRef, IdHash>>>,
}

impl OwnTimers {
    /// Those of `process`, which are kept in `timers`; nothing if it has ended.
    pub(super) fn of(process: &dyn AnyCell, timers: &Arc<Shared>) -> Option<Arc<Self>> {
        process.place_or_insert(|| Self {
            timers: Arc::downgrade(timers),
            set: Mutex::new(Some(HashSet::default())),
        })
    }

    fn set(&self) -> MutexGuard<'_, Option<HashSet<TimerRef, IdHash>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what `set` sets, unless the process has ended.
    pub(super) fn keep(&self, set: impl FnOnce() -> TimerRef) -> Option<TimerRef> {
        let mut own = self.set();
        let own = own.as_mut()?;
        // Under the lock: a timer that fires at once, and the end of the process, find it kept.
        let timer = set();
        own.insert(timer);
        Some(timer)
    }

    /// `timer` has fired, or was cancelled.
    pub(super) fn forget(&self, timer: TimerRef) {
        if let Some(own) = self.set().as_mut() {
            own.remove(&timer);
        }
    }
}

impl Place for OwnTimers {
    fn lost(self: Arc<Self>, _pid: Pid) {
        let own = mem::take(&mut *self.set());
        let (Some(own), Some(timers)) = (own, self.timers.upgrade()) else { return };
        for timer in own {
            timers.cancel(timer);
        }
    }
}
