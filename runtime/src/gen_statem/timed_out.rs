//! How a timer tells its machine that it fired, however full the mailbox is.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::Instant;

use crate::process::{AnyCell, Cell, Node, TimerRef, later};
use crate::registry::{Client, Protocol, Ref};

/// How long a time-out waits that found no room in a bounded mailbox, or was dropped for a newer message.
const SEND_AGAIN: Duration = Duration::from_millis(1);

/// What a timer of a machine brings; which time-out it was, the machine knows.
///
/// Dropping it unread sends it again: a time-out that is lost would leave a machine in its state for ever.
#[doc(hidden)]
pub struct TimedOut(Option<Box<Fired>>);

struct Fired {
    id: u64,
    send_again: Box<dyn FnOnce() + Send + Sync>,
}

impl TimedOut {
    /// Which timer fired.
    pub(super) fn read(&mut self) -> Option<u64> {
        self.0.take().map(|fired| fired.id)
    }
}

/// Sets the timer `id` of the machine `me`.
pub(super) fn set_timer<P>(me: &Ref<P>, node: &Node, after: Duration, id: u64) -> Option<TimerRef>
where
    P: Protocol<Message: From<TimedOut>>,
{
    // A reference always resolves. A weak one, since the process may end before the timer fires.
    let running = me.address().resolve().ok()?.shared();
    let process = Arc::downgrade(&running);
    Some(node.run_for(&*running, later(Instant::now(), after), move || fire(process, id)))
}

fn fire<M: From<TimedOut> + Send + 'static>(process: Weak<Cell<M>>, id: u64) {
    let Some(running) = process.upgrade().filter(|running| running.exit_reason().is_none()) else { return };
    let send_again = Box::new(move || {
        if let Some(running) = process.upgrade().filter(|running| running.exit_reason().is_none()) {
            running.head().node.run_after(SEND_AGAIN, move || fire(process, id));
        }
    });
    // If there is no room, dropping the message does what is needed.
    drop(running.send(TimedOut(Some(Box::new(Fired { id, send_again }))).into()));
}

impl Drop for TimedOut {
    fn drop(&mut self) {
        if let Some(fired) = self.0.take() {
            (fired.send_again)();
        }
    }
}

impl fmt::Debug for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TimedOut").field(&self.0.as_ref().map(|fired| fired.id)).finish()
    }
}
