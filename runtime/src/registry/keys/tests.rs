//! What registries promise, each promise one test.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Duplicate, RegisterError, Registry};
use crate::prelude::{
    Context, DynamicSupervisor, ExitReason, GenServer, Name, Pid, Ref, Start, StartError, Supervised, Via,
};
use crate::process::Node;

const KEYS: Registry<u8, i32> = Registry::unique("keys");
const MANY: Registry<u8, i32, Duplicate> = Registry::duplicate("keys");

/// Registers what it is told to.
struct Holder;

const FIRST: Name<Holder> = Holder::named("first");

#[umbrella::gen_server(local)]
impl Holder {
    fn init(fails: bool) -> Result<Self, ExitReason> {
        if fails { Err(ExitReason::error("init")) } else { Ok(Self) }
    }

    #[call]
    fn register(&self, key: u8, value: i32) -> Result<(), RegisterError> {
        KEYS.register(key, value)
    }

    #[call]
    fn register_many(&self, key: u8, value: i32) -> Result<(), RegisterError> {
        MANY.register(key, value)
    }

    #[call]
    fn unregister(&self, key: u8) {
        KEYS.unregister(&key);
        MANY.unregister(&key);
    }

    #[call]
    fn unregister_match(&self, key: u8, from: i32) {
        KEYS.unregister_match(&key, |value| *value >= from);
        MANY.unregister_match(&key, |value| *value >= from);
    }

    #[call]
    fn update(&self, key: u8, by: i32) -> Option<(i32, i32)> {
        KEYS.update_value(&key, |value| value + by)
    }

    #[call]
    fn sync(&self) {}

    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }
}

fn on_node<T>(body: impl AsyncFnOnce(Node) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(body(node.clone())))
}

async fn holder() -> Ref<Holder> {
    Holder::start(false).await.expect("starts")
}

async fn end(holder: &Ref<Holder>) {
    let node = Node::current().expect("a node");
    node.kill(Ref::pid(holder));
    node.wait_exit(Ref::pid(holder)).await;
}

#[test]
fn a_unique_key_has_one_process_until_it_ends() {
    on_node(async |_| {
        let (a, b) = (holder().await, holder().await);
        assert_eq!(a.register(1, 10).await, Ok(Ok(())));
        assert_eq!(b.register(1, 20).await, Ok(Err(RegisterError::AlreadyRegistered(Ref::pid(&a)))));
        assert_eq!(a.register(1, 30).await, Ok(Err(RegisterError::AlreadyRegistered(Ref::pid(&a)))));
        assert_eq!(KEYS.lookup(&1), Some((Ref::pid(&a), 10)));
        end(&a).await;
        assert_eq!((KEYS.lookup(&1), KEYS.count()), (None, 0));
        assert_eq!(b.register(1, 20).await, Ok(Ok(())));
        b.unregister(1).await.expect("answers");
        assert_eq!(KEYS.lookup(&1), None);
    });
}

#[test]
fn a_duplicate_key_has_any_number_of_entries() {
    on_node(async |_| {
        let (a, b) = (holder().await, holder().await);
        for (holder, value) in [(&a, 1), (&b, 2), (&a, 3)] {
            assert_eq!(holder.register_many(7, value).await, Ok(Ok(())));
        }
        let (pa, pb) = (Ref::pid(&a), Ref::pid(&b));
        assert_eq!(MANY.lookup(&7), [(pa, 1), (pb, 2), (pa, 3)]);
        assert_eq!(MANY.keys(pa), [7, 7]);
        let mut dispatched = None;
        MANY.dispatch(&7, |entries| dispatched = Some(entries.len()));
        assert_eq!(dispatched, Some(3));
        MANY.dispatch(&8, |_| panic!("nobody is registered"));
        a.unregister(7).await.expect("answers");
        assert_eq!(MANY.lookup(&7), [(pb, 2)]);
        // Of the same name, and another registry.
        assert_eq!(KEYS.count(), 0);
    });
}

#[test]
fn only_a_process_registers_and_only_the_holder_changes_its_value() {
    on_node(async |_| {
        let (a, b) = (holder().await, holder().await);
        assert_eq!(KEYS.register(1, 1), Err(RegisterError::NotAProcess));
        assert_eq!(a.register(1, 40).await, Ok(Ok(())));
        assert_eq!(b.update(1, 2).await, Ok(None));
        assert_eq!(a.update(1, 2).await, Ok(Some((42, 40))));
        assert_eq!(KEYS.lookup(&1), Some((Ref::pid(&a), 42)));
    });
}

#[test]
fn select_sees_every_entry() {
    on_node(async |_| {
        let a = holder().await;
        for key in 0..5 {
            a.register(key, i32::from(key) * 10).await.expect("answers").expect("free");
        }
        let mut odd = KEYS.select(|key, pid, value| (key % 2 == 1 && pid == Ref::pid(&a)).then_some(*value));
        odd.sort_unstable();
        assert_eq!(odd, [10, 30]);
    });
}

#[test]
fn a_process_keeps_what_does_not_match_and_others_keep_all() {
    on_node(async |_| {
        let (a, b) = (holder().await, holder().await);
        for (holder, value) in [(&a, 1), (&b, 2), (&a, 3), (&a, 4)] {
            assert_eq!(holder.register_many(7, value).await, Ok(Ok(())));
        }
        assert_eq!(a.register(7, 1).await, Ok(Ok(())));
        a.unregister_match(7, 2).await.expect("answers");
        a.unregister_match(8, 0).await.expect("answers");
        assert_eq!(MANY.lookup(&7), [(Ref::pid(&a), 1), (Ref::pid(&b), 2)]);
        assert_eq!((MANY.keys(Ref::pid(&a)), KEYS.lookup(&7)), (vec![7], Some((Ref::pid(&a), 1))));
        a.unregister_match(7, 1).await.expect("answers");
        assert_eq!((MANY.keys(Ref::pid(&a)), KEYS.lookup(&7)), (Vec::new(), None));
    });
}

#[test]
fn values_and_counts_are_of_those_who_match() {
    on_node(async |_| {
        let (a, b) = (holder().await, holder().await);
        for (holder, key, value) in [(&a, 7, 1), (&b, 7, 2), (&a, 7, 3), (&a, 8, 4)] {
            assert_eq!(holder.register_many(key, value).await, Ok(Ok(())));
        }
        let (pa, pb) = (Ref::pid(&a), Ref::pid(&b));
        assert_eq!((MANY.values(&7, pa), MANY.values(&7, pb)), (vec![1, 3], vec![2]));
        assert_eq!((MANY.values(&8, pb), KEYS.values(&7, pa)), (vec![], vec![]));
        assert_eq!(MANY.count_match(&7, |_, value| *value > 1), 2);
        assert_eq!(MANY.count_match(&7, |pid, value| pid == pa && *value > 1), 1);
        assert_eq!(MANY.count_select(|key, pid, value| *key == 8 || pid == pb || *value == 1), 3);
    });
}

#[test]
fn metadata_belongs_to_one_registry_of_one_node_by_its_type() {
    on_node(async |_| {
        assert_eq!(KEYS.meta::<u8>(), None);
        for value in [1_u8, 2] {
            assert_eq!(KEYS.put_meta(value), Ok(()));
        }
        assert_eq!(KEYS.put_meta("two"), Ok(()));
        let both = (KEYS.meta::<u8>().as_deref().copied(), KEYS.meta::<&str>().as_deref().copied());
        assert_eq!(both, (Some(2), Some("two")));
        // Of the same name, and another registry.
        assert_eq!(MANY.meta::<u8>(), None);
        assert_eq!(Node::new("other").scope(async { KEYS.meta::<u8>() }).await, None);
        assert_eq!(KEYS.delete_meta::<u8>().as_deref(), Some(&2));
        assert_eq!((KEYS.meta::<u8>(), KEYS.delete_meta::<u8>()), (None, None));
        assert_eq!(KEYS.meta::<&str>().as_deref(), Some(&"two"));
    });
    assert!(KEYS.put_meta(1_u8).is_err() && KEYS.meta::<u8>().is_none());
}

#[test]
fn a_server_is_started_and_called_under_a_key() {
    on_node(async |_| {
        let via: Via<Holder> = KEYS.via_with(5, 50);
        assert_eq!(via.sync().await, Err(crate::gen_server::CallError::NoProc));
        let first = Start::<Holder>::new(false).via(&via).start().await.expect("starts");
        assert_eq!((Via::pid(&via), KEYS.lookup(&5)), (Some(Ref::pid(&first)), Some((Ref::pid(&first), 50))));
        assert_eq!(via.sync().await, Ok(()));
        assert_eq!(KEYS.whereis::<Holder>(&5), Some(first.clone()));
        let second = Start::<Holder>::new(false).via(&via).start().await;
        assert_eq!(second, Err(StartError::AlreadyStarted(Ref::pid(&first))));
        first.stop().expect("alive");
        Node::current().expect("a node").wait_exit(Ref::pid(&first)).await;
        let third = Start::<Holder>::new(false).via(&via).start().await.expect("the key is free");
        assert_eq!(Via::pid(&via), Some(Ref::pid(&third)));
    });
}

#[test]
fn a_start_that_fails_leaves_no_entry() {
    on_node(async |node| {
        let via: Via<Holder> = KEYS.via_with(5, 50);
        assert!(Start::<Holder>::new(true).via(&via).start().await.is_err());
        assert_eq!(KEYS.count(), 0);
        let taken = Start::<Holder>::new(false).via(&via).start().await.expect("starts");
        let failed = Start::<Holder>::new(false).name(&FIRST).via(&via).start().await;
        assert_eq!(failed, Err(StartError::AlreadyStarted(Ref::pid(&taken))));
        assert_eq!((node.whereis("first"), node.processes()), (None, vec![Ref::pid(&taken)]));
    });
}

#[test]
fn a_supervised_server_keeps_its_key_over_restarts() {
    on_node(async |node| {
        let supervisor = DynamicSupervisor::new().start().await.expect("starts");
        let via: Via<Holder> = KEYS.via_with(5, 50);
        supervisor.start_child(Holder::child_spec(false).via(via.clone())).await.expect("starts");
        let before = Via::pid(&via).expect("runs");
        node.kill(before);
        node.wait_exit(before).await;
        // Served after the end of the child was.
        supervisor.count_children().await.expect("alive");
        let after = Via::pid(&via).expect("runs again");
        assert_ne!(before, after);
        assert_eq!(via.sync().await, Ok(()));
    });
}

#[derive(Clone, Debug)]
enum Step {
    Register(Index, u8),
    RegisterMany(Index, u8),
    Unregister(Index, u8),
    End(Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<Index>(), 0..4_u8).prop_map(|(who, key)| Step::Register(who, key)),
        3 => (any::<Index>(), 0..4_u8).prop_map(|(who, key)| Step::RegisterMany(who, key)),
        2 => (any::<Index>(), 0..4_u8).prop_map(|(who, key)| Step::Unregister(who, key)),
        1 => any::<Index>().prop_map(Step::End),
    ]
}

async fn run(steps: Vec<Step>) {
    let mut holders = Vec::new();
    for _ in 0..4 {
        holders.push(holder().await);
    }
    let (mut unique, mut many) = (BTreeMap::<u8, (Pid, i32)>::new(), Vec::<(u8, Pid, i32)>::new());
    for (value, step) in (0_i32..).zip(steps) {
        match step {
            Step::Register(who, key) => {
                let holder = who.get(&holders);
                let done = holder.register(key, value).await.expect("answers");
                assert_eq!(done.is_ok(), !unique.contains_key(&key));
                unique.entry(key).or_insert((Ref::pid(holder), value));
            }
            Step::RegisterMany(who, key) => {
                let holder = who.get(&holders);
                holder.register_many(key, value).await.expect("answers").expect("always free");
                many.push((key, Ref::pid(holder), value));
            }
            Step::Unregister(who, key) => {
                let holder = who.get(&holders);
                holder.unregister(key).await.expect("answers");
                unique.retain(|other, (pid, _)| *other != key || *pid != Ref::pid(holder));
                many.retain(|(other, pid, _)| *other != key || *pid != Ref::pid(holder));
            }
            Step::End(who) => {
                let at = who.index(holders.len());
                let gone = std::mem::replace(&mut holders[at], holder().await);
                end(&gone).await;
                unique.retain(|_, (pid, _)| *pid != Ref::pid(&gone));
                many.retain(|(_, pid, _)| *pid != Ref::pid(&gone));
            }
        }
        for key in 0..4 {
            assert_eq!(KEYS.lookup(&key), unique.get(&key).copied());
            let expected: Vec<_> =
                many.iter().filter(|entry| entry.0 == key).map(|entry| (entry.1, entry.2)).collect();
            assert_eq!(MANY.lookup(&key), expected);
        }
        assert_eq!((KEYS.count(), MANY.count()), (unique.len(), many.len()));
        for holder in &holders {
            let mut keys = KEYS.keys(Ref::pid(holder));
            keys.sort_unstable();
            let expected: Vec<_> =
                unique.iter().filter(|(_, (pid, _))| *pid == Ref::pid(holder)).map(|(key, _)| *key).collect();
            assert_eq!(keys, expected);
        }
    }
}

proptest! {
    #[test]
    fn entries_agree_with_the_model(steps in prop::collection::vec(step(), 0..40)) {
        on_node(async |_| run(steps).await);
    }
}

/// When it ends, its state starts another under its key.
struct Ancestor(Option<tokio::sync::oneshot::Sender<(bool, bool)>>);

#[umbrella::gen_server(local)]
impl Ancestor {
    fn init() -> Self {
        Self(None)
    }

    #[cast]
    fn end(&mut self, tell: tokio::sync::oneshot::Sender<(bool, bool)>, cx: &mut Context<Self>) {
        self.0 = Some(tell);
        cx.stop(ExitReason::Normal);
    }
}

impl Drop for Ancestor {
    fn drop(&mut self) {
        let Some(tell) = self.0.take() else { return };
        let is_left = KEYS.lookup(&7).is_some();
        // Started when it is called, not when it is awaited.
        let started = Start::<Ancestor>::new(()).via(&KEYS.via_with(7, 1)).start();
        drop(started);
        let _nobody_waits = tell.send((is_left, KEYS.lookup(&7).is_some()));
    }
}

#[test]
fn who_has_ended_has_its_key_no_more_and_does_not_take_it_from_its_heir() {
    on_node(async |node| {
        let first = Start::<Ancestor>::new(()).via(&KEYS.via_with(7, 0)).start().await.expect("starts");
        let (tell, told) = tokio::sync::oneshot::channel();
        first.end(tell).expect("alive");
        assert_eq!(told.await, Ok((false, true)));
        node.wait_exit(Ref::pid(&first)).await;
        assert_eq!(KEYS.lookup(&7).map(|(pid, value)| (pid == Ref::pid(&first), value)), Some((false, 1)));
    });
}
