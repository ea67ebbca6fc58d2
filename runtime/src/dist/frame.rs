//! Where one message ends and the next begins.

/// How many bytes say how long a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Prefix {
    /// In the handshake.
    Two,
    /// In the handshake on TLS, and after it everywhere.
    Four,
}

/// Messages out of a stream of bytes.
///
/// A length is believed up to a limit, and no room is made for bytes that have not come.
pub(crate) struct Frames {
    /// All of it may be written to; what came and was not taken yet is `start..end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    prefix: Prefix,
    longest: usize,
    /// Reads in a row that a small buffer would have done for.
    small: u8,
}

/// A message was announced that is longer than any may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a message of {0} bytes")]
pub(crate) struct TooLong(pub(crate) usize);

/// The longest message of a node that has shown that it knows the cookie.
///
/// Differs: OTP takes messages of up to 4 GiB, and makes room for what is announced.
pub(crate) const DEFAULT_LONGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// What an idle connection keeps to read into.
const SMALL: usize = 4 * 1024;

/// After so many reads of little in a row a connection is idle.
const CALM: u8 = 16;

/// As much is read at once from a connection that always has more.
const LARGE: usize = 256 * 1024;

impl Frames {
    pub(crate) fn new(prefix: Prefix, longest: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, end: 0, prefix, longest, small: 0 }
    }

    /// From here on lengths are written and bounded like this.
    pub(crate) fn change(&mut self, prefix: Prefix, longest: usize) {
        (self.prefix, self.longest) = (prefix, longest);
    }

    /// Where the next bytes are to be read into; never empty.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.small >= CALM && self.buffer.len() > SMALL {
                self.buffer = Vec::new();
            }
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            if self.end * 2 >= self.buffer.len() {
                // At most twice what has come.
                self.buffer.resize((self.buffer.len() * 2).max(SMALL), 0);
            }
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes were read into the [room](Self::room).
    pub(crate) fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.buffer.len());
        self.small = if count < SMALL { self.small.saturating_add(1) } else { 0 };
        if self.end == self.buffer.len() && self.start == 0 && self.end < LARGE {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }

    /// These bytes were read.
    pub(crate) fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.room();
            let count = room.len().min(bytes.len());
            room[..count].copy_from_slice(&bytes[..count]);
            self.filled(count);
            bytes = &bytes[count..];
        }
    }

    /// How many bytes of messages that are not whole it holds.
    pub(crate) fn held(&self) -> usize {
        self.end - self.start
    }

    /// How long a message may be.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Takes the next message that has come whole.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let come = &self.buffer[self.start..self.end];
        let (length, prefix) = match self.prefix {
            Prefix::Two => match come.first_chunk() {
                Some(length) => (u16::from_be_bytes(*length).into(), 2),
                None => return Ok(None),
            },
            Prefix::Four => match come.first_chunk() {
                Some(length) => (u32::from_be_bytes(*length) as usize, 4),
                None => return Ok(None),
            },
        };
        if length > self.longest {
            return Err(TooLong(length));
        }
        let (begin, end) = (self.start + prefix, self.start + prefix + length);
        if end > self.end {
            return Ok(None);
        }
        self.start = end;
        Ok(Some(&self.buffer[begin..end]))
    }
}

/// `message` behind its length; handshakes have none that is too long for either.
pub(crate) fn framed(prefix: Prefix, message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 4);
    match prefix {
        Prefix::Two => frame.extend_from_slice(&(message.len() as u16).to_be_bytes()),
        Prefix::Four => frame.extend_from_slice(&(message.len() as u32).to_be_bytes()),
    }
    frame.extend_from_slice(message);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn feed(frames: &mut Frames, mut bytes: &[u8], chunk: usize) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let room = frames.room();
            let count = room.len().min(chunk).min(bytes.len());
            room[..count].copy_from_slice(&bytes[..count]);
            frames.filled(count);
            bytes = &bytes[count..];
            while let Some(frame) = frames.next()? {
                found.push(frame.to_vec());
            }
        }
        Ok(found)
    }

    proptest! {
        /// However the stream is cut, the messages are the same.
        #[test]
        fn messages_come_out_as_they_went_in(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9000), 0..20),
            chunk in 1_usize..20_000,
            prefix in prop_oneof![Just(Prefix::Two), Just(Prefix::Four)],
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|message| framed(prefix, message)).collect();
            let mut frames = Frames::new(prefix, 9000);
            prop_assert_eq!(feed(&mut frames, &stream, chunk), Ok(messages));
            for _tick in 0..=CALM {
                prop_assert_eq!(feed(&mut frames, &framed(prefix, &[]), 1), Ok(vec![Vec::new()]));
            }
            frames.room();
            prop_assert!(frames.buffer.len() <= SMALL);
        }

        /// Room is made for what has come, not for what was announced.
        #[test]
        fn a_length_makes_no_room(length: u32, come in prop::collection::vec(any::<u8>(), 0..3000)) {
            let mut frames = Frames::new(Prefix::Four, usize::MAX);
            let stream = [&length.to_be_bytes()[..], &come].concat();
            prop_assert!(feed(&mut frames, &stream, 1000).is_ok());
            prop_assert!(frames.room().len() <= 4 * SMALL);
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_before_it_comes() {
        let mut frames = Frames::new(Prefix::Four, 1024);
        assert_eq!(feed(&mut frames, &1024_u32.to_be_bytes(), 4), Ok(Vec::new()));
        let mut frames = Frames::new(Prefix::Four, 1024);
        assert_eq!(feed(&mut frames, &1025_u32.to_be_bytes(), 4), Err(TooLong(1025)));
    }
}
