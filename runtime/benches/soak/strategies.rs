//! What each supervisor does when one child ends, and nothing else happens.

use std::time::{Duration, Instant};

use tokio::time::interval;
use umbrella::prelude::*;

use crate::random::Random;
use crate::tree::{Inner, PERIOD, inner_supervisors};

/// How long a supervisor may take to do what its strategy says.
const LIMIT: Duration = Duration::from_secs(30);

/// Kills one permanent child of every supervisor of workers, looks who is started anew, and in which order all were.
pub(crate) async fn hold(node: &Node, random: &mut Random) -> Vec<String> {
    // No supervisor has a restart on its account then.
    let mut period = interval(PERIOD);
    period.tick().await;
    period.tick().await;
    let mut wrong = Vec::new();
    for inner in inner_supervisors() {
        let permanent = |index: &usize| inner.workers[*index].restart == Restart::Permanent;
        let candidates: Vec<usize> = (0..inner.workers.len()).filter(permanent).collect();
        let victim = candidates[random.below(candidates.len())];
        let before: Vec<Option<Pid>> = pids(inner);
        node.kill(before[victim].unwrap());
        let mut pause = interval(Duration::from_millis(1));
        let began = Instant::now();
        while !is_done(inner, victim, &before) && began.elapsed() < LIMIT {
            pause.tick().await;
        }
        if !is_done(inner, victim, &before) {
            wrong.push(format!("{} did not restart as {:?}", Name::as_str(&inner.name), inner.strategy));
        }
        if inner.strategy != Strategy::OneForOne {
            wrong.extend(started_in_order(inner).await);
        }
        // The others would be waited for as long.
        if !wrong.is_empty() {
            break;
        }
    }
    wrong
}

fn pids(inner: &Inner) -> Vec<Option<Pid>> {
    inner.workers.iter().map(|place| Name::pid(&place.name)).collect()
}

/// Whether those, and only those, were started anew whom the strategy names.
fn is_done(inner: &Inner, victim: usize, before: &[Option<Pid>]) -> bool {
    let shares_fate = |index: usize| match inner.strategy {
        Strategy::OneForOne => index == victim,
        Strategy::OneForAll => true,
        Strategy::RestForOne => index >= victim,
    };
    let now = pids(inner);
    inner.workers.iter().enumerate().all(|(index, place)| match (shares_fate(index), place.restart) {
        (false, _) => now[index] == before[index],
        // Temporary children are never started again.
        (true, Restart::Temporary) => now[index].is_none(),
        (true, Restart::Permanent | Restart::Transient) => {
            now[index].is_some() && now[index] != before[index]
        }
    })
}

/// When one child takes those after it, or all, with it, later children were always started later.
async fn started_in_order(inner: &Inner) -> Option<String> {
    let mut last = None;
    for place in &inner.workers {
        let Ok(started) = place.name.started().await else { continue };
        if last > Some(started) {
            return Some(format!("{} was started before those before it", Name::as_str(&place.name)));
        }
        last = Some(started);
    }
    None
}
