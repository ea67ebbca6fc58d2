//! Flow: a process that falls behind has those on the other node who send to it wait.
//!
//! Between nodes of umbrella only; a BEAM knows no such thing. The receiver says *stop* when much waits in a mailbox, and
//! *go* once little does. Senders are held back at their next await, as by a busy connection; one that does not await
//! may send a little more, and is refused then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Connection;
use super::outbox::{Kind, When};
use super::receive::Garbled;
use crate::process::remote::Far;
use crate::process::{AnyCell, Node, Pid};
use crate::term::{EncodeError, Reader, write};

/// The first byte of what only nodes of umbrella say to each other.
pub(super) const OURS: u8 = b'U';

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
pub(super) struct Flow(Mutex<Stopped>);

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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more message may go to `to`.
    pub(super) fn may_send(&self, to: &Far) -> bool {
        let mut stopped = self.stopped();
        if stopped.there.is_empty() {
            return true;
        }
        stopped.there.get_mut(to).is_none_or(|sent| {
            *sent += 1;
            *sent <= ALLOWANCE
        })
    }

    /// Whether messages to `to` are wanted; if not, `waker` is woken when they are.
    pub(super) fn is_stopped(&self, to: &Far, waker: Option<&Waker>) -> bool {
        let mut stopped = self.stopped();
        let is_stopped = !stopped.there.is_empty() && stopped.there.contains_key(to);
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
            std::mem::take(&mut stopped.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Nobody has to wait any more.
    pub(super) fn close(&self) {
        self.change(HashMap::clear);
    }
}

/// "Stop", and "go": the second byte.
const STOP: u8 = 0;
const GO_ON: u8 = 1;

impl Connection {
    /// Whether a sender need not wait before it sends more to `to`.
    pub(crate) fn has_room(&self, to: &Far) -> bool {
        !self.outbox.is_busy() && !self.flow.is_stopped(to, None)
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
        let is_ours = self.peer().is_some_and(|peer| peer.announcement.is_some());
        if !is_ours || process.queued() < DEFAULT_MAILBOX_STOP {
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
        self.say(STOP, &who);
        if let Some(network) = self.network.upgrade() {
            let (connection, process) = (Arc::downgrade(self), process.clone());
            network.spawn(async move {
                while process.queued() > GO && process.exit_reason().is_none() {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                if let Some(connection) = connection.upgrade() {
                    connection.flow.stopped().here.retain(|behind| *behind != pid);
                    connection.say(GO_ON, &who);
                }
            });
        }
    }

    /// `who` is a process, as [`written`](Self::written).
    fn say(&self, word: u8, who: &[u8]) {
        let mut frame = (who.len() as u32 + 2).to_be_bytes().to_vec();
        frame.extend_from_slice(&[OURS, word]);
        frame.extend_from_slice(who);
        let _closed = self.outbox.push(frame, When::Soon, Kind::Signal);
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

    /// What only nodes of umbrella say; behind [`OURS`].
    pub(super) fn told(&self, node: &Node, said: &[u8]) -> Result<(), Garbled> {
        let Some((word, rest)) = said.split_first() else { return Err(Garbled::Unknown(OURS)) };
        let mut reader = Reader::new(rest);
        let pid = self.names.pid(node, &reader.pid()?).filter(|pid| pid.node() == self.names.to);
        let name = if reader.is_atom() { Some(reader.atom()?) } else { None };
        let name = name.map(|name| Far::Name { node: self.names.to, name: name.as_ref().into() });
        let whom = pid.map(Far::Pid).into_iter().chain(name);
        match *word {
            STOP => self.flow.change(|there| {
                if there.len() < MOST_STOPPED {
                    there.extend(whom.map(|far| (far, 0)));
                }
            }),
            GO_ON => self.flow.change(|there| {
                for far in whom {
                    there.remove(&far);
                }
            }),
            word => return Err(Garbled::Unknown(word)),
        }
        Ok(())
    }
}
