//! `umbrella test --watch`: what is edited is tested, and what stands on it.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Stdio};

use crate::abc::signal_process;
use crate::selecting::{LIBRARY, Umbrella};

/// The total of the next run, without the time it took.
fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    let mut lines = lines.map_while(Result::ok);
    let summary = lines.find(|line| line.starts_with("Summary [")).expect("it runs until it is ended");
    summary.split_once("s] ").expect("a time").1.to_owned()
}

#[test]
fn an_edit_is_tested_with_what_stands_on_it_also_one_during_a_run_and_one_that_mends() {
    let umbrella = Umbrella::new("retests");
    let mut watch = umbrella.command(&["--watch"]);
    let mut watch = watch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let watch = watch.as_mut().expect("umbrella runs");
    let mut lines = BufReader::new(watch.stdout.take().expect("stdout is piped")).lines();
    assert_eq!(next(&mut lines), "3 applications, 9 tests: 9 passed, 0 failed");

    umbrella.write("apps/top/tests/more.rs", "//! More.\n\n#[test]\nfn more() {}\n");
    assert_eq!(next(&mut lines), "1 application, 4 tests: 4 passed, 0 failed");

    umbrella.write("apps/base/src/lib.rs", "no Rust");
    assert_eq!(next(&mut lines), "2 applications, 0 tests; 2 not built");
    umbrella.write("apps/base/src/lib.rs", LIBRARY);
    assert_eq!(next(&mut lines), "2 applications, 7 tests: 7 passed, 0 failed");

    // A test that edits another application while it runs.
    let (path, text) =
        (umbrella.root.join("apps/top/tests/more.rs"), "//! Other.\n\n#[test]\nfn more() {}\n");
    let edits = format!(
        "//! Edits.\n\n#[test]\nfn edits() {{\n    std::fs::write({path:?}, {text:?}).unwrap();\n}}\n"
    );
    umbrella.write("apps/lone/tests/lone.rs", &edits);
    assert_eq!(next(&mut lines), "1 application, 3 tests: 3 passed, 0 failed");
    assert_eq!(next(&mut lines), "1 application, 4 tests: 4 passed, 0 failed");
    assert_eq!(fs::read_to_string(&path).expect("it was written"), text);

    signal_process("-INT", u64::from(watch.id()));
    assert!(
        lines.map_while(Result::ok).all(|line| !line.starts_with("Summary [")),
        "nothing else was affected"
    );
    assert_eq!(watch.wait().expect("it ends").code(), Some(130));
}
