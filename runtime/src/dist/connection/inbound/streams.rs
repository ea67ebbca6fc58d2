//! Messages that come in parts.

use std::collections::HashMap;

use crate::dist::connection::outbox::MOST_STREAMS;
use crate::dist::connection::receive::Garbled;
use crate::dist::frame::{Frames, Prefix};

/// What has come of the streams of the other side.
pub(super) struct Streams {
    all: HashMap<u32, Frames>,
    /// How long a message may be.
    longest: usize,
}

impl Streams {
    pub(super) fn new(longest: usize) -> Self {
        Self { all: HashMap::new(), longest }
    }

    /// Takes a part: the stream with all of it that was not taken yet; [`keep`](Self::keep) it unless that was the last.
    pub(super) fn part(&mut self, stream: u32, bytes: &[u8]) -> Result<Frames, Garbled> {
        let mut frames = match self.all.remove(&stream) {
            Some(frames) => frames,
            None if self.all.len() < MOST_STREAMS => Frames::new(Prefix::Four, self.longest),
            None => return Err(Garbled::Streams),
        };
        frames.extend(bytes);
        Ok(frames)
    }

    /// More is to come of the stream.
    pub(super) fn keep(&mut self, stream: u32, frames: Frames) {
        self.all.insert(stream, frames);
    }
}
