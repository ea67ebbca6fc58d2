//! What is written without names and tags comes back, and what others made of it does no harm.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, SerializeSeq, SerializeTuple};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shapes::{Bytes, Counter, Everything, Message, everything, message};
use crate::term::{Atom, DecodeError, EncodeError, Format, Term, decode_as, encode_as, to_binary};

fn bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode_as(Format::Native, value, &mut out).expect("it has a form");
    out
}

fn refused<T: Serialize>(value: &T) -> EncodeError {
    let mut out = vec![1];
    let error = encode_as(Format::Native, value, &mut out).expect_err("it has no form");
    assert_eq!(out, [1], "it leaves nothing behind");
    error
}

fn read<'de, T: Deserialize<'de>>(input: &'de [u8]) -> Result<T, DecodeError> {
    decode_as(Format::Native, input)
}

fn back<T: Serialize + DeserializeOwned>(value: &T) -> T {
    read(&bytes(value)).expect("it is what was written")
}

fn said<T: DeserializeOwned + std::fmt::Debug>(input: &[u8]) -> String {
    read::<T>(input).expect_err("it is not read").to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_shape_comes_back(value in everything()) {
        prop_assert_eq!(&back(&value), &value);
    }

    #[test]
    fn it_is_shorter_than_a_term(message in message()) {
        prop_assert!(bytes(&message).len() < to_binary(&message).expect("a term").len());
    }

    #[test]
    fn every_integer_comes_back_as_any_that_holds_it(small: i64, big: i128, unsigned: u128) {
        prop_assert_eq!(back(&small), small);
        prop_assert_eq!(back(&big), big);
        prop_assert_eq!(back(&unsigned), unsigned);
        prop_assert_eq!(read::<i128>(&bytes(&small)).expect("wider"), i128::from(small));
        prop_assert_eq!(read::<u64>(&bytes(&small)).ok(), u64::try_from(small).ok());
        prop_assert_eq!(read::<u128>(&bytes(&big)).ok(), u128::try_from(big).ok());
        prop_assert_eq!(read::<i128>(&bytes(&unsigned)).ok(), i128::try_from(unsigned).ok());
        prop_assert_eq!(read::<u64>(&bytes(&unsigned)).ok(), u64::try_from(unsigned).ok());
    }

    #[test]
    fn any_bytes_are_read_or_refused(input in any::<Vec<u8>>()) {
        let _ = read::<Everything>(&input);
        let _ = read::<Vec<Message>>(&input);
    }

    #[test]
    fn what_was_changed_on_the_way_is_read_or_refused(
        value in everything(),
        changes in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4),
    ) {
        let mut input = bytes(&value);
        for (at, byte) in changes {
            let at = at.index(input.len());
            input[at] = byte;
        }
        if let Ok(read) = read::<Everything>(&input) {
            bytes(&read);
        }
    }
}

proptest! {
    // Each is read once for each of its bytes.
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn what_ends_early_is_refused(value in everything()) {
        let whole = bytes(&value);
        for end in 0..whole.len() {
            prop_assert!(read::<Everything>(&whole[..end]).is_err(), "at {}", end);
        }
        let more: Vec<u8> = whole.iter().copied().chain([0]).collect();
        prop_assert_eq!(said::<Everything>(&more), "1 bytes follow the term");
    }
}

#[test]
fn nothing_but_what_differs_is_written() {
    assert_eq!(bytes(&Message::Increment(-1)), [1, 1]);
    assert_eq!(bytes(&Message::Put { key: "k".into(), value: 64 }), [3, 1, b'k', 0x80, 1]);
    assert_eq!(bytes(&Counter { name: "n".into(), count: 2 }), [1, b'n', 4]);
    assert_eq!(bytes(&(7_u8, -1_i8, true, 1.5_f32, 'é')), [7, 255, 1, 0, 0, 0xc0, 0x3f, 0xe9, 1]);
    assert_eq!(bytes(&[1_u8, 2].as_slice()), [2, 1, 2]);
    assert_eq!(bytes(&(Some(1_u8), None::<u8>, Some(None::<u8>))), [1, 1, 0, 1, 0]);
    assert_eq!(bytes(&Atom::new("ok")), [119, 2, b'o', b'k']);
    assert_eq!(bytes(&Term::Integer(1)), [97, 1]);
}

#[test]
fn the_largest_integers_come_back() {
    for value in [i128::MIN, i128::MAX, i64::MIN.into(), i64::MAX.into(), i128::from(i64::MAX) + 1] {
        assert_eq!(back(&value), value);
    }
    assert_eq!(back(&u128::MAX), u128::MAX);
    assert_eq!(bytes(&u128::MAX).len(), 19);
    assert_eq!(back(&u64::MAX), u64::MAX);
    assert_eq!(read::<i128>(&bytes(&i64::MIN)).expect("wider"), i64::MIN.into());
}

#[test]
fn integers_have_an_end() {
    let long = |len: usize| -> Vec<u8> { std::iter::repeat_n(0x80, len - 1).chain([0]).collect() };
    assert_eq!(read::<u8>(&[0]).expect("a byte"), 0);
    assert_eq!(read::<i64>(&long(19)).expect("zero, at length"), 0);
    assert_eq!(said::<i64>(&long(20)), "an integer does not hold what it should");
    let more_than_128_bits: Vec<u8> = std::iter::repeat_n(0xff, 18).chain([0x7f]).collect();
    assert_eq!(said::<u128>(&more_than_128_bits), "an integer does not hold what it should");
    // -2^128
    let less: Vec<u8> = std::iter::repeat_n(0xff, 18).chain([0x07]).collect();
    assert_eq!(said::<i128>(&less), "an integer has more than 128 bits");
    assert_eq!(said::<Vec<u8>>(&[0x80, 0x80, 0x80, 0x80, 0x10]), "a count does not hold what it should");
    assert_eq!(said::<Vec<u8>>(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]), "a count does not hold what it should");
}

#[test]
fn counts_are_not_believed() {
    const COUNT: &str = "there cannot be as many elements as it says";
    let most = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(said::<Vec<u64>>(&most), COUNT);
    assert_eq!(said::<Vec<()>>(&most), COUNT);
    assert_eq!(said::<Vec<[u8; 0]>>(&most), COUNT);
    assert_eq!(said::<BTreeMap<u8, u8>>(&[2, 0, 0, 0]), COUNT);
    assert_eq!(said::<String>(&most), "it ends in the middle of a term");
    let levels: Vec<u8> = (0..100).flat_map(|_| [0xff, 0xff, 0xff, 0x7f]).collect();
    #[derive(Debug, Deserialize)]
    struct Deep(#[expect(dead_code, reason = "only read")] Vec<Deep>);
    assert!(said::<Deep>(&levels).contains(COUNT));
    // What is empty takes a byte, and so does each of many.
    assert_eq!(bytes(&vec![(); 3]), [3, 0, 0, 0]);
    assert_eq!(read::<Vec<()>>(&[3, 0, 0, 0]).expect("three").len(), 3);
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Linked(Option<Box<Linked>>);

#[test]
fn nesting_ends_at_256_levels_and_does_not_end_the_program() {
    let nested = |depth| (0..depth).fold(Message::Get, |inner, _| Message::Nested(Box::new(inner)));
    assert_eq!(back(&nested(256)), nested(256));
    assert_eq!(refused(&nested(257)), EncodeError::TooDeep);
    let linked = |depth| (0..depth).fold(Linked(None), |inner, _| Linked(Some(Box::new(inner))));
    assert_eq!(back(&linked(256)), linked(256));
    assert_eq!(refused(&linked(257)), EncodeError::TooDeep);
    const DEPTH: &str = "it is nested deeper than 256 levels";
    assert!(said::<Message>(&vec![5; 1_000_000]).contains(DEPTH));
    assert!(said::<Linked>(&vec![1; 1_000_000]).contains(DEPTH));
}

#[test]
fn text_is_utf8_and_what_says_yes_or_no_is_0_or_1() {
    assert_eq!(said::<String>(&[1, 0xff]), "text is not UTF-8");
    assert_eq!(said::<bool>(&[2]), "true or false does not hold what it should");
    assert_eq!(said::<Option<u8>>(&[2, 0]), "true or false does not hold what it should");
    assert_eq!(said::<()>(&[1]), "nothing does not hold what it should");
    assert_eq!(said::<char>(&[0x80, 0xb0, 3]), "a character does not hold what it should");
    assert_eq!(
        said::<Key>(&[9]),
        "umbrella::term::tests::native::Key: invalid value: integer `9`, expected variant index 0 <= i < 2"
    );
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
enum Key {
    A,
    B(Price),
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Price {
    items: Vec<std::num::NonZeroU8>,
}

#[test]
fn what_does_not_fit_is_told_with_its_type_and_place() {
    assert_eq!(
        said::<Vec<Key>>(&[2, 0, 1, 2, 1, 0]),
        "umbrella::term::tests::native::Price: invalid value: integer `0`, expected a nonzero u8 (at [1].1.items[1])"
    );
}

#[test]
fn text_and_bytes_are_borrowed() {
    let input = bytes(&("text", Bytes(vec![1])));
    let (text, bytes): (&str, &[u8]) = read(&input).expect("both");
    assert_eq!((text, bytes), ("text", [1].as_slice()));
}

#[test]
fn floats_that_are_no_numbers_cross() {
    assert!(back(&f64::NAN).is_nan());
    assert_eq!(back(&f64::INFINITY), f64::INFINITY);
    assert_eq!(back(&f32::NEG_INFINITY), f32::NEG_INFINITY);
}

#[test]
fn an_option_in_an_option_survives_the_way() {
    assert_eq!(back(&Some(None::<u8>)), Some(None));
}

/// Writes a number as another type than it is read as, and a map of more than one key.
#[derive(PartialEq, Debug)]
struct Asymmetric(u64, BTreeMap<String, u8>);

impl Serialize for Asymmetric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(2)?;
        tuple.serialize_element(&self.0.cast_signed())?;
        tuple.serialize_element(&self.1)?;
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Asymmetric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (number, map): (u128, BTreeMap<String, u8>) = Deserialize::deserialize(deserializer)?;
        let number = u64::try_from(number).map_err(serde::de::Error::custom)?;
        Ok(Self(number, map))
    }
}

#[test]
fn integers_are_read_in_other_widths_than_they_were_written_in() {
    let value = Asymmetric(1 << 40, [("a".to_owned(), 1), ("b".to_owned(), 2)].into());
    assert_eq!(back(&value), value);
}

#[derive(Serialize)]
struct Skips {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<u8>,
    id: u8,
}

/// Says how long it is, or not, or wrongly.
struct Says(Option<usize>);

impl Serialize for Says {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(self.0)?;
        all.serialize_element(&1_u8)?;
        all.end()
    }
}

struct Flat;

impl Serialize for Flat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("a", &1_u8)?;
        map.end()
    }
}

#[test]
fn what_has_no_native_form_is_refused_when_it_is_written() {
    assert_eq!(bytes(&Skips { note: Some(1), id: 2 }), [1, 1, 2]);
    assert_eq!(refused(&Skips { note: None, id: 2 }).to_string(), "the field `note` is left out");
    assert_eq!(bytes(&Says(Some(1))), [1, 1]);
    assert_eq!(refused(&Says(Some(2))), EncodeError::Malformed("what says how long it is"));
    let endless = "how long it is stands only at its end";
    assert_eq!(refused(&Says(None)).to_string(), endless);
    assert_eq!(refused(&Flat).to_string(), endless);
}

#[test]
fn what_is_read_as_whatever_comes_is_refused() {
    let any = "it is read as whatever comes, and what comes does not say what it is";
    assert_eq!(said::<serde_json::Value>(&[1]), any);
    assert_eq!(said::<serde::de::IgnoredAny>(&[1]), any);
}
