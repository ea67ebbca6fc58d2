//! The catalogue is complete, and templates say only what their contexts hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use umbrella_templates::{Application, FileSet, Release, Root, Runtime, Step, render};

/// Every set, each context in every shape it can take.
fn with_every_set(mut check: impl FnMut(FileSet<'_>)) {
    let runtime = Runtime::Version("0.1.0".into());
    for root in [Root::umbrella("abc", &runtime), Root::standalone("abc", &runtime)] {
        check(FileSet::Umbrella(&root));
        check(FileSet::StandaloneRoot(&root));
    }
    for supervised in [false, true] {
        let app = Application::new("b", "B", supervised);
        for app in [app.clone(), app.clone().depends_on("c", false), app.depends_on("c", true)] {
            check(FileSet::StandaloneApplication(&app));
            check(FileSet::Application(&app));
            check(FileSet::LibrarySources(&app));
            check(FileSet::SupervisedSources(&app));
        }
    }
    let steps = [Step::Application { package: "b".into() }];
    check(FileSet::Release(&Release::new("abc", "abc", &[])));
    check(FileSet::Release(&Release::new("abc", "abc", &steps)));
}

#[expect(clippy::unwrap_used, reason = "a test that fails is a test that panics")]
fn templates_under(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { templates_under(&path, found) } else { _ = found.insert(path) }
    }
}

/// The names in `{{...}}`, without keywords.
fn identifiers(template: &str) -> BTreeSet<String> {
    let tags = template.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    let words = tags.flat_map(|tag| tag.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.filter(|word| !word.starts_with(['#', '/']) && word != "else" && word != "this").collect()
}

#[test]
fn no_template_is_dead() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("files");
    let mut on_disk = BTreeSet::new();
    templates_under(&root, &mut on_disk);
    let mut in_catalogue = BTreeSet::new();
    with_every_set(|set| in_catalogue.extend(set.files().iter().map(|file| root.join(file.source))));
    assert_eq!(on_disk, in_catalogue);
}

/// Strict mode lets `{{#if misspelt}}` pass as false: here it does not.
#[test]
fn every_identifier_is_a_field_of_the_context() {
    with_every_set(|set| {
        let context = set.context().unwrap();
        for file in set.files() {
            for identifier in identifiers(file.text) {
                let (first, rest) = identifier.split_once('.').unwrap_or((&identifier, ""));
                let field = context.data().get(first);
                assert!(field.is_some(), "{}: `{identifier}` is not in its context", file.source);
                let inner = field.and_then(|field| field.as_object());
                assert!(
                    inner.is_none_or(|inner| rest.is_empty() || inner.contains_key(rest)),
                    "{identifier}"
                );
            }
        }
    });
}

#[test]
fn every_field_is_used() {
    let mut used = BTreeSet::new();
    let mut fields = BTreeSet::new();
    with_every_set(|set| {
        let context = set.context().unwrap();
        fields.extend(context.data().as_object().unwrap().keys().cloned());
        let texts = set.files().iter().flat_map(|file| [file.text, file.destination]);
        let named = texts.flat_map(identifiers);
        used.extend(named.map(|name| name.split('.').next().unwrap_or_default().to_owned()));
    });
    assert_eq!(fields, used);
}

#[test]
fn everything_renders_and_ends_in_one_newline() {
    with_every_set(|set| {
        for file in render(set).unwrap() {
            assert!(file.contents.ends_with('\n') && !file.contents.ends_with("\n\n"), "{file:?}");
            assert!(!file.contents.contains("\n\n\n"), "two blank lines in {file:?}");
            assert!(!file.contents.contains("{{") && !file.path.contains("{{"), "{file:?}");
        }
    });
}

#[test]
fn nothing_is_escaped() {
    let root = Root::umbrella("abc", &Runtime::Path("../R&D \"x\"".into()));
    let manifest = &render(FileSet::Umbrella(&root)).unwrap()[0].contents;
    assert!(manifest.contains(r#"path = "../R&D \"x\"" }"#), "{manifest}");
}
