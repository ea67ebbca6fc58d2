//! Joining, leaving, messages to all.

use std::sync::{Arc, Mutex};

use super::super::{Group, LeaveError, which_groups};
use super::{Number, end, on_node, process, sorted};
use crate::prelude::*;
use crate::process::NoNode;

const GROUP: Group<Number> = Group::new("numbers");

#[test]
fn a_group_is_whoever_joined() {
    on_node(async |_| {
        let (a, b) = (process(), process());
        assert!(GROUP.get_members().is_empty());
        GROUP.join(a).expect("a node");
        GROUP.join(b).expect("a node");
        assert_eq!(sorted(GROUP.get_members()), sorted(vec![a, b]));
        assert_eq!(sorted(GROUP.get_local_members()), sorted(vec![a, b]));
        assert_eq!(GROUP.leave(a), Ok(()));
        assert_eq!(GROUP.get_members(), [b]);
        assert_eq!(GROUP.leave(a), Err(LeaveError::NotJoined));
    });
}

#[test]
fn who_joins_twice_is_a_member_twice_and_leaves_twice() {
    on_node(async |_| {
        let a = process();
        GROUP.join_all([a, a]).expect("a node");
        assert_eq!(GROUP.get_members(), [a, a]);
        assert_eq!(GROUP.leave(a), Ok(()));
        assert_eq!(GROUP.get_members(), [a]);
        assert_eq!(GROUP.leave_all([a, a]), Ok(()));
        assert_eq!(GROUP.leave_all([a]), Err(LeaveError::NotJoined));
    });
}

#[test]
fn the_end_of_a_process_is_its_leave_and_others_hear_of_it_later() {
    on_node(async |_| {
        let a = process();
        let other = Group::<Number>::named(String::from("other"));
        GROUP.join_all([a, a]).expect("a node");
        other.join(a).expect("a node");
        end(a).await;
        assert!(GROUP.get_members().is_empty() && other.get_members().is_empty());
        GROUP.join(a).expect("a node");
        assert!(GROUP.get_members().is_empty());
    });
}

#[test]
fn a_group_exists_while_it_has_members() {
    on_node(async |_| {
        let a = process();
        GROUP.join(a).expect("a node");
        Group::<Number>::new("other").join(a).expect("a node");
        let mut groups = which_groups("pg");
        groups.sort_unstable();
        assert_eq!(groups, ["numbers".into(), "other".into()]);
        end(a).await;
        assert!(which_groups("pg").is_empty());
    });
}

#[test]
fn scopes_and_nodes_know_nothing_of_each_other() {
    let mine = Group::<Number>::new("numbers").scope("mine");
    on_node(async |_| {
        let (a, b) = (process(), process());
        GROUP.join(a).expect("a node");
        mine.join(b).expect("a node");
        assert_eq!((GROUP.get_members(), mine.get_members()), (vec![a], vec![b]));
        assert_eq!(mine.leave(a), Err(LeaveError::NotJoined));
        on_another_node();
    });
    fn on_another_node() {
        let node = Node::new("other");
        assert!(node.enter(|| GROUP.get_members()).is_empty());
    }
}

#[test]
fn outside_a_node_there_are_no_groups() {
    let pid = on_node(async |_| process());
    assert_eq!(GROUP.join(pid), Err(NoNode));
    assert_eq!(GROUP.leave(pid), Err(LeaveError::NoNode(NoNode)));
    assert!(GROUP.get_members().is_empty() && which_groups("pg").is_empty());
    assert_eq!(GROUP.broadcast(&1_u32), 0);
}

type Seen = Arc<Mutex<Vec<(&'static str, u32)>>>;

struct Listener {
    id: &'static str,
    seen: Seen,
}

const LISTENERS: Group<Listener> = Group::new("numbers");

#[gen_server(local)]
impl Listener {
    fn init(id: &'static str, seen: Seen, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        LISTENERS.join(cx.pid())?;
        Ok(Self { id, seen })
    }

    #[info]
    fn heard(&mut self, number: u32) {
        self.seen.lock().expect("no panic").push((self.id, number));
    }

    #[call]
    fn sync(&self) {}
}

#[test]
fn a_broadcast_reaches_each_member_as_often_as_it_joined() {
    on_node(async |_| {
        let seen = Seen::default();
        let a = Listener::start(("a", seen.clone())).await.expect("starts");
        let b = Listener::start(("b", seen.clone())).await.expect("starts");
        LISTENERS.join(Ref::pid(&a)).expect("a node");
        assert_eq!(LISTENERS.broadcast(&7_u32), 3);
        a.sync().await.expect("answers");
        b.sync().await.expect("answers");
        let mut seen = std::mem::take(&mut *seen.lock().expect("no panic"));
        seen.sort_unstable();
        assert_eq!(seen, [("a", 7), ("a", 7), ("b", 7)]);
    });
}

#[test]
fn a_stranger_is_a_member_that_gets_no_message() {
    on_node(async |_| {
        let listener = Listener::start(("a", Seen::default())).await.expect("starts");
        let stranger = process();
        GROUP.join(stranger).expect("a node");
        assert_eq!(sorted(LISTENERS.get_members()), sorted(vec![Ref::pid(&listener), stranger]));
        assert_eq!(LISTENERS.members(), [listener]);
        assert_eq!(LISTENERS.broadcast(&1_u32), 1);
        assert_eq!(GROUP.broadcast(&1_u32), 0);
    });
}

#[test]
fn many_members_come_and_go() {
    on_node(async |_| {
        let pids: Vec<_> = (0..2000).map(|_| process()).collect();
        GROUP.join_all(pids.iter().copied()).expect("a node");
        assert_eq!(sorted(GROUP.get_members()), pids);
        let (gone, left) = pids.split_at(700);
        for pid in gone {
            GROUP.leave(*pid).expect("a member");
        }
        assert_eq!(sorted(GROUP.get_members()), left);
        for pid in left {
            end(*pid).await;
        }
        assert!(which_groups("pg").is_empty());
    });
}

/// Looks at a group at the very moment at which it is woken.
struct LooksAtTheGroup {
    node: Node,
    left: Mutex<Option<usize>>,
}

impl std::task::Wake for LooksAtTheGroup {
    fn wake(self: Arc<Self>) {
        let left = self.node.enter(|| Group::<Number>::new("looked at").get_members().len());
        *self.left.lock().expect("no panic") = Some(left);
    }
}

#[test]
fn whoever_is_told_of_an_end_finds_the_place_of_the_process_free() {
    on_node(async |node| {
        let pid = process();
        Group::<Number>::new("looked at").join(pid).expect("a node");
        let looks = Arc::new(LooksAtTheGroup { node: node.clone(), left: Default::default() });
        let waker = looks.clone().into();
        let mut ended = Box::pin(node.wait_exit(pid));
        assert!(ended.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        end(pid).await;
        assert_eq!(*looks.left.lock().expect("no panic"), Some(0));
    });
}
