//! Who is there, and who should be.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::time::interval;
use umbrella::prelude::*;
use umbrella::supervisor::{ChildInfo, ChildState};

use crate::tree::{Inner, TREE, inner_supervisors};

/// Waits until every supervisor has every child that it is to have; says who has not when the time is up.
pub(crate) async fn come_to_rest(limit: Duration) -> Vec<String> {
    let began = Instant::now();
    let mut pause = interval(Duration::from_millis(50));
    loop {
        pause.tick().await;
        let mut wrong = Vec::new();
        for inner in inner_supervisors() {
            wrong.extend(is_whole(inner).await);
        }
        for outer in TREE.iter().flat_map(|branch| &branch.outer) {
            let running =
                children(&outer.name).await.iter().filter(|child| child.state.pid().is_some()).count();
            if running != outer.inner.len() {
                wrong.push(format!("{} has {running} children", Name::as_str(&outer.name)));
            }
        }
        if wrong.is_empty() || began.elapsed() > limit {
            return wrong;
        }
    }
}

async fn children(supervisor: &Name<Supervisor>) -> Vec<ChildInfo> {
    supervisor.which_children().await.unwrap_or_default()
}

/// The children as their restart types say, in start order: permanent ones run, transient ones run or have finished,
/// temporary ones run or are forgotten.
async fn is_whole(inner: &Inner) -> Option<String> {
    let supervisor = Name::as_str(&inner.name);
    let children = children(&inner.name).await;
    // The last one first, as OTP tells them.
    let mut found = children.iter().rev().peekable();
    for place in &inner.workers {
        let id = Name::as_str(&place.name);
        let state = found.next_if(|child| &*child.id == id).map(|child| child.state);
        let is_right = match (place.restart, state) {
            (_, Some(ChildState::Running(pid))) => Name::pid(&place.name) == Some(pid),
            (Restart::Transient, Some(ChildState::Stopped)) | (Restart::Temporary, None) => true,
            _ => false,
        };
        if !is_right {
            return Some(format!("{id} of {supervisor}, {:?}, is {state:?}", place.restart));
        }
    }
    found.next().map(|stranger| format!("{supervisor} has a stranger, {}", stranger.id))
}

/// Every process is somebody's child, nobody's link leads to the dead, and names are those of their processes.
pub(crate) async fn is_complete(node: &Node) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: HashSet<Pid> = HashSet::new();
    for branch in TREE.iter() {
        known.extend(Name::pid(&branch.top));
        known.extend(children(&branch.top).await.iter().filter_map(|child| child.state.pid()));
        let dynamic = branch.dynamic.which_children().await.unwrap_or_default();
        known.extend(dynamic.iter().filter_map(|child| child.state.pid()));
        for outer in &branch.outer {
            known.extend(children(&outer.name).await.iter().filter_map(|child| child.state.pid()));
            for inner in &outer.inner {
                known.extend(children(&inner.name).await.iter().filter_map(|child| child.state.pid()));
            }
        }
    }
    let alive: HashSet<Pid> = node.processes().into_iter().collect();
    // The masters of the applications and their controller are no children of ours.
    let strangers = alive.difference(&known).count() + known.difference(&alive).count();
    if strangers != TREE.len() + 1 {
        wrong.push(format!("{} processes, of which {} are nobody's child", alive.len(), strangers));
    }
    for &pid in &alive {
        let Some(info) = node.process_info(pid) else { continue };
        for dead in info.links.iter().filter(|linked| !alive.contains(linked)) {
            wrong.push(format!("{pid} {:?} is linked to {dead}, which is gone", info.name));
        }
        if info.name.as_ref().is_some_and(|name| node.whereis(name) != Some(pid)) {
            wrong.push(format!("{pid} has a name, {:?}, that leads elsewhere", info.name));
        }
    }
    wrong
}

/// Bytes of this program in memory, by `/proc/self/statm`.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
