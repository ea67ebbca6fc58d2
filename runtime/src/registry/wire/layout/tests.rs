//! Which types are written without names, and for whom.

use crate::registry::wire::Shape;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;
use crate::process::Pid;
use crate::registry::wire::{Crosses as _, Type};
use crate::term::{Atom, Term};

/// The layout of a protocol with one call, which takes and answers a `T`.
fn of<T: Wire>() -> Option<Layout> {
    find(&["put"], &[Shape::Call], |to| {
        to.handler("put", Shape::Cast);
        Type::<T>::NEW.tell(to, "it");
        Type::<T>::NEW.tell_reply(to);
    })
}

/// Types of the same name, each in a module of its own.
macro_rules! versions {
    ($($version:ident { $($item:item)* })*) => {
        $(mod $version {
            use super::*;
            $(#[derive(Serialize, Deserialize, Default)] $item)*
        })*
    };
}

versions! {
    first { pub(super) struct It { a: u32, b: i64, c: Vec<Option<f32>> } }
    same { pub(super) struct It { a: u32, b: i64, c: Vec<Option<f32>> } }
    field_order { pub(super) struct It { b: i64, a: u32, c: Vec<Option<f32>> } }
    width { pub(super) struct It { a: u64, b: i64, c: Vec<Option<f32>> } }
    float { pub(super) struct It { a: u32, b: i64, c: Vec<Option<f64>> } }
    more { pub(super) struct It { a: u32, b: i64, c: Vec<Option<f32>>, d: Option<u8> } }
    variants {
        pub(super) enum It { #[default] A, B(u8), C }
    }
    variant_order {
        pub(super) enum It { #[default] A, C, B(u8) }
    }
    variant_more {
        pub(super) enum It { #[default] A, B(u8), C, D }
    }
    alias {
        pub(super) enum It { #[default] #[serde(alias = "B")] A, #[serde(rename = "C")] X }
    }
    no_alias {
        pub(super) enum It { #[default] A, B, C }
    }
}

#[test]
fn only_types_that_are_alike_have_one_layout() {
    let first = of::<first::It>().expect("a layout");
    assert_eq!(of::<same::It>(), Some(first));
    let others = [
        of::<field_order::It>(),
        of::<width::It>(),
        of::<float::It>(),
        of::<more::It>(),
        of::<variants::It>(),
        of::<variant_order::It>(),
        of::<variant_more::It>(),
        of::<alias::It>(),
        of::<no_alias::It>(),
    ];
    let mut all: Vec<u64> = others.into_iter().map(|layout| layout.expect("a layout").0).collect();
    all.push(first.0);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), others.len() + 1);
}

#[test]
fn handlers_count_in_their_order_and_with_their_shapes() {
    fn two(to: &mut Terms) {
        to.handler("a", Shape::Cast);
        Type::<u8>::NEW.tell(to, "it");
        to.handler("b", Shape::Cast);
        Type::<u8>::NEW.tell(to, "it");
    }
    let layout = |handlers, shapes| find(handlers, shapes, two).expect("a layout");
    let casts = layout(&["a", "b"], &[Shape::Cast, Shape::Cast]);
    assert_eq!(layout(&["a", "b"], &[Shape::Cast, Shape::Cast]), casts);
    assert_ne!(layout(&["a", "b"], &[Shape::Cast, Shape::Call]), casts);
    // Infos are not told of, and have numbers.
    let infos = layout(&["a", "i", "b"], &[Shape::Cast, Shape::Info, Shape::Cast]);
    assert_ne!(infos, casts);
    assert_ne!(layout(&["i", "a", "b"], &[Shape::Info, Shape::Cast, Shape::Cast]), infos);
    assert_eq!(find(&["i"], &[Shape::Info], |_| {}), None);
}

#[derive(Serialize, Deserialize)]
enum Tree {
    Sum(Box<Tree>, Vec<Tree>),
    Leaf { value: Option<Box<Tree>>, atom: Atom },
    Number(u128),
}

#[test]
fn what_contains_itself_has_a_layout() {
    assert!(of::<Tree>().is_some());
    assert!(of::<HashMap<String, BTreeMap<u8, Tree>>>().is_some());
    assert!(of::<(Pid, Term, char, (), [u8; 0])>().is_some());
}

/// Takes no text but some; as addresses and dates do.
#[derive(Serialize)]
#[serde(transparent)]
struct Date(String);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Date;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a date")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Date, E> {
                if text.starts_with("2000-") { Ok(Date(text.to_owned())) } else { Err(E::custom("no date")) }
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[derive(Serialize, Deserialize)]
enum Dated {
    Never,
    Since(Date),
    Between(Date, Address),
}

/// Is written as text if it is to be read by humans, else as numbers.
type Address = std::net::SocketAddr;

#[test]
fn what_does_not_take_any_text_has_a_layout() {
    assert!(of::<Date>().is_some());
    assert!(of::<Vec<Dated>>().is_some());
}

#[derive(Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    A(u8),
    B(String),
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    A { a: u8 },
    B { b: u8 },
}

/// The numbers by which it is written and read differ behind the variant that is never read.
#[derive(Serialize, Deserialize)]
enum Skips {
    A,
    #[serde(skip_deserializing)]
    #[expect(dead_code, reason = "it is skipped")]
    B,
    C,
    D,
}

#[derive(Serialize, Deserialize)]
struct WriteOnly {
    #[serde(skip_serializing, default)]
    #[expect(dead_code, reason = "it is skipped")]
    a: u8,
    b: u8,
}

/// Never read back as it was written.
#[derive(Deserialize)]
struct Grows(u8);

impl Serialize for Grows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0 + 1)
    }
}

/// Written as a byte, and read as what may be longer.
#[derive(Deserialize)]
struct Narrow(u64);

impl Serialize for Narrow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0 as u8)
    }
}

/// Read by the names of its fields only.
#[derive(Serialize)]
struct Named {
    a: u8,
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Named;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
                let (_, a): (String, u8) =
                    map.next_entry()?.ok_or_else(|| serde::de::Error::custom("no a"))?;
                Ok(Named { a })
            }
        }
        deserializer.deserialize_struct("Named", &["a"], Visitor)
    }
}

/// Panics when it is written.
#[derive(Deserialize)]
struct Panics(u8);

impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("{}", self.0)
    }
}

#[derive(Serialize, Deserialize)]
struct Lists(Vec<Lists>);

/// Contains itself where nothing has a name.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hidden {
    inner: Option<Box<Hidden>>,
}

#[test]
fn what_does_not_come_back_without_names_has_none() {
    let all = [
        ("any", of::<serde_json::Value>()),
        ("flat", of::<Flat>()),
        ("untagged", of::<Untagged>()),
        ("tagged", of::<Tagged>()),
        ("skips", of::<Skips>()),
        ("write only", of::<WriteOnly>()),
        ("grows", of::<Grows>()),
        ("narrow", of::<Narrow>()),
        ("named", of::<Named>()),
        ("lists", of::<Lists>()),
        ("hidden", of::<Hidden>()),
    ];
    for (what, layout) in all {
        assert_eq!(layout, None, "{what}");
    }
    assert_eq!(Layouts::default().of(TypeId::of::<u8>(), of::<Panics>), None);
}

#[test]
fn a_layout_is_found_out_once() {
    let layouts = Layouts::default();
    let found = of::<u8>();
    assert!(found.is_some());
    assert_eq!(layouts.of(TypeId::of::<u8>(), || found), found);
    assert_eq!(layouts.of(TypeId::of::<u8>(), || panic!("again")), found);
}
