//! The bytes of `term_to_binary/1` and of this module are the same terms. `golden.escript` writes `golden.txt`; with
//! `CONFORMANCE_LIVE` or `SNAPSHOTS=overwrite` in the environment it is asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shapes::{Bytes, Counter, Key, Message, Newtype, Pair, UnitStruct};
use crate::term::{Atom, PidParts, PortParts, ReferenceParts, Term, from_binary, to_binary};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/term/tests")
}

/// What OTP said, by name: bytes, and how it prints them.
struct Golden {
    said: BTreeMap<String, (Vec<u8>, String)>,
    seen: BTreeSet<String>,
    /// What is written here, for OTP to read.
    written: String,
}

impl Golden {
    fn load() -> Self {
        let file = folder().join("golden.txt");
        let recorded = std::fs::read_to_string(&file).expect("a recording");
        if let Some(now) = ask(&[], "") {
            if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
                std::fs::write(&file, &now).expect("a file");
            } else {
                assert_eq!(
                    now, recorded,
                    "OTP does otherwise than recorded; SNAPSHOTS=overwrite records anew"
                );
            }
        }
        let line = |line: &str| {
            let (name, rest) = line.split_once(' ').expect("a name");
            let (hex, text) = rest.split_once(' ').expect("bytes");
            (name.to_owned(), (unhex(hex), text.to_owned()))
        };
        let said = recorded.lines().map(line).collect();
        Self { said, seen: BTreeSet::new(), written: String::new() }
    }

    /// Looks at a name: that it reads as `value`, that `value` is written as the same term, and in the same bytes.
    fn is<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, value: T) {
        self.reads(name, &value);
        let bytes = to_binary(&value).expect("it has a form");
        assert_eq!(hex(&bytes), hex(&self.said[name].0), "{name}");
    }

    /// The same where OTP writes lists of bytes as strings, or ports in an older form: other bytes, the same term.
    fn reads<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        let (bytes, _) = self.said.get(name).unwrap_or_else(|| panic!("{name} is not recorded"));
        assert_eq!(from_binary::<T>(bytes).as_ref(), Ok(value), "{name}");
        let ours = to_binary(value).expect("it has a form");
        assert_eq!(from_binary::<Term>(&ours), from_binary::<Term>(bytes), "{name}");
        writeln!(self.written, "{name} {}", hex(&ours)).expect("a string");
        self.seen.insert(name.into());
    }

    /// The term itself, whatever it is.
    fn is_term(&mut self, name: &str) {
        let term: Term = from_binary(&self.said[name].0).expect("a term");
        self.reads(name, &term);
    }
}

/// Has the script run, if Erlang is to be asked.
fn ask(arguments: &[&str], input: &str) -> Option<String> {
    let set = |name| std::env::var_os(name).is_some();
    if !set("CONFORMANCE_LIVE") && !set("SNAPSHOTS") {
        return None;
    }
    let mut escript = Command::new("escript");
    escript.arg(folder().join("golden.escript")).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = escript.spawn().expect("install Erlang");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", output.status);
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string");
        hex
    })
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

#[test]
fn values_are_the_terms_that_erlang_writes() {
    let mut golden = Golden::load();
    variants_and_structs(&mut golden);
    answers_and_text(&mut golden);
    collections_and_names(&mut golden);
    numbers(&mut golden);
    for name in [
        "huge",
        "wide_tuple",
        "port",
        "export",
        "bits",
        "more_bits",
        "improper",
        "quoted",
        "latin_binary",
        "nested",
    ] {
        golden.is_term(name);
    }
    let recorded: BTreeSet<_> = golden.said.keys().cloned().collect();
    assert_eq!(golden.seen, recorded, "every recorded term is looked at");
    let wrong = ask(&["check"], &golden.written).unwrap_or_default();
    assert_eq!(wrong, "", "Erlang reads other terms than it wrote");
}

fn variants_and_structs(golden: &mut Golden) {
    golden.is("unit_variant", Message::Get);
    golden.is("newtype_variant", Message::Increment(5));
    golden.is("tuple_variant", Message::MoveTo(1, -2));
    golden.is("struct_variant", Message::Put { key: "k".into(), value: 7 });
    golden.reads("structure", &Counter { name: "counter".into(), count: 3 });
    golden.is("newtype", Newtype(9));
    golden.is("tuple_struct", Pair(1, "one".into()));
    golden.is("unit_struct", UnitStruct);
}

fn answers_and_text(golden: &mut Golden) {
    golden.is("ok_value", Ok::<_, ()>(7));
    golden.is("ok_unit", Ok::<_, ()>(()));
    golden.is("error_value", Err::<(), _>(Atom::new("not_found")));
    golden.is("error_unit", Err::<u8, _>(()));
    golden.is("none", None::<u8>);
    golden.is("some", Some(5));
    golden.is("unit", ());
    golden.is("true", true);
    golden.is("false", false);
    golden.is("string", "héllo".to_owned());
    golden.is("empty_string", String::new());
    golden.is("char", 'é');
    golden.is("bytes", Bytes(vec![0, 255, 7]));
}

fn collections_and_names(golden: &mut Golden) {
    golden.is("list", vec![1, 1000, -1]);
    golden.is("empty_list", Vec::<u8>::new());
    golden.reads("characters", &vec![0_u8, 1, 255]);
    golden.is("tuple", (1, true, "x".to_owned()));
    golden.is("array", [1, 2, 3]);
    golden.is("string_keys", BTreeMap::from([("key".to_owned(), 1)]));
    golden.is("atom_keys", BTreeMap::from([(Atom::new("key"), 1)]));
    golden.is("variant_keys", BTreeMap::from([(Key::Get, vec![true])]));
    golden.is("atom", Atom::new("Elixir.MyApp"));
    golden.is("latin_atom", Atom::new("né"));
    golden.is("wide_atom", Atom::new("日本"));
    golden.is("long_atom", Atom::from("é".repeat(255).as_str()));
    let node = Atom::new("c@127.0.0.1");
    golden.is("pid", PidParts { node: node.clone(), id: 87, serial: 3, creation: 1_234_567_890 });
    golden.is("reference", ReferenceParts::new(node.clone(), 7, &[1, 2, 3]).expect("three words"));
    golden.reads("port", &Term::Port(Box::new(PortParts { node, id: 5, creation: 9 })));
}

fn numbers(golden: &mut Golden) {
    golden.is("zero", 0_u8);
    golden.is("u8_max", u8::MAX);
    golden.is("u8_over", 256_u16);
    golden.is("minus_one", -1_i8);
    golden.is("i32_max", i32::MAX);
    golden.is("i32_min", i32::MIN);
    golden.is("i32_over", 1_u32 << 31);
    golden.is("i32_under", i64::from(i32::MIN) - 1);
    golden.is("i64_max", i64::MAX);
    golden.is("i64_min", i64::MIN);
    golden.is("u64_max", u64::MAX);
    golden.is("i128_min", i128::MIN);
    golden.is("i128_max", i128::MAX);
    golden.is("u128_max", u128::MAX);
    golden.is("float", std::f64::consts::PI);
    golden.is("float_small", 1.2e-4);
    golden.is("float_large", 1.0e22);
    golden.is("float_whole", 100_000.5);
    golden.is("float_zero", -0.0);
    golden.is("float_limit", 9_007_199_254_740_992.0);
}

#[test]
fn terms_are_printed_as_erlang_prints_them() {
    let golden = Golden::load();
    // Erlang numbers the nodes it knows.
    let numbered = ["pid", "reference", "port"];
    for (name, (bytes, text)) in golden.said.iter().filter(|(name, _)| !numbered.contains(&name.as_str())) {
        let term: Term = from_binary(bytes).expect("a term");
        assert_eq!(term.to_string(), *text, "{name}");
    }
}
