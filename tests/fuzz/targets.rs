//! What reads bytes of others. Each target says whether it read its input, and panics if that does harm.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use umbrella::dist::fuzzing;
use umbrella::term::{Atom, PidParts, ReferenceParts, Term, from_binary, to_binary};

pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[u8]) -> bool,
    /// What it begins with.
    pub(crate) corpus: fn() -> Vec<Vec<u8>>,
}

pub(crate) const TARGETS: &[Target] = &[
    Target { name: "terms", run: terms, corpus: golden_terms },
    Target { name: "native", run: native, corpus: native_values },
    Target { name: "handshake", run: fuzzing::handshake, corpus: fuzzing::handshakes },
    Target { name: "connection", run: fuzzing::connection, corpus: fuzzing::connections },
    Target { name: "scope", run: fuzzing::scope, corpus: fuzzing::scopes },
    Target { name: "epmd", run: fuzzing::port_mapper, corpus: fuzzing::port_mappers },
];

/// Reads as any term, as nothing, and as a type of each shape.
pub(crate) fn terms(input: &[u8]) -> bool {
    let ignored = from_binary::<serde::de::IgnoredAny>(input).is_ok();
    let shapes = from_binary::<Shapes>(input);
    if let Ok(shapes) = &shapes {
        let again = to_binary(shapes).expect("what was read can be written");
        assert_eq!(from_binary::<Shapes>(&again).as_ref(), Ok(shapes));
    }
    let Ok(term) = from_binary::<Term>(input) else { return shapes.is_ok() };
    assert!(ignored, "what is read can be passed over");
    let again = to_binary(&term).expect("what was read can be written");
    let read = from_binary::<Term>(&again).expect("what was written can be read");
    assert_eq!(read.to_string(), term.to_string());
    true
}

/// Reads as a type of each shape what nodes of one build write to each other.
pub(crate) fn native(input: &[u8]) -> bool {
    let Some(shapes) = umbrella::term::fuzzing::read::<Shapes>(input) else { return false };
    // By their bytes: there are floats that are not equal to themselves.
    let once = umbrella::term::fuzzing::write(&shapes).expect("what was read can be written");
    let again = umbrella::term::fuzzing::read::<Shapes>(&once).expect("what was written can be read");
    assert_eq!(umbrella::term::fuzzing::write(&again).as_ref(), Some(&once));
    true
}

fn native_values() -> Vec<Vec<u8>> {
    umbrella::term::fuzzing::write(&Shapes::one()).into_iter().collect()
}

/// Bytes of OTP, and of every shape.
fn golden_terms() -> Vec<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/term/tests/golden.txt");
    let recorded = std::fs::read_to_string(file).expect("the recording of OTP");
    let digit = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).expect("hex"), 16).expect("hex");
    let bytes = |line: &str| line.split(' ').nth(1).expect("bytes").as_bytes().chunks(2).map(digit).collect();
    recorded.lines().map(bytes).chain([to_binary(&Shapes::one()).expect("a term")]).collect()
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
enum Message {
    Get,
    Add(i64),
    MoveTo(i8, u128),
    Put { key: String, value: Option<f64> },
    Deeper(Box<Message>),
}

#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Shapes {
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    results: Vec<Result<(), Message>>,
    by_text: Option<BTreeMap<String, char>>,
    by_atom: Option<BTreeMap<Atom, Mixed>>,
    pid: Option<PidParts>,
    reference: Option<ReferenceParts>,
    terms: Option<Vec<Term>>,
}

type Mixed = (u8, bool, [i16; 2]);

impl Shapes {
    fn one() -> Self {
        let node = Atom::new("c@127.0.0.1");
        let deeper = Message::Deeper(Box::new(Message::Put { key: "k".into(), value: Some(0.5) }));
        Self {
            messages: vec![Message::Get, Message::Add(-300), Message::MoveTo(1, 1 << 100), deeper],
            results: vec![Ok(()), Err(Message::Get)],
            by_text: Some([("é".to_owned(), 'x')].into()),
            by_atom: Some([(Atom::new("a"), (1, true, [-1, 1]))].into()),
            pid: Some(PidParts { node: node.clone(), id: 1, serial: 2, creation: 3 }),
            reference: ReferenceParts::new(node, 1, &[1, 2, 3]),
            terms: Some(vec![Term::Integer(1), Term::text("x"), Term::atom("ok")]),
        }
    }
}
