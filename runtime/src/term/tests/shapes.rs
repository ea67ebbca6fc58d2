//! One type for each shape that serde knows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::term::{Atom, PidParts, ReferenceParts, Term};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) enum Message {
    Get,
    Increment(i64),
    MoveTo(i64, i64),
    Put { key: String, value: i64 },
    Empty {},
    Nested(Box<Message>),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(super) enum Key {
    Get,
    Numbered(u8),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Counter {
    pub(super) name: String,
    pub(super) count: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Newtype(pub(super) u8);

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Pair(pub(super) u8, pub(super) String);

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct UnitStruct;

/// Bytes that are a binary.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// All of them at once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Everything {
    signed: (i8, i16, i32, i64, i128),
    unsigned: (u8, u16, u32, u64, u128),
    floats: (f32, f64),
    text: (String, char, bool),
    bytes: Bytes,
    messages: Vec<Message>,
    counter: Option<Counter>,
    maybe: Option<Vec<Option<u8>>>,
    units: Vec<()>,
    small: (Newtype, Pair, UnitStruct, [u8; 3], ()),
    results: Vec<Result<(), ()>>,
    answers: Vec<Result<Option<i64>, Message>>,
    deep: Result<Result<(), Newtype>, Option<()>>,
    by_text: BTreeMap<String, u64>,
    by_atom: BTreeMap<Atom, Vec<u8>>,
    by_variant: BTreeMap<Key, Newtype>,
    by_number: BTreeMap<i64, ()>,
    atom: Atom,
    pid: PidParts,
    reference: ReferenceParts,
    term: Term,
}

pub(super) fn message() -> impl Strategy<Value = Message> {
    let leaf = prop_oneof![
        Just(Message::Get),
        any::<i64>().prop_map(Message::Increment),
        any::<(i64, i64)>().prop_map(|(x, y)| Message::MoveTo(x, y)),
        any::<(String, i64)>().prop_map(|(key, value)| Message::Put { key, value }),
        Just(Message::Empty {}),
    ];
    leaf.prop_recursive(4, 8, 1, |inner| inner.prop_map(|message| Message::Nested(Box::new(message))))
}

pub(super) fn atom() -> impl Strategy<Value = Atom> {
    any::<String>().prop_map(|text| Atom::from(text.chars().take(255).collect::<String>().as_str()))
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("Erlang has only finite ones", |float| float.is_finite())
}

pub(super) fn pid() -> impl Strategy<Value = PidParts> {
    (atom(), any::<(u32, u32, u32)>()).prop_map(|(node, (id, serial, creation))| PidParts {
        node,
        id,
        serial,
        creation,
    })
}

pub(super) fn reference() -> impl Strategy<Value = ReferenceParts> {
    (atom(), any::<u32>(), proptest::collection::vec(any::<u32>(), 0..=5)).prop_map(
        |(node, creation, words)| ReferenceParts::new(node, creation, &words).expect("at most five"),
    )
}

pub(super) fn term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Term::Integer),
        // Numbers that 64 bits hold are not big.
        any::<i128>()
            .prop_map(|big| crate::term::from_binary(&crate::term::to_binary(&big).expect("an integer"))
                .expect("an integer")),
        finite().prop_map(Term::Float),
        atom().prop_map(Term::Atom),
        any::<Vec<u8>>().prop_map(Term::Binary),
        (proptest::collection::vec(any::<u8>(), 1..4), 1..8_u8)
            .prop_map(|(bytes, bits)| Term::BitString { bytes, bits }),
        pid().prop_map(Term::from),
        reference().prop_map(Term::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let some = proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            some.clone().prop_map(Term::List),
            some.clone().prop_map(Term::Tuple),
            proptest::collection::vec((inner.clone(), inner), 0..4)
                .prop_map(|pairs| Term::Map(pairs.into_iter().collect())),
            (some, atom()).prop_filter_map("an element at least", |(elements, tail)| {
                (!elements.is_empty()).then(|| Term::ImproperList(elements, Box::new(Term::Atom(tail))))
            }),
        ]
    })
}

prop_compose! {
    fn plain()(
        signed in any::<(i8, i16, i32, i64, i128)>(),
        unsigned in any::<(u8, u16, u32, u64, u128)>(),
        float in finite(),
        single in any::<f32>().prop_filter("finite", |float| float.is_finite()),
        text in any::<(String, char, bool)>(),
        bytes in any::<Vec<u8>>().prop_map(Bytes),
    ) -> (
        (i8, i16, i32, i64, i128),
        (u8, u16, u32, u64, u128),
        (f32, f64),
        (String, char, bool),
        Bytes,
    ) {
        (signed, unsigned, (single, float), text, bytes)
    }
}

prop_compose! {
    fn maps()(
        by_text in any::<BTreeMap<String, u64>>(),
        by_atom in proptest::collection::btree_map(atom(), any::<Vec<u8>>(), 0..3),
        numbers in any::<Vec<(u8, u8)>>(),
    ) -> (BTreeMap<String, u64>, BTreeMap<Atom, Vec<u8>>, BTreeMap<Key, Newtype>, BTreeMap<i64, ()>) {
        let by_variant = numbers.iter().map(|(key, value)| (Key::Numbered(*key), Newtype(*value)));
        let by_number = numbers.iter().map(|(key, value)| (i64::from(*key) - i64::from(*value), ()));
        (by_text, by_atom, by_variant.chain([(Key::Get, Newtype(1))]).collect(), by_number.collect())
    }
}

prop_compose! {
    pub(super) fn everything()(
        (signed, unsigned, floats, text, bytes) in plain(),
        messages in proptest::collection::vec(message(), 0..3),
        counter in any::<Option<(String, u32)>>(),
        maybe in any::<Option<Vec<Option<u8>>>>(),
        (units, results) in any::<(Vec<()>, Vec<Result<(), ()>>)>(),
        small in any::<(u8, u8, String, [u8; 3])>(),
        answers in proptest::collection::vec(
            prop_oneof![any::<Option<i64>>().prop_map(Ok), message().prop_map(Err)], 0..3),
        deep in any::<Result<Result<(), u8>, Option<()>>>(),
        (by_text, by_atom, by_variant, by_number) in maps(),
        (atom, pid, reference, term) in (atom(), pid(), reference(), term()),
    ) -> Everything {
        Everything {
            signed, unsigned, floats, text, bytes, messages,
            counter: counter.map(|(name, count)| Counter { name, count }),
            maybe, units,
            small: (Newtype(small.0), Pair(small.1, small.2), UnitStruct, small.3, ()),
            results, answers,
            deep: deep.map(|inner| inner.map_err(Newtype)),
            by_text, by_atom, by_variant, by_number, atom, pid, reference, term,
        }
    }
}
