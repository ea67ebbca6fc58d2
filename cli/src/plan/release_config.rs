//! The configuration that a bundle carries: the tables of its own applications, and nothing else.
//!
//! A release is neither told nor asked for what only applications of other releases read.

use toml_edit::{DocumentMut, TomlError};

/// A configuration file reduced to what one release reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReducedConfig {
    /// What is left of the file, with its comments.
    pub text: String,
    /// Top-level keys of the file that belong to no application of the umbrella: probably misspelt.
    pub strangers: Vec<String>,
}

/// The table of the umbrella itself, `[umbrella.node]`, which every release reads.
const UMBRELLA: &str = "umbrella";

/// Keeps those tables of `text` whose application is in `contained`, and that of the umbrella; `all` are the umbrella's
/// applications.
///
/// The comments above a table share its fate; those at the head of the file, with a blank line after them, stay.
///
/// # Errors
/// [`TomlError`] if the file is not TOML.
pub fn reduce(text: &str, contained: &[String], all: &[String]) -> Result<ReducedConfig, TomlError> {
    // The whole text, so that the place in an error is that of the file.
    let whole: DocumentMut = text.parse()?;
    let strangers = whole
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| key != UMBRELLA && !all.contains(key))
        .collect();
    let (head, tables) = text.split_at(head_length(text));
    let mut tables: DocumentMut = tables.parse()?;
    tables.retain(|key, _| key == UMBRELLA || contained.iter().any(|name| name == key));
    let tables = tables.to_string();
    Ok(ReducedConfig { text: format!("{head}{}", tables.trim_start_matches(['\r', '\n'])), strangers })
}

/// The length of the comments at the head of a file, up to the last blank line among them.
fn head_length(text: &str) -> usize {
    let mut length = 0;
    let mut head = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() && !content.starts_with('#') {
            return head;
        }
        length += line.len();
        if content.is_empty() {
            head = length;
        }
    }
    // Nothing but comments.
    length
}

#[cfg(test)]
mod tests {
    use super::reduce;

    const CONFIG: &str = "\
# What every environment shares.
# One table per application.

# The counter of b.
[b]
start = 0 # fresh

# The counter of c.
[c]
start = 10

[c.limits]
max = 3
";

    #[track_caller]
    fn check(text: &str, contained: &[&str], expected: &str) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let reduced = reduce(text, &owned(contained), &owned(&["a", "b", "c"])).unwrap();
        assert_eq!(reduced.text, expected);
        assert_eq!(reduced.strangers, Vec::<String>::new());
    }

    #[test]
    fn a_table_stays_with_its_comments_and_the_others_go_with_theirs() {
        let head = "# What every environment shares.\n# One table per application.\n\n";
        let b = "# The counter of b.\n[b]\nstart = 0 # fresh\n";
        let c = "# The counter of c.\n[c]\nstart = 10\n\n[c.limits]\nmax = 3\n";
        check(CONFIG, &["a", "b"], &format!("{head}{b}"));
        check(CONFIG, &["c"], &format!("{head}{c}"));
        check(CONFIG, &["a"], head);
    }

    #[test]
    fn what_the_umbrella_says_of_its_nodes_goes_everywhere() {
        check("[c]\nx = 1\n[umbrella.node]\nepmd = true\n", &["a"], "[umbrella.node]\nepmd = true\n");
    }

    #[test]
    fn what_is_all_contained_stays_as_it_is() {
        check(CONFIG, &["a", "b", "c"], CONFIG);
        check("# Nothing yet.\n", &["a"], "# Nothing yet.\n");
        check("", &["a"], "");
    }

    #[test]
    fn every_way_to_write_a_table_is_known() {
        check("b.start = 1\nc.start = 2\n", &["c"], "c.start = 2\n");
        check("b = { start = 1 }\nc = { start = 2 }\n", &["b"], "b = { start = 1 }\n");
        check("[b.pool]\nsize = 1\n[c.pool]\nsize = 2\n", &["c"], "[c.pool]\nsize = 2\n");
        check("[[b]]\nx = 1\n[[b]]\nx = 2\n[\"c\"]\ny = 1\n", &["c"], "[\"c\"]\ny = 1\n");
    }

    #[test]
    fn a_table_of_no_application_is_dropped_and_named() {
        let all = ["b".to_owned()];
        let reduced = reduce("[b]\nstart = 1\n[bb]\nstart = 2\n", &all, &all).unwrap();
        assert_eq!(reduced.text, "[b]\nstart = 1\n");
        assert_eq!(reduced.strangers, ["bb"]);
    }

    #[test]
    fn what_is_not_toml_is_an_error_with_its_place() {
        let error = reduce("# head\n\n[b\n", &[], &[]).unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
    }
}
