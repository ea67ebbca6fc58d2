//! What is written comes back.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::shapes::{Counter, Message, everything, message, term};
use crate::term::{Atom, EncodeError, Reader, Term, decode, encode, from_binary, to_binary};

fn back<T: Serialize + DeserializeOwned>(value: &T) -> T {
    from_binary(&to_binary(value).expect("it has a form")).expect("it is what was written")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_shape_comes_back(value in everything()) {
        prop_assert_eq!(&back(&value), &value);
    }

    #[test]
    fn every_term_comes_back(term in term()) {
        prop_assert_eq!(&back(&term), &term);
    }

    #[test]
    fn what_has_a_type_is_also_a_term(message in message()) {
        let bytes = to_binary(&message).expect("it has a form");
        let term: Term = from_binary(&bytes).expect("a term");
        prop_assert_eq!(to_binary(&term).expect("a term"), bytes);
    }

    #[test]
    fn a_term_is_skipped_as_it_is_read(value in everything()) {
        let mut bytes = Vec::new();
        encode(&value, &mut bytes).expect("it has a form");
        let len = bytes.len();
        bytes.extend([1, 2, 3]);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.skip().expect("a term").len(), len);
        prop_assert_eq!(reader.rest(), [1, 2, 3]);
    }
}

/// What erl would write for a value that Rust writes otherwise.
fn read<T: DeserializeOwned>(term: &Term) -> T {
    back_as(term).unwrap_or_else(|error| panic!("{term}: {error}"))
}

fn back_as<T: DeserializeOwned>(term: &Term) -> Result<T, crate::term::DecodeError> {
    from_binary(&to_binary(term).expect("a term"))
}

#[test]
fn text_is_read_from_atoms_and_from_lists_of_characters() {
    assert_eq!(read::<String>(&Term::atom("hello")), "hello");
    assert_eq!(read::<String>(&Term::characters("日本")), "日本");
    assert_eq!(read::<String>(&Term::characters("")), "");
    assert_eq!(from_binary::<String>(&[131, 107, 0, 2, b'h', 0xe9]).expect("a string"), "hé");
}

#[test]
fn a_list_of_small_integers_is_a_list_however_it_came() {
    let as_string = [131, 107, 0, 2, 1, 255];
    assert_eq!(from_binary::<Vec<u8>>(&as_string).expect("a list"), [1, 255]);
    assert_eq!(from_binary::<Vec<Option<i64>>>(&as_string).expect("a list"), [Some(1), Some(255)]);
    assert_eq!(from_binary::<Vec<Term>>(&as_string).expect("a list"), [Term::Integer(1), Term::Integer(255)]);
    assert_eq!(from_binary::<Term>(&as_string).expect("a list").to_string(), "[1,255]");
}

#[test]
fn none_is_nil_and_undefined() {
    assert_eq!(read::<Option<i64>>(&Term::atom("nil")), None);
    assert_eq!(read::<Option<i64>>(&Term::atom("undefined")), None);
}

#[test]
fn whole_numbers_are_floats_where_floats_are_expected() {
    assert_eq!(read::<f64>(&Term::Integer(2)), 2.0);
    assert_eq!(read::<f32>(&Term::Integer(-2)), -2.0);
}

#[test]
fn what_is_no_number_is_refused_and_leaves_nothing_behind() {
    let mut out = vec![1];
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(encode(&("before", float), &mut out), Err(EncodeError::NotFinite));
    }
    assert_eq!(out, [1]);
}

#[test]
fn atoms_have_at_most_255_characters() {
    let (most, more) = ("é".repeat(255), "é".repeat(256));
    assert_eq!(back(&Atom::from(most.as_str())), most.as_str());
    assert_eq!(to_binary(&Atom::from(more.as_str())), Err(EncodeError::AtomTooLong));
}

#[test]
fn what_is_nested_deeper_than_others_believe_is_not_written() {
    let nested = |depth| (0..depth).fold(Message::Get, |inner, _| Message::Nested(Box::new(inner)));
    assert_eq!(back(&nested(256)), nested(256));
    assert_eq!(to_binary(&nested(257)), Err(EncodeError::TooDeep));
    let nested = |depth| (0..depth).fold(Term::Integer(1), |inner, _| Term::List(vec![inner]));
    assert_eq!(back(&nested(256)), nested(256));
    assert!(to_binary(&nested(257)).is_err());
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Newer {
    count: u32,
    name: String,
    price: Option<f64>,
}

#[test]
fn messages_may_gain_fields_while_both_versions_talk() {
    let old = Counter { name: "n".into(), count: 2 };
    let new = Newer { count: 2, name: "n".into(), price: Some(1.5) };
    let (from_old, from_new) = (to_binary(&old).expect("a map"), to_binary(&new).expect("a map"));
    assert_eq!(from_binary::<Counter>(&from_new).expect("a map"), old);
    assert_eq!(from_binary::<Newer>(&from_old).expect("a map"), Newer { price: None, ..new });
}

#[test]
fn structs_are_read_from_maps_of_elixir() {
    let elixir = Term::Map(
        [
            (Term::atom("__struct__"), Term::atom("Elixir.Counter")),
            (Term::atom("count"), Term::Integer(1)),
            (Term::text("name"), Term::text("n")),
        ]
        .into_iter()
        .collect(),
    );
    assert_eq!(read::<Counter>(&elixir), Counter { name: "n".into(), count: 1 });
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    items: Vec<Item>,
    by_name: BTreeMap<Atom, Item>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    price: u8,
}

#[test]
fn what_does_not_fit_is_told_with_its_type_and_place() {
    let item = |price| Term::Map([(Term::atom("price"), price)].into_iter().collect());
    let order = |one, other| {
        let named = Term::Map([(Term::atom("a"), other)].into_iter().collect());
        Term::Map(
            [
                (Term::atom("items"), Term::List(vec![item(Term::Integer(1)), one])),
                (Term::atom("by_name"), named),
            ]
            .into_iter()
            .collect(),
        )
    };
    // Without the crate and the module.
    let short = |text: String| text.rsplit_once("::").map(|(_, text)| text.to_owned()).expect("a full name");
    let said = |term: &Term| short(back_as::<Order>(term).expect_err("it does not fit").to_string());
    let good = item(Term::Integer(1));
    assert_eq!(
        said(&order(item(Term::atom("x")), good.clone())),
        "Item: expected an integer, found an atom (at items[1].price)"
    );
    assert_eq!(
        said(&order(item(Term::Integer(256)), good.clone())),
        "Item: invalid value: integer `256`, expected u8 (at items[1].price)"
    );
    assert_eq!(
        said(&order(Term::Map([].into_iter().collect()), good.clone())),
        "Item: missing field `price` (at items[1])"
    );
    assert_eq!(said(&order(good, Term::atom("x"))), "Item: expected a map, found an atom (at by_name.a)");
    let said = |term: &Term| short(back_as::<Message>(term).expect_err("it does not fit").to_string());
    assert_eq!(
        said(&Term::atom("got")),
        "Message: unknown variant `got`, expected one of `Get`, `Increment`, `MoveTo`, `Put`, `Empty`, `Nested`"
    );
    assert_eq!(said(&Term::atom("increment")), "Message: variant `Increment` came without what it holds");
    assert_eq!(
        said(&Term::tuple([Term::atom("move_to"), Term::Integer(1)])),
        "Message: variant `MoveTo` holds 2, and 1 came"
    );
}

#[test]
fn nothing_follows_a_value() {
    let error = decode::<u8>(&[97, 1, 97]).expect_err("one byte more");
    assert_eq!(error.to_string(), "1 bytes follow the term");
}

#[test]
fn newtypes_whose_names_begin_with_a_dollar_hold_what_they_say() {
    #[derive(Serialize)]
    #[serde(rename = "$pid")]
    struct NoPid(u8);
    #[derive(Serialize)]
    #[serde(rename = "$reference")]
    struct NoReference(&'static str);
    #[derive(Serialize)]
    #[serde(rename = "$atom")]
    struct NoAtom(u32);
    assert_eq!(to_binary(&NoPid(1)), Err(EncodeError::Malformed("$pid")));
    assert_eq!(to_binary(&NoReference("a")), Err(EncodeError::Malformed("$reference")));
    assert_eq!(to_binary(&NoAtom(1)), Err(EncodeError::Malformed("$atom")));
}

#[test]
fn terms_also_pass_through_other_formats() {
    let term = Term::tuple([Term::atom("ok"), Term::text("x")]);
    let json = serde_json::to_string(&term).expect("JSON");
    assert_eq!(serde_json::from_str::<Term>(&json).expect("the same"), term);
}
