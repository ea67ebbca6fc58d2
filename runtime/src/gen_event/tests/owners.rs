//! Handlers that belong to a process.

use super::{Diary, Signal, Sum, manager, on_node, supervised};
use crate::gen_event::{EventManager, Handler, HandlerExit, HandlerInfo, Removed};
use crate::prelude::*;

/// Owns a handler and remembers what it is told.
struct Keeper {
    handler: Handler<Sum>,
    told: Vec<Removed>,
}

#[gen_server(local)]
impl Keeper {
    async fn init(
        manager: Ref<EventManager<Signal>>,
        diary: Diary,
        cx: &mut Context<Self>,
    ) -> Result<Self, ExitReason> {
        let added = manager.add_sup_handler(("k", 0, diary), &cx.me()).await;
        Ok(Self { handler: added?, told: Vec::new() })
    }

    #[info]
    fn handler_exit(&mut self, exit: HandlerExit) {
        assert_eq!(exit.id, Handler::id(&self.handler));
        self.told.push(exit.why);
    }

    #[call]
    fn told(&self) -> Vec<Removed> {
        self.told.clone()
    }

    #[cast]
    fn stop(&mut self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::Normal);
    }
}

async fn owners(manager: &Ref<EventManager<Signal>>) -> Vec<Option<Pid>> {
    let handlers: Vec<HandlerInfo> = manager.which_handlers().await.expect("the manager answers");
    handlers.into_iter().map(|handler| handler.owner).collect()
}

#[test]
fn a_handler_goes_with_its_owner() {
    on_node(async {
        let (manager, diary) = (manager().await, Diary::default());
        let keeper = Keeper::start((manager.clone(), diary.clone())).await.expect("a server starts");
        manager.add_handler::<Sum>(("free", 0, diary.clone())).await.expect("it is added");
        assert_eq!(owners(&manager).await, [None, Some(Ref::pid(&keeper))]);
        keeper.stop().expect("it runs");
        crate::process::wait_exit(Ref::pid(&keeper)).await;
        assert_eq!(owners(&manager).await, [None]);
        assert_eq!(diary.read(), ["k: its owner ended: normal"]);
    });
}

#[test]
fn an_owner_is_told_that_its_handler_crashed() {
    on_node(async {
        let manager = manager().await;
        let keeper = Keeper::start((manager.clone(), Diary::default())).await.expect("a server starts");
        manager.sync_notify(Signal::Crash).await.expect("the manager answers");
        let told = keeper.told().await.expect("it runs");
        let [Removed::Crashed(ExitReason::Panicked(panic))] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(panic.message, "told to");
    });
}

#[test]
fn an_owner_is_told_of_every_removal() {
    on_node(async {
        let manager = manager().await;
        let keeper = Keeper::start((manager.clone(), Diary::default())).await.expect("a server starts");
        manager.sync_notify(Signal::Remove).await.expect("the manager answers");
        assert_eq!(keeper.told().await, Ok(vec![Removed::Itself]));
    });
}

#[test]
fn an_owner_outlives_a_manager_that_ends_in_order_and_is_told() {
    on_node(async {
        let (top, manager) = supervised().await;
        let keeper = Keeper::start((manager, Diary::default())).await.expect("a server starts");
        top.terminate_child("signals").await.expect("it is stopped");
        assert_eq!(keeper.told().await, Ok(vec![Removed::Manager(ExitReason::Shutdown)]));
    });
}

#[test]
fn an_owner_ends_with_a_manager_that_crashes() {
    on_node(async {
        let manager = manager().await;
        let keeper = Keeper::start((manager.clone(), Diary::default())).await.expect("a server starts");
        crate::process::kill(Ref::pid(&manager));
        assert_eq!(crate::process::wait_exit(Ref::pid(&keeper)).await, ExitReason::Killed);
    });
}
