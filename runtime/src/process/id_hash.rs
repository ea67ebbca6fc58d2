//! Hashing of what is looked up for every message: pids and references, numbers that the node gave out itself, and names of
//! nodes and of processes there, which are bounded in number and come from peers that know the cookie.

use std::hash::{BuildHasherDefault, Hasher};

/// Builds the hasher of maps whose keys are pids or references; no state, unlike the standard one.
pub(crate) type IdHash = BuildHasherDefault<IdHasher>;

/// Multiplies each number in, by the golden ratio.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            self.write_u64(u64::from_le_bytes(*chunk));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        // The map looks at the low bits, the product is best in the high ones.
        self.0.rotate_left(26)
    }
}
