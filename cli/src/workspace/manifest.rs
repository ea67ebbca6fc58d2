//! Edits of manifests and configuration: text in, text out.
//!
//! An edit inserts a line and leaves every other byte as it was: comments, order, blank lines, line ends. `toml_edit`
//! says where things are; where the layout is one we have no place for, it does the edit itself.

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;
use toml_edit::{Document, DocumentMut, Item, TomlError, Value};

pub use super::inherit::fitted;
use super::insertion::{append, insert_element, insert_key, inserted, newline};
use crate::error::Failure;
use crate::exit::ExitCode;

/// Why a manifest cannot be edited.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ManifestError {
    /// It is not TOML.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NotToml(Box<NotToml>),
    /// Something that must be a list or a table is something else.
    #[error("`{key}` in Cargo.toml is not {expected}")]
    Unexpected {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

/// A file that is not TOML.
#[derive(Debug, Error, Diagnostic)]
#[error("`{file}` is not valid TOML: {message}")]
pub struct NotToml {
    file: String,
    message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label]
    at: SourceSpan,
}

impl Failure for ManifestError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::MetadataFailed
    }
}

impl ManifestError {
    fn not_toml(file: &str, text: &str, error: &TomlError) -> Self {
        let at = error.span().unwrap_or_default().into();
        let (file, message) = (file.to_owned(), error.message().to_owned());
        Self::NotToml(Box::new(NotToml { text: NamedSource::new(&file, text.to_owned()), file, message, at }))
    }
}

/// Adds a member to `[workspace]`, in its sorted place, unless it is there or a pattern such as `apps/*` covers it.
///
/// # Errors
/// [`ManifestError`] if the text is not TOML or its members are no list.
pub fn add_member(manifest: &str, member: &str) -> Result<String, ManifestError> {
    let document = parse("Cargo.toml", manifest)?;
    match document.get("workspace").and_then(|workspace| workspace.get("members")) {
        None => edit(manifest, |document| {
            document["workspace"]["members"] = Value::from_iter([member]).into();
        }),
        Some(item) => {
            let array = item.as_array();
            let array =
                array.ok_or(ManifestError::Unexpected { key: "workspace.members", expected: "a list" })?;
            if array.iter().filter_map(Value::as_str).any(|pattern| covers(pattern, member)) {
                return Ok(manifest.to_owned());
            }
            let inserted = insert_element(manifest, array, member).filter(|text| has_member(text, member));
            inserted.map_or_else(|| edit(manifest, |document| push_member(document, member)), Ok)
        }
    }
}

/// Has plain cargo commands mean the root package and `release`, so that `cargo run` starts the application.
#[must_use]
pub fn with_default_members(manifest: &str, release: &str) -> String {
    let document = Document::parse(manifest).ok();
    let members = document.as_ref().and_then(|document| document.get("workspace")?.get("members")?.span());
    let Some(members) = members else { return manifest.to_owned() };
    let lines = format!(
        "\n# Also the release, so that a plain `cargo run` starts the application.\n\
         default-members = [\".\", \"{release}\"]"
    );
    inserted(manifest, members.end, &lines)
}

/// Adds `name = value` to `[workspace.dependencies]`, in its sorted place, unless the name is there.
///
/// # Errors
/// [`ManifestError`] if the text is not TOML or the dependencies are no table.
pub fn add_workspace_dependency(manifest: &str, name: &str, value: &str) -> Result<String, ManifestError> {
    let document = parse("Cargo.toml", manifest)?;
    if has_workspace_dependency(manifest, name) {
        return Ok(manifest.to_owned());
    }
    let newline = newline(manifest);
    let line = format!("{name} = {value}");
    let dependencies = document.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let inserted = match dependencies {
        None => Some(append(manifest, &format!("[workspace.dependencies]{newline}{line}{newline}"))),
        Some(item) if item.is_table_like() => {
            item.as_table().and_then(|table| insert_key(manifest, table, name, &line))
        }
        Some(_) => {
            return Err(ManifestError::Unexpected { key: "workspace.dependencies", expected: "a table" });
        }
    };
    let by_toml_edit = || {
        edit(manifest, |document| {
            let value = value.parse::<Value>().unwrap_or_else(|_| Value::from(value));
            document["workspace"]["dependencies"][name] = value.into();
        })
    };
    inserted.filter(|text| has_workspace_dependency(text, name)).map_or_else(by_toml_edit, Ok)
}

/// Whether `[workspace.dependencies]` has `name`.
#[must_use]
pub fn has_workspace_dependency(manifest: &str, name: &str) -> bool {
    Document::parse(manifest).is_ok_and(|document| {
        let dependencies = document.get("workspace").and_then(|workspace| workspace.get("dependencies"));
        dependencies.and_then(|dependencies| dependencies.get(name)).is_some()
    })
}

/// Adds `name.workspace = true` to `[dependencies]`, in its sorted place, unless the name is there.
///
/// # Errors
/// [`ManifestError`] if the text is not TOML or the dependencies are no table.
pub fn add_dependency(manifest: &str, name: &str) -> Result<String, ManifestError> {
    let document = parse("Cargo.toml", manifest)?;
    let line = format!("{name}.workspace = true");
    let Some(item) = document.get("dependencies") else {
        return Ok(append_table(manifest, "dependencies", &format!("{line}\n")));
    };
    let unexpected = ManifestError::Unexpected { key: "dependencies", expected: "a table" };
    let table = item.as_table_like().ok_or(unexpected)?;
    if table.contains_key(name) {
        return Ok(manifest.to_owned());
    }
    let depends = |text: &String| {
        Document::parse(text.as_str()).is_ok_and(|document| {
            document.get("dependencies").and_then(|dependencies| dependencies.get(name)).is_some()
        })
    };
    let inserted = item.as_table().and_then(|table| insert_key(manifest, table, name, &line)).filter(depends);
    let by_toml_edit =
        || edit(manifest, |document| document["dependencies"][name]["workspace"] = toml_edit::value(true));
    inserted.map_or_else(by_toml_edit, Ok)
}

/// Adds a table at the end of a manifest that has none of this name.
#[must_use]
pub fn append_table(manifest: &str, name: &str, body: &str) -> String {
    let newline = newline(manifest);
    append(manifest, &format!("[{name}]{newline}{}", body.replace('\n', newline)))
}

/// Adds a table at the end of a configuration file, unless it has one of this name.
///
/// # Errors
/// [`ManifestError`] if the text is not TOML.
pub fn add_table(file: &str, text: &str, name: &str, body: &str) -> Result<String, ManifestError> {
    let document = parse(file, text)?;
    if document.contains_key(name) {
        return Ok(text.to_owned());
    }
    let newline = newline(text);
    let body = body.replace('\n', newline);
    Ok(append(text, &format!("[{name}]{newline}{body}")))
}

fn parse<'a>(file: &str, text: &'a str) -> Result<Document<&'a str>, ManifestError> {
    Document::parse(text).map_err(|error| ManifestError::not_toml(file, text, &error))
}

fn edit(text: &str, change: impl FnOnce(&mut DocumentMut)) -> Result<String, ManifestError> {
    let mut document: DocumentMut =
        text.parse().map_err(|error| ManifestError::not_toml("Cargo.toml", text, &error))?;
    change(&mut document);
    Ok(document.to_string())
}

fn push_member(document: &mut DocumentMut, member: &str) {
    if let Some(members) = document["workspace"]["members"].as_array_mut() {
        members.push(member);
    }
}

fn has_member(manifest: &str, member: &str) -> bool {
    Document::parse(manifest).is_ok_and(|document| {
        let members = document.get("workspace").and_then(|workspace| workspace.get("members"));
        let members = members.and_then(Item::as_array);
        members.is_some_and(|members| members.iter().any(|one| one.as_str() == Some(member)))
    })
}

/// Whether a member pattern covers a folder: itself, or `apps/*`.
fn covers(pattern: &str, member: &str) -> bool {
    let below = |folder| member.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    let in_folder = |folder| below(folder).is_some_and(|name| !name.contains('/'));
    pattern.trim_end_matches('/') == member || pattern.strip_suffix("/*").is_some_and(in_folder)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::insertion::inserted;
    use super::*;

    fn member(manifest: &str, name: &str) -> String {
        add_member(manifest, name).unwrap()
    }

    #[test]
    fn a_member_goes_to_its_sorted_place_and_comments_stay_with_theirs() {
        let manifest = "\
# top
[workspace]
members = [ # explicit
  \"apps/a\",   # the first
  # about c
  \"apps/c\"  # last
]   # end
";
        let expected = "\
# top
[workspace]
members = [ # explicit
  \"apps/a\",   # the first
  \"apps/b\",
  # about c
  \"apps/c\",  # last
  \"releases/x\"
]   # end
";
        assert_eq!(member(&member(manifest, "apps/b"), "releases/x"), expected);
    }

    #[test]
    fn lists_of_every_style_get_a_member_in_their_own_style() {
        let cases = [
            ("[]", "[\"apps/b\"]"),
            ("[\n]", "[\n    \"apps/b\",\n]"),
            ("[\n    # none yet\n]", "[\n    # none yet\n    \"apps/b\",\n]"),
            ("[\"apps/a\"]", "[\"apps/a\", \"apps/b\"]"),
            ("[\"apps/c\"]", "[\"apps/b\", \"apps/c\"]"),
            ("[\"apps/a\", \"apps/c\",]", "[\"apps/a\", \"apps/b\", \"apps/c\",]"),
            ("[\n\t\"apps/c\",\n]", "[\n\t\"apps/b\",\n\t\"apps/c\",\n]"),
            ("[\n  \"apps/a\"]", "[\n  \"apps/a\",\n  \"apps/b\"]"),
            ("[\n  \"x\",\n  \"a\",\n]", "[\n  \"x\",\n  \"a\",\n  \"apps/b\",\n]"),
            ("[\r\n  \"apps/a\",\r\n]", "[\r\n  \"apps/a\",\r\n  \"apps/b\",\r\n]"),
            ("[\"apps/*\"]", "[\"apps/*\"]"),
            ("[\"apps/b\"]", "[\"apps/b\"]"),
            ("[\"releases/*\"]", "[\"apps/b\", \"releases/*\"]"),
        ];
        for (before, after) in cases {
            let manifest = |list| format!("[workspace]\nmembers = {list}\nresolver = \"3\"\n");
            assert_eq!(member(&manifest(before), "apps/b"), manifest(after), "{before}");
        }
    }

    #[test]
    fn a_dependency_of_a_member_goes_to_its_sorted_place() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nb.workspace = true # first\nserde.workspace = true\n\n[lints]\n";
        let added = add_dependency(manifest, "c").unwrap();
        assert_eq!(added, manifest.replace("first\n", "first\nc.workspace = true\n"));
        assert_eq!(add_dependency(&added, "c").unwrap(), added);
        let bare = "[package]\nname = \"a\"\n";
        let expected = "[package]\nname = \"a\"\n\n[dependencies]\nc.workspace = true\n";
        assert_eq!(add_dependency(bare, "c").unwrap(), expected);
        let empty = "[dependencies]\n\n[lints]\n";
        assert_eq!(add_dependency(empty, "c").unwrap(), "[dependencies]\nc.workspace = true\n\n[lints]\n");
    }

    #[test]
    fn members_that_are_not_there_are_made() {
        assert_eq!(
            member("[workspace]\nresolver = \"3\"\n", "apps/b"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"apps/b\"]\n"
        );
    }

    #[test]
    fn a_dependency_goes_to_its_sorted_place() {
        let manifest = "\
[workspace.dependencies]
# ours
a = { path = \"apps/a\" } # first
serde = { version = \"1\", features = [
    \"derive\",
] } # many lines
umbrella = \"1\"

[workspace.lints.rust]
";
        let added = |name| {
            add_workspace_dependency(manifest, name, &format!("{{ path = \"apps/{name}\" }}")).unwrap()
        };
        let at = |text: &str| manifest.find(text).unwrap();
        assert_eq!(added("b"), inserted(manifest, at("serde"), "b = { path = \"apps/b\" }\n"));
        assert_eq!(added("t"), inserted(manifest, at("umbrella ="), "t = { path = \"apps/t\" }\n"));
        assert_eq!(added("z"), inserted(manifest, at("\n[workspace.lints"), "z = { path = \"apps/z\" }\n"));
        assert_eq!(added("umbrella"), manifest);
    }

    #[test]
    fn in_an_unsorted_table_a_dependency_follows_the_applications() {
        let manifest = "[workspace.dependencies]\nz = { path = \"apps/z\" }\n\nanyhow = \"1\"\n";
        assert_eq!(
            add_workspace_dependency(manifest, "b", "{ path = \"apps/b\" }").unwrap(),
            "[workspace.dependencies]\nz = { path = \"apps/z\" }\nb = { path = \"apps/b\" }\n\nanyhow = \"1\"\n"
        );
    }

    #[test]
    fn dependency_tables_of_every_form_are_served() {
        let forms = [
            "[workspace]\n",
            "[workspace]\n[workspace.dependencies]\n",
            "[workspace]\n[workspace.dependencies]",
            "[workspace]\ndependencies = { serde = \"1\" }\n",
            "[workspace]\n[workspace.dependencies.serde]\nversion = \"1\"\n",
            "[workspace]\ndependencies.serde = \"1\"\n",
            "workspace = { members = [] }\n",
        ];
        for form in forms {
            let edited = add_workspace_dependency(form, "b", "{ path = \"apps/b\" }").unwrap();
            let document: DocumentMut = edited.parse().unwrap_or_else(|error| panic!("{edited}\n{error}"));
            let path = document["workspace"]["dependencies"]["b"]["path"].as_str();
            assert_eq!(path, Some("apps/b"), "{edited}");
        }
    }

    #[test]
    fn a_table_is_added_at_the_end_once() {
        let config = "# shared\n\n[a]\nx = 1\n";
        let once = add_table("config/config.toml", config, "b", "start = 0\n").unwrap();
        assert_eq!(once, "# shared\n\n[a]\nx = 1\n\n[b]\nstart = 0\n");
        assert_eq!(add_table("config/config.toml", &once, "b", "start = 1\n").unwrap(), once);
        assert_eq!(add_table("c", "", "b", "start = 0\n").unwrap(), "[b]\nstart = 0\n");
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_place() {
        let error = add_member("[workspace\n", "apps/b").unwrap_err();
        assert!(matches!(error, ManifestError::NotToml(_)), "{error:?}");
        let error = add_member("[workspace]\nmembers = 3\n", "apps/b").unwrap_err();
        assert!(matches!(error, ManifestError::Unexpected { .. }), "{error:?}");
    }

    proptest! {
        /// Whatever the style: the line is added, the order kept, and nothing else changes.
        #[test]
        fn adding_members_keeps_everything_else(
            names in prop::collection::btree_set("[a-z]{1,3}", 0..5),
            new in "[a-z]{1,3}",
            style in 0..5usize,
            comma in any::<bool>(),
        ) {
            let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let (open, between, end) = [
                ("[", ", ", "]"), ("[ ", " , ", " ]"), ("[\n    ", ",\n    ", "\n]"),
                ("[ # c1\n  ", ", # c2, ]\n  ", " # c3\n]"), ("[\n  # c1\n  ", ",\n\n  # c2\n  ", "]"),
            ][style];
            let comma = if comma && !quoted.is_empty() { "," } else { "" };
            let list = format!("{open}{}{comma}{end}", quoted.join(between));
            let manifest = format!("# top\n[workspace] # w\nmembers = {list} # after\n\n[x] # x\ny = 1\n");
            let edited = member(&manifest, &new);
            let document: DocumentMut = edited.parse().unwrap();
            let members: Vec<&str> =
                document["workspace"]["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let mut expected: Vec<&str> = names.iter().map(String::as_str).collect();
            if !names.contains(&new) { expected.push(&new) }
            expected.sort_unstable();
            prop_assert_eq!(members, expected);
            // Without the new element and commas, the text is the old one.
            if !names.contains(&new) {
                let bare = |text: &str| text.replace([',', ' ', '\n'], "");
                prop_assert_eq!(bare(&edited.replacen(&format!("\"{new}\""), "", 1)), bare(&manifest));
            }
        }
    }
}
