//! Environment variables over a table, as the runtime reads them.

use toml_edit::{Item, Value};

use super::{Origin, Setting, Settings, as_json, set};

/// How a name is written in an environment variable.
fn screaming(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// The variables of one application: the path of the key as it is written in the variable, its name, its text.
pub(super) fn of_application(
    prefix: &str,
    application: &str,
    variables: &[(String, String)],
) -> Vec<(Vec<String>, Setting)> {
    let prefix = format!("{}__{}__", screaming(prefix), screaming(application));
    let key = |name: &str| name.strip_prefix(&prefix).filter(|key| !key.is_empty()).map(str::to_owned);
    let found = variables.iter().filter_map(|(name, text)| Some((key(name)?, name, text)));
    found.map(|(key, name, text)| (key.split("__").map(str::to_owned).collect(), read(name, text))).collect()
}

/// A TOML value if it reads as one, else the text itself.
fn read(name: &str, text: &str) -> Setting {
    let value = text.parse::<Value>().unwrap_or_else(|_| Value::from(text));
    let item = Item::Value(value);
    let (text, value) = (item.to_string().trim().to_owned(), as_json(&item));
    Setting { text, value, origin: Origin::Variable(name.to_owned()) }
}

/// A key that is written differently in a file (`max-size`) is the same key.
pub(super) fn lay_over(settings: &mut Settings, found: Vec<(Vec<String>, Setting)>) {
    for (path, setting) in found {
        let path = known_path(settings, &path);
        set(settings, &path, setting);
    }
}

fn known_path(settings: &Settings, path: &[String]) -> Vec<String> {
    let mut known: Vec<String> = Vec::with_capacity(path.len());
    for (depth, part) in path.iter().enumerate() {
        let beside = settings.keys().filter(|key| key.starts_with(&known)).filter_map(|key| key.get(depth));
        let same = beside.into_iter().find(|key| screaming(key) == *part).cloned();
        known.push(same.unwrap_or_else(|| part.to_lowercase()));
    }
    known
}
