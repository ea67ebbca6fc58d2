//! Who is told of joins and leaves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::super::{Change, Group, monitor_scope};
use super::{Number, end, on_node, process};
use crate::prelude::*;

const GROUP: Group<Number> = Group::new("numbers");

fn join(group: &str, pids: &[Pid]) -> Change {
    Change::Join { group: group.into(), pids: pids.into() }
}

fn leave(group: &str, pids: &[Pid]) -> Change {
    Change::Leave { group: group.into(), pids: pids.into() }
}

#[test]
fn a_monitor_begins_with_the_members_and_tells_the_rest_in_order() {
    on_node(async |_| {
        let (a, b, c) = (process(), process(), process());
        GROUP.join(a).expect("a node");
        let (members, mut monitor) = GROUP.monitor().expect("a node");
        assert_eq!(members, [a]);
        GROUP.join_all([b, c]).expect("a node");
        GROUP.leave(a).expect("a member");
        end(b).await;
        Group::<Number>::new("other").join(c).expect("a node");
        for expected in [join("numbers", &[b, c]), leave("numbers", &[a]), leave("numbers", &[b])] {
            assert_eq!(monitor.next().await, expected);
        }
        assert_eq!(monitor.try_next(), None);
    });
}

#[test]
fn a_monitor_of_a_scope_tells_of_groups_that_come_later_too() {
    on_node(async |_| {
        let (a, b) = (process(), process());
        GROUP.join(a).expect("a node");
        let (groups, mut monitor) = monitor_scope("pg").expect("a node");
        assert_eq!(groups, HashMap::from([("numbers".into(), vec![a])]));
        let later = Group::<Number>::new("later");
        later.join(b).expect("a node");
        later.leave(b).expect("a member");
        later.join(a).expect("a node");
        Group::<Number>::new("numbers").scope("mine").join(b).expect("a node");
        for expected in [join("later", &[b]), leave("later", &[b]), join("later", &[a])] {
            assert_eq!(monitor.next().await, expected);
        }
        assert_eq!(monitor.try_next(), None);
    });
}

#[test]
fn a_monitor_waits_for_a_group_that_does_not_exist() {
    on_node(async |_| {
        let (members, mut monitor) = GROUP.monitor().expect("a node");
        assert!(members.is_empty() && super::super::which_groups("pg").is_empty());
        let a = process();
        let (told, ()) = tokio::join!(monitor.next(), async {
            tokio::task::yield_now().await;
            GROUP.join(a).expect("a node");
        });
        assert_eq!(told, join("numbers", &[a]));
    });
}

type Seen = Arc<Mutex<Vec<Change>>>;

struct Watcher {
    seen: Seen,
    monitor: crate::process::MonitorRef,
}

#[gen_server(local)]
impl Watcher {
    fn init(seen: Seen, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let (members, monitor) = GROUP.monitor_for(&cx.me())?;
        assert!(members.is_empty());
        Ok(Self { seen, monitor })
    }

    #[info]
    fn changed(&mut self, change: Change) {
        self.seen.lock().expect("no panic").push(change);
    }

    #[call]
    fn demonitor(&self) -> bool {
        GROUP.demonitor(self.monitor)
    }
}

#[test]
fn a_server_is_told_in_messages_until_it_demonitors() {
    on_node(async |_| {
        let seen = Seen::default();
        let watcher = Watcher::start(seen.clone()).await.expect("starts");
        let a = process();
        GROUP.join(a).expect("a node");
        end(a).await;
        assert_eq!(watcher.demonitor().await, Ok(true));
        assert_eq!(watcher.demonitor().await, Ok(false));
        GROUP.join(process()).expect("a node");
        assert_eq!(watcher.demonitor().await, Ok(false));
        assert_eq!(*seen.lock().expect("no panic"), [join("numbers", &[a]), leave("numbers", &[a])]);
    });
}

#[test]
fn the_monitor_of_a_server_ends_with_it() {
    on_node(async |node| {
        let watcher = Watcher::start(Seen::default()).await.expect("starts");
        let scope = super::super::Scope::of(&node, "pg");
        assert_eq!(scope.monitors(), 1);
        end(Ref::pid(&watcher)).await;
        assert_eq!(scope.monitors(), 0);
        let (_, monitor) = GROUP.monitor().expect("a node");
        assert_eq!(scope.monitors(), 1);
        drop(monitor);
        assert_eq!(scope.monitors(), 0);
    });
}
