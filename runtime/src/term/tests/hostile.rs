//! Nothing that comes in is believed before it is checked.

use proptest::prelude::*;

use super::shapes::{Everything, everything};
use crate::term::{DecodeError, Reader, Term, from_binary, to_binary};

/// What all three ways of reading say.
fn refused(input: &[u8], because: &str) {
    let term = from_binary::<Term>(input).expect_err("not a term").to_string();
    assert_eq!(term, because);
    let ignored = from_binary::<serde::de::IgnoredAny>(input).expect_err("not a term").to_string();
    assert_eq!(ignored, because);
}

const COUNT: &str = "there cannot be as many elements as it says";
const END: &str = "it ends in the middle of a term";

#[test]
fn counts_are_not_believed() {
    refused(&[131, 108, 255, 255, 255, 255, 97, 1, 106, 0, 0, 0, 0, 0, 0, 0], COUNT);
    refused(&[131, 105, 255, 255, 255, 255, 97, 1, 106, 0, 0, 0, 0, 0, 0, 0], COUNT);
    refused(&[131, 116, 255, 255, 255, 255, 97, 1, 106, 0, 0, 0, 0, 0, 0, 0], COUNT);
    refused(&[131, 109, 255, 255, 255, 255, 1], END);
    refused(&[131, 77, 255, 255, 255, 255, 1, 1], END);
    refused(&[131, 111, 255, 255, 255, 255, 0, 1], END);
    refused(&[131, 107, 255, 255, 1], END);
    refused(&[131, 119, 200, 1], END);
    refused(&[131, 90, 255, 255, 119, 1, b'a', 0, 0, 0, 1], "a reference does not hold what it should");
    let typed = from_binary::<Vec<u64>>(&[131, 108, 255, 255, 255, 255, 97, 1]).expect_err("no list");
    assert_eq!(typed.to_string(), COUNT);
}

#[test]
fn lists_that_each_promise_ten_million_take_nothing() {
    let level = [108, 0, 0x98, 0x96, 0x80];
    let input: Vec<u8> = std::iter::once(131).chain((0..100).flat_map(|_| level)).collect();
    refused(&input, COUNT);
}

#[test]
fn a_fun_does_not_promise_variables() {
    let mut input = vec![131, 112, 0, 0, 0, 53, 1];
    input.extend([7; 16]);
    input.extend([0, 0, 0, 0, 255, 255, 255, 255, 119, 1, b'm', 97, 1, 97, 1]);
    input.extend([88, 119, 1, b'n', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert!(from_binary::<Term>(&input).is_err());
}

#[test]
fn nesting_ends_at_256_levels_and_does_not_end_the_program() {
    let lists = |depth: usize| -> Vec<u8> {
        let open = std::iter::repeat_n([108, 0, 0, 0, 1], depth).flatten();
        std::iter::once(131).chain(open).chain([106]).chain(std::iter::repeat_n(106, depth)).collect()
    };
    let tuples = |depth: usize| -> Vec<u8> {
        let open = std::iter::repeat_n([104, 1], depth).flatten();
        std::iter::once(131).chain(open).chain([106]).collect()
    };
    let tails = |depth: usize| -> Vec<u8> {
        let open = std::iter::repeat_n([108, 0, 0, 0, 1, 97, 1], depth).flatten();
        std::iter::once(131).chain(open).chain([106]).collect()
    };
    for nested in [lists, tuples, tails] {
        assert!(from_binary::<Term>(&nested(256)).is_ok());
        let million = nested(1_000_000);
        let error = from_binary::<Term>(&million).expect_err("too deep");
        assert_eq!(error.to_string(), "it is nested deeper than 256 levels");
        // What is only passed over is not descended into.
        let mut reader = Reader::new(&million[1..]);
        assert_eq!(reader.skip().expect("a term").len() + 1, million.len());
    }
    #[derive(Debug, serde::Deserialize)]
    struct Deep(#[expect(dead_code, reason = "only read")] Vec<Deep>);
    let error = from_binary::<Deep>(&lists(1_000_000)).expect_err("too deep");
    assert!(error.to_string().contains("it is nested deeper than 256 levels"), "{error}");
}

#[test]
fn a_type_that_is_an_option_of_itself_ends() {
    #[derive(Debug, serde::Deserialize)]
    struct Linked(#[expect(dead_code, reason = "only read")] Option<Box<Linked>>);
    let error = from_binary::<Linked>(&[131, 97, 1]).expect_err("it has no end");
    assert!(error.to_string().contains("it is nested deeper than 256 levels"), "{error}");
    assert!(
        from_binary::<Vec<Option<Option<u8>>>>(&to_binary(&vec![Some(1); 1000]).expect("a list")).is_ok()
    );
}

#[test]
fn what_a_node_never_sends_is_refused() {
    refused(&[131, 80, 0, 0, 0, 3, 1, 2, 3], "tag 80 is none that a node sends: a compressed term");
    refused(&[131, 82, 0], "tag 82 is none that a node sends: an unknown tag");
    refused(&[131, 68, 0], "tag 68 is none that a node sends: an unknown tag");
    refused(&[131, 121, 0], "tag 121 is none that a node sends: an unknown tag");
    let version = from_binary::<Term>(&[130, 106]).expect_err("no version");
    assert_eq!(version.to_string(), "it does not begin with the version, 131");
}

#[test]
fn atoms_of_all_tags_are_read() {
    let read = |input: &[u8]| from_binary::<crate::term::Atom>(input).map(|atom| atom.as_str().to_owned());
    assert_eq!(read(&[131, 100, 0, 2, b'o', b'k']), Ok("ok".into()));
    assert_eq!(read(&[131, 100, 0, 1, 0xe9]), Ok("é".into()));
    assert_eq!(read(&[131, 115, 1, 0xe9]), Ok("é".into()));
    assert_eq!(read(&[131, 118, 0, 2, 0xc3, 0xa9]), Ok("é".into()));
    assert_eq!(read(&[131, 119, 2, 0xc3, 0xa9]), Ok("é".into()));
    refused(&[131, 119, 1, 0xe9], "text is not UTF-8");
    let long: Vec<u8> = [131, 118, 1, 0].into_iter().chain([b'a'; 256]).collect();
    refused(&long, "an atom has more than 255 characters");
}

#[test]
fn floats_are_numbers() {
    refused(&[131, 70, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "a float is not a number");
    let text = |digits: &[u8]| -> Vec<u8> {
        let mut input = vec![131, 99];
        input.extend(digits);
        input.resize(33, 0);
        input
    };
    assert_eq!(from_binary::<f64>(&text(b"1.50000000000000000000e+00")).expect("a float"), 1.5);
    refused(&text(b"nan"), "a float is not a number");
    refused(&text(b"no"), "a float is not a number");
}

#[test]
fn pids_and_references_of_older_forms_are_read() {
    let pid: crate::term::PidParts =
        from_binary(&[131, 103, 100, 0, 1, b'n', 0, 0, 0, 5, 0, 0, 0, 1, 3]).expect("a pid");
    assert_eq!((pid.node.as_str(), pid.id, pid.serial, pid.creation), ("n", 5, 1, 3));
    let old: crate::term::ReferenceParts =
        from_binary(&[131, 101, 100, 0, 1, b'n', 0, 0, 0, 5, 3]).expect("a reference");
    assert_eq!((old.words(), old.creation), (&[5][..], 3));
    let new: crate::term::ReferenceParts =
        from_binary(&[131, 114, 0, 2, 100, 0, 1, b'n', 3, 0, 0, 0, 5, 0, 0, 0, 6]).expect("a reference");
    assert_eq!((new.words(), new.creation), (&[5, 6][..], 3));
}

/// Reads as everything there is; what comes out does not matter, that something does.
fn read(input: &[u8]) -> Result<Term, DecodeError> {
    let _ = from_binary::<Everything>(input);
    let skipped = Reader::new(&input[1..]).skip().is_ok();
    let term = from_binary::<Term>(input);
    // What is read can be passed over.
    assert!(skipped || term.is_err());
    term
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(mut input in any::<Vec<u8>>()) {
        input.insert(0, 131);
        let _ = read(&input);
    }

    #[test]
    fn what_was_changed_on_the_way_is_read_or_refused(
        value in everything(),
        changes in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4),
    ) {
        let mut input = to_binary(&value).expect("it has a form");
        for (at, byte) in changes {
            let at = 1 + at.index(input.len() - 1);
            input[at] = byte;
        }
        if let Ok(term) = read(&input) {
            let again = to_binary(&term).expect("what was read can be written");
            prop_assert_eq!(from_binary::<Term>(&again).expect("and read again").to_string(), term.to_string());
        }
    }
}
