//! A file fits in a head, a function on a screen.

use crate::findings::{Exception, Exceptions, Findings};
use crate::{rust, source};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
const ARCHITECTURE_LINES: usize = 250;

/// Files that are longer, and why they are not split.
const LONG_FILES: &[Exception] = &[(
    "runtime/src/config/deserializer.rs",
    "one serde deserializer: most lines are the methods that serde asks for",
)];

/// Functions that are longer, as `<file>:<function>`, and why.
const LONG_FUNCTIONS: &[Exception] = &[];

#[test]
fn files_fit_in_a_head() {
    let mut findings = Findings::new(
        "a file has at most 400 lines",
        "split it by what its parts are about; if it is one thing, give the reason in tests/tidy/sizes.rs",
    );
    let mut long = Exceptions::new(LONG_FILES);
    for file in rust::files() {
        let lines = source::file(file.path).map_or(0, |file| file.text.lines().count());
        if lines > FILE_LINES && !long.cover(file.path) {
            findings.file(file.path, format_args!("{lines} lines"));
        }
    }
    long.report_stale(&mut findings);
    findings.none();
}

#[test]
fn functions_fit_on_a_screen() {
    let mut findings = Findings::new(
        "a function has at most 70 lines",
        "give its steps names; if it is one step, give the reason in tests/tidy/sizes.rs",
    );
    let mut long = Exceptions::new(LONG_FUNCTIONS);
    for file in rust::files() {
        for function in file.functions.iter().filter(|function| function.lines > FUNCTION_LINES) {
            if !long.cover(&format!("{}:{}", file.path, function.name)) {
                let what = format_args!("`{}` has {} lines", function.name, function.lines);
                findings.line(file.path, function.line, what);
            }
        }
    }
    long.report_stale(&mut findings);
    findings.none();
}

#[test]
fn the_architecture_is_a_short_read() {
    let mut findings =
        Findings::new("ARCHITECTURE.md has at most 250 lines", "move detail into the module's docs");
    let lines = source::file("ARCHITECTURE.md").map_or(0, |file| file.text.lines().count());
    if lines > ARCHITECTURE_LINES {
        findings.file("ARCHITECTURE.md", format_args!("{lines} lines"));
    }
    findings.none();
}
