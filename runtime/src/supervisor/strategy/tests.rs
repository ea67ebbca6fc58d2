//! supervisor(3) as tables.

use super::AutoShutdown;
use super::Strategy::{OneForAll, OneForOne, RestForOne};
use super::model::Seen::{self, GiveUp, InitFailed, Start, Terminate, TryAgain};
use super::model::{Life, Outcome};
use super::world::World;
use crate::process::ExitReason;
use crate::supervisor::Restart::{Permanent, Temporary, Transient};

#[test]
fn children_start_left_to_right_and_stop_right_to_left() {
    for strategy in [OneForOne, OneForAll, RestForOne] {
        let mut world = World::new(strategy, AutoShutdown::Never, 1, &[(Permanent, false); 3]);
        world.init();
        assert_eq!(world.seen, [Start(0), Start(1), Start(2)]);
        world.seen.clear();
        world.halt();
        assert_eq!(world.seen, [Terminate(2), Terminate(1), Terminate(0)]);
    }
}

#[test]
fn a_child_that_does_not_start_takes_the_started_ones_down_right_to_left() {
    let mut world = World::new(OneForOne, AutoShutdown::Never, 1, &[(Permanent, false); 4]);
    world.outcomes = vec![Outcome::Failed, Outcome::Started, Outcome::Started];
    world.init();
    assert_eq!(world.seen, [Start(0), Start(1), Start(2), Terminate(1), Terminate(0), InitFailed]);
}

#[test]
fn one_for_one_restarts_the_crashed_child_alone() {
    let mut world = World::running(OneForOne, &[Permanent; 3]);
    world.crash(1);
    assert_eq!(world.seen, [Start(1)]);
}

#[test]
fn one_for_all_stops_the_others_right_to_left_and_starts_all_left_to_right() {
    let mut world = World::running(OneForAll, &[Permanent; 3]);
    world.crash(1);
    assert_eq!(world.seen, [Terminate(2), Terminate(0), Start(0), Start(1), Start(2)]);
}

#[test]
fn rest_for_one_restarts_the_crashed_child_and_those_after_it() {
    let mut world = World::running(RestForOne, &[Permanent; 4]);
    world.crash(1);
    assert_eq!(world.seen, [Terminate(3), Terminate(2), Start(1), Start(2), Start(3)]);
}

#[test]
fn which_ends_restart_which_children() {
    let normal = || ExitReason::Normal;
    let table = [
        (Permanent, normal(), true),
        (Permanent, ExitReason::Shutdown, true),
        (Permanent, ExitReason::shutdown_with("moved"), true),
        (Permanent, ExitReason::error("crash"), true),
        (Transient, normal(), false),
        (Transient, ExitReason::Shutdown, false),
        (Transient, ExitReason::shutdown_with("moved"), false),
        (Transient, ExitReason::error("crash"), true),
        (Transient, ExitReason::Killed, true),
        (Temporary, normal(), false),
        (Temporary, ExitReason::Shutdown, false),
        (Temporary, ExitReason::error("crash"), false),
        (Temporary, ExitReason::Killed, false),
    ];
    for (restart, reason, restarted) in table {
        let mut world = World::running(OneForAll, &[restart, Permanent]);
        world.exit(0, &reason);
        let expected: &[Seen] = if restarted { &[Terminate(1), Start(0), Start(1)] } else { &[] };
        assert_eq!(world.seen, expected, "{restart:?} after {reason}");
    }
}

#[test]
fn a_transient_child_that_ended_well_keeps_its_specification_and_a_temporary_one_does_not() {
    let mut world = World::running(OneForOne, &[Transient, Temporary, Permanent]);
    world.exit(0, &ExitReason::Normal);
    world.crash(1);
    assert_eq!(world.lives(), [(0, Life::Stopped), (2, Life::Running)]);
}

#[test]
fn a_siblings_restart_forgets_temporary_children_and_brings_back_stopped_ones() {
    let mut world = World::running(OneForAll, &[Transient, Temporary, Permanent]);
    world.exit(0, &ExitReason::Normal);
    world.crash(2);
    assert_eq!(world.seen, [Terminate(1), Start(0), Start(2)]);
    assert_eq!(world.lives(), [(0, Life::Running), (2, Life::Running)]);
}

#[test]
fn a_child_with_nothing_to_run_keeps_its_place_unless_it_is_temporary() {
    let mut world = World::new(
        OneForOne,
        AutoShutdown::Never,
        1,
        &[(Permanent, false), (Temporary, false), (Permanent, false)],
    );
    world.outcomes = vec![Outcome::Started, Outcome::Ignored, Outcome::Ignored];
    world.init();
    assert_eq!(world.seen, [Start(0), Start(1), Start(2)]);
    assert_eq!(world.lives(), [(0, Life::Stopped), (2, Life::Running)]);
}

#[test]
fn a_failed_restart_is_tried_again_through_the_mailbox_and_counts() {
    let mut world = World::new(OneForOne, AutoShutdown::Never, 2, &[(Permanent, false); 2]);
    world.init();
    world.seen.clear();
    world.outcomes = vec![Outcome::Failed, Outcome::Failed];
    world.crash(0);
    assert_eq!(world.seen, [Start(0), TryAgain(0)]);
    assert_eq!(world.lives(), [(0, Life::Restarting), (1, Life::Running)]);
    world.try_again();
    world.try_again();
    assert_eq!(world.seen, [Start(0), TryAgain(0), Start(0), TryAgain(0), GiveUp]);
}

#[test]
fn a_failed_one_for_all_restart_leaves_those_before_running_and_starts_over() {
    let mut world = World::running(OneForAll, &[Permanent; 3]);
    world.outcomes = vec![Outcome::Failed, Outcome::Started];
    world.crash(2);
    assert_eq!(world.seen, [Terminate(1), Terminate(0), Start(0), Start(1), TryAgain(1)]);
    assert_eq!(world.lives(), [(0, Life::Running), (1, Life::Restarting), (2, Life::Stopped)]);
    world.seen.clear();
    world.try_again();
    assert_eq!(world.seen, [Terminate(0), Start(0), Start(1), Start(2)]);
}

#[test]
fn a_retry_is_dropped_when_a_sibling_has_brought_the_child_back() {
    let mut world = World::running(OneForAll, &[Permanent; 2]);
    world.outcomes = vec![Outcome::Failed, Outcome::Started];
    world.crash(0);
    world.crash(0);
    world.seen.clear();
    world.try_again();
    assert_eq!(world.seen, []);
}

#[test]
fn more_restarts_than_the_intensity_end_the_supervisor() {
    for strategy in [OneForOne, OneForAll, RestForOne] {
        let mut world = World::new(strategy, AutoShutdown::Never, 1, &[(Permanent, false)]);
        world.init();
        world.crash(0);
        world.crash(0);
        assert_eq!(world.seen, [Start(0), Start(0), GiveUp]);
    }
}

#[test]
fn the_end_of_significant_children_ends_the_supervisor_as_auto_shutdown_says() {
    let children = [(Transient, true), (Temporary, true), (Transient, false)];
    let any = |id| {
        let mut world = World::new(OneForOne, AutoShutdown::AnySignificant, 1, &children);
        world.init();
        world.exit(id, &ExitReason::Normal);
        world.seen.contains(&Seen::AutoShutdown)
    };
    assert_eq!([any(0), any(1), any(2)], [true, true, false]);

    let mut world = World::new(OneForOne, AutoShutdown::AllSignificant, 1, &children);
    world.init();
    world.exit(2, &ExitReason::Normal);
    world.crash(0);
    world.crash(1);
    assert!(!world.seen.contains(&Seen::AutoShutdown), "one significant child still runs");
    world.exit(0, &ExitReason::Normal);
    assert_eq!(world.seen.last(), Some(&Seen::AutoShutdown));
}

#[test]
fn a_significant_child_between_two_attempts_counts_as_running() {
    let mut world =
        World::new(OneForOne, AutoShutdown::AllSignificant, 9, &[(Transient, true), (Transient, true)]);
    world.init();
    world.outcomes = vec![Outcome::Failed];
    world.crash(0);
    world.exit(1, &ExitReason::Normal);
    assert!(!world.seen.contains(&Seen::AutoShutdown));
}
