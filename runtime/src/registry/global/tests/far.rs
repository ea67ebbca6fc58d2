//! Names that two nodes share.

use std::sync::Arc;

use super::super::server::share_names;
use super::super::{Global, registered_names};
use crate::prelude::*;
use crate::process::wire::Wire;
use crate::process::{NodeEvent, NodeId};
use crate::registry::RegisterError;

const LEADER: Global<Leader> = Global::new("leader");

struct Leader;

#[gen_server]
impl Leader {
    async fn init() -> Result<Self, ExitReason> {
        LEADER.register().await?;
        Ok(Self)
    }
    #[call]
    fn node(&self) -> String {
        Node::current().map_or_else(String::new, |node| node.full_name().to_owned())
    }
}

fn on_nodes<T>(body: impl AsyncFnOnce(Arc<Wire>, [Node; 2]) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(async {
        let wire = Wire::new();
        let nodes = wire.nodes.clone();
        nodes.iter().for_each(share_names);
        body(wire, nodes).await
    })
}

/// Both nodes see each other, or not any more, and have done what that asks for.
async fn tell(nodes: &[Node; 2], event: fn(NodeId) -> NodeEvent) {
    nodes[0].node_event(event(nodes[0].node_id("b@test").expect("room")));
    nodes[1].node_event(event(nodes[1].node_id("a@test").expect("room")));
    settle().await;
}

async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

async fn start(node: &Node) -> Result<Ref<Leader>, StartError> {
    node.scope(async { Leader::start(()).await }).await
}

#[test]
fn a_name_is_registered_once_among_all_nodes_and_found_on_each() {
    on_nodes(async |wire, nodes| {
        tell(&nodes, NodeEvent::Up).await;
        let [here, there] = &nodes;
        let leader = start(there).await.expect("nobody has it");
        settle().await;
        let seen = wire.translate(1, Ref::pid(&leader));
        let second = start(here).await;
        let taken = RegisterError::AlreadyRegistered(seen).to_string();
        assert_eq!(second.err(), Some(StartError::InitFailed(ExitReason::error(taken))));
        here.scope(async {
            assert_eq!(LEADER.whereis().map(|found| Ref::pid(&found)), Some(seen));
            assert_eq!(LEADER.via().node().await, Ok("b@test".into()));
            assert_eq!(registered_names(), [("leader".into(), seen)]);
        })
        .await;
    });
}

#[test]
fn a_name_is_free_once_its_process_has_ended() {
    on_nodes(async |_, nodes| {
        tell(&nodes, NodeEvent::Up).await;
        let [here, there] = &nodes;
        let leader = start(there).await.expect("nobody has it");
        there.kill(Ref::pid(&leader));
        there.wait_exit(Ref::pid(&leader)).await;
        assert!(there.enter(|| LEADER.whereis()).is_none());
        settle().await;
        let leader = start(here).await.expect("it is free");
        assert_eq!(here.enter(|| LEADER.whereis()), Some(leader.clone()));
        // Anybody takes it away, and the process lives on.
        settle().await;
        there.enter(|| LEADER.unregister());
        settle().await;
        assert!(here.enter(|| LEADER.whereis()).is_none() && there.enter(|| LEADER.whereis()).is_none());
        assert!(here.process_info(Ref::pid(&leader)).is_some());
    });
}

#[test]
fn of_two_processes_with_a_name_one_is_killed_when_their_nodes_meet() {
    on_nodes(async |wire, nodes| {
        let [here, there] = &nodes;
        let (kept, lost) = (start(here).await.expect("alone"), start(there).await.expect("alone"));
        let end = there.wait_exit(Ref::pid(&lost));
        let (reason, ()) = tokio::join!(end, tell(&nodes, NodeEvent::Up));
        assert_eq!(reason, ExitReason::Killed);
        settle().await;
        let seen = wire.translate(0, Ref::pid(&kept));
        assert_eq!(there.enter(|| LEADER.whereis()).map(|found| Ref::pid(&found)), Some(seen));
        assert_eq!(here.enter(|| LEADER.whereis()), Some(kept));
    });
}

#[test]
fn the_names_of_a_lost_node_are_free() {
    on_nodes(async |wire, nodes| {
        tell(&nodes, NodeEvent::Up).await;
        let [here, there] = &nodes;
        let leader = start(there).await.expect("nobody has it");
        settle().await;
        assert!(here.enter(|| LEADER.whereis()).is_some());
        wire.cut();
        tell(&nodes, NodeEvent::Down).await;
        assert!(here.enter(|| LEADER.whereis()).is_none());
        assert_eq!(there.enter(|| LEADER.whereis()), Some(leader));
    });
}

#[test]
fn only_a_process_has_a_name() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(async {
        assert_eq!(LEADER.register().await, Err(RegisterError::NotAProcess));
        assert_eq!(LEADER.whereis(), None);
        Node::new("test").scope(async { LEADER.unregister() }).await;
    });
}
