//! Groups on two nodes.

use std::sync::Arc;

use super::super::shared::share_groups;
use super::super::{Change, Group, Monitor};
use super::{Number, end, process, sorted};
use crate::process::wire::Wire;
use crate::process::{Node, NodeEvent, NodeId, Pid};

const GROUP: Group<Number> = Group::new("numbers");

/// Runs `body` with two nodes that see each other.
fn on_nodes<T>(body: impl AsyncFnOnce(Arc<Wire>, [Node; 2]) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(async {
        let wire = Wire::new();
        let nodes = wire.nodes.clone();
        nodes.iter().for_each(share_groups);
        tell(&nodes, NodeEvent::Up);
        body(wire, nodes).await
    })
}

fn tell(nodes: &[Node; 2], event: fn(NodeId) -> NodeEvent) {
    nodes[0].node_event(event(nodes[0].node_id("b@test").expect("room")));
    nodes[1].node_event(event(nodes[1].node_id("a@test").expect("room")));
}

async fn next(monitor: &mut Monitor) -> (bool, Vec<Pid>) {
    match monitor.next().await {
        Change::Join { pids, .. } => (true, pids.to_vec()),
        Change::Leave { pids, .. } => (false, pids.to_vec()),
    }
}

#[test]
fn members_of_other_nodes_are_members_and_monitors_tell_of_them() {
    on_nodes(async |wire, [here, there]| {
        let (_, mut told) = here.enter(|| GROUP.monitor()).expect("a node");
        let far = there.enter(process);
        there.enter(|| GROUP.join_all([far, far])).expect("a node");
        let seen = wire.translate(1, far);
        assert_eq!(next(&mut told).await, (true, vec![seen, seen]));
        let near = here.enter(process);
        here.enter(|| GROUP.join(near)).expect("a node");
        assert_eq!(next(&mut told).await, (true, vec![near]));
        assert_eq!(sorted(here.enter(|| GROUP.get_members())), sorted(vec![seen, seen, near]));
        assert_eq!(here.enter(|| GROUP.get_local_members()), [near]);
        there.enter(|| GROUP.leave(far)).expect("a member");
        assert_eq!(next(&mut told).await, (false, vec![seen]));
        there.scope(end(far)).await;
        assert_eq!(next(&mut told).await, (false, vec![seen]));
        assert_eq!(here.enter(|| GROUP.get_members()), [near]);
    });
}

#[test]
fn nodes_that_meet_tell_each_other_who_is_there() {
    on_nodes(async |wire, [here, there]| {
        let other = Group::<Number>::named(String::from("other"));
        let nodes = [here.clone(), there.clone()];
        tell(&nodes, NodeEvent::Down);
        let near = here.enter(process);
        here.enter(|| other.join(near)).expect("a node");
        let (none, mut told) = there.enter(|| other.monitor()).expect("a node");
        assert_eq!(none, []);
        tell(&nodes, NodeEvent::Up);
        assert_eq!(next(&mut told).await, (true, vec![wire.translate(0, near)]));
    });
}

#[test]
fn who_is_on_a_lost_node_has_left() {
    on_nodes(async |wire, nodes| {
        let [here, there] = &nodes;
        let (_, mut told) = here.enter(|| GROUP.monitor()).expect("a node");
        let far = there.enter(process);
        there.enter(|| GROUP.join(far)).expect("a node");
        let seen = wire.translate(1, far);
        assert_eq!(next(&mut told).await, (true, vec![seen]));
        tell(&nodes, NodeEvent::Down);
        wire.cut();
        assert_eq!(next(&mut told).await, (false, vec![seen]));
        // And is back when the node is.
        wire.mend();
        tell(&nodes, NodeEvent::Up);
        assert_eq!(next(&mut told).await, (true, vec![seen]));
        assert_eq!(here.enter(|| GROUP.get_members()), [seen]);
    });
}

#[test]
fn a_scope_is_shared_from_its_first_use() {
    const APART: Group<Number> = Group::new("numbers").scope("apart");
    on_nodes(async |wire, [here, there]| {
        let far = there.enter(process);
        there.enter(|| APART.join(far)).expect("a node");
        // Nobody answered yet; here it is used from now on.
        let (_, mut told) = here.enter(|| APART.monitor()).expect("a node");
        assert_eq!(next(&mut told).await, (true, vec![wire.translate(1, far)]));
        assert_eq!(here.enter(|| GROUP.get_members()), []);
    });
}
