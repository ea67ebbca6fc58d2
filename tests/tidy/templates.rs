//! Templates and what they are filled from know each other, both ways.
//!
//! Strict mode refuses `{{misspelt}}`, yet takes `{{#if misspelt}}` for false; and nothing else notices a template that
//! no command writes. So the parsed templates are walked.

use std::collections::{BTreeMap, BTreeSet};

use handlebars::Template;
use handlebars::template::TemplateElement::{self, Expression, HelperBlock, HtmlExpression};
use handlebars::template::{HelperTemplate, Parameter};
use serde_json::Value;
use umbrella_templates::{Adopted, Application, File, FileSet, Module, Readme, Release, Root, Runtime, Step};

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
    let root = Root::umbrella("abc", &runtime);
    let app = Application::new("b", "B", true).depends_on("c", true);
    let readme = Readme::new("abc", true, "umbrella new abc --sup");
    let adopted = Adopted::new("b", "B");
    let release = Release::new("abc", "abc", &[Step::Application { package: "b".into() }]);
    let module = Module::new("b", "cart", "Cart");
    vec![
        Set::new("Root", FileSet::Root(&root)),
        Set::new("Readme", FileSet::UmbrellaReadme(&readme)),
        Set::new("Readme", FileSet::StandaloneReadme(&readme)),
        Set::new("Application", FileSet::Manifest(&app)),
        Set::new("Application", FileSet::Application(&app)),
        Set::new("Application", FileSet::LibrarySources(&app)),
        Set::new("Application", FileSet::SupervisedSources(&app)),
        Set::new("Adopted", FileSet::Adopted(&adopted)),
        Set::new("Release", FileSet::Release(&release)),
        Set::new("Module", FileSet::Server(&module)),
        Set::new("Module", FileSet::Statem(&module)),
        Set::new("Module", FileSet::Supervisor(&module)),
        Set::new("Module", FileSet::Task(&module)),
        Set::new("Module", FileSet::Api(&module)),
        Set::new("Module", FileSet::ApiCrate(&module)),
        Set::new("Module", FileSet::ApiModule(&module)),
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
                if name.field.is_none() {
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
            left.remove(&name.field.unwrap_or_default());
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

/// A name as a template writes it.
struct Name {
    written: String,
    line: usize,
    /// The field of the context that it means; none if there is none.
    field: Option<String>,
}

/// What a template, and the place it goes to, say.
fn names(file: &File, data: &Value) -> Vec<Name> {
    let mut names = Vec::new();
    for text in [file.text, file.destination] {
        let template = Template::compile(text).unwrap_or_else(|error| panic!("{}: {error}", file.source));
        Walk { names: &mut names, around: Vec::new() }.template(&template, data, "");
    }
    names
}

struct Walk<'a> {
    names: &'a mut Vec<Name>,
    /// The lines of the blocks around.
    around: Vec<usize>,
}

impl Walk<'_> {
    /// Names are looked up in `data`, which is the field `path` of the context.
    fn template(&mut self, template: &Template, data: &Value, path: &str) {
        for (element, at) in template.elements.iter().zip(&template.mapping) {
            self.around.push(at.0);
            self.element(element, data, path);
            self.around.pop();
        }
    }

    fn element(&mut self, element: &TemplateElement, data: &Value, path: &str) {
        match element {
            Expression(call) | HtmlExpression(call) if call.params.is_empty() => {
                self.name(&call.name, data, path)
            }
            Expression(call) | HtmlExpression(call) | HelperBlock(call) => self.call(call, data, path),
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            TemplateElement::DecoratorExpression(_)
            | TemplateElement::DecoratorBlock(_)
            | TemplateElement::PartialExpression(_)
            | TemplateElement::PartialBlock(_)
            | _ => panic!("templates use #if, #unless, #each and #with only"),
        }
    }

    fn call(&mut self, call: &HelperTemplate, data: &Value, path: &str) {
        for param in &call.params {
            self.name(param, data, path);
        }
        let subject = call.params.first().and_then(Parameter::as_name).unwrap_or_default();
        let field = format!("{path}{subject}.");
        let (inner, inner_path) = match call.name.as_name() {
            Some("each") => (look_up(data, subject).and_then(|list| list.get(0)), field.as_str()),
            Some("with") => (look_up(data, subject), field.as_str()),
            _ => (Some(data), path),
        };
        if let Some(template) = &call.template {
            self.template(template, inner.unwrap_or(&Value::Null), inner_path);
        }
        if let Some(template) = &call.inverse {
            self.template(template, data, path);
        }
    }

    fn name(&mut self, parameter: &Parameter, data: &Value, path: &str) {
        let Some(written) = parameter.as_name() else { return };
        let is_own = written == "this" || written.starts_with('@');
        if !is_own {
            let field = look_up(data, written).map(|_| format!("{path}{written}"));
            let line = self.around.last().copied().unwrap_or_default();
            self.names.push(Name { written: written.to_owned(), line, field });
        }
    }
}

fn look_up<'a>(data: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(data, |value, part| value.get(part))
}

#[test]
fn names_are_seen_wherever_they_stand() {
    let text = "{{a}}\n{{#if nope}}{{b.c}}{{else}}{{d}}{{/if}}\n{{#each list}}{{this}}{{x}}{{/each}}";
    let file = File { source: "sample", destination: "{{a}}.rs", text };
    let data = serde_json::json!({ "a": 1, "b": { "c": 2 }, "list": [{ "x": 1 }] });
    let seen: Vec<_> =
        names(&file, &data).into_iter().map(|name| (name.written, name.line, name.field)).collect();
    let seen: Vec<_> =
        seen.iter().map(|(name, line, field)| (name.as_str(), *line, field.as_deref())).collect();
    let expected = [
        ("a", 1, Some("a")),
        ("nope", 2, None),
        ("b.c", 2, Some("b.c")),
        ("d", 2, None),
        ("list", 3, Some("list")),
        ("x", 3, Some("list.x")),
        ("a", 1, Some("a")),
    ];
    assert_eq!(seen, expected);
    assert_eq!(fields(&data, ""), ["a", "b", "b.c", "list"]);
}
