//! What stands in a manifest, compared and written anew.

use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

/// A dependency as its workspace has it, with what the crate adds to it.
pub(super) fn written_out(said: &Item, own: &Item) -> InlineTable {
    let mut table = match said.clone().into_value() {
        Ok(Value::InlineTable(table)) => table,
        Ok(version) => InlineTable::from_iter([("version", plain(version))]),
        Err(_) => InlineTable::new(),
    };
    for (key, item) in own.as_table_like().into_iter().flat_map(TableLike::iter) {
        let Some(value) = item.as_value() else { continue };
        match (key, value.as_array()) {
            ("workspace", _) => {}
            ("features", Some(features)) => {
                let known = table.get("features").and_then(Value::as_array).cloned().unwrap_or_default();
                let mut all: Vec<String> =
                    known.iter().chain(features).filter_map(Value::as_str).map(str::to_owned).collect();
                all.sort();
                all.dedup();
                table.insert("features", Value::Array(Array::from_iter(all)));
            }
            _ => _ = table.insert(key, plain(value.clone())),
        }
    }
    table
}

pub(super) fn at<'a>(document: &'a DocumentMut, path: &[&str]) -> Option<&'a Item> {
    path.iter().try_fold(document.as_item(), |item, key| item.get(key))
}

/// `x.workspace = true`, `x = { workspace = true, ... }`.
pub(super) fn inherits(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

/// Whether two items say the same, however they are written.
pub(super) fn same(a: &Item, b: &Item) -> bool {
    fn bare(item: &Item) -> String {
        let mut entries: Vec<String> = match (item.as_table_like(), item.as_array()) {
            (Some(table), _) => table.iter().map(|(key, item)| format!("{key}={}", bare(item))).collect(),
            (None, Some(array)) => array.iter().map(|value| bare(&Item::Value(value.clone()))).collect(),
            (None, None) => {
                return item.as_value().map(|value| plain(value.clone()).to_string()).unwrap_or_default();
            }
        };
        entries.sort();
        // A version alone is a table with a version.
        match entries.as_slice() {
            [only] if item.is_table_like() => only.strip_prefix("version=").unwrap_or(only).to_owned(),
            _ => format!("{{{}}}", entries.join(",")),
        }
    }
    bare(a) == bare(b)
}

/// Without the blanks and comments that stood around it.
pub(super) fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::InlineTable(table) => {
            let entries = table.iter().map(|(key, value)| (key.to_owned(), plain(value.clone())));
            *table = InlineTable::from_iter(entries.collect::<Vec<_>>());
        }
        Value::Array(array) => {
            *array = Array::from_iter(array.iter().cloned().map(plain).collect::<Vec<_>>())
        }
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
    value.decor_mut().clear();
    value
}
