//! A configured value and where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A line of a file; the path is relative to the root.
    File {
        /// As in `config/dev.toml`.
        path: Arc<str>,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

pub(super) type Table = BTreeMap<String, Value>;

/// Not `Debug` on purpose: it may be a secret.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) origin: Origin,
    /// The text of an environment variable, for applications that want a string although it reads as a number.
    pub(super) text: Option<String>,
}

#[derive(Clone)]
pub(super) enum Kind {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
    Datetime(Datetime),
    Array(Vec<Value>),
    Table(Table),
}

/// A number that TOML can write and Rust cannot hold.
pub(super) struct OutOfRange {
    pub(super) offset: usize,
}

impl Value {
    /// Takes a parsed value over; `origin` tells the origin of what stands at a byte offset.
    pub(super) fn new(
        value: &DeValue<'_>,
        offset: usize,
        origin: &impl Fn(usize) -> Origin,
    ) -> Result<Self, OutOfRange> {
        let kind = match value {
            DeValue::String(text) => Kind::String(text.to_string()),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                Kind::Integer(parsed.map_err(|_| OutOfRange { offset })?)
            }
            DeValue::Float(number) => {
                Kind::Float(number.as_str().parse().map_err(|_| OutOfRange { offset })?)
            }
            DeValue::Boolean(truth) => Kind::Boolean(*truth),
            DeValue::Datetime(datetime) => Kind::Datetime(*datetime),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| Self::new(item.get_ref(), item.span().start, origin));
                Kind::Array(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => Kind::Table(table_of(table, origin)?),
        };
        Ok(Self { kind, origin: origin(offset), text: None })
    }

    /// Lets `over` win: tables are merged, anything else is replaced.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.kind, over) {
            (Kind::Table(table), Self { kind: Kind::Table(over), .. }) => merge(table, over),
            (_, over) => *self = over,
        }
    }
}

/// Lets `over` win, key by key.
pub(super) fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match table.get_mut(&key) {
            Some(under) => under.merge(value),
            None => {
                table.insert(key, value);
            }
        }
    }
}

/// A parsed table, every value with the place of its key.
pub(super) fn table_of(table: &DeTable<'_>, origin: &impl Fn(usize) -> Origin) -> Result<Table, OutOfRange> {
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let key: (&std::borrow::Cow<'_, str>, usize) = (key.get_ref(), key.span().start);
        Ok((key.0.to_string(), Value::new(value.get_ref(), key.1, origin)?))
    };
    table.iter().map(entry).collect()
}
