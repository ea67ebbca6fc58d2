//! In which order tests run, and which of them on this machine. PURE.

use std::str::FromStr;

use thiserror::Error;

/// One part of all tests: `1/4`, on the first of four machines.
///
/// Source: cargo-nextest `--partition hash:m/n`. A test stays in its part when others come and go, which it does not when
/// they are dealt out in turn, as `mix test --partitions` does with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    part: u64,
    of: u64,
}

/// What `--partition` was given is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("it is a part and the number of parts, as `1/4`")]
pub struct NoPartition;

impl FromStr for Partition {
    type Err = NoPartition;

    fn from_str(text: &str) -> Result<Self, NoPartition> {
        let (part, of) = text.split_once('/').ok_or(NoPartition)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| NoPartition);
        let (part, of) = (number(part)?, number(of)?);
        if (1..=of).contains(&part) { Ok(Self { part, of }) } else { Err(NoPartition) }
    }
}

impl Partition {
    /// Whether the test of this name is in the part.
    #[must_use]
    pub fn holds(self, unit: &str, target: &str, test: &str) -> bool {
        fnv1a(&[unit, target, test]) % self.of == self.part - 1
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every build, which std's hashers do not promise.
pub(crate) fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mixed(bytes.fold(0xcbf2_9ce4_8422_2325, hash))
}

/// Shuffles: the same way for the same seed.
pub fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let range = last as u64 + 1;
        items.swap(last, usize::try_from(mixed(state) % range).unwrap_or(last));
    }
}

/// Source: SplitMix64, Steele, Lea and Flood, 2014.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_is_in_one_part_of_all() {
        let parts: Vec<Partition> = ["1/3", "2/3", "3/3"].map(|text| text.parse().expect("a part")).into();
        let mut sizes = [0; 3];
        for test in 0..300 {
            let name = format!("test_{test}");
            let holding: Vec<_> =
                (0..3).filter(|&part| parts[part].holds("b", "tests/b.rs", &name)).collect();
            assert_eq!(holding.len(), 1, "{name}");
            sizes[holding[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (70..130).contains(size)), "{sizes:?}");
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/4"] {
            assert_eq!(text.parse::<Partition>(), Err(NoPartition), "{text}");
        }
    }

    #[test]
    fn a_seed_is_an_order() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..20).collect();
            shuffle(&mut items, seed);
            items
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }
}
