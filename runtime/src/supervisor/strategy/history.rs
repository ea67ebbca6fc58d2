//! Any history against the reference model.

use proptest::prelude::{Just, ProptestConfig, any, prop, prop_oneof};
use proptest::strategy::Strategy;
use proptest::{prop_assert_eq, proptest};

use super::AutoShutdown;
use super::Strategy::{OneForAll, OneForOne, RestForOne};
use super::model::{Life, Model, ModelChild, Outcome, Seen};
use super::world::World;
use crate::process::ExitReason;
use crate::supervisor::Restart::{self, Permanent, Temporary, Transient};

/// One thing that happens to a supervisor; the number picks a running child.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Exit { pick: u8, abnormal: bool },
    TryAgain,
}

fn restarts() -> impl Strategy<Value = Restart> {
    prop_oneof![Just(Permanent), Just(Transient), Just(Temporary)]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![4 => Just(Outcome::Started), 1 => Just(Outcome::Ignored), 2 => Just(Outcome::Failed)]
}

fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => (any::<u8>(), any::<bool>()).prop_map(|(pick, abnormal)| Happening::Exit { pick, abnormal }),
        1 => Just(Happening::TryAgain),
    ]
}

fn running(model: &Model) -> Vec<u8> {
    model.children.iter().filter(|child| child.life == Life::Running).map(|child| child.id).collect()
}

/// Has the supervisor ended?
fn over(seen: &[Seen]) -> bool {
    matches!(seen.last(), Some(Seen::InitFailed | Seen::GiveUp | Seen::AutoShutdown))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_history_is_what_supervisor_erl_would_do(
        strategy in prop_oneof![Just(OneForOne), Just(OneForAll), Just(RestForOne)],
        auto_shutdown in
            prop_oneof![Just(AutoShutdown::Never), Just(AutoShutdown::AnySignificant), Just(AutoShutdown::AllSignificant)],
        children in prop::collection::vec((restarts(), any::<bool>()), 0..6),
        outcomes in prop::collection::vec(outcomes(), 0..20),
        intensity in 0u32..12,
        happenings in prop::collection::vec(happenings(), 0..30),
    ) {
        let mut world = World::new(strategy, auto_shutdown, intensity, &children);
        world.outcomes = outcomes.clone();
        let children = children.iter().zip(0..);
        let mut model = Model {
            children: children
                .map(|(&(restart, significant), id)| ModelChild { id, restart, significant, life: Life::Stopped })
                .collect(),
            strategy,
            auto_shutdown,
            restarts_left: intensity,
            outcomes,
            seen: Vec::new(),
        };
        world.init();
        model.init();
        let mut retries: Vec<u8> = Vec::new();
        for happening in happenings {
            prop_assert_eq!(&world.seen, &model.seen);
            if over(&model.seen) {
                break;
            }
            let lives: Vec<_> = model.children.iter().map(|child| (child.id, child.life)).collect();
            prop_assert_eq!(world.lives(), lives);
            let before = model.seen.len();
            match happening {
                Happening::Exit { pick, abnormal } => {
                    let running = running(&model);
                    if running.is_empty() {
                        continue;
                    }
                    let id = running[pick as usize % running.len()];
                    let reason = if abnormal { ExitReason::Killed } else { ExitReason::Normal };
                    world.exit(id, &reason);
                    model.exit(id, abnormal);
                }
                Happening::TryAgain => {
                    world.try_again();
                    for id in std::mem::take(&mut retries) {
                        model.try_again(id);
                    }
                }
            }
            for seen in &model.seen[before..] {
                if let Seen::TryAgain(id) = seen {
                    retries.push(*id);
                }
            }
        }
        if !over(&model.seen) {
            world.halt();
            model.halt();
        }
        prop_assert_eq!(world.seen, model.seen);
    }
}
