//! State machines whose mailbox is bounded.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::{on_node, pass};
use crate::gen_server::Start;
use crate::gen_statem::{Machine, Starting};
use crate::prelude::*;
use crate::process::{Mailbox, Overflow};

const MS: Duration = Duration::from_millis(1);

/// Counts the time-outs that came.
struct Bell {
    rang: u32,
}

#[gen_statem(state = bool, local)]
impl Bell {
    fn init() -> (bool, Self) {
        (false, Self { rang: 0 })
    }

    /// Rings in a while, and has no time for anything until then.
    #[cast]
    async fn busy(&mut self, until: Arc<Notify>) {
        until.notified().await;
    }

    #[call]
    fn arm(&mut self, cx: &mut Transition<Self>) {
        cx.state_timeout(5 * MS, BellMessage::Ring);
    }

    #[internal]
    fn ring(&mut self) {
        self.rang += 1;
    }

    #[cast]
    fn nothing(&mut self) {}

    #[call]
    fn rang(&self) -> u32 {
        self.rang
    }
}

fn rings_although_its_mailbox_is_full(overflow: Overflow) {
    on_node(async move {
        let start = Start::<Machine<Bell>>::new(()).mailbox(Mailbox::messages(1).overflow(overflow));
        let bell = start.start().await.expect("a machine starts");
        bell.arm().await.expect("it runs");
        let until = Arc::new(Notify::new());
        bell.busy(until.clone()).expect("there is room");
        pass(MS).await;
        bell.nothing().expect("there is room");
        // The timer fires and finds no room, or takes that of the message.
        pass(5 * MS).await;
        let refused = bell.nothing();
        assert_eq!(refused.is_ok(), overflow == Overflow::DropOldest);
        until.notify_one();
        pass(5 * MS).await;
        assert_eq!(bell.rang().await, Ok(1));
    });
}

#[test]
fn a_time_out_needs_no_room() {
    rings_although_its_mailbox_is_full(Overflow::Reject);
}

#[test]
fn a_time_out_is_not_dropped_for_a_newer_message() {
    rings_although_its_mailbox_is_full(Overflow::DropOldest);
}

/// Takes two messages at most, because it says so.
struct Narrow;

#[gen_statem(state = (), local, mailbox = Mailbox::messages(2))]
impl Narrow {
    fn init(cx: &mut Starting<Self>) -> ((), Self) {
        // No message: it needs no room.
        for _ in 0..3 {
            cx.next_event(NarrowMessage::Inserted);
        }
        ((), Self)
    }

    #[cast]
    fn nothing(&mut self) {}

    #[internal]
    fn inserted(&mut self) {}
}

#[test]
fn a_machine_says_how_much_its_mailbox_takes() {
    on_node(async {
        let narrow = Narrow::start(()).await.expect("a machine starts");
        narrow.nothing().expect("there is room");
        narrow.nothing().expect("there is room");
        let Err(refused) = narrow.nothing() else { panic!("there is room for two") };
        assert!(matches!(refused.error, CallError::Full), "{refused:?}");
        pass(MS).await;
        narrow.nothing().expect("there is room again");
    });
}
