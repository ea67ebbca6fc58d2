//! Big messages, which are written in parts so that others need not wait behind them.
//!
//! What a process sends after a big message must not overtake it. So as long as one of its messages is under way in
//! parts, all that it sends goes the same way: a stream of messages for each such process.

use std::collections::VecDeque;

use crate::dist::connection::words;
use crate::process::Pid;

/// What is longer is written in parts, and a part is about as long: 64 KiB.
///
/// Source: OTP `erts/emulator/beam/dist.h`, `ERTS_DIST_FRAGMENT_SIZE`, 64 KiB.
pub(super) const PART: usize = 64 * 1024;

/// So many processes send in parts at a time; what others send is written whole.
pub(in crate::dist::connection) const MOST_STREAMS: usize = 256;

#[derive(Default)]
pub(super) struct Streams {
    /// In the order in which they are written next.
    all: VecDeque<Stream>,
    /// Of all together, what was not written yet.
    bytes: usize,
    /// What the next one is called.
    next: u32,
}

struct Stream {
    id: u32,
    of: Pid,
    bytes: Vec<u8>,
    written: usize,
}

impl Streams {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes `frames` if they are to be written in parts; a big one is taken as it is.
    pub(super) fn take(&mut self, frames: &mut Vec<u8>, of: Option<Pid>) -> bool {
        let Some(of) = of else { return false };
        let length = frames.len();
        if let Some(stream) = self.all.iter_mut().find(|stream| stream.of == of) {
            stream.bytes.extend_from_slice(frames);
        } else if length > PART && self.all.len() < MOST_STREAMS {
            self.next = self.next.wrapping_add(1);
            self.all.push_back(Stream { id: self.next, of, bytes: std::mem::take(frames), written: 0 });
        } else {
            return false;
        }
        self.bytes += length;
        true
    }

    /// Appends the next part, if there is one, to `out`.
    pub(super) fn write_part(&mut self, out: &mut Vec<u8>) {
        let Some(mut stream) = self.all.pop_front() else { return };
        let end = (stream.written + PART).min(stream.bytes.len());
        let is_last = end == stream.bytes.len();
        words::put_part(stream.id, is_last, &stream.bytes[stream.written..end], out);
        self.bytes -= end - stream.written;
        stream.written = end;
        if !is_last {
            if stream.written * 2 > stream.bytes.len() {
                stream.bytes.drain(..stream.written);
                stream.written = 0;
            }
            self.all.push_back(stream);
        }
    }
}
