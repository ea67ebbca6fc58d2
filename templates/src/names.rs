//! What a template names, and whether its context has it.
//!
//! Strict mode refuses `{{misspelt}}` when it comes to it, and takes `{{#if misspelt}}` for false. So the parsed template is
//! walked, before anything is rendered.

use handlebars::template::TemplateElement::{self, Expression, HelperBlock, HtmlExpression};
use handlebars::template::{BlockParam, HelperTemplate, Parameter};
use handlebars::{JsonValue, Template};

/// The helpers there are: handlebars' own, without those that print or fill in other templates.
const HELPERS: [&str; 15] = [
    "if", "unless", "each", "with", "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len",
];

/// A name as a template writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub written: String,
    /// The line on which what it belongs to begins, from 1.
    pub line: usize,
    /// What it stands for.
    pub meaning: Meaning,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A field of the context.
    Field(String),
    /// A variable that the context does not have.
    Unknown,
    /// A helper that there is not.
    UnknownHelper,
    /// Another template, which would be filled in here.
    Partial,
}

/// What a template says, looked up in a context in which nothing is missing.
///
/// # Errors
/// If it is no template.
pub fn names(text: &str, data: &JsonValue) -> Result<Vec<Name>, Box<handlebars::TemplateError>> {
    let template = Template::compile(text)?;
    let mut walk = Walk { names: Vec::new(), around: Vec::new(), root: data };
    walk.template(&template, &[Scope { data: Some(data), path: String::new(), locals: Vec::new() }]);
    Ok(walk.names)
}

/// What names are looked up in; the innermost one comes last.
#[derive(Clone)]
struct Scope<'a> {
    data: Option<&'a JsonValue>,
    /// Which field it is: `example.`.
    path: String,
    /// `each list as |item|`.
    locals: Vec<String>,
}

struct Walk<'a> {
    names: Vec<Name>,
    /// The lines of the blocks around.
    around: Vec<usize>,
    root: &'a JsonValue,
}

impl<'a> Walk<'a> {
    fn template(&mut self, template: &Template, scopes: &[Scope<'a>]) {
        for (element, at) in template.elements.iter().zip(&template.mapping) {
            self.around.push(at.0);
            self.element(element, scopes);
            self.around.pop();
        }
    }

    fn element(&mut self, element: &TemplateElement, scopes: &[Scope<'a>]) {
        match element {
            Expression(call) | HtmlExpression(call) if call.params.is_empty() => {
                self.parameter(&call.name, scopes);
            }
            Expression(call) | HtmlExpression(call) | HelperBlock(call) => self.call(call, scopes),
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            TemplateElement::DecoratorExpression(other)
            | TemplateElement::DecoratorBlock(other)
            | TemplateElement::PartialExpression(other)
            | TemplateElement::PartialBlock(other) => {
                self.push(other.name.as_name().unwrap_or_default(), Meaning::Partial);
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &HelperTemplate, scopes: &[Scope<'a>]) {
        let helper = call.name.as_name().unwrap_or_default();
        if !HELPERS.contains(&helper) {
            self.push(helper, Meaning::UnknownHelper);
        }
        for param in call.params.iter().chain(call.hash.values()) {
            self.parameter(param, scopes);
        }
        let mut inner = scopes.to_vec();
        if matches!(helper, "each" | "with") {
            let subject = call.params.first().and_then(Parameter::as_name).unwrap_or_default();
            let found = self.look_up(subject, scopes);
            let data = found.and_then(|value| if helper == "each" { value.get(0) } else { Some(value) });
            let path = format!("{}{subject}.", scopes.last().map_or("", |scope| scope.path.as_str()));
            inner.push(Scope { data, path, locals: locals(call) });
        }
        if let Some(template) = &call.template {
            self.template(template, &inner);
        }
        if let Some(template) = &call.inverse {
            self.template(template, scopes);
        }
    }

    fn parameter(&mut self, parameter: &Parameter, scopes: &[Scope<'a>]) {
        if let Parameter::Subexpression(inner) = parameter {
            if let Expression(call) = inner.as_element() {
                self.call(call, scopes);
            }
            return;
        }
        let Some(written) = parameter.as_name() else { return };
        let first = written.split('.').next().unwrap_or_default();
        let is_local = scopes.iter().any(|scope| scope.locals.iter().any(|local| local == first));
        let is_own = written == "this" || (written.starts_with('@') && !written.starts_with("@root."));
        if is_own || is_local {
            return;
        }
        let meaning = match self.look_up(written, scopes) {
            Some(_) => {
                let within = scopes.last().map_or("", |scope| scope.path.as_str());
                Meaning::Field(
                    match ["@root.", "../"].iter().find_map(|prefix| written.strip_prefix(prefix)) {
                        Some(outer) => outer.to_owned(),
                        None => format!("{within}{}", written.strip_prefix("this.").unwrap_or(written)),
                    },
                )
            }
            None => Meaning::Unknown,
        };
        self.push(written, meaning);
    }

    fn push(&mut self, written: &str, meaning: Meaning) {
        let line = self.around.last().copied().unwrap_or_default();
        self.names.push(Name { written: written.to_owned(), line, meaning });
    }

    fn look_up(&self, name: &str, scopes: &[Scope<'a>]) -> Option<&'a JsonValue> {
        if let Some(rest) = name.strip_prefix("@root.") {
            return field(self.root, rest);
        }
        if let Some(rest) = name.strip_prefix("../") {
            return self.look_up(rest, scopes.split_last()?.1);
        }
        let data = scopes.last()?.data?;
        match name.strip_prefix("this.") {
            Some(rest) => field(data, rest),
            None if name == "this" => Some(data),
            None => field(data, name),
        }
    }
}

fn field<'a>(data: &'a JsonValue, name: &str) -> Option<&'a JsonValue> {
    name.split('.').try_fold(data, |value, part| value.get(part))
}

fn locals(call: &HelperTemplate) -> Vec<String> {
    let one = |parameter: &Parameter| parameter.as_name().map(str::to_owned);
    match &call.block_param {
        Some(BlockParam::Single(name)) => one(name).into_iter().collect(),
        Some(BlockParam::Pair((a, b))) => one(a).into_iter().chain(one(b)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use handlebars::JsonValue;

    use super::{Meaning, names};

    fn data() -> JsonValue {
        let object = |entries: [(&str, JsonValue); 1]| {
            JsonValue::from_iter(BTreeMap::from(entries.map(|(name, value)| (name.to_owned(), value))))
        };
        let mut data = object([("a", 1.into())]);
        data["b"] = object([("c", 2.into())]);
        data["list"] = JsonValue::from(vec![object([("x", 1.into())])]);
        data
    }

    #[test]
    fn names_are_seen_wherever_they_stand() {
        let text = "{{a}}\n{{#if nope}}{{b.c}}{{else}}{{d}}{{/if}}\n{{#each list}}{{this}}{{x}}{{@index}}{{../a}}{{y}}{{/each}}\n\
                    {{#each list as |one|}}{{one.x}}{{/each}}{{#if (eq a z)}}{{/if}}{{#with b}}{{c}}{{@root.a}}{{/with}}\n\
                    {{upper a}}{{> other}}\\{{nothing}}{{! nor here }}";
        let seen = names(text, &data()).unwrap();
        let field = |name: &str| Meaning::Field(name.to_owned());
        let expected = [
            ("a", 1, field("a")),
            ("nope", 2, Meaning::Unknown),
            ("b.c", 2, field("b.c")),
            ("d", 2, Meaning::Unknown),
            ("list", 3, field("list")),
            ("x", 3, field("list.x")),
            ("../a", 3, field("a")),
            ("y", 3, Meaning::Unknown),
            ("list", 4, field("list")),
            ("a", 4, field("a")),
            ("z", 4, Meaning::Unknown),
            ("b", 4, field("b")),
            ("c", 4, field("b.c")),
            ("@root.a", 4, field("a")),
            ("upper", 5, Meaning::UnknownHelper),
            ("a", 5, field("a")),
            ("other", 5, Meaning::Partial),
        ];
        let seen: Vec<_> =
            seen.iter().map(|name| (name.written.as_str(), name.line, name.meaning.clone())).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert!(names("{{#if a}}", &data()).is_err());
        assert!(names("{{a", &data()).is_err());
    }
}
