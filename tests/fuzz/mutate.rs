//! Changes at random, the same for the same seed.

/// Numbers that follow from a seed: SplitMix64.
pub(crate) struct Random(u64);

/// Bytes, and beginnings of counts, that mean more than others.
const TELLING: &[&[u8]] = &[
    &[0],
    &[1],
    &[127],
    &[128],
    &[255],
    &[131],
    &[0, 0, 0, 0],
    &[255, 255, 255, 255],
    &[127, 255, 255, 255],
    &[0, 1, 0, 0],
    &[106],
    &[104, 1],
    &[104, 255],
    &[108, 0, 0, 0, 1],
    &[116, 0, 0, 0, 1],
    &[119, 2, b'o', b'k'],
    &[97, 7],
    &[107, 0, 3],
    &[109, 0, 0, 0, 2],
    &[110, 8, 1],
    &[70],
    &[77, 0, 0, 0, 1, 3],
    &[80],
    &[88],
    &[90, 0, 3],
    &[112],
    &[113],
    &[120],
];

/// The longest input.
const LONGEST: usize = 4096;

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`, which is more than none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("less than a usize")
    }

    /// One of the corpus, changed one to eight times.
    pub(crate) fn mutated(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut input, corpus);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(8)).min(input.len()).max(at);
        match self.below(8) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => drop(input.splice(at..at, TELLING[self.below(TELLING.len())].iter().copied())),
            3 => {
                let telling = TELLING[self.below(TELLING.len())];
                let end = (at + telling.len()).min(input.len());
                drop(input.splice(at..end, telling.iter().copied()));
            }
            // A part again, often: what is nested becomes nested deeper.
            4 => {
                let times = 1 + self.below(300);
                let part = input[at..end].repeat(times);
                drop(input.splice(at..at, part));
            }
            // A part of another.
            5 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                drop(input.splice(at..end, other[from..].iter().copied()));
            }
            6 if at < input.len() => input[at] ^= 1 << self.below(8),
            _ if at < input.len() => input[at] = self.next().to_le_bytes()[0],
            _ => {}
        }
    }
}
