//! JSON into terms, as a protocol says what it takes.
//!
//! JSON is read as serde_json would read it into the same type: structs are objects, a variant that holds nothing is its
//! name, one that holds something an object with one key.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::signature::{last_part, written};
use crate::process::Node;
use crate::registry::contract::{Content, Definition, Field, Type, Variant};
use crate::term::{Atom, Term, snake};

/// What JSON is read by.
pub(super) struct IntoTerm<'a> {
    pub(super) node: &'a Node,
    pub(super) types: &'a BTreeMap<String, Definition>,
}

/// Why JSON is not what was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where in the argument: `.items[2]`.
    at: String,
    text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.text),
            at => write!(f, "at `{at}`: {}", self.text),
        }
    }
}

impl Problem {
    fn new(text: impl Into<String>) -> Self {
        Self { at: String::new(), text: text.into() }
    }

    fn within(self, at: impl fmt::Display) -> Self {
        Self { at: format!("{at}{}", self.at), ..self }
    }
}

type Read = Result<Term, Problem>;

fn expected(ty: &Type, found: &Value) -> Problem {
    Problem::new(format!("expected {}, found {}", written(ty), shown(found)))
}

/// A value and what it is, cut to what fits in a line.
fn shown(value: &Value) -> String {
    let kind = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(60) {
        text.truncate(end);
        text.push('…');
    }
    format!("{text} ({kind})")
}

impl IntoTerm<'_> {
    /// The term that `value` is as a `ty`.
    pub(super) fn term(&self, ty: &Type, value: &Value) -> Read {
        let wrong = || expected(ty, value);
        match ty {
            Type::Unknown | Type::Any => natural(value),
            Type::Unit => value.is_null().then(|| Term::atom("ok")).ok_or_else(wrong),
            Type::Bool => value.as_bool().map(boolean).ok_or_else(wrong),
            Type::Integer { signed, bits } => integer(*signed, *bits, value).ok_or_else(wrong),
            Type::Float => value.as_f64().map(Term::Float).ok_or_else(wrong),
            Type::Char => one_char(value).map(Term::text).ok_or_else(wrong),
            Type::Text => match value {
                Value::String(text) => Ok(Term::text(text)),
                Value::Number(_) | Value::Bool(_) | Value::Null => {
                    Err(Problem::new(format!("{}; text is written '\"{value}\"'", wrong().text)))
                }
                Value::Array(_) | Value::Object(_) => Err(wrong()),
            },
            Type::Bytes => bytes(value).ok_or_else(wrong),
            Type::Atom(name) => unit_struct(name, value).ok_or_else(wrong),
            Type::Special(name) => self.special(name, value).ok_or_else(wrong),
            Type::Option(_) if value.is_null() => Ok(Term::atom("nil")),
            Type::Option(inner) => self.term(inner, value),
            Type::List(inner) => {
                let elements = value.as_array().ok_or_else(wrong)?;
                self.elements(std::iter::repeat(&**inner), elements).map(Term::List)
            }
            Type::Tuple(types) => self.tuple(ty, types, value).map(Term::Tuple),
            Type::Map(key, inner) => self.map(ty, key, inner, value),
            Type::Named(name) => match self.types.get(name) {
                None => natural(value),
                Some(Definition::Struct(fields)) => self.fields(ty, fields, value),
                Some(Definition::Enum(variants)) => self.variant(ty, variants, value),
            },
        }
    }

    fn elements<'t>(
        &self,
        types: impl Iterator<Item = &'t Type>,
        values: &[Value],
    ) -> Result<Vec<Term>, Problem> {
        let element = |(at, (ty, value)): (usize, (&Type, &Value))| {
            self.term(ty, value).map_err(|problem| problem.within(format_args!("[{at}]")))
        };
        types.zip(values).enumerate().map(element).collect()
    }

    fn tuple(&self, ty: &Type, types: &[Type], value: &Value) -> Result<Vec<Term>, Problem> {
        let elements = value.as_array().filter(|elements| elements.len() == types.len());
        let elements = elements.ok_or_else(|| {
            let problem = expected(ty, value);
            Problem::new(format!("{}; it is a list of {}", problem.text, types.len()))
        })?;
        self.elements(types.iter(), elements)
    }

    /// An object, or a list of pairs, for keys that are no text.
    fn map(&self, ty: &Type, key: &Type, inner: &Type, value: &Value) -> Read {
        let pair = |written: &Value, value: &Value, name: &str| {
            let problem = |problem: Problem| problem.within(format_args!(".{name}"));
            Ok((self.term(key, written).map_err(problem)?, self.term(inner, value).map_err(problem)?))
        };
        let pairs: Result<_, Problem> = match value {
            Value::Object(object) => {
                let key_of = |name: &String| match (key, name.parse::<serde_json::Number>()) {
                    (Type::Integer { .. } | Type::Float, Ok(number)) => Value::Number(number),
                    _ => Value::String(name.clone()),
                };
                object.iter().map(|(name, value)| pair(&key_of(name), value, name)).collect()
            }
            Value::Array(pairs) => pairs
                .iter()
                .map(|both| match both.as_array().map(Vec::as_slice) {
                    Some([written, value]) => pair(written, value, &written.to_string()),
                    _ => Err(expected(ty, both)),
                })
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(expected(ty, value)),
        };
        pairs.map(Term::Map)
    }

    fn fields(&self, ty: &Type, fields: &[Field], value: &Value) -> Read {
        let object = value.as_object().ok_or_else(|| expected(ty, value))?;
        let known = || fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ");
        if let Some(unknown) = object.keys().find(|name| fields.iter().all(|field| field.name != **name)) {
            return Err(Problem::new(format!(
                "{} has no field `{unknown}`; its fields: {}",
                written(ty),
                known()
            )));
        }
        let mut pairs = Vec::new();
        for field in fields {
            match object.get(&field.name) {
                Some(value) => {
                    let term = self.term(&field.ty, value);
                    let term = term.map_err(|problem| problem.within(format_args!(".{}", field.name)))?;
                    pairs.push((Term::Atom(Atom::from(field.name.as_str())), term));
                }
                None if field.optional => {}
                None => {
                    let text = format!(
                        "the field `{}: {}` of {} is missing",
                        field.name,
                        written(&field.ty),
                        written(ty)
                    );
                    return Err(Problem::new(text));
                }
            }
        }
        Ok(Term::Map(pairs.into_iter().collect()))
    }

    fn variant(&self, ty: &Type, variants: &[Variant], value: &Value) -> Read {
        let (name, content) = match value {
            Value::String(name) => (name.as_str(), None),
            Value::Object(object) => match one(object) {
                Some((name, content)) => (name, Some(content)),
                None => return Err(expected(ty, value)),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(expected(ty, value));
            }
        };
        // As it is written in Rust, or as it is seen on the wire.
        let is_meant = |variant: &&Variant| variant.name == name || snake(&variant.name) == name;
        let Some(variant) = variants.iter().find(is_meant) else {
            let known: Vec<_> = variants.iter().map(|variant| format!("`{}`", variant.name)).collect();
            let (ty, known) = (written(ty), known.join(", "));
            return Err(Problem::new(format!("{ty} has no variant `{name}`; its variants: {known}")));
        };
        let tag = tag(ty, &variant.name);
        let content = content.unwrap_or(&Value::Null);
        let term = match &variant.content {
            Content::Unit | Content::Unknown if content.is_null() => return Ok(tag),
            Content::Unit => Err(expected(&Type::Unit, content)),
            Content::Unknown => natural(content).map(|term| vec![term]),
            // The wire leaves out what `Ok(())` holds.
            Content::One(Type::Unit) if is_result(ty) && content.is_null() => return Ok(tag),
            Content::One(inner) => self.term(inner, content).map(|term| vec![term]),
            Content::Tuple(types) => self.tuple(&Type::Tuple(types.clone()), types, content),
            Content::Struct(fields) => self.fields(ty, fields, content).map(|term| vec![term]),
        };
        let parts = term.map_err(|problem| problem.within(format_args!(".{name}")))?;
        Ok(Term::Tuple([tag].into_iter().chain(parts).collect()))
    }

    fn special(&self, name: &str, value: &Value) -> Option<Term> {
        match name {
            "$atom" => value.as_str().map(|text| Term::Atom(Atom::from(text))),
            "$raw" => natural(value).ok(),
            "$pid" => {
                let found = super::find(self.node, value.as_str()?).ok()?;
                let pid = found.head().pid;
                let node = Atom::from(self.node.full_name());
                let (id, serial, creation) = (pid.id(), pid.serial(), pid.creation());
                Some(crate::term::PidParts { node, id, serial, creation }.into())
            }
            _ => None,
        }
    }
}

/// What a variant is called on the wire.
fn tag(ty: &Type, name: &str) -> Term {
    match name {
        "Ok" if is_result(ty) => Term::atom("ok"),
        "Err" if is_result(ty) => Term::atom("error"),
        _ => Term::Atom(Atom::from(snake(name).as_str())),
    }
}

/// Whether it is an enum called `Result`, which has a form of its own on the wire.
pub(super) fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Named(path) if last_part(path).split('<').next() == Some("Result"))
}

fn one(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    let (name, content) = entries.next()?;
    entries.next().is_none().then_some((name, content))
}

fn boolean(is: bool) -> Term {
    Term::atom(if is { "true" } else { "false" })
}

fn integer(signed: bool, bits: u8, value: &Value) -> Option<Term> {
    let number = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))?;
    let fits = match (signed, u32::from(bits)) {
        (true, bits @ 0..128) => (-(1_i128 << (bits - 1))..1_i128 << (bits - 1)).contains(&number),
        (false, bits @ 0..=64) => (0..1_i128 << bits).contains(&number),
        (signed, _) => signed || number >= 0,
    };
    if !fits {
        return None;
    }
    value.as_i64().map(Term::Integer).or_else(|| value.as_u64().map(Term::unsigned))
}

fn one_char(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| text.chars().count() == 1)
}

/// Text, or a list of numbers.
fn bytes(value: &Value) -> Option<Term> {
    if let Value::String(text) = value {
        return Some(Term::text(text));
    }
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    value.as_array()?.iter().map(byte).collect::<Option<_>>().map(Term::Binary)
}

fn unit_struct(name: &str, value: &Value) -> Option<Term> {
    let is_meant = value.is_null() || value.as_str() == Some(name);
    is_meant.then(|| Term::Atom(Atom::from(snake(name).as_str())))
}

/// JSON as it would be written in Elixir, where nobody says what it should be.
fn natural(value: &Value) -> Read {
    Ok(match value {
        Value::Null => Term::atom("nil"),
        Value::Bool(is) => boolean(*is),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Term::Integer(integer),
            (_, Some(integer), _) => Term::unsigned(integer),
            (_, _, Some(float)) => Term::Float(float),
            _ => return Err(Problem::new(format!("{number} is too large a number"))),
        },
        Value::String(text) => Term::text(text),
        Value::Array(elements) => Term::List(elements.iter().map(natural).collect::<Result<_, _>>()?),
        Value::Object(object) => {
            let pair = |(name, value): (&String, &Value)| Ok((Term::text(name), natural(value)?));
            Term::Map(object.iter().map(pair).collect::<Result<_, Problem>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn integers_are_those_that_fit() {
        let table = [
            (true, 8, json!(-128), true),
            (true, 8, json!(128), false),
            (false, 8, json!(255), true),
            (false, 8, json!(-1), false),
            (false, 64, json!(u64::MAX), true),
            (true, 64, json!(u64::MAX), false),
            (true, 128, json!(u64::MAX), true),
            (false, 128, json!(-1), false),
            (true, 64, json!(1.5), false),
            (true, 64, json!("1"), false),
        ];
        for (signed, bits, value, fits) in table {
            assert_eq!(integer(signed, bits, &value).is_some(), fits, "{signed} {bits} {value}");
        }
    }

    #[test]
    fn what_is_shown_of_a_value_fits_in_a_line() {
        assert_eq!(shown(&json!("x")), "\"x\" (text)");
        assert_eq!(shown(&json!(null)), "null");
        assert!(shown(&json!(vec!["äöü"; 100])).chars().count() < 80);
    }
}
