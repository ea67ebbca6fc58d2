//! A thread that stands still is seen by others.

use std::sync::mpsc;
use std::time::Duration;

use crate::prelude::*;
use crate::process::heard::{Events, Fields};
use crate::sys;

/// Gives way when it is told to, and not before.
struct Blocker {
    go_on: mpsc::Receiver<()>,
}

#[gen_server(local)]
impl Blocker {
    fn init(go_on: mpsc::Receiver<()>) -> Self {
        Self { go_on }
    }

    #[cast]
    fn block(&mut self) {
        let _test_has_ended = self.go_on.recv();
    }

    #[call]
    fn is_there(&self) -> bool {
        true
    }
}

#[derive(Clone, PartialEq, Debug)]
struct Bystander;

#[gen_server]
impl Bystander {
    fn init() -> Self {
        Self
    }

    #[call]
    fn is_there(&self) -> bool {
        true
    }
}

/// The next report of a blocker; other processes may be slow, too, where there is much to do.
fn of_the_blocker(events: &Events) -> Fields {
    loop {
        let fields = events.next();
        if fields["process"].ends_with("Blocker") {
            return fields;
        }
    }
}

#[test]
fn a_handler_that_does_not_give_way_is_named_while_others_answer() {
    let (events, _listening) = Events::of("umbrella::long_schedule");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let node = Node::new("test");
    node.set_long_schedule(Some(Duration::from_millis(1)));
    runtime.expect("a tokio runtime").block_on(node.clone().scope(async move {
        let (go_on, gate) = mpsc::channel();
        let blocker = Blocker::start(gate).await.expect("started");
        let bystander = Bystander::start(()).await.expect("started");
        let pid = Ref::pid(&blocker).to_string();
        blocker.block().expect("sent");

        let found = of_the_blocker(&events);
        assert_eq!((&found["pid"], &*found["handler"], &*found["ended"]), (&pid, "block", "false"));
        assert_eq!(bystander.is_there().await, Ok(true));
        assert_eq!(sys::get_state(&bystander).await.ok(), Some(Bystander));

        let again = of_the_blocker(&events);
        let milliseconds = |fields: &Fields| fields["milliseconds"].parse::<u64>().expect("a number");
        assert!(milliseconds(&again) >= 2 * milliseconds(&found), "{found:?} {again:?}");

        go_on.send(()).expect("it waits");
        assert_eq!(blocker.is_there().await, Ok(true));
        while of_the_blocker(&events)["ended"] != "true" {}
    }));
}
