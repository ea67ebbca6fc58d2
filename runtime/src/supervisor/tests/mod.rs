//! The laws of supervisor(3), on real processes and paused time.

mod ends;
mod far;
mod kinds;
pub(super) mod probe;
mod reports;
mod requests;
mod restarts;
mod soak;
mod starts;

use probe::{Log, Recipe};

use super::{ChildState, Strategy, Supervisor};
use crate::process::{ExitReason, Node};
use crate::registry::Ref;

/// Runs `test` on a fresh node, with a log for its probes.
pub(super) async fn on_node(test: impl AsyncFnOnce(Log)) {
    Node::new("test").scope(test(Log::default())).await;
}

/// A supervisor of the plain workers `ids`, started; its log is empty again.
async fn started(strategy: Strategy, ids: &[&'static str], log: &Log) -> Ref<Supervisor> {
    let supervisor = Supervisor::new(strategy).intensity(100);
    let supervisor = ids.iter().fold(supervisor, |sup, id| sup.child(Recipe::new(id, log).spec()));
    let supervisor = supervisor.start().await.expect("all children start");
    log.take();
    supervisor
}

/// The children in start order: `a+` runs, `a-` is stopped, `a*` is between two attempts to restart it.
async fn states(supervisor: &Ref<Supervisor>) -> String {
    let mut children = supervisor.which_children().await.expect("the supervisor lives");
    children.reverse();
    let states = children.iter().map(|child| match child.state {
        ChildState::Running(_) => format!("{}+", child.id),
        ChildState::Stopped => format!("{}-", child.id),
        ChildState::Restarting => format!("{}*", child.id),
    });
    states.collect::<Vec<_>>().join(" ")
}

/// Why the supervisor ended, after `what`.
async fn ended_by(supervisor: &Ref<Supervisor>, what: impl Future<Output = ()>) -> ExitReason {
    // Polled in this order: watched before anything happens to it.
    tokio::join!(crate::process::wait_exit(Ref::pid(supervisor)), what).0
}
