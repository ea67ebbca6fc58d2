//! PURE: what is different between two configurations of one application.

use super::section::Section;
use super::value::{Kind, Table, Value};

/// The keys of an application's table that are not as they were, each list in order.
///
/// A key within a table is told as the key of the outermost table, and no values are told: they may be secrets.
///
/// Source: OTP `application_controller:do_config_diff/2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// There before and now, with another value.
    pub(crate) changed: Vec<String>,
    /// There only now.
    pub(crate) added: Vec<String>,
    /// There only before.
    pub(crate) removed: Vec<String>,
}

impl Difference {
    /// Compares.
    pub(crate) fn between(before: &Section<'_>, now: &Section<'_>) -> Self {
        let (before, now) = (&before.table, &now.table);
        let mut difference = Self { removed: keys_missing_in(now, before), ..Self::default() };
        for (key, value) in now {
            match before.get(key) {
                None => difference.added.push(key.clone()),
                Some(before) if !is_same(before, value) => difference.changed.push(key.clone()),
                Some(_) => {}
            }
        }
        difference
    }

    /// Whether nothing is different.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn keys_missing_in(table: &Table, of: &Table) -> Vec<String> {
    of.keys().filter(|key| !table.contains_key(*key)).cloned().collect()
}

/// Whether two values are the same, wherever they come from.
fn is_same(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Boolean(a), Kind::Boolean(b)) => a == b,
        (Kind::Integer(a), Kind::Integer(b)) => a == b,
        // By bits, so that `nan` does not change all the time.
        (Kind::Float(a), Kind::Float(b)) => a.to_bits() == b.to_bits(),
        (Kind::String(a), Kind::String(b)) => a == b,
        (Kind::Datetime(a), Kind::Datetime(b)) => a == b,
        (Kind::Array(a), Kind::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Kind::Table(a), Kind::Table(b)) => {
            let same =
                |((a_key, a), (b_key, b)): ((&String, _), (&String, _))| a_key == b_key && is_same(a, b);
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
        (
            Kind::Boolean(_)
            | Kind::Integer(_)
            | Kind::Float(_)
            | Kind::String(_)
            | Kind::Datetime(_)
            | Kind::Array(_)
            | Kind::Table(_),
            _,
        ) => false,
    }
}
