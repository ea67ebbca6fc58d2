//! Plays scenarios on this runtime: each in a node of its own, in virtual time.

mod actor;
mod apps;
mod plain;
mod recorder;
mod tree;
mod verbs;
mod words;
mod world;

use std::time::Duration;

use umbrella::prelude::*;

use crate::scenario::{Scenario, Step, Trace, Traces};
use recorder::Recorder;
use world::World;

/// Plays all `scenarios`.
pub(crate) fn play(scenarios: &[Scenario]) -> Traces {
    scenarios.iter().map(|scenario| (scenario.name.clone(), play_one(scenario))).collect()
}

fn play_one(scenario: &Scenario) -> Trace {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let node = Node::new("conformance");
    runtime.expect("a tokio runtime").block_on(node.scope(async {
        let recorder = Recorder::start(()).await.expect("a recorder starts");
        let world = World::new(&scenario.declarations, node.clone(), recorder);
        world.load().await;
        plain::spawn(&world, "main", &["trap"]).expect("in a node");
        settle().await;
        let is_down = tokio::select! {
            biased;
            () = world.node_ends() => true,
            () = perform_all(&world, &scenario.steps) => false,
        };
        if is_down {
            world.applications().shut_down().await;
            settle().await;
        }
        let mut lines = world.recorder.take().await.expect("the recorder lives");
        if is_down {
            lines.push_str("\n node down");
        }
        Trace::parse(&lines)
    }))
}

async fn perform_all(world: &std::sync::Arc<World>, steps: &[Step]) {
    for step in steps {
        world.recorder.step(step.to_string()).expect("the recorder lives");
        perform(world, step).await;
    }
}

async fn perform(world: &std::sync::Arc<World>, step: &Step) {
    match step.words.split_first() {
        Some((wait, time)) if wait == "wait" => tokio::time::sleep(words::time(&time[0])).await,
        Some((actor, words)) => world.tell(actor, words.to_vec()),
        None => {}
    }
    if step.settles {
        settle().await;
    }
}

/// Until everybody waits: only then does virtual time pass.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
