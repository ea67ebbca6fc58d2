//! A rule that sees nothing is never broken: what the reader sees.

use super::RustFile;
use super::reader::read;

fn mentions(file: &RustFile) -> Vec<&str> {
    file.shipped().map(|mention| mention.what.as_str()).collect()
}

#[track_caller]
fn check(path: &'static str, text: &str, expected: &[&str]) {
    let file = read(path, text);
    let mentions = mentions(&file);
    for expected in expected {
        assert!(mentions.contains(expected), "{expected} is not among {mentions:?}");
    }
}

#[test]
fn paths_are_read_through_the_imports_of_their_file() {
    check("cli/src/a.rs", "use std::fs; fn f() { fs::write(a, b) }", &["std::fs::write"]);
    check("cli/src/a.rs", "use std::{fs::{self as disk}}; fn f() { disk::write(a) }", &["std::fs::write"]);
    check("cli/src/a.rs", "use std::io; use io::stdout; fn f() { stdout(); }", &["std::io::stdout"]);
    check(
        "cli/src/a.rs",
        "fn f() { use std::process::Command; Command::new(x) }",
        &["std::process::Command::new"],
    );
    check("cli/src/a.rs", "impl A { fn f() { use std::fs; fs::write(x) } }", &["std::fs::write"]);
}

#[test]
fn relative_paths_are_read_from_the_module_they_are_in() {
    check("runtime/src/a/b.rs", "use super::super::node::Boot;", &["crate::node::Boot"]);
    check("runtime/src/a/mod.rs", "mod b; use b::C; fn f(c: C) {}", &["crate::a::b::C"]);
    check("runtime/src/a/b.rs", "mod inner { use super::c::D; }", &["crate::a::b::c::D"]);
    check("runtime/src/a/b.rs", "fn f() { self::c::d() }", &["crate::a::b::c::d"]);
}

#[test]
fn macros_are_read_inside() {
    let text = "fn f() { println!(\"{}\", crate::x::y(std::env::args(), other!(1))); }";
    check("cli/src/a.rs", text, &["println!", "crate::x::y", "std::env::args", "other!"]);
    check("cli/src/a.rs", "select! { #[allow(x)] _ = tokio::spawn(y) => {} }", &["#[allow]", "tokio::spawn"]);
}

#[test]
fn quoted_code_is_not_ours() {
    let file = read("runtime/macros/src/a.rs", "fn f() { quote! { ::std::fs::write() } }");
    assert!(!mentions(&file).contains(&"std::fs::write"));
}

#[test]
fn code_for_tests_is_told_from_shipped_code() {
    let text =
        "#[cfg(test)] mod tests { use std::fs; #[test] fn f() { fs::write(a) } } #[cfg(test)] mod probe;";
    let file = read("cli/src/a.rs", text);
    assert!(!mentions(&file).iter().any(|what| what.starts_with("std::fs")));
    assert!(file.mentions.iter().any(|mention| mention.what == "std::fs::write"));
    let [probe] = &file.modules[..] else { panic!("one module has a file of its own") };
    assert!(probe.in_test && probe.is("cli/src/a/probe.rs") && probe.holds("cli/src/a/probe/b.rs"));
    check("cli/src/a.rs", "#[cfg(not(test))] fn f() { std::fs::write(a) }", &["std::fs::write"]);
}

#[test]
fn a_clock_that_stands_still_is_seen() {
    let text = "#[tokio::test(start_paused = true)] async fn f() { tokio::time::sleep(d).await }
                #[tokio::test] async fn g() { tokio::time::sleep(d).await }";
    let file = read("cli/src/a.rs", text);
    let sleeps = file.mentions.iter().filter(|mention| mention.is("tokio::time::sleep"));
    assert_eq!(
        sleeps.map(|mention| (mention.line, mention.is_paused)).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
}

#[test]
fn functions_defaults_and_docs_are_measured_and_named() {
    let text =
        "//! Of the module.\n\n/// Of it.\npub struct A;\n\nimpl A {\n    /// Of f.\n    fn f() {\n    }\n}\n
                const WAIT: Duration = Duration::from_secs(5);\nconst SHARDS: usize = 4;\npub const TRIES: u32 = 3;
                enum Kind { A, #[default] B }";
    let file = read("cli/src/a.rs", text);
    assert_eq!((file.functions[0].line, file.functions[0].lines), (8, 2));
    let docs: Vec<_> = file.docs.iter().map(|doc| (doc.item.as_str(), doc.text.as_str())).collect();
    assert_eq!(docs, [("", "Of the module.\n"), ("A", "Of it.\n"), ("A::f", "Of f.\n")]);
    let defaults: Vec<_> = file.defaults.iter().map(|default| default.written.as_str()).collect();
    assert_eq!(defaults, ["WAIT = Duration::from_secs(5)", "TRIES = 3", "Kind::B"]);
}
