//! Processes that subscribe.

use super::{Signal, manager, on_node};
use crate::gen_event::EventManager;
use crate::prelude::*;

/// Remembers what it hears.
struct Listener {
    heard: Vec<Signal>,
}

#[gen_server(local)]
impl Listener {
    async fn init(manager: Ref<EventManager<Signal>>, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        manager.subscribe(&cx.me()).await?;
        Ok(Self { heard: Vec::new() })
    }

    #[info]
    fn signal(&mut self, signal: Signal) {
        self.heard.push(signal);
    }

    #[call]
    fn heard(&self) -> Vec<Signal> {
        self.heard.clone()
    }
}

#[test]
fn a_subscriber_gets_every_event_in_order_from_then_on() {
    on_node(async {
        let manager = manager().await;
        manager.notify(Signal::Number(0)).expect("the manager runs");
        let listener = Listener::start(manager.clone()).await.expect("a server starts");
        manager.notify(Signal::Number(1)).expect("the manager runs");
        manager.sync_notify(Signal::Number(2)).await.expect("the manager answers");
        assert_eq!(listener.heard().await, Ok(vec![Signal::Number(1), Signal::Number(2)]));
    });
}

#[test]
fn one_that_subscribes_twice_gets_every_event_once_until_it_unsubscribes() {
    on_node(async {
        let manager = manager().await;
        let listener = Listener::start(manager.clone()).await.expect("a server starts");
        manager.subscribe(&listener).await.expect("the manager answers");
        manager.sync_notify(Signal::Number(1)).await.expect("the manager answers");
        assert_eq!(listener.heard().await, Ok(vec![Signal::Number(1)]));
        assert_eq!(manager.unsubscribe(Ref::pid(&listener)).await, Ok(true));
        assert_eq!(manager.unsubscribe(Ref::pid(&listener)).await, Ok(false));
        manager.sync_notify(Signal::Number(2)).await.expect("the manager answers");
        assert_eq!(listener.heard().await, Ok(vec![Signal::Number(1)]));
    });
}

#[test]
fn a_subscriber_that_ended_is_forgotten() {
    on_node(async {
        let manager = manager().await;
        let listener = Listener::start(manager.clone()).await.expect("a server starts");
        let pid = Ref::pid(&listener);
        crate::process::kill(pid);
        crate::process::wait_exit(pid).await;
        manager.sync_notify(Signal::Number(1)).await.expect("the manager answers");
        assert_eq!(manager.unsubscribe(pid).await, Ok(false));
    });
}
