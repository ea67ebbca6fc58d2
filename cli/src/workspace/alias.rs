//! `[workspace.metadata.umbrella.aliases]`: words of the umbrella's own, read without cargo.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml_edit::{Document, Item};

use super::enclosing_umbrella;

/// What a word stands for: a line, which is split at blanks, or a list of words.
///
/// Source: the table `[alias]` of cargo's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Alias {
    Line(String),
    Words(Vec<String>),
}

impl Alias {
    fn read(item: &Item) -> Option<Self> {
        match (item.as_str(), item.as_array()) {
            (Some(line), _) => Some(Self::Line(line.to_owned())),
            (None, Some(words)) => words
                .iter()
                .map(|word| word.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Self::Words),
            (None, None) => None,
        }
    }

    fn words(self) -> Vec<String> {
        match self {
            Self::Line(line) => line.split_whitespace().map(str::to_owned).collect(),
            Self::Words(words) => words,
        }
    }
}

/// The aliases of the umbrella that `folder` lies in, by name. What is no alias is left to whoever loads the workspace,
/// which says so.
#[must_use]
pub fn aliases(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let manifest =
        enclosing_umbrella(folder).and_then(|root| fs::read_to_string(root.join("Cargo.toml")).ok());
    manifest.map(|manifest| parse(&manifest)).unwrap_or_default()
}

fn parse(manifest: &str) -> BTreeMap<String, Vec<String>> {
    let Ok(document) = Document::parse(manifest) else { return BTreeMap::new() };
    let keys = ["workspace", "metadata", "umbrella", "aliases"];
    let table = keys.into_iter().try_fold(document.as_item(), |item, key| item.get(key));
    let entries = table.and_then(Item::as_table_like).into_iter().flat_map(|table| table.iter());
    entries.filter_map(|(name, item)| Some((name.to_owned(), Alias::read(item)?.words()))).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_alias_is_a_line_or_a_list_of_words() {
        let manifest = "[workspace.metadata.umbrella.aliases]\nt = \"test  --affected\"\nup = [\"start\", \"a b\"]\n\
                        x = 1\ny = [1]\n";
        let found = parse(manifest);
        assert_eq!(found["t"], ["test", "--affected"]);
        assert_eq!(found["up"], ["start", "a b"]);
        assert_eq!(found.len(), 2, "what is no alias is none");
        assert!(parse("[workspace").is_empty());
    }
}
