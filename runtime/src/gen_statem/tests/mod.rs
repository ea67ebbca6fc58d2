//! What a state machine promises, each promise one test.

mod calls;
mod histories;
mod lives;
mod mailboxes;
mod reports;
mod scenarios;

use std::future::Future;

use crate::prelude::*;

/// Runs `body` in a fresh node with a paused clock.
fn on_node<F: Future>(body: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a tokio runtime").block_on(Node::new("test").scope(body))
}

/// Lets the paused clock of [`on_node`] go on.
async fn pass(time: std::time::Duration) {
    let nothing = tokio::time::timeout(time, std::future::pending::<()>()).await;
    assert!(nothing.is_err(), "time passed");
}
