//! What is to be written to a connection, in its order.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::dist::carrier::Carrier;

/// From here on whoever sends to a connection is held back when it next awaits: 1 MiB.
///
/// Source: OTP `erl +zdbbl`, 1024 KiB.
const DEFAULT_BUSY_LIMIT: usize = 1024 * 1024;

/// From here on messages for a connection are refused: 16 MiB.
///
/// Differs: OTP suspends whoever sends to a connection for which more than 1 MiB waits (`erl +zdbbl`), in the midst of what
/// it does. Here it goes on until its next await; what it casts or calls meanwhile fails with `Full` once 16 MiB wait.
const DEFAULT_FULL_LIMIT: usize = 16 * DEFAULT_BUSY_LIMIT;

/// What a connection that is not busy keeps to write into.
const KEPT: usize = 64 * 1024;

/// When something is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// At once, by whoever sends it: somebody waits for it.
    Now,
    /// Soon, together with what else comes.
    Soon,
    /// With whatever comes next.
    Later,
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
pub(crate) struct Outbox(Mutex<Out>);

struct Out {
    state: State,
    /// What was not handed to anybody who writes.
    queue: Vec<u8>,
    /// What somebody could not write, and how much of it was written.
    unfinished: Option<(Vec<u8>, usize)>,
    /// How much is being written.
    being_written: usize,
    writer: Writer,
    /// The task that writes what cannot be written at once.
    waker: Option<Waker>,
    /// Something was written since the last tick.
    has_written: bool,
    /// Those that wait until it is not busy.
    waiting: Vec<Waker>,
    /// An empty buffer, to be used again.
    spare: Vec<u8>,
}

enum State {
    /// There is no carrier yet.
    Opening,
    Open(Arc<dyn Carrier>),
    Closed,
}

#[derive(PartialEq, Eq)]
enum Writer {
    Nobody,
    Somebody,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Out {
            state: State::Opening,
            queue: Vec::new(),
            unfinished: None,
            being_written: 0,
            writer: Writer::Nobody,
            waker: None,
            has_written: false,
            waiting: Vec::new(),
            spare: Vec::new(),
        }))
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `frames`, which are whole.
    pub(crate) fn push(&self, frames: Vec<u8>, when: When, kind: Kind) -> Result<(), NotSent> {
        let (carrier, bytes) = {
            let mut out = self.out();
            if let State::Closed = out.state {
                return Err(NotSent::Closed);
            }
            if kind == Kind::Message && out.waiting_bytes() >= DEFAULT_FULL_LIMIT {
                return Err(NotSent::Full);
            }
            out.has_written = true;
            match (&out.state, when) {
                (State::Open(carrier), When::Now)
                    if out.writer == Writer::Nobody && out.unfinished.is_none() =>
                {
                    let carrier = carrier.clone();
                    let bytes = if out.queue.is_empty() {
                        frames
                    } else {
                        out.queue.extend_from_slice(&frames);
                        out.take_queue()
                    };
                    out.writer = Writer::Somebody;
                    out.being_written = bytes.len();
                    (carrier, bytes)
                }
                _ => {
                    out.queue.extend_from_slice(&frames);
                    let waker = if when == When::Later { None } else { out.waker.take() };
                    drop(out);
                    waker.into_iter().for_each(Waker::wake);
                    return Ok(());
                }
            }
        };
        self.write_now(&*carrier, bytes);
        Ok(())
    }

    /// Writes what can be written at once; the task sees to the rest, and to what is wrong.
    fn write_now(&self, carrier: &dyn Carrier, bytes: Vec<u8>) {
        let mut written = 0;
        while written < bytes.len() {
            match carrier.try_write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(_) => break,
            }
        }
        self.wrote(bytes, written);
    }

    /// Whoever wrote is done, with so much of `bytes`.
    fn wrote(&self, bytes: Vec<u8>, written: usize) {
        let (waker, waiting) = {
            let mut out = self.out();
            out.writer = Writer::Nobody;
            out.being_written = 0;
            if written < bytes.len() {
                out.unfinished = Some((bytes, written));
            } else {
                out.keep(bytes);
            }
            let is_more = out.unfinished.is_some() || !out.queue.is_empty();
            let waiting = if out.is_busy() { Vec::new() } else { mem::take(&mut out.waiting) };
            (if is_more { out.waker.take() } else { None }, waiting)
        };
        waker.into_iter().chain(waiting).for_each(Waker::wake);
    }

    /// Whether more waits than is good.
    pub(crate) fn is_busy(&self) -> bool {
        self.out().is_busy()
    }

    /// Ready once it is not busy.
    pub(crate) fn poll_not_busy(&self, waker: &Waker) -> Poll<()> {
        let mut out = self.out();
        if !out.is_busy() {
            return Poll::Ready(());
        }
        if !out.waiting.iter().any(|known| known.will_wake(waker)) {
            out.waiting.push(waker.clone());
        }
        Poll::Pending
    }

    /// There is a carrier now; what was queued is written by [`write`](Self::write).
    pub(crate) fn open(&self, carrier: Arc<dyn Carrier>) -> bool {
        let waker = {
            let mut out = self.out();
            let State::Opening = out.state else { return false };
            out.state = State::Open(carrier);
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
            out.queue = Vec::new();
            out.unfinished = None;
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
            self.wrote(bytes, length);
            result?;
        }
        Ok(())
    }

    /// What is to be written next, and from where on; nothing once the connection is closed.
    #[expect(clippy::type_complexity, reason = "seen by one caller")]
    fn poll_take(&self, waker: &Waker) -> Poll<Option<(Arc<dyn Carrier>, Vec<u8>, usize)>> {
        let mut out = self.out();
        let carrier = match &out.state {
            State::Closed => return Poll::Ready(None),
            State::Open(carrier) if out.writer == Writer::Nobody => carrier.clone(),
            State::Open(_) | State::Opening => {
                out.waker = Some(waker.clone());
                return Poll::Pending;
            }
        };
        let (bytes, from) = match out.unfinished.take() {
            Some(unfinished) => unfinished,
            None if out.queue.is_empty() => {
                out.waker = Some(waker.clone());
                return Poll::Pending;
            }
            None => (out.take_queue(), 0),
        };
        out.writer = Writer::Somebody;
        out.being_written = bytes.len() - from;
        Poll::Ready(Some((carrier, bytes, from)))
    }

    /// Whether nothing was written since this was last asked, and nothing waits to be.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut out = self.out();
        !mem::take(&mut out.has_written) && out.waiting_bytes() == 0
    }

    /// Has what waits for something else to come written soon.
    pub(crate) fn flush(&self) {
        let waker = {
            let mut out = self.out();
            if out.queue.is_empty() { None } else { out.waker.take() }
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

impl Out {
    /// A connection that is closed keeps nobody waiting.
    fn is_busy(&self) -> bool {
        !matches!(self.state, State::Closed) && self.waiting_bytes() >= DEFAULT_BUSY_LIMIT
    }

    fn waiting_bytes(&self) -> usize {
        let unfinished = self.unfinished.as_ref().map_or(0, |(bytes, written)| bytes.len() - written);
        self.queue.len() + self.being_written + unfinished
    }

    fn take_queue(&mut self) -> Vec<u8> {
        mem::replace(&mut self.queue, mem::take(&mut self.spare))
    }

    /// Keeps a buffer for the next ones, unless it is large.
    fn keep(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT && buffer.capacity() > self.spare.capacity() {
            buffer.clear();
            self.spare = buffer;
        }
    }
}
