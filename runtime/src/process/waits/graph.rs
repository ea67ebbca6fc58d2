//! The cycle among what processes wait for.

use std::collections::{HashMap, HashSet};

use super::super::Pid;
use super::Wait;
use super::probe::Waiting;

/// One process of a cycle, and the call by which it waits for the next.
#[derive(Clone)]
pub(super) struct Edge {
    pub(super) from: Pid,
    pub(super) wait: Wait,
    /// It waits for nothing else.
    pub(super) sole: bool,
}

/// What is known of who waits for what.
pub(super) type Known = HashMap<Pid, Waiting>;

/// The processes that must be asked before it can be said whether a cycle goes through `start`.
pub(super) fn unknown(start: Pid, known: &Known) -> Option<Pid> {
    let mut seen = HashSet::new();
    let mut ahead = vec![start];
    while let Some(pid) = ahead.pop() {
        if seen.insert(pid) {
            let Some(waiting) = known.get(&pid) else { return Some(pid) };
            ahead.extend(waiting.calls.iter().map(|wait| wait.callee));
        }
    }
    None
}

/// A cycle through `start`, beginning with it.
pub(super) fn cycle(start: Pid, known: &Known) -> Option<Vec<Edge>> {
    let (mut path, mut seen) = (Vec::new(), HashSet::from([start]));
    extend(start, start, known, &mut path, &mut seen).then_some(path)
}

fn extend(start: Pid, from: Pid, known: &Known, path: &mut Vec<Edge>, seen: &mut HashSet<Pid>) -> bool {
    let Some(waiting) = known.get(&from) else { return false };
    let sole = waiting.calls.len() == 1 && !waiting.other;
    for wait in &waiting.calls {
        path.push(Edge { from, wait: wait.clone(), sole });
        let closed = wait.callee == start;
        if closed || (seen.insert(wait.callee) && extend(start, wait.callee, known, path, seen)) {
            return true;
        }
        path.pop();
    }
    false
}
