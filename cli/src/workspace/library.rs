//! Edits of an application's `src/lib.rs`: text in, text out.

/// Adds lines before the first item: after the documentation and the attributes of the crate.
#[must_use]
pub fn with_items(source: &str, items: &str) -> String {
    let at = first_item(source);
    let (head, rest) = source.split_at(at);
    let blank = if head.is_empty() || head.ends_with("\n\n") { "" } else { "\n" };
    let after = if rest.trim().is_empty() { "" } else { "\n" };
    format!("{head}{blank}{items}{after}{rest}")
}

/// Whether the crate exports `application()`.
#[must_use]
pub fn exports_application(source: &str) -> bool {
    source.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("application!("))
}

/// Whether an application whose files hold what `holds` says has the counter that others call as an example.
pub fn has_counter(holds: impl Fn(&str, &str) -> bool) -> bool {
    holds("src/lib.rs", "COUNTER") && holds("src/counter.rs", "fn add(&mut self, by: i64) -> i64")
}

/// Where the first line begins that is neither blank, nor a comment, nor an attribute of the crate.
fn first_item(source: &str) -> usize {
    let mut at = 0;
    let mut open = 0_usize;
    let mut last_head = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim();
        let is_attribute = open > 0 || text.starts_with("#![");
        let is_comment = text.starts_with("//!") || (text.starts_with("//") && !text.starts_with("///"));
        if is_attribute {
            let count = |bracket| text.matches(bracket).count();
            open = (open + count('[')).saturating_sub(count(']'));
        } else if !is_comment && !text.is_empty() {
            break;
        }
        at += line.len();
        // A comment right above an item belongs to it.
        if is_attribute || text.starts_with("//!") {
            last_head = at;
        }
    }
    let blanks = source[last_head..at].split_inclusive('\n').take_while(|line| line.trim().is_empty());
    last_head + blanks.map(str::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::{exports_application, with_items};

    #[test]
    fn lines_go_below_what_belongs_to_the_crate_and_above_what_belongs_to_an_item() {
        let cases = [
            ("", "X\n"),
            ("fn a() {}\n", "X\n\nfn a() {}\n"),
            ("//! Doc.\n", "//! Doc.\n\nX\n"),
            ("//! Doc.\n\nfn a() {}\n", "//! Doc.\n\nX\n\nfn a() {}\n"),
            (
                "//! Doc.\n#![warn(\n    missing_docs\n)]\n#![x]\nmod a;\n",
                "//! Doc.\n#![warn(\n    missing_docs\n)]\n#![x]\n\nX\n\nmod a;\n",
            ),
            (
                "// Copyright.\n\n//! Doc.\n\n// About a.\nfn a() {}\n",
                "// Copyright.\n\n//! Doc.\n\nX\n\n// About a.\nfn a() {}\n",
            ),
            ("/// About a.\nfn a() {}\n", "X\n\n/// About a.\nfn a() {}\n"),
        ];
        for (before, after) in cases {
            assert_eq!(with_items(before, "X\n"), after);
        }
    }

    #[test]
    fn an_application_is_exported_by_its_macro() {
        assert!(exports_application("//! Doc.\numbrella::application!();\n"));
        assert!(!exports_application("// umbrella::application!();\n"));
    }
}
