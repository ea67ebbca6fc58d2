//! Handlers: adding, removing, swapping, calling, crashing.

use super::{Deaf, Diary, Signal, Sum, manager, on_node, supervised};
use crate::gen_event::{Handler, HandlerError};
use crate::prelude::*;

#[test]
fn every_handler_gets_every_event_the_newest_first() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        for name in ["a", "b", "c"] {
            manager.add_handler::<Sum>((name, 0, diary.clone())).await.expect("it is added");
        }
        manager.notify(Signal::Number(1)).expect("the manager runs");
        manager.sync_notify(Signal::Number(2)).await.expect("the manager answers");
        assert_eq!(diary.read(), ["c 1", "b 1", "a 1", "c 2", "b 2", "a 2"]);
    });
}

#[test]
fn a_handler_that_is_not_added_says_why() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let unlucky = manager.add_handler::<Sum>(("a", 13, diary.clone())).await;
        assert_eq!(unlucky.expect_err("it fails"), HandlerError::InitFailed(ExitReason::error("unlucky")));
        let worse = manager.add_handler::<Sum>(("a", 666, diary)).await;
        let Err(HandlerError::InitFailed(ExitReason::Panicked(panic))) = worse else { panic!("it fails") };
        assert_eq!(panic.message, "worse");
        assert_eq!(manager.which_handlers().await, Ok(vec![]));
    });
}

#[test]
fn a_handler_that_crashes_is_removed_and_the_others_go_on() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        manager.add_handler::<Deaf>(()).await.expect("it is added");
        let sum = manager.add_handler::<Sum>(("a", 1, diary.clone())).await.expect("it is added");
        manager.add_handler::<Deaf>(()).await.expect("it is added");
        manager.sync_notify(Signal::Crash).await.expect("the manager answers");
        assert_eq!(manager.which_handlers().await.map(|handlers| handlers.len()), Ok(2));
        assert_eq!(sum.sum().await, Err(CallError::NoReply));
        assert!(diary.read().is_empty(), "one that crashed is not terminated");
    });
}

#[test]
fn a_call_that_crashes_its_handler_fails_at_once_and_removes_it() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let sum = manager.add_handler::<Sum>(("a", 6, diary)).await.expect("it is added");
        assert_eq!(sum.divide(2).await, Ok(3));
        let asked = tokio::time::Instant::now();
        assert_eq!(sum.divide(0).await, Err(CallError::NoReply));
        assert_eq!(asked.elapsed(), std::time::Duration::ZERO);
        assert_eq!(manager.which_handlers().await, Ok(vec![]));
    });
}

#[test]
fn a_handler_removes_itself_after_its_answer() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let first = manager.add_handler::<Sum>(("a", 0, diary.clone())).await.expect("it is added");
        manager.add_handler::<Sum>(("b", 0, diary.clone())).await.expect("it is added");
        assert_eq!(first.leave().await, Ok("a"));
        manager.sync_notify(Signal::Remove).await.expect("the manager answers");
        assert_eq!(diary.read(), ["a: it asked to be removed", "b: it asked to be removed"]);
        assert_eq!(manager.which_handlers().await, Ok(vec![]));
    });
}

#[test]
fn a_deleted_handler_comes_back_after_its_end() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let sum = manager.add_handler::<Sum>(("a", 1, diary.clone())).await.expect("it is added");
        manager.notify(Signal::Number(2)).expect("the manager runs");
        let deleted = manager.delete_handler(&sum).await.expect("the manager answers");
        assert_eq!(deleted.map(|sum| sum.sum), Some(3));
        assert_eq!(diary.read(), ["a 2", "a: it was deleted"]);
        assert!(manager.delete_handler(&sum).await.expect("the manager answers").is_none());
    });
}

#[test]
fn a_swapped_handler_hands_its_state_on() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let old = manager.add_handler::<Sum>(("a", 1, diary.clone())).await.expect("it is added");
        manager.notify(Signal::Number(2)).expect("the manager runs");
        let heir = diary.clone();
        let args = move |old: Option<Sum>| ("b", old.map_or(0, |old| old.sum), heir);
        let new: Handler<Sum> = manager.swap_handler(&old, args.clone()).await.expect("it is swapped");
        assert_eq!(new.sum().await, Ok(3));
        assert_eq!(diary.read(), ["a 2", "a: it was swapped"]);
        let again: Handler<Sum> = manager.swap_handler(&old, args).await.expect("it is added");
        assert_eq!(again.sum().await, Ok(0), "nobody was there to be swapped");
    });
}

#[test]
fn the_end_of_a_manager_terminates_its_handlers() {
    on_node(async {
        let ((top, manager), diary) = (supervised().await, Diary::default());
        for name in ["a", "b"] {
            manager.add_handler::<Sum>((name, 0, diary.clone())).await.expect("it is added");
        }
        top.terminate_child("signals").await.expect("it is stopped");
        assert_eq!(diary.read(), ["b: its manager ends: shutdown", "a: its manager ends: shutdown"]);
    });
}
