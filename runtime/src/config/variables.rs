//! PURE: environment variables as configuration.

use std::sync::Arc;

use toml::de::DeValue;

use super::value::{Kind, Origin, Table, Value};

/// The variables that start with `<PREFIX>__`, for any of the prefixes.
#[derive(Clone, Default)]
pub(super) struct Variables {
    /// The name without the prefix, the whole name, the text. A later one wins.
    found: Vec<(String, String, String)>,
}

impl Variables {
    /// Of two variables for one key, the one with the later prefix wins.
    pub(super) fn new(prefixes: &[&str], variables: &[(String, String)]) -> Self {
        let mut found = Vec::new();
        for prefix in prefixes {
            let prefix = format!("{}__", screaming(prefix));
            for (name, text) in variables {
                if let Some(rest) = name.strip_prefix(&prefix) {
                    found.push((rest.to_owned(), name.clone(), text.clone()));
                }
            }
        }
        Self { found }
    }

    /// Lays the variables of an application over its table.
    pub(super) fn apply(&self, application: &str, table: &mut Table) {
        let application = format!("{}__", screaming(application));
        for (rest, name, text) in &self.found {
            let Some(key) = rest.strip_prefix(&application).filter(|key| !key.is_empty()) else { continue };
            let path: Vec<_> = key.split("__").collect();
            insert(table, &path, value_of(name, text));
        }
    }
}

/// The variable that sets a key: `screaming_name("abc", "b", ["pool", "size"])` is `ABC__B__POOL__SIZE`.
pub(super) fn variable_name(prefix: &str, application: &str, path: &[String]) -> String {
    let parts = [prefix, application].into_iter().chain(path.iter().map(String::as_str));
    parts.map(screaming).collect::<Vec<_>>().join("__")
}

/// How a name is written in an environment variable.
pub(super) fn screaming(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// A TOML value if it reads as one, else the text itself.
fn value_of(name: &str, text: &str) -> Value {
    let origin = Origin::Variable(Arc::from(name));
    let parsed = DeValue::parse(text).ok();
    let value = parsed.and_then(|value| Value::new(value.get_ref(), 0, &|_| origin.clone()).ok());
    match value {
        Some(value) if matches!(value.kind, Kind::String(_)) => value,
        Some(value) => Value { text: Some(text.to_owned()), ..value },
        None => Value { kind: Kind::String(text.to_owned()), origin, text: None },
    }
}

/// Sets a key, making the tables on the way. A key that is written differently in a file (`max-size`) is the same key.
fn insert(table: &mut Table, path: &[&str], value: Value) {
    let Some((key, rest)) = path.split_first() else { return };
    let known = table.keys().find(|known| screaming(known) == *key).cloned();
    let key = known.unwrap_or_else(|| key.to_lowercase());
    if rest.is_empty() {
        match table.get_mut(&key) {
            Some(under) => under.merge(value),
            None => drop(table.insert(key, value)),
        }
        return;
    }
    let empty = || Value { kind: Kind::Table(Table::new()), origin: value.origin.clone(), text: None };
    let inner = table.entry(key).or_insert_with(empty);
    if !matches!(inner.kind, Kind::Table(_)) {
        *inner = empty();
    }
    if let Kind::Table(inner) = &mut inner.kind {
        insert(inner, rest, value);
    }
}
