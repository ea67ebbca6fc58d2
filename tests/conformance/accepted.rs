//! Differences that are meant, each with its reason and its line in the manual.

use std::collections::BTreeMap;

use crate::folder;
use crate::scenario::Scenario;

/// An entry of `accepted.txt`: scenarios, and the words of the manual's page of differences that say so.
struct Accepted<'a> {
    pattern: &'a str,
    manual: &'a str,
}

/// What is wrong: differences that are not accepted, and accepted ones that are none.
pub(crate) fn check(scenarios: &[Scenario], differences: &BTreeMap<String, String>) -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("accepted.txt")).expect("accepted.txt");
    let manual = umbrella_tests::checkout().join("runtime/src/manual/differs_from_otp.md");
    let manual = std::fs::read_to_string(manual).expect("the manual");
    let all = entries(&text);
    let mut wrong = Vec::new();
    for (name, shown) in differences {
        if !all.iter().any(|entry| matches(entry.pattern, name)) {
            wrong.push(shown.clone());
        }
    }
    for entry in &all {
        if !manual.contains(entry.manual) {
            wrong.push(format!("accepted.txt: `{}` is not in differs_from_otp.md", entry.manual));
        }
        let mut covered =
            scenarios.iter().filter(|scenario| matches(entry.pattern, &scenario.name)).peekable();
        if covered.peek().is_none() && std::env::var_os("CONFORMANCE_ONLY").is_none() {
            wrong.push(format!("accepted.txt: no scenario is called `{}`", entry.pattern));
        }
        for scenario in covered.filter(|scenario| !differences.contains_key(&scenario.name)) {
            wrong.push(format!("accepted.txt: `{}` does not differ", scenario.name));
        }
    }
    wrong
}

/// `PATTERN: WORDS OF THE MANUAL` on each line.
fn entries(text: &str) -> Vec<Accepted<'_>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (pattern, manual) = line.split_once(" => ").expect("SCENARIO => WORDS OF THE MANUAL");
            Accepted { pattern: pattern.trim(), manual: manual.trim() }
        })
        .collect()
}

/// `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(left) = name.strip_prefix(start) else { return false };
            (0..=left.len()).any(|at| left.get(at..).is_some_and(|left| matches(rest, left)))
        }
    }
}
