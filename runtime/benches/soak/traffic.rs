//! Calls between processes while others die, and whether each of them ended in its time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use umbrella::prelude::*;

use crate::random::Random;
use crate::tree::inner_supervisors;
use crate::worker::Worker;

const CALLERS: usize = 16;
const DEADLINE: Duration = Duration::from_millis(300);
/// What a machine that is busy may add to a deadline, beside what the watch sees, before a call counts as hung.
const LATENESS: Duration = Duration::from_secs(2);

/// How often the watch looks at the clock.
const WATCH: Duration = Duration::from_millis(100);

pub(crate) struct Traffic {
    over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Tally>>,
    watch: JoinHandle<Duration>,
}

#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, u64>,
    longest: Duration,
}

pub(crate) fn begin(node: &Node, random: &mut Random) -> Traffic {
    let over = Arc::new(AtomicBool::new(false));
    let callers = (0..CALLERS).map(|_| {
        let (node, over, random) = (node.clone(), over.clone(), random.fork());
        tokio::spawn(async move { node.scope(calls(over, random)).await })
    });
    let callers = callers.collect();
    Traffic { callers, watch: tokio::spawn(watch(over.clone())), over }
}

/// The longest time for which the machine kept a task of bare tokio waiting: no call can be quicker.
async fn watch(over: Arc<AtomicBool>) -> Duration {
    let (mut looks, mut longest) = (tokio::time::interval(WATCH), Duration::ZERO);
    while !over.load(Ordering::Relaxed) {
        let due = Instant::now() + WATCH;
        looks.reset();
        looks.tick().await;
        longest = longest.max(due.elapsed());
    }
    longest
}

async fn calls(over: Arc<AtomicBool>, mut random: Random) -> Tally {
    let workers: Vec<&Name<Worker>> =
        inner_supervisors().flat_map(|inner| &inner.workers).map(|place| &place.name).collect();
    let mut tally = Tally::default();
    while !over.load(Ordering::Relaxed) {
        let worker = workers[random.below(workers.len())];
        let other = workers[random.below(workers.len())].clone();
        let began = Instant::now();
        let outcome = match random.below(1000) {
            0 => worker.too_late().within(DEADLINE).await,
            1..200 => worker.slowly().within(DEADLINE).await,
            200..400 => worker.through(other).within(DEADLINE).await.flatten(),
            _ => worker.add(1).within(DEADLINE).await,
        };
        tally.longest = tally.longest.max(began.elapsed());
        let outcome = outcome.map_or_else(|error| kind(&error), |_| "answered".to_owned());
        *tally.outcomes.entry(outcome).or_default() += 1;
    }
    tally
}

/// The name of the variant.
fn kind(error: &CallError) -> String {
    let debug = format!("{error:?}");
    debug.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

impl Traffic {
    /// Lets the last calls end and says what was wrong with any.
    pub(crate) async fn end(self) -> Vec<String> {
        self.over.store(true, Ordering::Relaxed);
        let mut total = Tally::default();
        let mut wrong = Vec::new();
        for caller in self.callers {
            match tokio::time::timeout(DEADLINE + LATENESS, caller).await {
                Ok(tally) => total.add(tally.unwrap()),
                Err(_elapsed) => wrong.push("a call hangs".to_owned()),
            }
        }
        let stall = self.watch.await.unwrap();
        let (longest, late) = (total.longest.as_millis(), stall.as_millis());
        println!(
            "calls: {:?}, the longest took {longest} ms; the machine was late by {late} ms",
            total.outcomes
        );
        if total.longest > DEADLINE + LATENESS + stall {
            wrong.push(format!("a call with a deadline of {DEADLINE:?} took {:?}", total.longest));
        }
        wrong
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        for (outcome, times) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += times;
        }
        self.longest = self.longest.max(other.longest);
    }
}
