//! Random numbers that a seed repeats.

/// A linear congruential generator, which is random enough to choose victims.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Less than `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// Another generator, whose numbers are others.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.0 ^ (self.below(usize::MAX) as u64) << 17)
    }
}
