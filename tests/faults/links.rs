//! What a link does to the nodes at its ends, while a third sees both.

use std::time::Duration;

use crate::namespaces::Network;
use crate::program::Program;
use crate::{become_whole, introduce, load, nothing_is_lost, watch};

/// Three nodes, each in a namespace of its own, with a link between each two; the calls between the first two never pause.
fn three(network: &Network) -> [Program; 3] {
    let mut members = [0, 1, 2].map(|nth| network.member(nth));
    introduce(&mut members);
    let [a, b, c] = &mut members;
    become_whole(&mut [&mut *a, &mut *b, &mut *c]);
    load(a, &b.name);
    load(b, &a.name);
    watch(a, &b.name);
    watch(b, &a.name);
    members
}

/// The first two lose each other, and nobody else; calls between them fail at once from then on.
fn are_apart([a, b, c]: &mut [Program; 3]) {
    a.says(&format!("down {}", b.name));
    b.says(&format!("down {}", a.name));
    assert_eq!(a.says(&format!("ended {}", b.name)), "NoConnection");
    assert_eq!(b.says(&format!("ended {}", a.name)), "NoConnection");
    for _ in 0..200 {
        assert_eq!(a.calls(&b.name, Duration::from_millis(500)), "noconnection");
        assert_eq!(b.calls(&a.name, Duration::from_millis(500)), "noconnection");
    }
    for member in [a, b] {
        assert_eq!(member.calls(&c.name, Duration::from_secs(60)), "ok");
        assert_eq!(c.calls(&member.name, Duration::from_secs(60)), "ok");
    }
}

fn are_whole([a, b, c]: &mut [Program; 3]) {
    become_whole(&mut [&mut *a, &mut *b, &mut *c]);
    assert_eq!(a.calls(&b.name, Duration::from_secs(60)), "ok");
    assert_eq!(b.calls(&a.name, Duration::from_secs(60)), "ok");
    assert!(nothing_is_lost(a, b) > 0 && nothing_is_lost(b, a) > 0);
    // What is watched from here on is told again.
    watch(a, &b.name);
    watch(c, &b.name);
    b.signal("-KILL");
    assert_eq!(a.says(&format!("ended {}", b.name)), "NoConnection");
    assert_eq!(c.says(&format!("ended {}", b.name)), "NoConnection");
}

#[test]
fn nodes_whose_link_is_cut_lose_each_other_and_are_whole_after_repair() {
    let Some(network) = Network::of_three() else { return };
    let mut members = three(&network);
    network.cut(0, 1);
    are_apart(&mut members);
    network.mend(0, 1);
    are_whole(&mut members);
}

#[test]
fn nodes_whose_link_swallows_everything_lose_each_other_and_are_whole_after_repair() {
    let Some(network) = Network::of_three() else { return };
    let mut members = three(&network);
    network.swallow(0, 1);
    network.swallow(1, 0);
    are_apart(&mut members);
    network.mend(0, 1);
    are_whole(&mut members);
}

#[test]
fn a_link_that_passes_nothing_one_way_is_lost_by_both_sides() {
    let Some(network) = Network::of_three() else { return };
    let mut members = three(&network);
    network.swallow(0, 1);
    are_apart(&mut members);
    network.mend(0, 1);
    are_whole(&mut members);
}

#[test]
fn a_link_that_is_slow_is_no_link_that_is_lost() {
    let Some(network) = Network::of_three() else { return };
    let mut members = three(&network);
    network.slow_down(0, 1);
    let [a, b, _] = &mut members;
    // Minutes of what the link passes: its call ends long before, and so do those behind it.
    a.tell(&format!("bulk {} 2000000 500", b.name));
    assert_eq!(a.says("sent"), "timeout");
    assert_eq!(a.calls(&b.name, Duration::from_millis(500)), "timeout");
    assert_eq!(b.calls(&a.name, Duration::from_millis(1)), "timeout");
    for member in [&mut *a, &mut *b] {
        assert_eq!(member.asked("nodes").split(' ').count(), 2, "nobody is lost");
    }
    network.mend(0, 1);
    are_whole(&mut members);
}
