//! The two ends of a call, in whatever order they are let go.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::slot::{self, Lost, Waiting};
use crate::prelude::*;
use crate::process::models::explore;
use crate::process::sync::{Arc, block_on, spawn as on_thread};

async fn outcome<R>(mut waiting: Waiting<R>) -> Result<R, Lost> {
    poll_fn(|cx| waiting.poll(cx)).await
}

#[test]
fn an_answer_reaches_whoever_waits() {
    explore(|_| {
        let (reply, waiting) = ReplyTo::new();
        on_thread(async { reply.answer(1) });
        assert_eq!(block_on(outcome(waiting)), Ok(1));
    });
}

#[test]
fn whoever_waits_learns_that_no_answer_comes() {
    explore(|_| {
        let (reply, waiting) = ReplyTo::<u8>::new();
        on_thread(async { drop(reply) });
        assert_eq!(block_on(outcome(waiting)), Err(Lost::Dropped));
    });
}

#[test]
fn of_two_outcomes_one_counts() {
    explore(|_| {
        let (reply, mut waiting) = ReplyTo::new();
        let watched = waiting.slot().expect("it waits").clone();
        on_thread(async { reply.answer(1) });
        on_thread(async move {
            if Arc::strong_count(&watched) > 2 {
                slot::fail(&watched, Lost::Discarded);
            }
        });
        let outcome = block_on(poll_fn(|cx| waiting.poll(cx)));
        assert!(matches!(outcome, Ok(1) | Err(Lost::Discarded)));
    });
}

#[test]
fn whoever_leaves_keeps_neither_the_answer_nor_its_own_task() {
    explore(|_| {
        let (reply, mut waiting) = ReplyTo::new();
        let answer = std::sync::Arc::new(());
        let given = answer.clone();
        on_thread(async { reply.answer(given) });
        let heard = block_on(poll_fn(|cx| {
            let polled = waiting.poll(cx);
            Poll::Ready(polled.is_ready())
        }));
        drop(waiting);
        assert!(!heard || std::sync::Arc::strong_count(&answer) == 1);
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

#[test]
fn a_state_is_shown_by_a_server_that_is_about_to_wait() {
    explore(|node| {
        let server = block_on(Server::start(())).expect("started");
        assert!(block_on(crate::sys::suspend(&server).into_future()).is_ok());
        node.kill(Ref::pid(&server));
    });
}
