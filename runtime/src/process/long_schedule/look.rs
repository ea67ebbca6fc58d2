//! What follows from looking at a thread now and then. Pure: moments are durations since the watch began.

use std::time::Duration;

/// What a thread runs: which process, and how many turns it has given before this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    pub(super) turn: u64,
    /// Nothing while the thread waits, or runs what is no process.
    pub(super) process: Option<u64>,
}

/// What is to be said of the turn of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Finding {
    /// It goes on, at least for so long by now.
    Goes { process: u64, on: Duration },
    /// It was found before, and has ended.
    Ended { process: u64, after: Duration },
}

/// What is known of one thread.
#[derive(Default)]
pub(super) struct Looks {
    last: Option<Last>,
}

struct Last {
    seen: Seen,
    /// When it was first seen so.
    since: Duration,
    /// Said again when it goes on for so long; twice as long each time.
    next: Duration,
    told: bool,
}

impl Looks {
    /// Whether the thread has given another turn since the last look, and what is to be said if turns last `threshold` at most.
    pub(super) fn look(&mut self, seen: Seen, now: Duration, threshold: Duration) -> (bool, Option<Finding>) {
        match &mut self.last {
            Some(last) if last.seen == seen => {
                let on = now.saturating_sub(last.since);
                let Some(process) = seen.process.filter(|_| on >= last.next) else { return (false, None) };
                last.next = on.saturating_mul(2);
                last.told = true;
                (false, Some(Finding::Goes { process, on }))
            }
            _ => {
                let next = Last { seen, since: now, next: threshold, told: false };
                let ended = self.last.replace(next).filter(|last| last.told).and_then(|last| {
                    let after = now.saturating_sub(last.since);
                    last.seen.process.map(|process| Finding::Ended { process, after })
                });
                (true, ended)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: Duration = Duration::from_millis(100);

    fn looks(at: &[(u64, u64, Option<u64>)]) -> Vec<Finding> {
        let mut looks = Looks::default();
        at.iter()
            .filter_map(|&(now, turn, process)| {
                looks.look(Seen { turn, process }, Duration::from_millis(now), THRESHOLD).1
            })
            .collect()
    }

    #[test]
    fn a_turn_is_told_at_the_threshold_then_after_twice_the_time_and_at_its_end() {
        let goes = |on| Finding::Goes { process: 7, on: Duration::from_millis(on) };
        let turns = [(0, 1), (50, 1), (100, 1), (150, 1), (200, 1), (250, 1), (400, 1)]
            .map(|(at, turn)| (at, turn, Some(7)));
        let told = looks(&[&turns[..], &[(450, 1, None)]].concat());
        let ended = Finding::Ended { process: 7, after: Duration::from_millis(450) };
        assert_eq!(told, [goes(100), goes(200), goes(400), ended]);
    }

    #[test]
    fn many_short_turns_of_one_process_are_no_long_one() {
        assert_eq!(looks(&[(0, 1, Some(7)), (90, 2, Some(7)), (180, 3, Some(7)), (270, 4, Some(7))]), []);
    }

    #[test]
    fn a_thread_that_waits_is_never_told() {
        assert_eq!(looks(&[(0, 1, None), (1000, 1, None), (2000, 1, None)]), []);
    }

    #[test]
    fn a_turn_begins_anew_when_what_it_started_is_done() {
        // Process 7 runs the beginning of process 8 on the spot.
        assert_eq!(looks(&[(0, 1, Some(7)), (60, 2, Some(8)), (120, 2, Some(7)), (180, 2, Some(7))]), []);
    }
}
