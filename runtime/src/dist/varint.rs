//! Whole numbers in as few bytes as they need, the lowest seven bits first: LEB128.

/// Appends `number`: 1 byte up to 127, 10 at most.
pub(super) fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the beginning of `input`; nothing if there is none, or one of more than 64 bits.
pub(super) fn take(input: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (at, byte) in input.iter().enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = at as u32 * 7;
        if shift > 63 || (bits << shift) >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            *input = &input[at + 1..];
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_comes_back_and_takes_nothing_else(number: u64, shift in 0_u32..64, behind: Vec<u8>) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            prop_assert!(bytes.len() <= 10);
            for short in 0..bytes.len() {
                prop_assert_eq!(take(&mut &bytes[..short]), None);
            }
            bytes.extend_from_slice(&behind);
            let mut rest = &bytes[..];
            prop_assert_eq!(take(&mut rest), Some(number));
            prop_assert_eq!(rest, behind);
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_none() {
        assert_eq!(take(&mut &[&[0xff; 9][..], &[1]].concat()[..]), Some(u64::MAX));
        assert_eq!(take(&mut &[&[0xff; 9][..], &[2]].concat()[..]), None);
        assert_eq!(take(&mut &[&[0x80; 10][..], &[0]].concat()[..]), None);
    }
}
