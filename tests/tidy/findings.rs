//! What a rule reports: the places that break it, and what to do instead.

use std::fmt::Display;

use crate::source::lies_in;

/// The places that break one rule.
pub(crate) struct Findings {
    rule: &'static str,
    instead: &'static str,
    places: Vec<String>,
}

impl Findings {
    pub(crate) fn new(rule: &'static str, instead: &'static str) -> Self {
        Self { rule, instead, places: Vec::new() }
    }

    /// A line that breaks the rule.
    pub(crate) fn line(&mut self, path: &str, line: usize, what: impl Display) {
        self.places.push(format!("{path}:{line}: {what}"));
    }

    /// A file that breaks the rule.
    pub(crate) fn file(&mut self, path: &str, what: impl Display) {
        self.places.push(format!("{path}: {what}"));
    }

    /// Fails if any place was found.
    pub(crate) fn none(self) {
        let Self { rule, instead, places } = self;
        assert!(
            places.is_empty(),
            "{rule}. Broken here:\n\n    {}\n\n  instead: {instead}\n",
            places.join("\n    ")
        );
    }
}

/// A place where a rule does not hold (a file, or a folder with all that is in it), and why.
pub(crate) type Exception = (&'static str, &'static str);

/// The exceptions of one rule, and which of them were needed.
pub(crate) struct Exceptions {
    table: Vec<(Exception, bool)>,
}

impl Exceptions {
    pub(crate) fn new(table: &[Exception]) -> Self {
        Self { table: table.iter().map(|exception| (*exception, false)).collect() }
    }

    /// Whether the rule does not hold in `path`.
    pub(crate) fn cover(&mut self, path: &str) -> bool {
        let found = self.table.iter_mut().find(|((place, _), _)| lies_in(path, place));
        found.map(|(_, needed)| *needed = true).is_some()
    }

    /// Reports those that nothing needed.
    pub(crate) fn report_stale(self, findings: &mut Findings) {
        for ((place, reason), needed) in self.table {
            if !needed {
                findings.file(place, format_args!("the exception is no longer needed: remove it ({reason})"));
            }
        }
    }
}
