//! What is refused of what the other side wants: told in the log, however often it wants it.

use std::fmt::Display;
use std::sync::atomic::{AtomicU32, Ordering};

/// What was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refused {
    /// A message that its process does not take.
    Message,
    /// A message that the other side may not send.
    Call,
    Spawn,
    Stop,
}

const ALL: [Refused; 4] = [Refused::Message, Refused::Call, Refused::Spawn, Refused::Stop];

impl Refused {
    const fn what(self) -> &'static str {
        match self {
            Self::Message => "messages that were not understood",
            Self::Call => "calls and messages that are not allowed",
            Self::Spawn => "functions that it may not have run",
            Self::Stop => "attempts to end what it may not end",
        }
    }
}

/// How often each was refused since the last tick, of which there are four in `net_ticktime`.
#[derive(Default)]
pub(super) struct Refusals([AtomicU32; ALL.len()]);

impl Refusals {
    /// Tells the first of each kind at once.
    pub(super) fn note(&self, refused: Refused, why: impl Display) {
        if self.count(refused) {
            tracing::warn!(target: "umbrella::dist", "{why}");
        }
    }

    /// Tells how many others of each kind were refused since the last time.
    pub(super) fn tell(&self, here: &str, peer: &str) {
        for (refused, more) in self.take() {
            let what = refused.what();
            tracing::warn!(target: "umbrella::dist", "{here}: refused {more} more of {peer}: {what}");
        }
    }

    /// Whether it is the first of its kind.
    fn count(&self, refused: Refused) -> bool {
        let counter = &self.0[refused as usize];
        let saturating = |count: u32| count.checked_add(1);
        counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, saturating) == Ok(0)
    }

    /// Those of which there were others besides the first, and how many.
    fn take(&self) -> impl Iterator<Item = (Refused, u32)> {
        ALL.into_iter().filter_map(|refused| {
            let more = self.0[refused as usize].swap(0, Ordering::Relaxed).saturating_sub(1);
            (more > 0).then_some((refused, more))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind_the_first_is_told_and_the_others_are_counted() {
        let refusals = Refusals::default();
        let counted =
            [Refused::Call, Refused::Call, Refused::Spawn, Refused::Call].map(|it| refusals.count(it));
        assert_eq!(counted, [true, false, true, false]);
        assert_eq!(refusals.take().collect::<Vec<_>>(), [(Refused::Call, 2)]);
        assert!(refusals.count(Refused::Call));
        assert_eq!(refusals.take().count(), 0);
    }
}
