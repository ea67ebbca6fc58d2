//! Where something stands.

use std::path::Path;

use miette::Diagnostic;
use serde::Serialize;
use toml_edit::{Document, Item, Value};

/// A file of the umbrella, and a line of it if that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Relative to the root, with `/` between its parts.
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
}

impl Place {
    /// A file as a whole.
    pub(super) fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None }
    }

    /// The line of `text`, which is that of `file`, on which byte `offset` is.
    pub(super) fn byte(file: impl Into<String>, text: &str, offset: usize) -> Self {
        let before = text.as_bytes().iter().take(offset);
        Self { line: Some(before.filter(|byte| **byte == b'\n').count() + 1), file: file.into() }
    }

    /// The line of the key at this path, or of the innermost table on the way to it.
    pub(super) fn key(file: impl Into<String>, text: &str, path: &[&str]) -> Self {
        let file = file.into();
        match Document::parse(text).ok().and_then(|document| key(document.as_item(), path)) {
            Some(offset) => Self::byte(file, text, offset),
            None => Self::file(file),
        }
    }

    /// The line of the first element `value` in the lists below this path.
    pub(super) fn element(file: impl Into<String>, text: &str, path: &[&str], value: &str) -> Self {
        let file = file.into();
        let found = || {
            let document = Document::parse(text).ok()?;
            element(get(document.as_item(), path)?, value)
        };
        match found() {
            Some(offset) => Self::byte(file, text, offset),
            None => Self::key(file, text, path),
        }
    }

    /// Where the first label of an error points, if it points into a file.
    pub(super) fn of(error: &dyn Diagnostic) -> Option<Self> {
        let label = error.labels()?.next()?;
        let source = error.source_code()?.read_span(label.inner(), 0, 0).ok()?;
        Some(Self { file: source.name()?.to_owned(), line: Some(source.line() + 1) })
    }

    /// The place that cargo names in what it says: ` --> apps/b/Cargo.toml:4:14`, or the manifest that it could not parse.
    pub(super) fn in_message(message: &str, root: &Path) -> Option<Self> {
        let arrow = message.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
        if let Some((file, rest)) = arrow.and_then(|place| place.split_once(':')) {
            let line = rest.split(':').next().and_then(|line| line.parse().ok());
            return Some(Self { file: file.to_owned(), line });
        }
        let quoted = message.split('`').skip(1).step_by(2).filter(|quoted| quoted.ends_with("Cargo.toml"));
        let manifest = quoted.last().map(Path::new)?;
        Some(Self::file(manifest.strip_prefix(root).unwrap_or(manifest).to_string_lossy()))
    }
}

/// What is at a path of keys.
pub(super) fn get<'a>(item: &'a Item, path: &[&str]) -> Option<&'a Item> {
    path.iter().try_fold(item, |item, key| item.get(key))
}

fn key(item: &Item, path: &[&str]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let (key_here, below) = item.as_table_like()?.get_key_value(first)?;
    let here = key_here.span().map(|span| span.start);
    key(below, rest).or(here).or_else(|| Some(below.span()?.start))
}

fn element(item: &Item, wanted: &str) -> Option<usize> {
    if let Some(table) = item.as_table_like() {
        return table.iter().find_map(|(name, below)| {
            let named = (name == wanted).then(|| table.get_key_value(name)?.0.span());
            named.flatten().map(|span| span.start).or_else(|| element(below, wanted))
        });
    }
    in_value(item.as_value()?, wanted)
}

fn in_value(value: &Value, wanted: &str) -> Option<usize> {
    if value.as_str() == Some(wanted) {
        return value.span().map(|span| span.start);
    }
    value.as_array()?.iter().find_map(|value| in_value(value, wanted))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Place;

    const TEXT: &str = "[workspace]\nmembers = [\n    \"apps/a\",\n]\n\n[workspace.metadata.umbrella.rules]\nallow.b = [\"c\"]\n";

    #[test]
    fn keys_and_elements_have_lines() {
        let rules = ["workspace", "metadata", "umbrella", "rules"];
        let line = |place: Place| place.line;
        assert_eq!(line(Place::key("f", TEXT, &["workspace", "members"])), Some(2));
        assert_eq!(line(Place::element("f", TEXT, &["workspace", "members"], "apps/a")), Some(3));
        assert_eq!(line(Place::element("f", TEXT, &rules, "b")), Some(7));
        assert_eq!(line(Place::element("f", TEXT, &rules, "c")), Some(7));
        assert_eq!(line(Place::key("f", TEXT, &["package"])), None);
    }

    #[test]
    fn cargo_says_where() {
        let root = Path::new("/abc");
        let at = |message| Place::in_message(message, root).map(|place| (place.file, place.line));
        assert_eq!(at("bad\n --> apps/b/Cargo.toml:4:14\n  |"), Some(("apps/b/Cargo.toml".into(), Some(4))));
        let nested = "failed `/abc/apps/a`\n  failed to parse manifest at `/abc/apps/a/Cargo.toml`";
        assert_eq!(at(nested), Some(("apps/a/Cargo.toml".into(), None)));
        assert_eq!(at("no idea"), None);
    }
}
