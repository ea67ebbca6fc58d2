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

/// One thing that happens to a supervisor; the number picks a child, of an exit a running one.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Exit { pick: u8, abnormal: bool },
    TryAgain,
    TerminateChild(u8),
    RestartChild(u8),
    DeleteChild(u8),
    StartChild { restart: Restart, significant: bool },
}

fn restarts() -> impl Strategy<Value = Restart> {
    prop_oneof![Just(Permanent), Just(Transient), Just(Temporary)]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![4 => Just(Outcome::Started), 1 => Just(Outcome::Ignored), 2 => Just(Outcome::Failed)]
}

fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (any::<u8>(), any::<bool>()).prop_map(|(pick, abnormal)| Happening::Exit { pick, abnormal }),
        4 => Just(Happening::TryAgain),
        2 => any::<u8>().prop_map(Happening::TerminateChild),
        2 => any::<u8>().prop_map(Happening::RestartChild),
        1 => any::<u8>().prop_map(Happening::DeleteChild),
        1 => (restarts(), any::<bool>())
            .prop_map(|(restart, significant)| Happening::StartChild { restart, significant }),
    ]
}

/// The child that a number means, of those in one of these states.
fn picked(model: &Model, pick: u8, lives: &[Life]) -> Option<u8> {
    let children = model.children.iter().filter(|child| lives.contains(&child.life));
    let ids: Vec<_> = children.map(|child| child.id).collect();
    ids.get((pick as usize).checked_rem(ids.len())?).copied()
}

const ANY: &[Life] = &[Life::Stopped, Life::Restarting, Life::Running];

/// Lets it happen to both.
fn happen(happening: Happening, world: &mut World, model: &mut Model, retries: &mut Vec<u8>, fresh: &mut u8) {
    match happening {
        Happening::Exit { pick, abnormal } => {
            let Some(id) = picked(model, pick, &[Life::Running]) else { return };
            world.exit(id, &if abnormal { ExitReason::Killed } else { ExitReason::Normal });
            model.exit(id, abnormal);
        }
        Happening::TryAgain => {
            world.try_again();
            for id in std::mem::take(retries) {
                model.try_again(id);
            }
        }
        Happening::TerminateChild(pick) => {
            let Some(id) = picked(model, pick, ANY) else { return };
            world.terminate_child(id);
            model.terminate_child(id);
        }
        Happening::RestartChild(pick) => {
            let Some(id) = picked(model, pick, ANY) else { return };
            world.restart_child(id);
            model.restart_child(id);
        }
        Happening::DeleteChild(pick) => {
            let Some(id) = picked(model, pick, ANY) else { return };
            world.delete_child(id);
            model.delete_child(id);
        }
        Happening::StartChild { restart, significant } => {
            *fresh += 1;
            world.start_child(*fresh, restart, significant);
            model.start_child(ModelChild { id: *fresh, restart, significant, life: Life::Stopped });
        }
    }
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
        let (mut retries, mut fresh) = (Vec::new(), 100);
        for happening in happenings {
            prop_assert_eq!(&world.seen, &model.seen);
            if over(&model.seen) {
                break;
            }
            let lives: Vec<_> = model.children.iter().map(|child| (child.id, child.life)).collect();
            prop_assert_eq!(world.lives(), lives);
            let before = model.seen.len();
            happen(happening, &mut world, &mut model, &mut retries, &mut fresh);
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
