//! Messages that come in parts.

use std::collections::HashMap;

use crate::dist::connection::outbox::MOST_STREAMS;
use crate::dist::connection::receive::Garbled;
use crate::dist::frame::{Frames, Prefix};

/// As many messages of the greatest length are never under way at a time: who writes them takes no more while 16 MiB wait.
const MOST_HELD: usize = 4;

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
    pub(super) fn keep(&mut self, stream: u32, frames: Frames) -> Result<(), Garbled> {
        self.all.insert(stream, frames);
        let held: usize = self.all.values().map(Frames::held).sum();
        if held > self.longest.saturating_mul(MOST_HELD) { Err(Garbled::Streams) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_of_all_streams_is_bounded() {
        let mut streams = Streams::new(1000);
        // Each announces a message of 1000 bytes, and sends 904 of them.
        let part = [&1000_u32.to_be_bytes()[..], &[0; 900]].concat();
        let keep = |streams: &mut Streams, stream| {
            let frames = streams.part(stream, &part)?;
            streams.keep(stream, frames)
        };
        for stream in 0..4 {
            assert_eq!(keep(&mut streams, stream), Ok(()));
        }
        assert_eq!(keep(&mut streams, 4), Err(Garbled::Streams));
    }

    #[test]
    fn there_are_so_many_streams_and_no_more() {
        let mut streams = Streams::new(1000);
        for stream in 0..MOST_STREAMS as u32 {
            let frames = streams.part(stream, &[0]).expect("room");
            assert_eq!(streams.keep(stream, frames), Ok(()));
        }
        assert_eq!(streams.part(MOST_STREAMS as u32, &[0]).err(), Some(Garbled::Streams));
        assert!(streams.part(0, &[0]).is_ok());
    }
}
