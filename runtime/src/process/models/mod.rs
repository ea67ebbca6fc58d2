//! What must hold in whatever order threads run; see `sync`.
//!
//!     RUSTFLAGS="--cfg umbrella_loom" cargo test -p umbrella-runtime --lib --target-dir target/loom models
//!
//! A model that waits for what never comes is a deadlock, which loom reports; one that ends in a wrong state asserts.

mod ends;
mod signals;
mod timers;

use super::Node;

/// So many times a thread is stopped where it could have gone on; more find nothing that these do not, but take hours.
const PREEMPTIONS: usize = 3;

/// Runs `model` on a fresh node in every order of its threads, with a clock that stands still.
pub(crate) fn explore(model: impl Fn(Node) + Send + Sync + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.expect("a tokio runtime");
    let _entered = runtime.enter();
    let mut explorer = loom::model::Builder::new();
    explorer.preemption_bound = Some(PREEMPTIONS);
    explorer.max_branches = 10_000;
    explorer.check(move || {
        let node = Node::new("model");
        // What looks at threads from outside is no thread of the model, and must not touch what is loom's.
        node.set_long_schedule(None);
        node.clone().enter(|| model(node));
    });
}
