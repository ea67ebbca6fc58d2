//! Which instance of an application is sent to when nodes are lost and come back.

use std::collections::HashSet;

use super::{Member, block_on, member};
use crate::dist::{NodeEvent, Table, monitor_nodes};
use crate::process::Routing;

const INSTANCES: [&str; 3] = ["c-1@127.0.0.1", "c-2@127.0.0.1", "c-3@127.0.0.1"];

/// Where the next messages to names of `c` go.
fn chosen(of: &Member, times: usize) -> HashSet<String> {
    let name = |id| of.node.node_name(id).expect("a name").to_string();
    (0..times).map(|_| name(of.node.route("c").expect("instances").node)).collect()
}

/// Where the names of `c` lead for each of some keys.
fn by_key(of: &Member) -> Vec<String> {
    let name = |id| of.node.node_name(id).expect("a name").to_string();
    (0..300).map(|key| name(of.node.route_by("c", key).expect("instances").node)).collect()
}

fn all(names: &[&str]) -> HashSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn an_instance_whose_node_is_lost_is_passed_over_until_it_is_back() {
    block_on(async {
        let table = Table::default();
        let a = member("a", &table).await;
        let mut instances = Vec::new();
        for name in ["c-1", "c-2", "c-3"] {
            instances.push(member(name, &table).await);
        }
        a.node.set_placement("c", INSTANCES).expect("few nodes");
        for name in INSTANCES {
            a.node.connect(name).await.expect("connects");
        }
        let keys = by_key(&a);
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        drop(instances.remove(1));
        assert_eq!(events.next().await, NodeEvent::Down(INSTANCES[1].into()));
        for routing in [Routing::LocalFirst, Routing::RoundRobin, Routing::LeastLoaded] {
            a.node.set_routing("c", routing);
            assert_eq!(chosen(&a, 6), all(&[INSTANCES[0], INSTANCES[2]]), "{routing:?}");
        }
        let moved = by_key(&a);
        let others: HashSet<_> = keys.iter().zip(&moved).filter(|(was, _)| *was == INSTANCES[1]).collect();
        assert_eq!(others.len(), 2, "its keys are spread over both others: {others:?}");
        assert!(keys.iter().zip(&moved).all(|(was, is)| was == is || was == INSTANCES[1]));
        let _back = member("c-2", &table).await;
        assert_eq!(events.next().await, NodeEvent::Up(INSTANCES[1].into()));
        assert_eq!((chosen(&a, 6), by_key(&a)), (all(&INSTANCES), keys));
    });
}

#[test]
fn an_instance_that_never_was_there_is_passed_over_after_the_first_try_and_looked_for_by_being_needed() {
    block_on(async {
        let table = Table::default();
        let (a, _one) = (member("a", &table).await, member("c-1", &table).await);
        a.node.set_placement("c", &INSTANCES[..2]).expect("few nodes");
        assert_eq!(chosen(&a, 2), all(&INSTANCES[..2]), "nobody has tried");
        a.node.connect(INSTANCES[0]).await.expect("connects");
        a.node.connect(INSTANCES[1]).await.expect_err("not there");
        assert_eq!(chosen(&a, 4), all(&INSTANCES[..1]));
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        let _two = member("c-2", &table).await;
        // Nothing but being chosen among has it looked for: it was never connected.
        while chosen(&a, 2).len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(events.next().await, NodeEvent::Up(INSTANCES[1].into()));
    });
}

#[test]
fn if_none_can_be_reached_one_is_chosen_all_the_same() {
    block_on(async {
        let a = member("a", &Table::default()).await;
        a.node.set_placement("c", &INSTANCES[..2]).expect("few nodes");
        for name in &INSTANCES[..2] {
            a.node.connect(name).await.expect_err("not there");
        }
        assert_eq!(chosen(&a, 2), all(&INSTANCES[..2]));
        assert!(INSTANCES[..2].contains(&&*by_key(&a)[0]));
    });
}
