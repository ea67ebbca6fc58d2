//! A child that writes down what happens to it, for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::prelude::*;
use crate::process::wait_exit;
use crate::supervisor::{ChildSpec, Supervised, Supervisor};

/// What happened, in order: `+a` when `a` starts, `-a` when its state is dropped.
#[derive(Clone, Debug, Default)]
pub(in crate::supervisor) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn write(&self, what: char, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{what}{id}"));
    }

    /// Takes what was written since the last look.
    pub(in crate::supervisor) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).join(" ")
    }
}

/// Lets paused time pass, and everybody else run before it does.
async fn pass(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// How an `init` goes; failing takes a moment, so that a test can act while a supervisor starts a child.
#[derive(Clone, Debug)]
pub(in crate::supervisor) enum Init {
    Fails,
    Panics,
    Ignores,
}

/// What a probe does; the inits are used up one by one, and then `init` succeeds.
#[derive(Clone, Debug)]
pub(in crate::supervisor) struct Recipe {
    pub(in crate::supervisor) id: &'static str,
    pub(in crate::supervisor) log: Log,
    pub(in crate::supervisor) inits: Arc<Mutex<VecDeque<Option<Init>>>>,
    /// Traps exits and takes this long to terminate.
    pub(in crate::supervisor) terminates_in: Option<Duration>,
}

impl Recipe {
    pub(in crate::supervisor) fn new(id: &'static str, log: &Log) -> Self {
        Self { id, log: log.clone(), inits: Arc::default(), terminates_in: None }
    }

    /// `init` goes like this, one after the other; nothing means that it succeeds.
    pub(in crate::supervisor) fn inits(self, inits: impl IntoIterator<Item = Option<Init>>) -> Self {
        self.inits.lock().unwrap_or_else(PoisonError::into_inner).extend(inits);
        self
    }

    pub(in crate::supervisor) fn terminates_in(self, time: Duration) -> Self {
        Self { terminates_in: Some(time), ..self }
    }

    pub(in crate::supervisor) fn spec(self) -> ChildSpec {
        let id = self.id;
        Probe::child_spec(self).name(Probe::named(id)).into()
    }
}

pub(in crate::supervisor) struct Probe(Recipe);

#[gen_server(local)]
impl Probe {
    async fn init(recipe: Recipe, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let init = recipe.inits.lock().unwrap_or_else(PoisonError::into_inner).pop_front().flatten();
        match init {
            Some(Init::Fails) => {
                pass(Duration::from_millis(1)).await;
                recipe.log.write('!', recipe.id);
                Err(ExitReason::error("no"))
            }
            Some(Init::Panics) => panic!("in init"),
            Some(Init::Ignores) => Err(ExitReason::Normal),
            None => {
                recipe.log.write('+', recipe.id);
                cx.trap_exit(recipe.terminates_in.is_some());
                Ok(Self(recipe))
            }
        }
    }

    #[cast]
    fn end(&self, reason: ExitReason, cx: &mut Context<Self>) {
        cx.stop(reason);
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        if let (Some(time), ExitReason::Shutdown) = (self.0.terminates_in, reason) {
            pass(time).await;
            self.0.log.write('~', self.0.id);
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.log.write('-', self.0.id);
    }
}

/// The process of the child `id`.
pub(in crate::supervisor) async fn pid(supervisor: &Ref<Supervisor>, id: &str) -> Pid {
    let children = supervisor.which_children().await.expect("the supervisor lives");
    let child = children.iter().find(|child| &*child.id == id).expect("the child is there");
    child.state.pid().expect("the child runs")
}

/// Ends the child `id` with `reason` and waits until its supervisor has been told.
pub(in crate::supervisor) async fn end(supervisor: &Ref<Supervisor>, id: &'static str, reason: ExitReason) {
    let pid = pid(supervisor, id).await;
    Probe::named(id).end(reason).expect("the child lives");
    // Links are told before those who wait.
    wait_exit(pid).await;
}

pub(in crate::supervisor) async fn crash(supervisor: &Ref<Supervisor>, id: &'static str) {
    end(supervisor, id, ExitReason::error("crash")).await;
}
