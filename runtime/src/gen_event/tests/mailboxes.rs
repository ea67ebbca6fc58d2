//! Subscribers and owners whose mailboxes have bounds.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Diary, Signal, Sum, manager, on_node};
use crate::gen_event::{EventManager, HandlerExit};
use crate::prelude::*;
use crate::process::{Mailbox, MailboxInfo, Overflow};

/// Remembers what it is told, when it has time.
#[derive(Default)]
struct Busy {
    heard: Vec<Signal>,
    exits: usize,
}

#[gen_server(local)]
impl Busy {
    fn init() -> Self {
        Self::default()
    }

    #[call]
    async fn own(
        &mut self,
        manager: Ref<EventManager<Signal>>,
        diary: Diary,
        cx: &mut Context<Self>,
    ) -> bool {
        manager.add_sup_handler::<Sum, _>(("a", 0, diary), &cx.me()).await.is_ok()
    }

    /// Has no time until it is told.
    #[cast]
    async fn work(&mut self, done: Arc<Notify>) {
        done.notified().await;
    }

    #[info]
    fn signal(&mut self, signal: Signal) {
        self.heard.push(signal);
    }

    #[info]
    fn handler_exit(&mut self, _: HandlerExit) {
        self.exits += 1;
    }

    #[call]
    fn heard(&self) -> (Vec<Signal>, usize) {
        (self.heard.clone(), self.exits)
    }
}

fn mailbox(server: &Ref<Busy>) -> MailboxInfo {
    let info = Node::current().and_then(|node| node.process_info(Ref::pid(server)));
    info.and_then(|info| info.mailbox).expect("bounded")
}

/// A server with room for two messages that has its hands full, and what lets it go on.
async fn busy(overflow: Overflow) -> (Ref<Busy>, Arc<Notify>) {
    let bounds = Mailbox::messages(2).overflow(overflow);
    let busy = Start::<Busy>::new(()).mailbox(bounds).start().await.expect("a server starts");
    let done = Arc::new(Notify::new());
    busy.work(done.clone()).expect("there is room");
    while mailbox(&busy).messages > 0 {
        tokio::task::yield_now().await;
    }
    (busy, done)
}

/// Lets `server` handle what it has, and asks what that was.
async fn heard(server: &Ref<Busy>, done: &Notify) -> (Vec<Signal>, usize) {
    done.notify_one();
    while mailbox(server).messages > 0 {
        tokio::task::yield_now().await;
    }
    server.heard().await.expect("it answers")
}

#[test]
fn an_event_that_finds_no_room_is_refused_or_takes_that_of_the_oldest_and_is_counted() {
    for (overflow, left, refused, dropped) in [
        (Overflow::Reject, [0, 1], 2, 0),
        (Overflow::Wait, [0, 1], 2, 0),
        (Overflow::DropOldest, [2, 3], 0, 2),
    ] {
        on_node(async {
            let ((slow, done), manager) = (busy(overflow).await, manager().await);
            let quick = Busy::start(()).await.expect("a server starts");
            manager.subscribe(&slow).await.expect("the manager answers");
            manager.subscribe(&quick).await.expect("the manager answers");
            for number in 0..4 {
                manager.sync_notify(Signal::Number(number)).await.expect("the manager waits for nobody");
            }
            let info = mailbox(&slow);
            assert_eq!((info.refused, info.dropped), (refused, dropped), "{overflow:?}");
            assert_eq!(heard(&slow, &done).await.0, left.map(Signal::Number), "{overflow:?}");
            assert_eq!(quick.heard().await.expect("it answers").0, [0, 1, 2, 3].map(Signal::Number));
        });
    }
}

#[test]
fn a_subscriber_that_has_room_again_hears_what_comes_then() {
    on_node(async {
        let ((slow, done), manager) = (busy(Overflow::Reject).await, manager().await);
        manager.subscribe(&slow).await.expect("the manager answers");
        for number in 0..3 {
            manager.sync_notify(Signal::Number(number)).await.expect("the manager answers");
        }
        assert_eq!(heard(&slow, &done).await.0, [0, 1].map(Signal::Number));
        manager.sync_notify(Signal::Number(3)).await.expect("the manager answers");
        assert_eq!(heard(&slow, &done).await.0, [0, 1, 3].map(Signal::Number));
    });
}

#[test]
fn the_end_of_a_handler_is_told_to_an_owner_whose_mailbox_is_full() {
    for overflow in [Overflow::Reject, Overflow::Wait, Overflow::DropOldest] {
        on_node(async {
            let manager = manager().await;
            let bounds = Mailbox::messages(1).overflow(overflow);
            let owner = Start::<Busy>::new(()).mailbox(bounds).start().await.expect("a server starts");
            assert_eq!(owner.own(manager.clone(), Diary::default()).await, Ok(true));
            let done = Arc::new(Notify::new());
            owner.work(done.clone()).expect("there is room");
            tokio::task::yield_now().await;
            Ref::send(&owner, Signal::Number(0)).expect("there is room");
            manager.sync_notify(Signal::Remove).await.expect("the manager answers");
            assert_eq!(mailbox(&owner).messages, 1, "{overflow:?}");
            assert_eq!(heard(&owner, &done).await, (vec![Signal::Number(0)], 1), "{overflow:?}");
        });
    }
}
