//! How a timer tells its machine that it fired.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::process::{Node, TimerRef, later};
use crate::registry::{Client, Protocol, Ref};

/// What a timer of a machine brings; which time-out it was, the machine knows.
#[doc(hidden)]
#[derive(Debug)]
pub struct TimedOut(u64);

impl TimedOut {
    /// Which timer fired.
    pub(super) fn read(&self) -> u64 {
        self.0
    }
}

/// Sets the timer `id` of the machine `me`. It fires however full the mailbox is: a time-out that is lost would leave a
/// machine in its state for ever.
pub(super) fn set_timer<P>(me: &Ref<P>, node: &Node, after: Duration, id: u64) -> Option<TimerRef>
where
    P: Protocol<Message: From<TimedOut>>,
{
    // A reference always resolves. A weak one, since the process may end before the timer fires.
    let running = me.address().resolve().ok()?.shared();
    let process = Arc::downgrade(&running);
    Some(node.run_for(&*running, later(Instant::now(), after), move || {
        if let Some(process) = process.upgrade() {
            let _alive = process.send_kept(TimedOut(id).into());
        }
    }))
}
