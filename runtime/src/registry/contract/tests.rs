//! What is found out of types.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::schema::{Content, Definition, Type};
use super::*;
use crate::prelude::*;

fn contract<T: DeserializeOwned>() -> Contract {
    Node::new("contracts").enter(|| {
        let mut builder = Builder::default();
        builder.handler("put", Kind::Call);
        let ty = builder.ty::<T>();
        builder.argument("it", ty);
        builder.finish()
    })
}

fn definition<'a>(contract: &'a Contract, name: &str) -> &'a Definition {
    let named = |(known, _): &(&String, &Definition)| known.ends_with(&format!("::{name}"));
    contract.types.iter().find(named).expect("found").1
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown | Self::Any => f.write_str("anything"),
            Self::Unit => f.write_str("()"),
            Self::Bool => f.write_str("bool"),
            Self::Integer { signed, bits } => write!(f, "{}{bits}", if *signed { "i" } else { "u" }),
            Self::Float => f.write_str("a float"),
            Self::Char => f.write_str("char"),
            Self::Text => f.write_str("text"),
            Self::Bytes => f.write_str("bytes"),
            Self::Atom(name) | Self::Named(name) => f.write_str(name),
            Self::Special(name) => f.write_str(name.trim_start_matches('$')),
            Self::Option(inner) => write!(f, "an optional {inner}"),
            Self::List(inner) => write!(f, "a list of {inner}"),
            Self::Tuple(all) => write!(f, "a tuple of {}", all.len()),
            Self::Map(key, value) => write!(f, "a map of {key} to {value}"),
        }
    }
}

/// `name: type`, with `?` for what may be missing.
fn fields(definition: &Definition) -> Vec<String> {
    let Definition::Struct(fields) = definition else { panic!("{definition:?}") };
    let show =
        |field: &Field| format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, field.ty);
    fields.iter().map(show).collect()
}

#[derive(Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: NonZeroU32,
    items: Vec<Item>,
    note: Option<String>,
    #[serde(default)]
    paid: bool,
    state: State,
    labels: HashMap<String, i8>,
    clerk: Pid,
    place: (f32, f64),
}

#[derive(Serialize, Deserialize)]
struct Item {
    #[serde(rename = "sku")]
    code: String,
    options: BTreeMap<char, Option<Choice>>,
}

#[derive(Serialize, Deserialize)]
enum Choice {
    None,
    One(u8),
    Two(u8, i16),
    Named { name: String, deep: Deep },
}

#[derive(Serialize, Deserialize)]
enum Deep {
    A,
    B,
    C(State),
}

#[derive(Serialize, Deserialize)]
enum State {
    Open,
    Closed(Result<(), String>),
}

#[test]
fn a_type_is_found_out_to_the_bottom() {
    let found = contract::<Order>();
    assert_eq!(
        fields(definition(&found, "Order"))
            .iter()
            .map(|field| field.replace(concat!(module_path!(), "::"), ""))
            .collect::<Vec<_>>(),
        [
            "id: u64",
            "customer: u32",
            "items: a list of Item",
            "note?: an optional text",
            "paid?: bool",
            "state: State",
            "labels: a map of text to i8",
            "clerk: pid",
            "place: a tuple of 2",
        ]
    );
    assert_eq!(fields(definition(&found, "Item"))[0], "sku: text");
    for (name, variants) in [("Choice", 4), ("Deep", 3), ("State", 2)] {
        let Definition::Enum(all) = definition(&found, name) else { panic!("{name}") };
        assert_eq!(all.len(), variants);
        assert!(all.iter().all(|variant| variant.content != Content::Unknown), "{all:?}");
    }
}

#[derive(Serialize, Deserialize)]
struct Tree {
    value: u8,
    left: Option<Box<Tree>>,
    more: Vec<Tree>,
}

#[derive(Serialize, Deserialize)]
enum Expression {
    Sum(Box<Expression>, Box<Expression>),
    Wrapped(Wrapped),
    Number(f64),
}

#[derive(Serialize, Deserialize)]
struct Wrapped {
    inner: Option<Box<Expression>>,
}

#[derive(Serialize, Deserialize)]
struct Endlessly {
    again: Box<Endlessly>,
}

#[test]
fn types_that_contain_themselves_end() {
    let tree = contract::<Tree>();
    assert_eq!(fields(definition(&tree, "Tree")).len(), 3);
    let expression = contract::<Expression>();
    let Definition::Enum(variants) = definition(&expression, "Expression") else { panic!("no enum") };
    assert!(variants.iter().all(|variant| variant.content != Content::Unknown), "{variants:?}");
    assert!(matches!(&variants[0].content, Content::Tuple(both) if both[0] == both[1]));
    // No value of it can be, and still it is read.
    contract::<Endlessly>();
}

#[test]
fn a_field_that_refuses_what_it_is_given_hides_no_others() {
    #[derive(Serialize, Deserialize)]
    struct Odd {
        before: u8,
        #[serde(with = "even")]
        odd: u8,
        after: u8,
    }
    mod even {
        pub(super) fn serialize<S: serde::Serializer>(it: &u8, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_u8(*it)
        }
        pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
            let it: u8 = serde::Deserialize::deserialize(from)?;
            if it.is_multiple_of(2) { Ok(it) } else { Err(serde::de::Error::custom("odd")) }
        }
    }
    let found = contract::<Odd>();
    assert_eq!(fields(definition(&found, "Odd")), ["before: u8", "odd: u8", "after: u8"]);
    assert_eq!(contract::<serde_json::Value>().handlers[0].arguments[0].ty, Type::Any);
}

/// A version of a protocol.
macro_rules! version {
    ($name:ident { $($item:item)* } $($handler:ident($($argument:ident: $ty:ty),*) -> $reply:ty;)*) => {
        mod $name {
            $(#[derive(serde::Deserialize)] #[expect(dead_code, reason = "only read from what it is read from")] $item)*
            pub(super) fn contract() -> super::Contract {
                let mut builder = super::Builder::default();
                $(
                    builder.handler(stringify!($handler), super::Kind::Call);
                    $(let ty = builder.ty::<$ty>();
        builder.argument(stringify!($argument), ty);)*
                    let reply = builder.ty::<$reply>();
                    builder.reply(reply);
                )*
                builder.finish()
            }
        }
    };
}

version! { first {
        pub(super) struct Order { id: u32, note: String }
        pub(super) enum Outcome { Done, Failed(String) }
    }
    place(order: Order) -> Outcome;
    count() -> u32;
}

version! { renamed {
        pub(super) struct Purchase { id: u32, note: String }
        pub(super) enum Result { Done, Failed(String) }
    }
    place(order: Purchase) -> Result;
    count() -> u32;
}

version! { grown {
        pub(super) struct Order { id: u32, note: String, coupon: Option<String> }
        pub(super) enum Outcome { Done, Failed(String) }
    }
    place(order: Order, urgent: Option<bool>) -> Outcome;
    count() -> u32;
    cancel(id: u32) -> ();
}

version! { broken {
        pub(super) struct Order { id: u64, price: u32 }
        pub(super) enum Outcome { Done, Failed(String), Late { by: u8 } }
    }
    place(order: Order) -> Outcome;
}

#[test]
fn versions_that_are_the_same_have_one_fingerprint() {
    let (first, renamed) = (first::contract(), renamed::contract());
    assert_eq!(first.fingerprint(), renamed.fingerprint());
    // Written down, so that it is the same in every build.
    assert_eq!(first.fingerprint(), first::contract().fingerprint());
    for other in [grown::contract(), broken::contract()] {
        assert_ne!(first.fingerprint(), other.fingerprint());
    }
}

#[test]
fn a_contract_is_the_same_after_it_was_written_down() {
    let contract = grown::contract();
    let json = serde_json::to_string(&contract).expect("written");
    assert_eq!(serde_json::from_str::<Contract>(&json).expect("read"), contract);
}
