//! Templates and what they are filled from know each other, both ways.
//!
//! Strict mode refuses `{{misspelt}}`, yet takes `{{#if misspelt}}` for false; and nothing else notices a template that
//! no command writes. So the parsed templates are walked, as those of users are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use umbrella_templates::{
    Adopted, Application, File, FileSet, Meaning, Module, Name, Release, Runtime, Standalone, Step, Umbrella,
};

use crate::findings::Findings;
use crate::source;

/// A set of the catalogue, filled in one way.
struct Set {
    /// The type of its context.
    context: &'static str,
    files: &'static [File],
    data: Value,
}

impl Set {
    fn new(context: &'static str, set: FileSet<'_>) -> Self {
        let data = set.context().expect("a context is plain data").data().clone();
        Self { context, files: set.files(), data }
    }
}

/// Every set, with its context in the shapes that fill every field.
fn catalogue() -> Vec<Set> {
    let runtime = Runtime::Version("0.1.0".into());
    let umbrella = Umbrella::new("abc", &runtime, "umbrella new abc --umbrella");
    let app = Application::new("b", "B", true).depends_on("c", true);
    let standalone = Standalone::new("abc", true, &runtime, "umbrella new abc --sup");
    let adopted = Adopted::new("b", "B");
    let release = Release::new("abc", "abc", &[Step::Application { package: "b".into() }]);
    let module = Module::new("b", "cart", "Cart");
    vec![
        Set::new("Umbrella", FileSet::Umbrella(&umbrella)),
        Set::new("Standalone", FileSet::Standalone(&standalone)),
        Set::new("Application", FileSet::Library(&app)),
        Set::new("Application", FileSet::Supervised(&app)),
        Set::new("Adopted", FileSet::Adopted(&adopted)),
        Set::new("Release", FileSet::Release(&release)),
        Set::new("Module", FileSet::Server(&module)),
        Set::new("Module", FileSet::Statem(&module)),
        Set::new("Module", FileSet::Supervisor(&module)),
        Set::new("Module", FileSet::Task(&module)),
        Set::new("Module", FileSet::Api(&module)),
    ]
}

#[test]
fn no_template_is_dead() {
    let mut findings = Findings::new(
        "every file in templates/files is written by some command",
        "add it to a set in templates/src/catalogue.rs (and the set to tests/tidy/templates.rs), or remove it",
    );
    let sets = catalogue();
    let known: BTreeSet<&str> = sets.iter().flat_map(|set| set.files).map(|file| file.source).collect();
    for file in source::files() {
        if file.path.strip_prefix("templates/files/").is_some_and(|inside| !known.contains(inside)) {
            findings.file(&file.path, "is in no set");
        }
    }
    findings.none();
}

#[test]
fn templates_say_only_what_their_context_holds() {
    let mut findings = Findings::new(
        "every name in a template is a field of its context",
        "correct the name, or add the field to the struct in templates/src/context.rs",
    );
    for set in catalogue() {
        for file in set.files {
            for name in names(file, &set.data) {
                if !matches!(name.meaning, Meaning::Field(_)) {
                    let path = format!("templates/files/{}", file.source);
                    let what = format!("`{}` is not a field of `{}`", name.written, set.context);
                    findings.line(&path, name.line, what);
                }
            }
        }
    }
    findings.none();
}

#[test]
fn templates_use_all_that_their_context_holds() {
    let mut findings = Findings::new("every field of a context is used", "remove the field");
    let mut unused: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for set in catalogue() {
        unused.entry(set.context).or_default().extend(fields(&set.data, ""));
    }
    for set in catalogue() {
        let left = unused.get_mut(set.context).expect("it was filled from the same sets");
        for name in set.files.iter().flat_map(|file| names(file, &set.data)) {
            if let Meaning::Field(field) = name.meaning {
                left.remove(&field);
            }
        }
    }
    for (context, fields) in unused {
        for field in fields {
            findings.file(
                "templates/src/context.rs",
                format_args!("`{context}::{field}` is used by no template"),
            );
        }
    }
    findings.none();
}

/// The fields of a value, with those inside of them: `example`, `example.name`.
fn fields(data: &Value, within: &str) -> Vec<String> {
    let Value::Object(entries) = data else { return Vec::new() };
    let one = |(name, value): (&String, &Value)| {
        let field = format!("{within}{name}");
        let inner = fields(value, &format!("{field}."));
        [field].into_iter().chain(inner)
    };
    entries.iter().flat_map(one).collect()
}

/// What a template, and the place it goes to, say.
fn names(file: &File, data: &Value) -> Vec<Name> {
    let of = |text| umbrella_templates::names(text, data);
    let texts = [file.text, file.destination].into_iter();
    texts.flat_map(|text| of(text).unwrap_or_else(|error| panic!("{}: {error}", file.source))).collect()
}
