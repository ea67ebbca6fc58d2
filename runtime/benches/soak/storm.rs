//! Who is ended, and how.

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};
use umbrella::prelude::*;

use crate::random::Random;
use crate::tree::{TREE, inner_supervisors};
use crate::worker::Worker;

/// Between two bursts of ends.
const PAUSE: Duration = Duration::from_millis(2);
const BURST: usize = 4;

/// Ends processes for `time` and says how many. The tops of the applications are spared: with them, the node would go.
pub(crate) async fn rage(node: &Node, time: Duration, random: &mut Random) -> u64 {
    let workers: Vec<&Name<Worker>> =
        inner_supervisors().flat_map(|inner| &inner.workers).map(|place| &place.name).collect();
    let mut supervisors: Vec<&Name<Supervisor>> = inner_supervisors().map(|inner| &inner.name).collect();
    supervisors.extend(TREE.iter().flat_map(|branch| &branch.outer).map(|outer| &outer.name));
    let mut pause = interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (began, mut ended) = (Instant::now(), 0);
    while began.elapsed() < time {
        pause.tick().await;
        for _ in 0..BURST {
            let victim = workers[random.below(workers.len())];
            ended += u64::from(match random.below(100) {
                0..1 => dynamic_child(node, random).await,
                1..3 => end(node, Name::pid(supervisors[random.below(supervisors.len())]), random),
                3..10 => victim.crash().is_ok(),
                10..16 => victim.finish().is_ok(),
                _ => end(node, Name::pid(victim), random),
            });
        }
    }
    ended
}

/// From outside, in one of the ways there are.
fn end(node: &Node, pid: Option<Pid>, random: &mut Random) -> bool {
    let Some(pid) = pid else { return false };
    match random.below(4) {
        0 => node.exit(pid, ExitReason::error("storm")),
        1 => node.exit(pid, ExitReason::Shutdown),
        _ => node.kill(pid),
    }
    true
}

async fn dynamic_child(node: &Node, random: &mut Random) -> bool {
    let children = TREE[random.below(TREE.len())].dynamic.which_children().await.unwrap_or_default();
    match children.get(random.below(children.len().max(1))).map(|child| child.state) {
        Some(umbrella::supervisor::ChildState::Running(pid)) => end(node, Some(pid), random),
        _ => false,
    }
}
