//! In which order releases can be upgraded, so that no call fails on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::compatibility::{Direction, Incompatibility};

/// That one release has to be upgraded before another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Before {
    pub(crate) first: String,
    pub(crate) then: String,
    pub(crate) reasons: Vec<Reason>,
}

/// What would fail in the other order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Reason {
    pub(crate) protocol: String,
    pub(crate) caller: String,
    pub(crate) callee: String,
    pub(crate) direction: Direction,
    #[serde(flatten)]
    pub(crate) fails: Fails,
}

/// Why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fails {
    /// Nobody serves the protocol there.
    NotServed,
    /// Some messages are not understood.
    Messages(Vec<Incompatibility>),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, caller, callee, direction, fails } = self;
        let (calls, called) = match direction {
            Direction::OldCallsNew => ("an old", "a new"),
            Direction::NewCallsOld => ("a new", "an old"),
        };
        write!(f, "{calls} {caller} may call {called} {callee}")?;
        match fails {
            Fails::NotServed => write!(f, ", where nobody serves {protocol}"),
            Fails::Messages(all) => {
                let Some(first) = all.first() else { return Ok(()) };
                write!(f, ": {protocol}: {first}")?;
                match all.len() - 1 {
                    0 => Ok(()),
                    more => write!(f, ", and {more} more"),
                }
            }
        }
    }
}

/// The order of an upgrade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "order")]
pub(crate) enum Order {
    /// No release waits for another.
    Any,
    /// One step after the other; within a step any.
    Steps { steps: Vec<Vec<String>> },
    /// None: each of these would have to come before the next, and the last before the first.
    None { circle: Vec<String> },
}

/// The order of `releases` that is left by the constraints.
pub(crate) fn order(releases: &BTreeSet<String>, constraints: &[Before]) -> Order {
    if constraints.is_empty() {
        return Order::Any;
    }
    let mut waits: BTreeMap<&str, BTreeSet<&str>> =
        releases.iter().map(|name| (name.as_str(), BTreeSet::new())).collect();
    for Before { first, then, .. } in constraints {
        waits.entry(first).or_default();
        waits.entry(then).or_default().insert(first);
    }
    let mut steps = Vec::new();
    while !waits.is_empty() {
        let free = waits.iter().filter(|(_, first)| first.is_empty());
        let step: Vec<String> = free.map(|(name, _)| (*name).to_owned()).collect();
        if step.is_empty() {
            return Order::None { circle: circle(&waits) };
        }
        waits.retain(|name, _| !step.iter().any(|done| done == name));
        waits.values_mut().for_each(|first| first.retain(|name| !step.iter().any(|done| done == name)));
        steps.push(step);
    }
    Order::Steps { steps }
}

/// Releases each of which has to come before the next; all of `waits` wait for one of them.
fn circle(waits: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut path: Vec<&str> = waits.keys().copied().take(1).collect();
    loop {
        let last = path.last().copied().unwrap_or_default();
        let Some(next) = waits.get(last).and_then(|first| first.first()).copied() else { return Vec::new() };
        if let Some(begins) = path.iter().position(|name| *name == next) {
            // Whoever waits was put behind, so the path runs against the order.
            return path.drain(begins..).rev().map(str::to_owned).collect();
        }
        path.push(next);
    }
}
