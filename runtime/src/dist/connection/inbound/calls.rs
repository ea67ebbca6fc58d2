//! Calls that came from the other side and may be given up there.
//!
//! Only the task that reads the connection knows them, so neither a call nor its answer takes a lock for it. An answer does
//! not take its call out: those that were answered go when there are twice as many as were open.

use std::collections::HashMap;
use std::sync::Weak;

use crate::process::IdHash;
use crate::process::incoming::{Abandon, GiveUp};

#[derive(Default)]
pub(in crate::dist::connection) struct Calls {
    open: HashMap<u64, Weak<dyn Abandon>, IdHash>,
    /// With so many it is looked which have their answers.
    look_at: usize,
}

/// The fewest calls among which answered ones are looked for.
const LOOK_AT_LEAST: usize = 64;

impl Calls {
    /// A call was read, and is given up like this.
    pub(in crate::dist::connection) fn came(&mut self, call: u64, give_up: GiveUp) {
        let Some(give_up) = give_up else { return };
        if self.open.len() >= self.look_at.max(LOOK_AT_LEAST) {
            self.open.retain(|_, call| call.strong_count() > 0);
            self.look_at = self.open.len() * 2;
        }
        self.open.insert(call, give_up);
    }

    /// Whoever called waits no longer.
    pub(super) fn give_up(&mut self, call: u64) {
        if let Some(call) = self.open.remove(&call).and_then(|call| call.upgrade()) {
            call.abandon();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counted(AtomicU32);

    impl Abandon for Counted {
        fn abandon(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn came(calls: &mut Calls, number: u64, call: &Arc<Counted>) {
        let give_up: Weak<dyn Abandon> = Arc::<Counted>::downgrade(call);
        calls.came(number, Some(give_up));
    }

    #[test]
    fn a_call_is_given_up_once_and_no_other_with_it() {
        let (mut calls, one, two) = (Calls::default(), Arc::default(), Arc::default());
        came(&mut calls, 1, &one);
        came(&mut calls, 2, &two);
        for call in [1, 1, 3] {
            calls.give_up(call);
        }
        assert_eq!([one, two].map(|call: Arc<Counted>| call.0.load(Ordering::Relaxed)), [1, 0]);
    }

    #[test]
    fn no_more_are_kept_than_twice_those_that_are_open() {
        let (mut calls, open) = (Calls::default(), Arc::default());
        for number in 0..100 {
            came(&mut calls, number, &open);
        }
        for number in 100..10_000 {
            came(&mut calls, number, &Arc::default());
            assert!(calls.open.len() <= 200 + 1, "{}", calls.open.len());
        }
        calls.give_up(50);
        assert_eq!(open.0.load(Ordering::Relaxed), 1);
    }
}
