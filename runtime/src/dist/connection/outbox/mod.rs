//! What is to be written to a connection, in its order.

mod out;
mod queue;
mod streams;

use std::future::poll_fn;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::dist::carrier::Carrier;
use crate::process::Pid;
use out::{Out, State, Taken};
pub(super) use streams::MOST_STREAMS;

/// From here on whoever sends to a connection is held back when it next awaits: 1 MiB.
///
/// Source: OTP `erl +zdbbl`, 1024 KiB.
const DEFAULT_BUSY_LIMIT: usize = 1024 * 1024;

/// From here on messages for a connection are refused: 16 MiB.
///
/// Differs: OTP suspends whoever sends to a connection for which more than 1 MiB waits (`erl +zdbbl`), in the midst of what
/// it does. Here it goes on until its next await; what it casts or calls meanwhile fails with `Full` once 16 MiB wait.
const DEFAULT_FULL_LIMIT: usize = 16 * DEFAULT_BUSY_LIMIT;

/// So much is worth a write by whoever sends, even if nobody waits for it: 64 KiB.
const WORTH_A_WRITE: usize = 64 * 1024;

/// When something is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// At once, by whoever sends it: somebody waits for it.
    Now,
    /// Soon, together with what else comes.
    Soon,
    /// With whatever comes next.
    Later,
    /// Soon, and before all that waits: for what is in no order with anything else.
    First,
}

/// Whether more may be sent at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(crate) enum Room {
    Enough,
    /// Whoever sends more waits first.
    Scarce,
}

/// Whether something may be refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Message,
    /// A signal, which is never lost while the connection lives.
    Signal,
}

/// Why something was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotSent {
    Closed,
    Full,
}

/// What is to be written.
///
/// One at a time writes, without the lock: whoever sends something urgent and finds nobody writing, or else the task
/// that waits for room in the socket. What others send meanwhile is written in one go by the next.
#[derive(Default)]
pub(crate) struct Outbox(Mutex<Out>);

impl Outbox {
    fn out(&self) -> MutexGuard<'_, Out> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `frames`, which are whole, of the process `of`: what it sends stays in its order.
    pub(crate) fn push(
        &self,
        frames: &mut Vec<u8>,
        of: Option<Pid>,
        when: When,
        kind: Kind,
    ) -> Result<Room, NotSent> {
        let (carrier, bytes, from) = {
            let mut out = self.out();
            if let State::Closed = out.state {
                return Err(NotSent::Closed);
            }
            if kind == Kind::Message && out.waiting_bytes() >= DEFAULT_FULL_LIMIT {
                return Err(NotSent::Full);
            }
            out.add(frames, of, when);
            match out.take_now(when) {
                Some(taken) => taken,
                None => {
                    let room = out.room();
                    let waker = if when == When::Later { None } else { out.waker.take() };
                    drop(out);
                    waker.into_iter().for_each(Waker::wake);
                    return Ok(room);
                }
            }
        };
        Ok(self.write_now(&*carrier, bytes, from))
    }

    /// Writes what can be written at once; the task sees to the rest, and to what is wrong.
    fn write_now(&self, carrier: &dyn Carrier, bytes: Vec<u8>, from: usize) -> Room {
        let mut written = from;
        while written < bytes.len() {
            match carrier.try_write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(_) => break,
            }
        }
        self.wrote(bytes, written)
    }

    /// Whoever wrote is done, with so much of `bytes`.
    fn wrote(&self, bytes: Vec<u8>, written: usize) -> Room {
        let (room, waker, waiting) = {
            let mut out = self.out();
            out.wrote(bytes, written);
            let is_more = out.waiting_bytes() > 0;
            let room = out.room();
            let waiting = if room == Room::Scarce { Vec::new() } else { mem::take(&mut out.waiting) };
            (room, if is_more { out.waker.take() } else { None }, waiting)
        };
        waker.into_iter().chain(waiting).for_each(Waker::wake);
        room
    }

    /// Ready once it is not busy.
    pub(crate) fn poll_not_busy(&self, waker: &Waker) -> Poll<()> {
        let mut out = self.out();
        if out.room() == Room::Enough {
            return Poll::Ready(());
        }
        if !out.waiting.iter().any(|known| known.will_wake(waker)) {
            out.waiting.push(waker.clone());
        }
        Poll::Pending
    }

    /// There is a carrier now, and whether big messages may be written [in parts](streams); what was queued is written by
    /// [`write`](Self::write).
    pub(crate) fn open(&self, carrier: Arc<dyn Carrier>, in_parts: bool) -> bool {
        let waker = {
            let mut out = self.out();
            let State::Opening = out.state else { return false };
            out.state = State::Open { carrier, in_parts };
            out.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
        true
    }

    /// Nothing is taken any more, and what was not written is dropped.
    pub(crate) fn close(&self) {
        let (carrier, waker, waiting) = {
            let mut out = self.out();
            let carrier = mem::replace(&mut out.state, State::Closed);
            out.clear();
            (carrier, out.waker.take(), mem::take(&mut out.waiting))
        };
        drop(carrier);
        waker.into_iter().chain(waiting).for_each(Waker::wake);
    }

    /// Writes whatever is queued, until the connection is closed or fails.
    pub(crate) async fn write(&self) -> io::Result<()> {
        while let Some((carrier, bytes, from)) = poll_fn(|cx| self.poll_take(cx.waker())).await {
            let result = carrier.write_all(&bytes[from..]).await;
            let length = bytes.len();
            let _room = self.wrote(bytes, length);
            result?;
        }
        Ok(())
    }

    /// What is to be written next, and from where on; nothing once the connection is closed.
    fn poll_take(&self, waker: &Waker) -> Poll<Option<Taken>> {
        let mut out = self.out();
        if let State::Closed = out.state {
            return Poll::Ready(None);
        }
        let taken = out.take();
        if taken.is_none() {
            out.waker = Some(waker.clone());
        }
        taken.map_or(Poll::Pending, |taken| Poll::Ready(Some(taken)))
    }

    /// Whether nothing was written since this was last asked, and nothing waits to be.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut out = self.out();
        let is_quiet = !mem::take(&mut out.has_written) && out.waiting_bytes() == 0;
        if is_quiet {
            out.shrink();
        }
        is_quiet
    }

    /// Has what waits for something else to come written soon.
    pub(crate) fn flush(&self) {
        let waker = {
            let mut out = self.out();
            if out.waiting_bytes() == 0 { None } else { out.waker.take() }
        };
        waker.into_iter().for_each(Waker::wake);
    }
}
