//! The rules of OTP's application controller as tables, and what must hold for every graph.

use proptest::prelude::*;

use super::*;

/// Applications by name, each with what it needs.
fn applications(edges: &[(&'static str, &[&'static str])]) -> Applications {
    elsewhere(edges, &[])
}

fn elsewhere(
    edges: &[(&'static str, &[&'static str])],
    away: &[(&'static str, &'static str)],
) -> Applications {
    let depends_on = edges.iter().map(|(name, needs)| (*name, needs.iter().copied().collect())).collect();
    let graph = Graph::new(depends_on).expect("no cycle");
    Applications::new(graph, &BTreeMap::new(), &away.iter().copied().collect())
}

fn run(applications: &mut Applications, names: &[&str]) {
    names.iter().for_each(|name| applications.set(name, State::Running));
}

/// a needs b, b needs c; d stands alone.
fn abcd() -> Applications {
    applications(&[("a", &["b"]), ("b", &["c"]), ("d", &[])])
}

#[test]
fn starting_one_starts_what_it_needs_first() {
    let plan = abcd().plan_start(&["a"]).expect("known");
    assert_eq!(plan, StartPlan { start: vec!["c", "b", "a"], already: vec![] });
}

#[test]
fn what_runs_is_not_started_again_and_said_so() {
    let mut applications = abcd();
    run(&mut applications, &["c", "b"]);
    let plan = applications.plan_start(&["b", "a", "b"]).expect("known");
    assert_eq!(plan, StartPlan { start: vec!["a"], already: vec!["b"] });
}

#[test]
fn a_stopped_and_a_failed_application_start_again() {
    let mut applications = abcd();
    applications.set("c", State::Failed);
    applications.set("b", State::Stopped);
    assert_eq!(applications.plan_start(&["b"]).expect("known").start, ["c", "b"]);
}

#[test]
fn stopping_one_that_others_need_is_refused_and_names_all_of_them() {
    let mut applications = abcd();
    run(&mut applications, &["c", "b", "a"]);
    let refused = applications.plan_stop(&["c"], false).expect_err("a and b need it");
    assert_eq!(refused, Refused::HasDependents { application: "c", dependents: vec!["b", "a"] });
    assert_eq!(refused.to_string(), "application `c` is needed by `b`, `a`");
}

#[test]
fn stopping_with_dependents_stops_them_first() {
    let mut applications = abcd();
    run(&mut applications, &["c", "b", "a", "d"]);
    assert_eq!(applications.plan_stop(&["c"], true).expect("known").stop, ["a", "b", "c"]);
}

#[test]
fn dependents_that_are_stopped_in_the_same_request_or_do_not_run_are_no_obstacle() {
    let mut applications = abcd();
    run(&mut applications, &["c", "b"]);
    assert_eq!(applications.plan_stop(&["c", "b"], false).expect("known").stop, ["b", "c"]);
    applications.set("b", State::Stopped);
    let plan = applications.plan_stop(&["c", "b"], false).expect("known");
    assert_eq!(plan, StopPlan { stop: vec!["c"], already: vec!["b"] });
}

#[test]
fn restarting_brings_back_the_dependents_that_were_stopped_for_it() {
    let mut applications = abcd();
    run(&mut applications, &["c", "b", "a", "d"]);
    assert!(applications.plan_restart(&["b"], false).is_err());
    let plan = applications.plan_restart(&["b"], true).expect("known");
    assert_eq!(plan, RestartPlan { stop: vec!["a", "b"], start: vec!["b", "a"] });
}

#[test]
fn restarting_what_does_not_run_starts_it() {
    let plan = abcd().plan_restart(&["b"], false).expect("known");
    assert_eq!(plan, RestartPlan { stop: vec![], start: vec!["c", "b"] });
}

#[test]
fn an_application_elsewhere_is_not_started_and_satisfies_those_that_need_it() {
    let mut applications = elsewhere(&[("a", &["c"]), ("c", &[])], &[("c", "backend")]);
    assert_eq!(applications.plan_start(&["a"]).expect("known").start, ["a"]);
    assert_eq!(applications.unmet("a"), [""; 0]);
    assert_eq!(applications.known(), ["a"]);
    let refused = Refused::Elsewhere { application: "c", release: "backend" };
    assert_eq!(applications.plan_start(&["c"]), Err(refused));
    run(&mut applications, &["a"]);
    assert_eq!(applications.shut_down(), ["a"]);
}

#[test]
fn an_unknown_application_is_refused_with_those_that_are_known() {
    let refused = abcd().plan_start(&["d", "e"]).expect_err("there is no e");
    let known = vec!["a", "b", "c", "d"];
    assert_eq!(refused, Refused::UnknownApplication { application: "e".into(), known });
}

#[test]
fn nothing_starts_while_the_node_goes_down() {
    let mut applications = abcd();
    run(&mut applications, &["c", "d"]);
    assert_eq!(applications.shut_down(), ["d", "c"]);
    assert_eq!(applications.plan_start(&["a"]), Err(Refused::NodeStopping));
}

#[test]
fn what_an_end_means_is_as_the_table_of_application_start_2_says() {
    use Ended::{NodeDown, Reported};
    let table = [
        (StartType::Permanent, true, NodeDown),
        (StartType::Permanent, false, NodeDown),
        (StartType::Transient, true, Reported),
        (StartType::Transient, false, NodeDown),
        (StartType::Temporary, true, Reported),
        (StartType::Temporary, false, Reported),
    ];
    for (start_type, normal, expected) in table {
        let graph = Graph::new([("a", BTreeSet::new())].into()).expect("no cycle");
        let mut applications = Applications::new(graph, &[("a", start_type)].into(), &BTreeMap::new());
        run(&mut applications, &["a"]);
        assert_eq!(applications.ended("a", normal), expected, "{start_type:?}, normal: {normal}");
        assert_eq!(applications.state("a"), Some(State::Failed));
    }
}

#[test]
fn the_end_of_an_application_that_is_being_stopped_takes_nothing_down() {
    let mut applications = abcd();
    applications.set("d", State::Stopping);
    assert_eq!(applications.ended("d", false), Ended::Expected);
    assert_eq!(applications.state("d"), Some(State::Stopping));
}

#[test]
fn unmet_dependencies_are_named() {
    let mut applications = applications(&[("a", &["b", "c"])]);
    run(&mut applications, &["b"]);
    applications.set("c", State::Failed);
    assert_eq!(applications.unmet("a"), ["c"]);
}

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// Acyclic graphs over [`NAMES`] in a random labelling: an application may need those before it.
fn any_applications() -> impl Strategy<Value = Applications> {
    let labels = Just(NAMES.to_vec()).prop_shuffle();
    let edges = proptest::collection::vec(any::<bool>(), NAMES.len() * NAMES.len());
    let running = proptest::collection::vec(any::<bool>(), NAMES.len());
    (labels, edges, running).prop_map(|(labels, edges, running)| {
        let needs = |i: usize| (0..i).filter(|j| edges[i * NAMES.len() + j]).map(|j| labels[j]).collect();
        let depends_on = labels.iter().enumerate().map(|(i, name)| (*name, needs(i))).collect();
        let graph = Graph::new(depends_on).expect("edges only go back");
        let mut applications = Applications::new(graph, &BTreeMap::new(), &BTreeMap::new());
        for (name, running) in labels.iter().zip(running) {
            // Only as the controller would: never without what it needs.
            if running && applications.unmet(name).is_empty() {
                applications.set(name, State::Running);
            }
        }
        applications
    })
}

proptest! {
    #[test]
    fn whatever_is_started_finds_its_dependencies_running(
        mut applications in any_applications(),
        wanted in proptest::sample::subsequence(NAMES.to_vec(), 0..NAMES.len()),
    ) {
        let plan = applications.plan_start(&wanted).expect("known");
        for name in &plan.start {
            prop_assert_eq!(applications.unmet(name), Vec::<&str>::new());
            prop_assert_ne!(applications.state(name), Some(State::Running));
            applications.set(name, State::Running);
        }
        prop_assert!(wanted.iter().all(|name| applications.state(name) == Some(State::Running)));
    }

    #[test]
    fn nothing_is_stopped_before_what_needs_it(
        mut applications in any_applications(),
        wanted in proptest::sample::subsequence(NAMES.to_vec(), 0..NAMES.len()),
    ) {
        let plan = applications.plan_stop(&wanted, true).expect("known");
        for name in &plan.stop {
            applications.set(name, State::Stopped);
            for other in NAMES.iter().filter(|other| applications.state(other) == Some(State::Running)) {
                prop_assert_eq!(applications.unmet(other), Vec::<&str>::new());
            }
        }
        prop_assert!(wanted.iter().all(|name| applications.state(name) != Some(State::Running)));
    }

    #[test]
    fn the_whole_node_stops_in_the_exact_reverse_of_its_start(mut applications in any_applications()) {
        NAMES.iter().for_each(|name| applications.set(name, State::Loaded));
        let mut started = applications.plan_start(&NAMES).expect("known").start;
        run(&mut applications, &started);
        started.reverse();
        prop_assert_eq!(applications.shut_down(), started);
    }

    #[test]
    fn a_restart_leaves_at_least_as_much_running_as_before(
        mut applications in any_applications(),
        wanted in proptest::sample::subsequence(NAMES.to_vec(), 0..NAMES.len()),
    ) {
        let before: Vec<_> =
            NAMES.into_iter().filter(|name| applications.state(name) == Some(State::Running)).collect();
        let plan = applications.plan_restart(&wanted, true).expect("known");
        plan.stop.iter().for_each(|name| applications.set(name, State::Stopped));
        for name in &plan.start {
            prop_assert_eq!(applications.unmet(name), Vec::<&str>::new());
            applications.set(name, State::Running);
        }
        let running = |name: &&str| applications.state(name) == Some(State::Running);
        prop_assert!(before.iter().all(running) && wanted.iter().all(running));
    }

    #[test]
    fn a_refused_stop_names_exactly_the_running_dependents(
        applications in any_applications(),
        wanted in proptest::sample::select(NAMES.to_vec()),
    ) {
        let stopped = applications.plan_stop(&[wanted], true).expect("known").stop;
        match applications.plan_stop(&[wanted], false) {
            Ok(plan) => prop_assert_eq!(plan.stop, stopped),
            Err(Refused::HasDependents { dependents, .. }) => {
                let others: Vec<_> = stopped.into_iter().rev().filter(|name| *name != wanted).collect();
                prop_assert_eq!(dependents, others);
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
}
