//! The kinds of templates that users can have of their own.

use std::fmt;

use handlebars::JsonValue;

use crate::catalogue::{File, FileSet};
use crate::context::{Application, Umbrella};
use crate::module::Module;
use crate::render::TemplateError;
use crate::runtime::Runtime;

/// What a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An umbrella.
    Umbrella,
    /// A library application.
    Library,
    /// A supervised application.
    Supervised,
    /// A server.
    Server,
    /// A state machine.
    Statem,
    /// A supervisor.
    Supervisor,
    /// Tasks under a supervisor.
    Task,
    /// A protocol in a crate of its own, and its server.
    Api,
}

/// What a template can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// As it is written: `example.name`.
    pub name: &'static str,
    /// What it is.
    pub means: &'static str,
    /// What it may be, for one.
    pub example: String,
}

/// What is written, and what it is.
type Table = &'static [(&'static str, &'static str)];

const UMBRELLA: Table = &[
    ("name", "the umbrella"),
    ("runtime", "where Cargo finds the runtime: the value of the dependency `umbrella`"),
    ("made_by", "the command that made it"),
];

const APPLICATION: Table = &[
    ("name", "the application: its package, its folder, its crate"),
    ("type_name", "the type that starts it"),
    ("supervised", "whether it has a supervision tree"),
    ("starts_others", "whether it depends on other applications"),
    ("dependencies", "the crates it depends on, for `{{#each dependencies}}{{this}}{{/each}}`"),
    ("example", "an application it depends on that has a counter, for `{{#if example}}`; there may be none"),
    ("example.name", "its crate"),
    ("example.function", "a function that calls its counter"),
    ("counter_const", "the constant by which its own counter is found"),
];

const MODULE: Table = &[
    ("app", "the application: its package"),
    ("krate", "the application: its crate in Rust code"),
    ("module", "the module"),
    ("type_name", "the type in it"),
    ("constant", "the constant by which its process is found"),
    ("registered", "the name under which its process is registered"),
    ("api", "the package of the protocol, for `api`"),
    ("api_krate", "its crate in Rust code, for `api`"),
];

impl Kind {
    /// Every kind, in the order of work.
    pub const ALL: [Self; 8] = [
        Self::Umbrella,
        Self::Library,
        Self::Supervised,
        Self::Server,
        Self::Statem,
        Self::Supervisor,
        Self::Task,
        Self::Api,
    ];

    /// How it is called, here and as a folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Umbrella => "umbrella",
            Self::Library => "library",
            Self::Supervised => "supervised",
            Self::Server => "server",
            Self::Statem => "statem",
            Self::Supervisor => "supervisor",
            Self::Task => "task",
            Self::Api => "api",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What is typed to make one.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Umbrella => "umbrella new NAME --umbrella",
            Self::Library => "umbrella new NAME",
            Self::Supervised => "umbrella new NAME --sup",
            Self::Server => "umbrella gen server APP NAME",
            Self::Statem => "umbrella gen statem APP NAME",
            Self::Supervisor => "umbrella gen supervisor APP NAME",
            Self::Task => "umbrella gen task APP NAME",
            Self::Api => "umbrella gen api APP NAME",
        }
    }

    /// The templates of ours.
    #[must_use]
    pub fn files(self) -> &'static [File] {
        self.with_sample(|set| set.files())
    }

    /// What a template of this kind can say, in a sample in which nothing is missing.
    ///
    /// # Errors
    /// Only if a context stops being plain data.
    pub fn sample(self) -> Result<JsonValue, TemplateError> {
        self.with_sample(|set| Ok(set.context()?.data().clone()))
    }

    /// What a template of this kind can say.
    ///
    /// # Errors
    /// Only if a context stops being plain data.
    pub fn variables(self) -> Result<Vec<Variable>, TemplateError> {
        let sample = self.sample()?;
        let table = match self {
            Self::Umbrella => UMBRELLA,
            Self::Library | Self::Supervised => APPLICATION,
            Self::Server | Self::Statem | Self::Supervisor | Self::Task | Self::Api => MODULE,
        };
        let variable = |&(name, means): &(&'static str, &'static str)| {
            let value = name.split('.').try_fold(&sample, |value, part| value.get(part));
            Variable { name, means, example: value.map(shown).unwrap_or_default() }
        };
        Ok(table.iter().map(variable).collect())
    }

    fn with_sample<T>(self, see: impl FnOnce(FileSet<'_>) -> T) -> T {
        let umbrella = Umbrella::new("abc", &Runtime::Version("0.1.0".into()), "umbrella new abc --umbrella");
        let app = |supervised| Application::new("b", "B", supervised).depends_on("c", true);
        let module = Module::new("b", "cart", "Cart");
        match self {
            Self::Umbrella => see(FileSet::Umbrella(&umbrella)),
            Self::Library => see(FileSet::Library(&app(false))),
            Self::Supervised => see(FileSet::Supervised(&app(true))),
            Self::Server => see(FileSet::Server(&module)),
            Self::Statem => see(FileSet::Statem(&module)),
            Self::Supervisor => see(FileSet::Supervisor(&module)),
            Self::Task => see(FileSet::Task(&module)),
            Self::Api => see(FileSet::Api(&module)),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value on one line.
fn shown(value: &JsonValue) -> String {
    match value {
        JsonValue::String(text) => match text.split_once('\n') {
            Some((first, _)) => format!("{first} ..."),
            None => text.clone(),
        },
        JsonValue::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        JsonValue::Object(_) => String::new(),
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use handlebars::JsonValue;

    use super::Kind;

    /// The fields of a value, with those inside of them.
    fn fields(data: &JsonValue, within: &str) -> BTreeSet<String> {
        let JsonValue::Object(entries) = data else { return BTreeSet::new() };
        let one = |(name, value): (&String, &JsonValue)| {
            let field = format!("{within}{name}");
            [field.clone()].into_iter().chain(fields(value, &format!("{field}.")))
        };
        entries.iter().flat_map(one).collect()
    }

    #[test]
    fn every_variable_is_explained_and_no_other() {
        for kind in Kind::ALL {
            let explained: BTreeSet<String> =
                kind.variables().unwrap().into_iter().map(|variable| variable.name.to_owned()).collect();
            assert_eq!(explained, fields(&kind.sample().unwrap(), ""), "{kind}");
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
    }
}
