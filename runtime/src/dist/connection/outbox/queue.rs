//! What waits to be written in the order in which it was sent, in pieces: however much it is, it is not moved.

use std::collections::VecDeque;
use std::mem;

/// How long a piece is, unless a single message is longer: 64 KiB.
const PIECE: usize = 64 * 1024;

/// How many empty pieces are kept by a connection that is written to: 1 MiB.
const KEPT: usize = 16;

#[derive(Default)]
pub(super) struct Queue {
    /// Those that are full.
    full: VecDeque<Vec<u8>>,
    /// Where the next message goes.
    last: Vec<u8>,
    /// Of all together.
    bytes: usize,
    /// Empty, to be used again.
    spare: Vec<Vec<u8>>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    pub(super) fn add(&mut self, frames: &[u8]) {
        if !self.last.is_empty() && self.last.len() + frames.len() > PIECE {
            let next = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PIECE));
            self.full.push_back(mem::replace(&mut self.last, next));
        }
        self.last.extend_from_slice(frames);
        self.bytes += frames.len();
    }

    /// The first piece, which may be empty if all are.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let first = match self.full.pop_front() {
            Some(first) => first,
            None => mem::replace(&mut self.last, self.spare.pop().unwrap_or_default()),
        };
        self.bytes -= first.len();
        first
    }

    /// A piece was written.
    pub(super) fn give_back(&mut self, mut piece: Vec<u8>) {
        if self.spare.len() < KEPT && piece.capacity() <= 2 * PIECE {
            piece.clear();
            self.spare.push(piece);
        }
    }

    /// Keeps nothing that is empty.
    pub(super) fn shrink(&mut self) {
        self.spare = Vec::new();
        if self.last.is_empty() {
            self.last = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is added and taken in between, the bytes come out as they went in, and few buffers are kept.
        #[test]
        fn bytes_keep_their_order(steps in prop::collection::vec(prop::option::of(0_usize..3 * PIECE), 0..60)) {
            let (mut queue, mut added, mut taken) = (Queue::default(), Vec::new(), Vec::new());
            for (number, step) in (0_u8..).zip(steps) {
                match step {
                    Some(length) => {
                        queue.add(&vec![number; length]);
                        added.extend(vec![number; length]);
                    }
                    None => {
                        let piece = queue.take();
                        taken.extend_from_slice(&piece);
                        queue.give_back(piece);
                    }
                }
                prop_assert_eq!(queue.len(), added.len() - taken.len());
            }
            while queue.len() > 0 {
                taken.extend(queue.take());
            }
            prop_assert_eq!(taken, added);
            prop_assert!(queue.spare.len() <= KEPT);
            queue.shrink();
            prop_assert_eq!(queue.last.capacity(), 0);
        }
    }
}
