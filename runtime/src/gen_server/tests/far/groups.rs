//! Messages for groups whose members are on several nodes.

use super::*;
use crate::process::NodeEvent;
use crate::registry::pg::shared::share_groups;

struct Sum(u32);

#[gen_server]
impl Sum {
    fn init() -> Self {
        Self(0)
    }
    #[cast]
    fn add(&mut self, by: u32) {
        self.0 += by;
    }
    #[info]
    fn tick(&mut self, Tick(by): Tick) {
        self.0 += u32::from(by);
    }
    #[call]
    fn sum(&self) -> u32 {
        self.0
    }
}

const SUMS: Group<Sum> = Group::new("sums");

#[test]
fn a_broadcast_reaches_members_wherever_they_are() {
    with_far(async |far| {
        let [here, there] = &far.wire.nodes;
        far.wire.nodes.iter().for_each(share_groups);
        let (_, mut told) = SUMS.monitor().expect("a node");
        here.node_event(NodeEvent::Up(here.node_id("b@test").expect("room")));
        there.node_event(NodeEvent::Up(there.node_id("a@test").expect("room")));
        let started = there.scope(async { Sum::start(()).await }).await.expect("starts");
        there.enter(|| SUMS.join(Ref::pid(&started))).expect("a node");
        let near = Sum::start(()).await.expect("starts");
        SUMS.join(Ref::pid(&near)).expect("a node");
        for _ in 0..2 {
            told.next().await;
        }
        assert_eq!(SUMS.broadcast_with(|| SumMessage::Add(40)), 2);
        assert_eq!(SUMS.broadcast(&Tick(2)), 2);
        let members = SUMS.members();
        assert_eq!(members.len(), 2);
        for member in members {
            assert_eq!(member.sum().await, Ok(42));
        }
    });
}
