//! Random ends in a tree on several threads: nothing hangs, nothing leaks, everything comes back.

use super::probe::{Log, Recipe};
use crate::prelude::*;
use crate::process::wait_exit;
use crate::supervisor::{DynamicSupervisor, Strategy, Supervisor};
use crate::testing::defects;

const NAMES: [[&str; 4]; 3] = [["a0", "a1", "a2", "a3"], ["b0", "b1", "b2", "b3"], ["c0", "c1", "c2", "c3"]];
const STRATEGIES: [(Name<Supervisor>, Strategy); 3] = [
    (Supervisor::named("a", "test"), Strategy::OneForOne),
    (Supervisor::named("b", "test"), Strategy::OneForAll),
    (Supervisor::named("c", "test"), Strategy::RestForOne),
];
const DYNAMIC: Name<DynamicSupervisor> = DynamicSupervisor::named("d", "test");

/// A top supervisor with one supervisor of four workers for each strategy, and an empty dynamic one.
fn tree(log: &Log) -> Supervisor {
    let tireless = |strategy| Supervisor::new(strategy).intensity(u32::MAX);
    let mut top = tireless(Strategy::OneForOne);
    for ((name, strategy), workers) in STRATEGIES.into_iter().zip(NAMES) {
        let inner = tireless(strategy).name(name.clone());
        let inner = workers.into_iter().fold(inner, |sup, id| sup.child(Recipe::new(id, log).spec()));
        top = top.child(inner.child_spec(Name::as_str(&name)));
    }
    // At most one, since all would have the same name, and one that waits for it would be tried again for ever.
    let dynamic = DynamicSupervisor::new().intensity(u32::MAX).max_children(1).name(DYNAMIC);
    top.child(dynamic.child_spec("d"))
}

/// Whether all children of all supervisors run.
async fn is_whole() -> bool {
    for (name, _) in STRATEGIES {
        let whole = name.count_children().await.is_ok_and(|counts| (counts.specs, counts.active) == (4, 4));
        if !whole {
            return false;
        }
    }
    DYNAMIC.count_children().await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ends_the_tree_is_whole_again_and_nothing_is_left() {
    let node = Node::new("test");
    let inside = node.clone();
    let test = async move {
        let log = Log::default();
        let top = tree(&log).start().await.expect("all children start");
        let mut random = 1u64;
        for _ in 0..2000 {
            // A linear congruential generator: the same ends in the same order on every run.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pids = inside.processes();
            let victim = pids[(random >> 33) as usize % pids.len()];
            if victim == Ref::pid(&top) {
                drop(DYNAMIC.start_child(Recipe::new("e", &log).spec()).await);
            } else if random & (1 << 40) == 0 {
                inside.exit(victim, ExitReason::error("crash"));
            } else {
                inside.kill(victim);
                wait_exit(victim).await;
            }
        }
        while !(is_whole().await && defects(&inside).await.is_empty()) {
            tokio::task::yield_now().await;
        }
        top.stop(ExitReason::Shutdown).await.expect("the top is left alone");
        // Children of a killed supervisor end by their links, on their own time.
        for pid in inside.processes() {
            inside.wait_exit(pid).await;
        }
        inside.processes()
    };
    let left = tokio::spawn(async move { node.scope(test).await }).await;
    assert_eq!(left.expect("no panic"), []);
}
