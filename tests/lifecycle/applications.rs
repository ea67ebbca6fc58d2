//! Applications started and stopped as units, in a node that stays.

use crate::abc::Abc;

/// Whether `lines` of `out` begin like this, in this order.
fn said_in_order(out: &str, lines: &[&str]) -> bool {
    out.lines().count() == lines.len()
        && out.lines().zip(lines).all(|(line, begins)| line.starts_with(begins))
}

#[test]
fn what_somebody_uses_is_stopped_only_with_its_dependents() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let refused = abc.umbrella(&["stop", "c"]).ended(1);
    assert!(refused.err.contains("`c` is used by `a`"), "{}", refused.err);
    assert!(refused.err.contains("umbrella stop c --with-dependents"), "{}", refused.err);
    let stopped = abc.umbrella(&["stop", "c", "--with-dependents"]).ended(0);
    assert!(said_in_order(&stopped.out, &["a stopped", "c stopped ("]), "{}", stopped.out);
    let started = abc.umbrella(&["start", "a"]).ended(0);
    assert!(said_in_order(&started.out, &["c started", "a started ("]), "{}", started.out);
}

#[test]
fn an_application_stops_and_starts_alone() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let stopped = abc.umbrella(&["stop", "b"]).ended(0);
    assert!(said_in_order(&stopped.out, &["b stopped ("]), "{}", stopped.out);
    assert_eq!(abc.umbrella(&["stop", "b"]).ended(0).out, "b is not running\n");
    let status = abc.umbrella(&["status"]).ended(0);
    assert!(status.out.contains("abc   b            stopped"), "{}", status.out);
    let started = abc.umbrella(&["start", "b"]).ended(0);
    assert!(said_in_order(&started.out, &["b started ("]), "{}", started.out);
}

#[test]
fn a_restarted_application_takes_its_dependents_along_if_it_may() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let restarted = abc.umbrella(&["restart", "b"]).ended(0);
    assert!(said_in_order(&restarted.out, &["b stopped", "b started ("]), "{}", restarted.out);
    let refused = abc.umbrella(&["restart", "c"]).ended(1);
    assert!(refused.err.contains("umbrella restart c --with-dependents"), "{}", refused.err);
    let restarted = abc.umbrella(&["restart", "c", "--with-dependents"]).ended(0);
    let expected = ["a stopped", "c stopped", "c started", "a started ("];
    assert!(said_in_order(&restarted.out, &expected), "{}", restarted.out);
}

#[test]
fn a_start_with_names_starts_these_and_what_they_need() {
    let abc = Abc::new();
    abc.umbrella(&["start", "a", "--detach"]).ended(0);
    let status = abc.umbrella(&["status"]).ended(0);
    assert!(status.out.contains("abc   c            running"), "{}", status.out);
    assert!(!status.out.contains("abc   b            running"), "{}", status.out);
    let started = abc.umbrella(&["start"]).ended(0);
    assert!(said_in_order(&started.out, &["b started ("]), "{}", started.out);
}

#[test]
fn an_unknown_application_is_a_usage_error_whatever_runs() {
    let abc = Abc::new();
    let check = |verb: &str| {
        let said = abc.umbrella(&[verb, "z"]).ended(2);
        assert_eq!(said.err, "error: unknown application `z`\nhelp: applications: b, c, a\n");
    };
    ["start", "stop", "restart", "test"].into_iter().for_each(check);
    abc.umbrella(&["start", "--detach"]).ended(0);
    ["start", "stop", "restart"].into_iter().for_each(check);
}
