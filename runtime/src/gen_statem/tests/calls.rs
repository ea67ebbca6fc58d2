//! Calls to a state machine.

use std::time::Duration;

use super::on_node;
use crate::gen_statem::Timeout;
use crate::prelude::*;

#[derive(PartialEq, Debug)]
enum Line {
    Connecting,
    Up { peer: &'static str },
}

/// Sends what it is given once it is connected.
struct Sender {
    sent: Vec<u32>,
    tried: u32,
}

#[gen_statem(state = Line)]
impl Sender {
    fn init() -> (Line, Self) {
        (Line::Connecting, Self { sent: Vec::new(), tried: 0 })
    }

    /// Answers how many were sent.
    #[call]
    fn send(&mut self, state: &Line, what: u32, reply: ReplyTo<usize>, cx: &mut Transition<Self>) {
        self.tried += 1;
        match state {
            Line::Connecting => cx.postpone(SenderMessage::Send(what, reply)),
            Line::Up { .. } => {
                self.sent.push(what);
                reply.reply(self.sent.len());
            }
        }
    }

    #[call]
    async fn sent(&self) -> Vec<u32> {
        tokio::task::yield_now().await;
        self.sent.clone()
    }

    #[call]
    fn tried(&self) -> u32 {
        self.tried
    }

    #[call]
    fn peer(&self, state: &Line) -> String {
        match state {
            Line::Connecting => String::new(),
            Line::Up { peer } => (*peer).to_owned(),
        }
    }

    #[cast]
    fn connected(&mut self, cx: &mut Transition<Self>) {
        cx.next_state(Line::Up { peer: "there" });
    }

    #[cast]
    fn stop(&mut self, cx: &mut Transition<Self>) {
        cx.stop(ExitReason::error("stopped"));
    }

    /// Answers, and is busy right after it.
    #[call]
    fn ping(&mut self, cx: &mut Transition<Self>) {
        cx.start_timeout(Timeout::named("busy"), Duration::ZERO, SenderMessage::Work);
    }

    #[internal]
    async fn work(&mut self) {
        std::future::pending().await
    }
}

#[test]
fn a_postponed_call_is_answered_after_the_change_of_state() {
    on_node(async {
        let sender = Sender::start(()).await.expect("a machine starts");
        let first = tokio::spawn({
            let sender = sender.clone();
            async move { sender.send(7).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(sender.sent().await, Ok(vec![]));
        sender.connected().expect("it runs");
        assert_eq!(first.await.expect("the task ends"), Ok(1));
        assert_eq!(sender.send(8).await, Ok(2));
        assert_eq!(sender.peer().await.as_deref(), Ok("there"));
    });
}

#[test]
fn a_postponed_call_whose_caller_timed_out_is_dropped() {
    on_node(async {
        let sender = Sender::start(()).await.expect("a machine starts");
        assert_eq!(sender.send(7).within(Duration::from_secs(1)).await, Err(CallError::Timeout));
        assert_eq!(sender.tried().await, Ok(1));
        sender.connected().expect("it runs");
        assert_eq!(sender.sent().await, Ok(vec![]));
        assert_eq!(sender.tried().await, Ok(1), "no handler ran for a caller that left");
    });
}

#[test]
fn a_postponed_call_fails_with_the_reason_for_which_the_machine_stops() {
    on_node(async {
        let sender = Sender::start(()).await.expect("a machine starts");
        let call = tokio::spawn({
            let sender = sender.clone();
            async move { sender.send(7).infinity().await }
        });
        tokio::task::yield_now().await;
        sender.stop().expect("it runs");
        assert_eq!(call.await.expect("the task ends"), Err(CallError::Exited(ExitReason::error("stopped"))));
    });
}

#[test]
fn a_call_is_answered_before_the_events_that_its_handler_leads_to() {
    on_node(async {
        let sender = Sender::start(()).await.expect("a machine starts");
        assert_eq!(sender.ping().await, Ok(()));
        // And now it works for ever.
        assert_eq!(sender.sent().within(Duration::from_secs(1)).await, Err(CallError::Timeout));
    });
}
