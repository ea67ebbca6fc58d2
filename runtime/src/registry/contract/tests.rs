//! What is found out of types, and what versions make of each other.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::compatibility::Direction;
use super::schema::{Content, Definition, Type};
use super::*;
use crate::prelude::*;

fn contract<T: DeserializeOwned>() -> Contract {
    Node::new("contracts").enter(|| {
        let mut builder = Builder::default();
        builder.handler("put");
        builder.argument::<T>("it");
        builder.finish()
    })
}

fn definition<'a>(contract: &'a Contract, name: &str) -> &'a Definition {
    let named = |(known, _): &(&String, &Definition)| known.ends_with(&format!("::{name}"));
    contract.types.iter().find(named).expect("found").1
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
                    builder.handler(stringify!($handler));
                    $(builder.argument::<$ty>(stringify!($argument));)*
                    builder.reply::<$reply>();
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

fn problems(old: &Contract, new: &Contract, direction: Direction) -> Vec<String> {
    let all = compare(old, new).into_iter().filter(|problem| problem.direction == direction);
    all.map(|problem| problem.to_string().replace(concat!(module_path!(), "::"), "")).collect()
}

#[test]
fn versions_that_are_the_same_have_one_fingerprint() {
    let (first, renamed) = (first::contract(), renamed::contract());
    assert_eq!(first.fingerprint(), renamed.fingerprint());
    assert_eq!(compare(&first, &renamed), []);
    // Written down, so that it is the same in every build.
    assert_eq!(first.fingerprint(), first::contract().fingerprint());
    for other in [grown::contract(), broken::contract()] {
        assert_ne!(first.fingerprint(), other.fingerprint());
    }
}

#[test]
fn what_is_optional_may_be_added_where_it_is_served_first() {
    let (old, new) = (first::contract(), grown::contract());
    assert_eq!(problems(&old, &new, Direction::OldCallsNew), [""; 0]);
    assert_eq!(
        problems(&old, &new, Direction::NewCallsOld),
        [
            "new -> old: `place`: it is given 1 arguments more than it takes",
            "new -> old: `cancel`: there is no such handler",
        ]
    );
}

#[test]
fn what_fails_is_named_by_handler_type_and_field_in_its_direction() {
    let (old, new) = (first::contract(), broken::contract());
    assert_eq!(
        problems(&old, &new, Direction::OldCallsNew),
        [
            "old -> new: `place` at `order.price` in broken::Order: the field is not written",
            "old -> new: `place` at `reply.Late` in first::Outcome: there is no such variant",
            "old -> new: `count`: there is no such handler",
        ]
    );
    assert_eq!(
        problems(&old, &new, Direction::NewCallsOld),
        [
            "new -> old: `place` at `order.id` in first::Order: it is written as u64, and read as u32",
            "new -> old: `place` at `order.note` in first::Order: the field is not written",
        ]
    );
}

#[test]
fn a_contract_is_the_same_after_it_was_written_down() {
    let contract = grown::contract();
    let json = serde_json::to_string(&contract).expect("written");
    assert_eq!(serde_json::from_str::<Contract>(&json).expect("read"), contract);
}
