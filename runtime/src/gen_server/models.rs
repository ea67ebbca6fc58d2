//! The two ends of a call, in whatever order they are let go.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;

use super::slot::{self, Lost, Waiting};
use crate::prelude::*;
use crate::process::models::explore;
use crate::process::sync::{Arc, AtomicBool, block_on, spawn as on_thread};

async fn outcome<R>(mut waiting: Waiting<R>) -> Result<R, Lost> {
    poll_fn(|cx| waiting.poll(cx)).await
}

/// Catches looking for the answer and leaving the waker under two locks.
#[test]
fn an_answer_reaches_whoever_waits() {
    explore(|_| {
        let (reply, waiting) = ReplyTo::new();
        on_thread(async { reply.answer(1) });
        assert_eq!(block_on(outcome(waiting)), Ok(1));
    });
}

/// Catches the waker taken before the outcome is there.
#[test]
fn whoever_waits_learns_that_no_answer_comes() {
    explore(|_| {
        let (reply, waiting) = ReplyTo::<u8>::new();
        on_thread(async { drop(reply) });
        assert_eq!(block_on(outcome(waiting)), Err(Lost::Dropped));
    });
}

/// Catches a later outcome that takes the place of the first.
#[test]
fn of_two_outcomes_the_first_counts() {
    explore(|_| {
        let (reply, mut waiting) = ReplyTo::new();
        let watched = waiting.slot().expect("it waits").clone();
        let is_answered = Arc::new(AtomicBool::new(false));
        let (answered, is_late) = (is_answered.clone(), Arc::new(AtomicBool::new(false)));
        let late = is_late.clone();
        on_thread(async move {
            reply.answer(1);
            answered.store(true, SeqCst);
        });
        on_thread(async move {
            if Arc::strong_count(&watched) > 2 {
                late.store(is_answered.load(SeqCst), SeqCst);
                slot::fail(&watched, Lost::Discarded);
            }
        });
        match block_on(poll_fn(|cx| waiting.poll(cx))) {
            Ok(answer) => assert_eq!(answer, 1),
            Err(lost) => assert!(lost == Lost::Discarded && !is_late.load(SeqCst)),
        }
    });
}

struct Server;

#[gen_server]
impl Server {
    fn init() -> Self {
        Self
    }

    #[call]
    fn answer(&mut self) -> u8 {
        1
    }
}

/// Catches messages dropped before the end is marked.
#[test]
fn a_call_to_a_server_that_is_killed_ends() {
    explore(|node| {
        let server = block_on(Server::start(())).expect("started");
        let pid = Ref::pid(&server);
        let killer = node.clone();
        on_thread(async move { killer.kill(pid) });
        let mut call = pin!(server.answer().infinity());
        let outcome = block_on(call.as_mut());
        assert!(
            matches!(outcome, Ok(1) | Err(CallError::Exited(ExitReason::Killed) | CallError::NoProc)),
            "{outcome:?}"
        );
    });
}

/// Catches a request that does not wake, or is not noted.
#[test]
fn a_state_is_shown_by_a_server_that_is_about_to_wait() {
    explore(|node| {
        let server = block_on(Server::start(())).expect("started");
        assert!(block_on(crate::sys::suspend(&server).into_future()).is_ok());
        node.kill(Ref::pid(&server));
    });
}
