//! What a manager of events promises, each promise one test.

mod far;
mod handlers;
mod mailboxes;
mod owners;
mod reports;
mod subscribers;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::gen_event::{EventManager, Handling, Removed};
use crate::prelude::*;

/// Runs `body` in a fresh node with a paused clock.
fn on_node<F: Future>(body: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(Node::new("test").scope(body))
}

#[derive(Clone, PartialEq, Debug)]
enum Signal {
    Number(u32),
    Remove,
    Crash,
}

/// What happened to handlers, in order.
#[derive(Clone, Default, Debug)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Adds up numbers, and does what it is told.
#[derive(Debug)]
struct Sum {
    name: &'static str,
    sum: u32,
    diary: Diary,
}

#[gen_event(event = Signal)]
impl Sum {
    fn init(name: &'static str, sum: u32, diary: Diary) -> Result<Self, ExitReason> {
        match sum {
            13 => Err(ExitReason::error("unlucky")),
            666 => panic!("worse"),
            _ => Ok(Self { name, sum, diary }),
        }
    }

    #[event]
    fn signal(&mut self, signal: &Signal, cx: &mut Handling) {
        match signal {
            Signal::Number(number) => {
                self.diary.note(format!("{} {number}", self.name));
                self.sum += number;
            }
            Signal::Remove => cx.remove(),
            Signal::Crash => panic!("told to"),
        }
    }

    #[call]
    fn sum(&self) -> u32 {
        self.sum
    }

    #[call]
    fn divide(&self, by: u32) -> u32 {
        self.sum / by
    }

    #[call]
    fn leave(&mut self, cx: &mut Handling) -> &'static str {
        cx.remove();
        self.name
    }

    fn terminate(&mut self, why: &Removed) {
        self.diary.note(format!("{}: {why}", self.name));
    }
}

/// Does not care.
struct Deaf;

#[gen_event(event = Signal)]
impl Deaf {
    fn init() -> Self {
        Self
    }

    #[event]
    fn signal(&mut self, _signal: &Signal) {}
}

async fn manager() -> Ref<EventManager<Signal>> {
    EventManager::start(()).await.expect("a manager starts")
}

/// A manager that a supervisor has started, as `signals`.
async fn supervised() -> (Ref<Supervisor>, Ref<EventManager<Signal>>) {
    let (started, mut managers) = tokio::sync::mpsc::unbounded_channel();
    let child = ChildSpec::worker("signals", move || {
        let started = started.clone();
        async move {
            let manager = EventManager::<Signal>::start_link(()).await?;
            started.send(manager.clone()).expect("the test listens");
            Ok(Ref::pid(&manager))
        }
    });
    let top = Supervisor::new(Strategy::OneForOne).child(child).start().await.expect("a supervisor starts");
    (top, managers.recv().await.expect("the manager was started"))
}
