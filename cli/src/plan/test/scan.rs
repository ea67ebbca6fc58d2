//! Where tests are in a source file: read line by line, as rustfmt leaves it. PURE.
//!
//! What is found is looked for among the tests that the program lists, so a line that only looks like a test does no harm.

/// A test function in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first line of its attributes and documentation, from 1.
    pub line: usize,
    /// Its name, and the modules of this file that it is in: `tests::adds`.
    pub path: String,
}

/// The tests of a file, from top to bottom.
#[must_use]
pub fn tests_in(source: &str) -> Vec<Found> {
    let mut scan = Scan::default();
    for (index, line) in source.lines().enumerate() {
        scan.line(index + 1, line);
    }
    scan.found
}

/// The test that a line belongs to: the last that begins at it or above.
#[must_use]
pub(super) fn test_at(tests: &[Found], line: usize) -> Option<&Found> {
    tests.iter().rev().find(|test| test.line <= line)
}

#[derive(Default)]
struct Scan {
    /// The modules around this line, each with its indentation.
    modules: Vec<(usize, String)>,
    /// Where the attributes and the documentation of the next item begin.
    begin: Option<usize>,
    /// Whether one of these attributes makes it a test.
    is_test: bool,
    /// The brackets of an attribute that are open.
    open: usize,
    found: Vec<Found>,
}

impl Scan {
    fn line(&mut self, number: usize, line: &str) {
        let text = line.trim();
        let indentation = line.len() - line.trim_start().len();
        if self.open > 0 {
            self.count(text);
        } else if text.starts_with("#[") {
            self.begin.get_or_insert(number);
            self.is_test |= is_test(text);
            self.count(text);
            // `#[test] fn adds() {}`
            if let Some((_, rest)) = text.rsplit_once("] ").filter(|_| self.open == 0) {
                self.item(number, indentation, rest);
            }
        } else if text.starts_with("//") {
            self.begin.get_or_insert(number);
        } else if text.starts_with('}') && self.modules.last().is_some_and(|(at, _)| *at == indentation) {
            self.modules.pop();
            self.forget();
        } else {
            self.item(number, indentation, text);
        }
    }

    fn item(&mut self, number: usize, indentation: usize, text: &str) {
        if let Some(module) = module(text) {
            self.modules.push((indentation, module.to_owned()));
        } else if let Some(name) = function(text).filter(|_| self.is_test) {
            let modules = self.modules.iter().map(|(_, module)| module.as_str());
            let path: Vec<&str> = modules.chain([name]).collect();
            self.found.push(Found { line: self.begin.unwrap_or(number), path: path.join("::") });
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.begin = None;
        self.is_test = false;
    }

    fn count(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '[' | '(' => self.open += 1,
                ']' | ')' => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }
}

/// `#[test]`, `#[umbrella::test]`, `#[tokio::test(start_paused = true)]`, `#[rstest]`, `#[test_case(1)]`.
fn is_test(attribute: &str) -> bool {
    let path: String =
        attribute[2..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
    path.rsplit("::").next().is_some_and(|last| last.contains("test"))
}

/// The name in `pub(crate) mod tests {`.
fn module(text: &str) -> Option<&str> {
    let text = text.strip_suffix('{')?.trim_end();
    let (before, name) = text.rsplit_once("mod ").unwrap_or(("-", text));
    (before.is_empty() || before.starts_with("pub")).then_some(name.trim())
}

/// The name in `pub async fn adds() {`.
fn function(text: &str) -> Option<&str> {
    let (before, after) = text.split_once("fn ")?;
    let words = ["pub", "async", "unsafe", "const", "extern", "\"C\""];
    let is_head = before.split_whitespace().all(|word| words.iter().any(|known| word.starts_with(known)));
    let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '#')).unwrap_or(after.len());
    (is_head && end > 0).then_some(after[..end].strip_prefix("r#").unwrap_or(&after[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"//! A file.

/// Adds.
pub fn add() {}

#[test]
fn at_the_top() {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documented.
    #[test]
    #[should_panic(
        expected = "no"
    )]
    fn adds() {
        let x = { 1 };
    }

    fn not_one() {}

    pub(crate) mod deep {
        #[tokio::test(start_paused = true)]
        async fn waits() -> Result<(), Error> {
        }
    }

    #[umbrella::test]
    async fn counts() {}
}

#[rstest] fn short() {}
"#;

    #[test]
    fn tests_are_found_with_their_modules() {
        let found = tests_in(SOURCE);
        let found: Vec<_> = found.iter().map(|found| (found.line, found.path.as_str())).collect();
        let expected = [
            (6, "at_the_top"),
            (13, "tests::adds"),
            (25, "tests::deep::waits"),
            (30, "tests::counts"),
            (34, "short"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_belongs_to_the_test_that_begins_at_it_or_above() {
        let found = tests_in(SOURCE);
        for (line, expected) in [
            (5, None),
            (6, Some("at_the_top")),
            (12, Some("at_the_top")),
            (13, Some("tests::adds")),
            (18, Some("tests::adds")),
            (99, Some("short")),
        ] {
            assert_eq!(test_at(&found, line).map(|found| found.path.as_str()), expected, "{line}");
        }
    }
}
