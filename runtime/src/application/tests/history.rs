//! Any history of starts, stops, restarts, and crashes, on a real controller, against a model of a few lines.

use std::collections::BTreeSet;

use proptest::prelude::{Just, ProptestConfig, Strategy as Generator, any, prop, prop_oneof};
use proptest::{prop_assert_eq, proptest};

use super::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Something that happens to the application at a position of [`NAMES`].
#[derive(Clone, Copy, Debug)]
enum Happening {
    Start(usize),
    Stop(usize, bool),
    Restart(usize, bool),
    Crash(usize),
}

fn happenings() -> impl Generator<Value = Happening> {
    let which = 0..NAMES.len();
    prop_oneof![
        3 => which.clone().prop_map(Happening::Start),
        2 => (which.clone(), any::<bool>()).prop_map(|(at, with)| Happening::Stop(at, with)),
        1 => (which.clone(), any::<bool>()).prop_map(|(at, with)| Happening::Restart(at, with)),
        1 => which.prop_map(Happening::Crash),
    ]
}

/// Which applications run: an application needs only those before it, and some never start.
struct Model {
    needs: Vec<BTreeSet<usize>>,
    fails: Vec<bool>,
    running: BTreeSet<usize>,
}

impl Model {
    /// The applications and all they need.
    fn closure(&self, mut of: BTreeSet<usize>) -> BTreeSet<usize> {
        for at in (0..NAMES.len()).rev().filter(|at| of.contains(at)).collect::<Vec<_>>() {
            let below = self.needs[at].iter().copied().collect();
            of.extend(self.closure(below));
        }
        of
    }

    /// All of it runs, or what was started for it is stopped again.
    fn start(&mut self, wanted: BTreeSet<usize>) -> bool {
        let wanted = self.closure(wanted);
        let works = wanted.difference(&self.running).all(|at| !self.fails[*at]);
        if works {
            self.running.extend(wanted);
        }
        works
    }

    /// What stops with an application; nothing if others need it and are not to be stopped.
    fn stop(&mut self, at: usize, with_dependents: bool) -> Option<BTreeSet<usize>> {
        let needs = |other: &usize| *other != at && self.closure([*other].into()).contains(&at);
        let dependents: BTreeSet<_> = self.running.iter().copied().filter(needs).collect();
        if !with_dependents && self.running.contains(&at) && !dependents.is_empty() {
            return None;
        }
        let mut stopped = if with_dependents { dependents } else { BTreeSet::new() };
        stopped.insert(at);
        stopped.retain(|at| self.running.remove(at));
        Some(stopped)
    }
}

async fn load(model: &Model) -> Loading {
    let mut plan = Plan::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        let needs: Vec<_> = model.needs[at].iter().map(|need| NAMES[*need]).collect();
        let behaviour = if model.fails[at] { Behaviour::FailsToStart } else { Behaviour::Good };
        plan = plan.typed(name, &needs, behaviour, StartType::Temporary);
    }
    plan.load().await
}

/// Lets it happen to both; they must agree on whether it went well.
async fn happens(happening: Happening, node: &Loading, model: &mut Model) -> (bool, bool) {
    let controller = &node.controller;
    match happening {
        Happening::Start(at) => (controller.start(&[NAMES[at]]).await.is_ok(), model.start([at].into())),
        Happening::Stop(at, with) => {
            (controller.stop(&[NAMES[at]], with).await.is_ok(), model.stop(at, with).is_some())
        }
        // What is left running when a restart fails depends on the order; the model knows none.
        Happening::Restart(at, _) if model.closure([at].into()).iter().any(|at| model.fails[*at]) => {
            (true, true)
        }
        Happening::Restart(at, with) => {
            let is_restarted = controller.restart(&[NAMES[at]], with).await.is_ok();
            let stopped = model.stop(at, with);
            let expected = stopped.is_some_and(|mut stopped| {
                stopped.insert(at);
                model.start(stopped)
            });
            (is_restarted, expected)
        }
        Happening::Crash(at) => {
            if model.running.remove(&at) {
                node.crash(NAMES[at]);
                node.until(NAMES[at], State::Failed).await;
            }
            (true, true)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_leaves_running_what_the_model_says(
        edges in prop::collection::vec(prop_oneof![2 => Just(false), 1 => Just(true)], NAMES.len() * NAMES.len()),
        fails in prop::collection::vec(prop_oneof![5 => Just(false), 1 => Just(true)], NAMES.len()),
        happenings in prop::collection::vec(happenings(), 0..25),
    ) {
        let needs = |at: usize| (0..at).filter(|below| edges[at * NAMES.len() + below]).collect();
        let mut model = Model { needs: (0..NAMES.len()).map(needs).collect(), fails, running: BTreeSet::new() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let node = load(&model).await;
            for happening in happenings {
                let (real, expected) = happens(happening, &node, &mut model).await;
                prop_assert_eq!(real, expected, "{:?}", happening);
                let states = node.states().into_iter();
                let running: BTreeSet<_> =
                    states.filter(|(_, state)| *state == State::Running).map(|(name, _)| name).collect();
                let expected: BTreeSet<_> = model.running.iter().map(|at| NAMES[*at]).collect();
                prop_assert_eq!(running, expected, "{:?}", happening);
            }
            node.finish().await;
            Ok(())
        })?;
    }
}
