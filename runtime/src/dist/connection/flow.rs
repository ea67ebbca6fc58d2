//! Flow: a process that falls behind has those on the other node who send to it wait.
//!
//! Between nodes of umbrella only; a BEAM knows no such thing. The receiver says *stop* when much waits in a mailbox, and
//! *go* once little does. Senders are held back at their next await, as by a busy connection; one that does not await
//! may send a little more, and is refused then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Connection;
use super::outbox::{Room, When};
use super::words::Word;
use crate::process::remote::Far;
use crate::process::{AnyCell, Node, Pid};
use crate::term::{DecodeError, EncodeError, Reader, write};

/// With so many messages waiting a process is behind.
pub(crate) const DEFAULT_MAILBOX_STOP: usize = 8192;

/// With so few it has caught up.
const GO: usize = DEFAULT_MAILBOX_STOP / 8;

/// So many more are taken for a process that is behind, from those who do not wait.
const ALLOWANCE: u32 = 1024;

/// More than are ever behind; a peer that says so of more is not believed.
const MOST_STOPPED: usize = 1 << 16;

/// How often it is looked whether a process has caught up; in between it has something to do.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Whom the other side wants no messages for, and those who wait for that to change.
#[derive(Default)]
pub(super) struct Flow {
    stopped: Mutex<Stopped>,
    /// Whether there is anybody who is behind there; nearly always nobody is.
    is_any: AtomicBool,
}

#[derive(Default)]
struct Stopped {
    /// And how many were sent since.
    there: HashMap<Far, u32>,
    /// Processes of this node that are behind.
    here: Vec<Pid>,
    waiting: Vec<Waker>,
}

impl Flow {
    fn stopped(&self) -> MutexGuard<'_, Stopped> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more message may go to `to`.
    pub(super) fn may_send(&self, to: &Far) -> bool {
        if !self.is_any.load(Ordering::Relaxed) {
            return true;
        }
        let mut stopped = self.stopped();
        stopped.there.get_mut(to).is_none_or(|sent| {
            *sent += 1;
            *sent <= ALLOWANCE
        })
    }

    /// Whether messages to `to` are wanted; if not, `waker` is woken when they are.
    pub(super) fn is_stopped(&self, to: &Far, waker: Option<&Waker>) -> bool {
        if !self.is_any.load(Ordering::Relaxed) {
            return false;
        }
        let mut stopped = self.stopped();
        let is_stopped = stopped.there.contains_key(to);
        if let (true, Some(waker)) = (is_stopped, waker)
            && !stopped.waiting.iter().any(|known| known.will_wake(waker))
        {
            stopped.waiting.push(waker.clone());
        }
        is_stopped
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<Far, u32>)) {
        let waiting = {
            let mut stopped = self.stopped();
            change(&mut stopped.there);
            self.is_any.store(!stopped.there.is_empty(), Ordering::Relaxed);
            std::mem::take(&mut stopped.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Nobody has to wait any more.
    pub(super) fn close(&self) {
        self.change(HashMap::clear);
    }
}

impl Connection {
    /// Whether a sender need not wait before it sends more to `to`, if the connection has that much room.
    pub(crate) fn has_room(&self, room: Room, to: &Far) -> bool {
        room == Room::Enough && !self.flow.is_stopped(to, None)
    }

    /// Ready once a sender need not wait any more.
    pub(crate) fn poll_room(&self, to: &Far, cx: &mut Context<'_>) -> Poll<()> {
        if self.flow.is_stopped(to, Some(cx.waker())) {
            return Poll::Pending;
        }
        self.outbox.poll_not_busy(cx.waker())
    }

    /// A message was put into the mailbox of `process`: has the other side stop if there are too many.
    pub(super) fn delivered(self: &Arc<Self>, process: &Arc<dyn AnyCell>) {
        if !self.speaks(0) || process.queued() < DEFAULT_MAILBOX_STOP {
            return;
        }
        let pid = process.head().pid;
        {
            let mut stopped = self.flow.stopped();
            if stopped.here.contains(&pid) {
                return;
            }
            stopped.here.push(pid);
        }
        // Written once: a process that has ended has no name any more, and *go* must reach those who send to the name.
        let Ok(who) = self.written(&**process) else { return };
        self.say(&Word::Stop(&who), When::First);
        if let Some(network) = self.network.upgrade() {
            let (connection, process) = (Arc::downgrade(self), process.clone());
            network.spawn(async move {
                while process.queued() > GO && process.exit_reason().is_none() {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                if let Some(connection) = connection.upgrade() {
                    connection.flow.stopped().here.retain(|behind| *behind != pid);
                    connection.say(&Word::Go(&who), When::First);
                }
            });
        }
    }

    /// The pid of a process, and its name or nil.
    fn written(&self, process: &dyn AnyCell) -> Result<Vec<u8>, EncodeError> {
        let (pid, mut out) = (self.names.parts(process.head().pid), Vec::new());
        write::pid(pid.node.as_str(), pid.id, pid.serial, pid.creation, &mut out)?;
        match process.name() {
            Some(name) => write::atom(&name, &mut out)?,
            None => write::nil(&mut out),
        }
        Ok(out)
    }

    /// A process there is behind.
    pub(super) fn told_to_stop(&self, node: &Node, who: &[u8]) -> Result<(), DecodeError> {
        let whom = self.read_who(node, who)?;
        self.flow.change(|there| {
            if there.len() < MOST_STOPPED {
                there.extend(whom.into_iter().map(|far| (far, 0)));
            }
        });
        Ok(())
    }

    /// It is no more.
    pub(super) fn told_to_go(&self, node: &Node, who: &[u8]) -> Result<(), DecodeError> {
        let whom = self.read_who(node, who)?;
        self.flow.change(|there| {
            for far in whom {
                there.remove(&far);
            }
        });
        Ok(())
    }

    /// Those of this node who send to a process there, by its pid or by its name.
    fn read_who(&self, node: &Node, who: &[u8]) -> Result<Vec<Far>, DecodeError> {
        let mut reader = Reader::new(who);
        let pid = self.names.pid(node, &reader.pid()?).filter(|pid| pid.node() == self.names.to);
        let name = if reader.is_atom() { Some(reader.atom()?) } else { None };
        let name = name.map(|name| Far::Name { node: self.names.to, name: Arc::<str>::from(name).into() });
        Ok(pid.map(Far::Pid).into_iter().chain(name).collect())
    }
}
