//! What is not written anywhere: places of one machine, promises, switched-off tests, waiting by the clock.

use crate::findings::{Exception, Exceptions, Findings};
use crate::{rust, source};

/// Folders of somebody's machine.
const MACHINE_PATHS: &[&str] = &["/home/", "/root/", "/work/", "/tmp/", "/Users/", "/usr/local/"];

/// Where Cargo would be told to get crates from elsewhere than everybody gets them.
const REGISTRIES: &[&str] = &[
    "index.crates.io",
    "static.crates.io",
    "crates.io-index",
    "sparse+http",
    "[source.",
    "[registries",
    "GOPROXY",
];

/// Promises to do it later.
const PROMISES: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

/// This file names what it forbids.
const SELF: Exception = ("tests/tidy/words.rs", "names what it forbids");

#[test]
fn no_path_of_one_machine() {
    let mut findings = Findings::new(
        "the tree names no folder of one machine",
        "use a path relative to the repository, or a temporary folder of your own (`tempfile`)",
    );
    check_text(MACHINE_PATHS, &[SELF], &mut findings);
    findings.none();
}

#[test]
fn no_registry_of_ones_own() {
    let mut findings = Findings::new(
        "crates come from where Cargo looks by default",
        "configure mirrors in the Cargo home of the machine, not in the tree",
    );
    check_text(REGISTRIES, &[SELF], &mut findings);
    findings.none();
}

#[test]
fn nothing_is_promised_for_later() {
    let mut findings = Findings::new(
        "nothing is left for later in the code",
        "do it, or open an issue and say in prose what is so today",
    );
    check_text(PROMISES, &[SELF], &mut findings);
    check_code(&["todo!", "unimplemented!"], |_| true, &[], &mut findings);
    findings.none();
}

#[test]
fn no_test_is_switched_off_or_content_with_any_panic() {
    let mut findings = Findings::new(
        "every test runs and asserts what it is about",
        "assert the defect as it is, with a comment; assert the error or the panic's message instead of `should_panic`",
    );
    check_code(&["#[ignore]", "#[should_panic]"], |_| true, &[], &mut findings);
    findings.none();
}

#[test]
fn lints_are_expected_not_allowed() {
    let mut findings = Findings::new(
        "a lint is switched off with a reason, and only while it would fire",
        "write `#[expect(lint, reason = \"...\")]`",
    );
    check_code(&["#[allow]"], |_| true, &[], &mut findings);
    findings.none();
}

/// Tests that wait for real time, and for what.
const SLEEPERS: &[Exception] = &[
    ("runtime/src/gen_server/tests", "their clock stands still: `on_node` pauses it"),
    ("tests/conformance/ours", "its clock stands still: `play_one` pauses it"),
    ("runtime/src/task/tests", "their clock stands still: `on_node` pauses it"),
    ("runtime/src/dist/tests/cluster.rs", "its clock stands still: `for_seeds` pauses it"),
    ("runtime/src/dist/tests/faults.rs", "its clock stands still: `for_seeds` pauses it"),
    ("runtime/src/dist/tests/strangers.rs", "its clock stands still: `in_virtual_time` pauses it"),
    ("runtime/src/dist/tests/network.rs", "a network in virtual time"),
    ("runtime/benches/cluster/main.rs", "a benchmark, which watches what idle nodes do"),
    ("tests/faults/member.rs", "a program, which waits until it tries again"),
    ("tests/benches/colocation.rs", "a benchmark, which waits for another program to write its report"),
];

#[test]
fn tests_do_not_sleep() {
    let mut findings = Findings::new(
        "a test waits for an event, or its clock stands still",
        "await what the test is about, or use `#[tokio::test(start_paused = true)]`",
    );
    let sleeps = ["std::thread::sleep", "tokio::time::sleep", "tokio::time::sleep_until"];
    let awake = |mention: &rust::Mention| mention.in_test && !mention.is_import && !mention.is_paused;
    check_code(&sleeps, awake, SLEEPERS, &mut findings);
    findings.none();
}

/// Looks for words in all files. A word does not continue what stands before it: `a/tmp/` is not `/tmp/`.
fn check_text(words: &[&str], table: &[Exception], findings: &mut Findings) {
    let mut exceptions = Exceptions::new(table);
    for file in source::files().iter().filter(|file| !file.path.ends_with(".lock")) {
        for (index, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| has_word(line, word)) {
                if !exceptions.cover(&file.path) {
                    findings.line(&file.path, index + 1, word);
                }
            }
        }
    }
    exceptions.report_stale(findings);
}

fn has_word(line: &str, word: &str) -> bool {
    let continues = |letter: char| letter.is_alphanumeric() || "_-.}>)*".contains(letter);
    let is_whole = |(start, _): (usize, &str)| {
        let (before, after) = (line[..start].chars().next_back(), line[start + word.len()..].chars().next());
        let ends_open = word.ends_with(|last: char| !last.is_alphanumeric());
        !before.is_some_and(continues) && (ends_open || !after.is_some_and(char::is_alphanumeric))
    };
    line.match_indices(word).any(is_whole)
}

fn check_code(
    what: &[&str],
    counts: impl Fn(&rust::Mention) -> bool,
    table: &[Exception],
    findings: &mut Findings,
) {
    let mut exceptions = Exceptions::new(table);
    for file in rust::files() {
        for mention in &file.mentions {
            if counts(mention) && what.iter().any(|path| mention.is(path)) && !exceptions.cover(file.path) {
                findings.line(file.path, mention.line, &mention.what);
            }
        }
    }
    exceptions.report_stale(findings);
}

#[test]
fn words_are_found_whole() {
    assert!(has_word("see /tmp/x", "/tmp/"));
    assert!(has_word("\"/tmp/x\"", "/tmp/"));
    assert!(!has_word("apps/tmp/x", "/tmp/"));
    assert!(!has_word("{root}/tmp/x", "/tmp/"));
    assert!(has_word("// TODO: x", "TODO"));
    assert!(!has_word("mktemp XXXXXX", "XXX"));
}
