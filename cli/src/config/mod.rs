//! What an application will find in its configuration, and where each value comes from. Pure.
//!
//! The layers are those of the runtime: `config/config.toml`, over it `config/<env>.toml`, over these the variables
//! `<UMBRELLA>__<APP>__<KEY>`. What an application makes of a key that is nowhere, only the application knows.

mod secret;
mod variables;

#[cfg(test)]
mod tests;

pub use secret::{is_secret, masked};

use std::collections::BTreeMap;
use std::fmt;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;
use toml_edit::{Document, Item, Value};

/// A configured value and where it was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// As TOML writes it.
    pub text: String,
    /// As JSON.
    pub value: serde_json::Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, counted from 1.
    File {
        /// As in `config/dev.toml`.
        path: String,
        /// Which line.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}

/// The values of one table, by the path of their key.
pub type Settings = BTreeMap<Vec<String>, Setting>;

/// A file that is not TOML.
#[derive(Debug, Error, Diagnostic)]
#[error("`{path}` is not valid TOML: {message}")]
pub struct ConfigError {
    path: String,
    message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label]
    at: SourceSpan,
}

/// The tables of an umbrella, merged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    tables: BTreeMap<String, Settings>,
}

impl Config {
    /// Lays the text of a file over what is there.
    ///
    /// # Errors
    /// [`ConfigError`] if it is not TOML.
    pub fn with_file(mut self, path: &str, text: &str) -> Result<Self, Box<ConfigError>> {
        let document = Document::parse(text).map_err(|error| {
            let at = error.span().unwrap_or_default().into();
            let (path, message) = (path.to_owned(), error.message().to_owned());
            Box::new(ConfigError { text: NamedSource::new(&path, text.to_owned()), path, message, at })
        })?;
        let line = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        for (name, item) in document.iter() {
            let settings = self.tables.entry(name.to_owned()).or_default();
            let place = document.get_key_value(name).and_then(|(key, _)| key.span());
            let origin = |offset| Origin::File { path: path.to_owned(), line: line(offset) };
            flatten(settings, &mut Vec::new(), item, place.map_or(0, |span| span.start), &origin);
        }
        Ok(self)
    }

    /// Lays environment variables over the tables of `applications`.
    #[must_use]
    pub fn with_variables(
        mut self,
        prefix: &str,
        variables: &[(String, String)],
        applications: &[String],
    ) -> Self {
        for application in applications {
            let found = variables::of_application(prefix, application, variables);
            if !found.is_empty() {
                variables::lay_over(self.tables.entry(application.clone()).or_default(), found);
            }
        }
        self
    }

    /// The values of an application.
    #[must_use]
    pub fn of(&self, application: &str) -> Settings {
        self.tables.get(application).cloned().unwrap_or_default()
    }

    /// The names of all tables.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }
}

/// Sets what `item` holds below `path`; what was there and is no part of the same table is gone.
fn flatten(
    settings: &mut Settings,
    path: &mut Vec<String>,
    item: &Item,
    offset: usize,
    origin: &impl Fn(usize) -> Origin,
) {
    if let Some(table) = item.as_table_like() {
        // A table over a plain value, or over nothing.
        settings.remove(&*path);
        for (name, below) in table.iter() {
            let span = table.get_key_value(name).and_then(|(key, _)| key.span());
            path.push(name.to_owned());
            flatten(settings, path, below, span.map_or(offset, |span| span.start), origin);
            path.pop();
        }
    } else if let Some(setting) = setting(item, origin(offset)) {
        set(settings, path, setting);
    }
}

/// A plain value replaces a table of the same name.
fn set(settings: &mut Settings, path: &[String], setting: Setting) {
    settings.retain(|known, _| !(known.starts_with(path) || path.starts_with(known)));
    settings.insert(path.to_vec(), setting);
}

fn setting(item: &Item, origin: Origin) -> Option<Setting> {
    let text = match item {
        Item::Value(value) => value.clone().decorated("", "").to_string(),
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| Value::InlineTable(table.clone().into_inline_table()));
            Value::from_iter(tables).to_string()
        }
        Item::None | Item::Table(_) => return None,
    };
    Some(Setting { text, value: as_json(item), origin })
}

fn as_json(item: &Item) -> serde_json::Value {
    match item {
        Item::None => serde_json::Value::Null,
        Item::Value(value) => value_as_json(value),
        Item::Table(table) => table.iter().map(|(key, item)| (key.to_owned(), as_json(item))).collect(),
        Item::ArrayOfTables(tables) => {
            let table = |table: &toml_edit::Table| as_json(&Item::Table(table.clone()));
            tables.iter().map(table).collect()
        }
    }
}

fn value_as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(truth) => (*truth.value()).into(),
        Value::Datetime(datetime) => datetime.value().to_string().into(),
        Value::Array(items) => items.iter().map(value_as_json).collect(),
        Value::InlineTable(table) => {
            table.iter().map(|(key, value)| (key.to_owned(), value_as_json(value))).collect()
        }
    }
}
