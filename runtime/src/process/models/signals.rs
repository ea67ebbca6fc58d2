//! Nothing that is sent to a process while it is about to wait is lost, and it wakes.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::super::any_cell::SentBy;
use super::super::state::TaskSize;
use super::super::sync::{block_on, spawn as on_thread};
use super::super::{
    AnyCell, Cell, Control, Delivery, Envelope, ExitReason, Handler, Kind, Mailbox, Node, Overflow, Pid,
    Refused, Spawn, SystemMessage, go_on,
};
use super::explore;

const KIND: Kind = Kind { label: || "model", handlers: None, import: None, layout: None, contract: None };

/// A process that has not begun.
pub(super) fn cell(node: &Node) -> Arc<Cell<u32>> {
    Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: const { &KIND } }.cell()
}

async fn receive(cell: &Cell<u32>) -> u32 {
    loop {
        let received = poll_fn(|_| match cell.head().attention().is_none() {
            true => cell.poll_receive(|_| Handler::NONE),
            false => cell.poll_attentive(|_| Handler::NONE).0,
        });
        match received.await {
            Envelope::Message(message) => return message,
            Envelope::Kept(message) => return *message,
            Envelope::System(message) => {
                if let SystemMessage::Control(Control::Ack(acknowledge)) = *message {
                    acknowledge(cell);
                }
            }
        }
    }
}

/// Does on this thread what the process of `cell` does.
fn as_process(cell: &Cell<u32>, body: impl Future<Output = ()>) {
    block_on(async {
        poll_fn(|cx| Poll::Ready(cell.set_task(cx.waker().clone(), TaskSize::default()))).await;
        body.await;
    });
}

/// Has the process of `cell` take messages for ever.
fn run(cell: &Arc<Cell<u32>>) -> Pid {
    let this = cell.clone();
    cell.head().leader.joined();
    go_on(cell.clone(), async move {
        loop {
            receive(&this).await;
        }
        #[expect(unreachable_code, reason = "says what it would end with")]
        (ExitReason::Normal, ())
    });
    cell.head().pid
}

/// Catches a kill that does not wake, or is not noted.
#[test]
fn a_kill_is_seen_by_a_process_that_is_about_to_wait() {
    explore(|node| {
        let cell = cell(&node);
        let pid = run(&cell);
        cell.kill();
        assert!(matches!(block_on(node.wait_exit(pid)), ExitReason::Killed | ExitReason::NoProc));
    });
}

/// Catches a signal that is not noted; the end looked for and waited for under two locks.
#[test]
fn of_a_kill_and_an_exit_signal_one_is_the_reason() {
    explore(|node| {
        let cell = cell(&node);
        let pid = run(&cell);
        let other = cell.clone();
        on_thread(async move { other.exit_signal(pid, ExitReason::Shutdown, SentBy::Process) });
        cell.kill();
        let reason = block_on(node.wait_exit(pid));
        assert!(matches!(reason, ExitReason::Killed | ExitReason::Shutdown | ExitReason::NoProc));
    });
}

/// Catches a request that does not wake.
#[test]
fn a_request_is_answered_by_a_process_that_is_about_to_wait() {
    explore(|node| {
        let cell = cell(&node);
        let pid = run(&cell);
        let ends = Control::Ack(Box::new(|process: &dyn AnyCell| process.kill()));
        let mut request = Some(ends);
        cell.with_lane(&mut |lane| {
            lane.requests.extend(request.take());
            true
        });
        assert!(matches!(block_on(node.wait_exit(pid)), ExitReason::Killed | ExitReason::NoProc));
    });
}

/// Catches looking for a message and parking under two locks.
#[test]
fn a_message_reaches_a_process_that_is_about_to_wait() {
    explore(|node| {
        let cell = cell(&node);
        for message in [1, 2] {
            let to = cell.clone();
            on_thread(async move { to.send(message).expect("alive") });
        }
        as_process(&cell, async { assert_eq!(receive(&cell).await + receive(&cell).await, 3) });
    });
}

/// Catches a message taken without waking the next in line.
#[test]
fn whoever_waits_for_room_gets_it() {
    explore(|node| {
        let cell = cell(&node);
        cell.bound(Mailbox::messages(1).overflow(Overflow::Wait), |_| 0);
        for message in [1, 2] {
            let to = cell.clone();
            on_thread(async move { Delivery::new(to, message).await.expect("alive") });
        }
        as_process(&cell, async { assert_eq!(receive(&cell).await + receive(&cell).await, 3) });
    });
}

/// Catches a place in the line given up without waking the next.
#[test]
fn whoever_gives_up_waiting_for_room_lets_the_next_in() {
    explore(|node| {
        let cell = cell(&node);
        cell.bound(Mailbox::messages(1).overflow(Overflow::Wait), |_| 0);
        cell.send(1).expect("room");
        let (quits, stays) = (cell.clone(), cell.clone());
        on_thread(async move {
            let mut delivery = pin!(Delivery::new(quits, 2));
            drop(poll_fn(|cx| Poll::Ready(delivery.as_mut().poll(cx))).await);
        });
        on_thread(async move { Delivery::new(stays, 3).await.expect("alive") });
        as_process(&cell, async { while receive(&cell).await != 3 {} });
    });
}

/// Catches an end that does not wake the line.
#[test]
fn whoever_waits_for_room_learns_of_the_end() {
    explore(|node| {
        let cell = cell(&node);
        cell.bound(Mailbox::messages(1).overflow(Overflow::Wait), |_| 0);
        cell.send(1).expect("room");
        let to = cell.clone();
        on_thread(async move {
            assert!(matches!(Delivery::new(to, 2).await, Err(Refused::Ended(2))));
        });
        let ended = cell.end(ExitReason::Shutdown);
        assert!(ended.is_none());
        cell.drop_messages();
    });
}
