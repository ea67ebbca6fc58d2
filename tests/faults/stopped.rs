//! A process that is stopped, and goes on as if nothing had been.

use std::time::Duration;

use crate::program::Program;
use crate::{become_whole, introduce, load, nothing_is_lost, watch};

#[test]
fn a_node_that_is_stopped_is_lost_calls_to_it_fail_at_once_and_it_is_whole_when_it_goes_on() {
    // The one that is stopped leads.
    let mut stopped = Program::here("stopped");
    stopped.comes_to_say("leading", "1");
    let mut members = [Program::here("one"), Program::here("two"), stopped];
    introduce(&mut members);
    let [one, two, stopped] = &mut members;
    become_whole(&mut [&mut *one, &mut *two, &mut *stopped]);
    let name = stopped.name.clone();
    watch(one, &name);
    load(two, &name);
    one.tell(&format!("wait {name}"));
    one.says(&format!("waiting {name}"));

    stopped.signal("-STOP");
    for member in [&mut *one, &mut *two] {
        member.says(&format!("down {name}"));
    }
    assert_eq!(one.says(&format!("ended {name}")), "NoConnection");
    assert_eq!(one.says("waited"), "noconnection");
    // Whether nothing is tried, or a new attempt is in the middle of a handshake that nobody answers.
    for _ in 0..2000 {
        assert_eq!(one.calls(&name, Duration::from_millis(500)), "noconnection");
    }
    become_whole(&mut [&mut *one, &mut *two]);

    stopped.signal("-CONT");
    become_whole(&mut [&mut *one, &mut *two, &mut *stopped]);
    for member in [&mut *one, &mut *two] {
        assert_eq!(member.calls(&name, Duration::from_secs(60)), "ok");
        watch(member, &name);
    }
    assert!(nothing_is_lost(two, stopped) > 0);
    stopped.signal("-KILL");
    for member in [one, two] {
        assert_eq!(member.says(&format!("ended {name}")), "NoConnection");
    }
}
