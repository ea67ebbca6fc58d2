//! What is remembered from one run of tests to the next: what failed, and with which inputs a unit passed. PURE.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A test, as it is found again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// Its unit.
    pub unit: String,
    /// The source of its program, from the root.
    pub target: String,
    /// Its name; nothing for all of the program.
    pub test: Option<String>,
}

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of the format: 1.
    pub version: u32,
    /// The tests that failed when they ran last.
    pub failed: BTreeSet<Known>,
    /// The units that did not build.
    pub not_built: BTreeSet<String>,
    /// The units that passed, all of them, each with a digest of its inputs then.
    pub passed: BTreeMap<String, String>,
}

/// What a run came to, for a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitRun {
    /// Whether it was built.
    pub built: bool,
    /// The tests that ran and passed.
    pub passed: Vec<Known>,
    /// The tests that ran and failed.
    pub failed: Vec<Known>,
    /// A digest of its inputs, if all of its tests ran.
    pub inputs: Option<String>,
}

impl Memory {
    /// Reads what was remembered; nothing that can be used is nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|memory| memory.version == 1)
    }

    /// Adds what came of `unit`. What did not run stays as it was.
    pub fn note(&mut self, unit: &str, run: UnitRun) {
        self.version = 1;
        if !run.built {
            self.not_built.insert(unit.to_owned());
            self.passed.remove(unit);
            return;
        }
        self.not_built.remove(unit);
        for known in &run.passed {
            self.failed.remove(known);
        }
        if !run.failed.is_empty() {
            self.passed.remove(unit);
        } else if let Some(inputs) = run.inputs {
            // All of it ran: what failed once and is not there any more is not known either.
            self.failed.retain(|known| known.unit != unit);
            self.passed.insert(unit.to_owned(), inputs);
        }
        self.failed.extend(run.failed);
    }

    /// Whether `unit` has something to be run again after a failure.
    #[must_use]
    pub fn has_failed(&self, unit: &str) -> bool {
        self.not_built.contains(unit) || self.failed.iter().any(|known| known.unit == unit)
    }

    /// Whether `unit` has to be run again as its inputs are other ones than when it passed.
    #[must_use]
    pub fn is_stale(&self, unit: &str, inputs: &str) -> bool {
        self.passed.get(unit).is_none_or(|passed| passed != inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(test: &str) -> Known {
        Known { unit: "b".into(), target: "apps/b/tests/b.rs".into(), test: Some(test.into()) }
    }

    fn failed(memory: &Memory) -> Vec<&str> {
        memory.failed.iter().filter_map(|known| known.test.as_deref()).collect()
    }

    #[test]
    fn what_failed_is_remembered_until_it_passes() {
        let mut memory = Memory::default();
        let built = UnitRun { built: true, ..UnitRun::default() };
        memory.note(
            "b",
            UnitRun { failed: vec![known("x"), known("y")], inputs: Some("1".into()), ..built.clone() },
        );
        assert_eq!(failed(&memory), ["x", "y"]);
        assert!(memory.is_stale("b", "1"), "it did not pass");
        memory.note("b", UnitRun { passed: vec![known("x")], ..built.clone() });
        assert_eq!(failed(&memory), ["y"]);
        memory.note("b", UnitRun { passed: vec![known("y")], ..built.clone() });
        assert!(!memory.has_failed("b"));
        assert!(memory.is_stale("b", "1"), "it did not pass as a whole");
    }

    #[test]
    fn a_unit_is_stale_until_it_passed_with_these_inputs() {
        let mut memory = Memory::default();
        assert!(memory.is_stale("b", "1"));
        let all = |inputs: &str| UnitRun { built: true, inputs: Some(inputs.into()), ..UnitRun::default() };
        memory.note("b", all("1"));
        assert!(!memory.is_stale("b", "1"));
        assert!(memory.is_stale("b", "2"));
        memory.note("b", UnitRun::default());
        assert!(memory.is_stale("b", "1") && memory.has_failed("b"), "it did not build");
        memory.note("b", all("2"));
        assert!(!memory.is_stale("b", "2") && !memory.has_failed("b"));
    }

    #[test]
    fn a_test_that_is_gone_is_forgotten_when_its_unit_passes() {
        let mut memory = Memory::default();
        memory.note("b", UnitRun { built: true, failed: vec![known("gone")], ..UnitRun::default() });
        memory.note("b", UnitRun { built: true, inputs: Some("1".into()), ..UnitRun::default() });
        assert!(!memory.has_failed("b"));
    }

    #[test]
    fn what_was_written_is_read_and_other_versions_are_not() {
        let mut memory = Memory::default();
        memory.note("b", UnitRun { built: true, failed: vec![known("x")], ..UnitRun::default() });
        let text = serde_json::to_string(&memory).expect("text");
        assert_eq!(Memory::read(&text), Some(memory));
        assert_eq!(Memory::read(&text.replace("\"version\":1", "\"version\":2")), None);
        assert_eq!(Memory::read("{"), None);
    }
}
