//! Terms into JSON, as a protocol says what it answers: what serde_json would have written of the same value.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::into_term::is_result;
use crate::process::{Node, Pid};
use crate::registry::contract::{Content, Definition, Field, Type, Variant};
use crate::term::{Atom, PidParts, Term, snake};

/// What terms are read by.
pub(super) struct FromTerm<'a> {
    pub(super) node: &'a Node,
    pub(super) types: &'a BTreeMap<String, Definition>,
}

impl FromTerm<'_> {
    /// What `term` is as a `ty`; what it is not is shown as it is.
    pub(super) fn value(&self, ty: Option<&Type>, term: &Term) -> Value {
        ty.and_then(|ty| self.typed(ty, term)).unwrap_or_else(|| self.natural(term))
    }

    fn of(&self, ty: &Type, term: &Term) -> Value {
        self.value(Some(ty), term)
    }

    fn typed(&self, ty: &Type, term: &Term) -> Option<Value> {
        match ty {
            Type::Unit | Type::Atom(_) => Some(Value::Null),
            Type::Option(_) if matches!(term.as_atom(), Some("nil" | "undefined")) => Some(Value::Null),
            Type::Option(inner) => Some(self.of(inner, term)),
            Type::Bytes => {
                let Term::Binary(bytes) = term else { return None };
                Some(numbers(bytes))
            }
            Type::List(inner) => {
                let elements = term.as_list()?.iter().map(|element| self.of(inner, element));
                Some(Value::Array(elements.collect()))
            }
            Type::Tuple(types) => Some(self.tuple(types, term.as_tuple()?)),
            Type::Map(key, inner) => {
                let Term::Map(map) = term else { return None };
                Some(self.map(map.iter().map(|(name, value)| (self.of(key, name), self.of(inner, value)))))
            }
            Type::Named(name) => match self.types.get(name)? {
                Definition::Struct(fields) => self.fields(fields, term),
                Definition::Enum(variants) => self.variant(ty, variants, term),
            },
            Type::Special(name) if name == "$raw" => None,
            Type::Unknown
            | Type::Any
            | Type::Bool
            | Type::Integer { .. }
            | Type::Float
            | Type::Char
            | Type::Text
            | Type::Special(_) => None,
        }
    }

    fn tuple(&self, types: &[Type], terms: &[Term]) -> Value {
        Value::Array(types.iter().zip(terms).map(|(ty, term)| self.of(ty, term)).collect())
    }

    /// An object, or a list of pairs, if there are keys that are no text and no numbers.
    fn map(&self, pairs: impl Iterator<Item = (Value, Value)>) -> Value {
        let pairs: Vec<_> = pairs.collect();
        let name = |key: &Value| match key {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let object: Option<Map<String, Value>> =
            pairs.iter().map(|(key, value)| Some((name(key)?, value.clone()))).collect();
        object.map(Value::Object).unwrap_or_else(|| {
            Value::Array(pairs.into_iter().map(|(key, value)| Value::Array(vec![key, value])).collect())
        })
    }

    fn fields(&self, fields: &[Field], term: &Term) -> Option<Value> {
        let Term::Map(map) = term else { return None };
        let field = |field: &Field| {
            let value = map.get(&Term::Atom(Atom::from(field.name.as_str())))?;
            Some((field.name.clone(), self.of(&field.ty, value)))
        };
        Some(Value::Object(fields.iter().filter_map(field).collect()))
    }

    fn variant(&self, ty: &Type, variants: &[Variant], term: &Term) -> Option<Value> {
        let (tag, parts) = match (term.as_atom(), term.as_tuple()) {
            (Some(tag), _) => (tag, &[][..]),
            (None, Some([tag, parts @ ..])) => (tag.as_atom()?, parts),
            (None, _) => return None,
        };
        let name = match tag {
            "ok" if is_result(ty) => "ok".to_owned(),
            "error" if is_result(ty) => "err".to_owned(),
            tag => tag.to_owned(),
        };
        let variant = variants.iter().find(|variant| snake(&variant.name) == name)?;
        let content = match (&variant.content, parts) {
            (Content::Unit | Content::Unknown, []) => return Some(Value::String(variant.name.clone())),
            (Content::One(_), []) => Value::Null,
            (Content::One(inner), [part]) => self.of(inner, part),
            (Content::Tuple(types), parts) => self.tuple(types, parts),
            (Content::Struct(fields), [part]) => self.fields(fields, part)?,
            (Content::Unknown, parts) => Value::Array(parts.iter().map(|part| self.natural(part)).collect()),
            _ => return None,
        };
        Some(Value::Object(Map::from_iter([(variant.name.clone(), content)])))
    }

    /// A term for which nobody says what it should be.
    fn natural(&self, term: &Term) -> Value {
        match term {
            Term::Integer(integer) => Value::from(*integer),
            Term::BigInteger(big) => big_integer(term, big.is_negative(), big.magnitude()),
            Term::Float(float) => Number::from_f64(*float).map_or(Value::Null, Value::Number),
            Term::Atom(atom) => match atom.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "nil" | "undefined" => Value::Null,
                text => Value::String(text.to_owned()),
            },
            Term::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::String(text.to_owned()),
                Err(_) => numbers(bytes),
            },
            Term::List(elements) | Term::Tuple(elements) => {
                Value::Array(elements.iter().map(|element| self.natural(element)).collect())
            }
            Term::Map(map) => {
                self.map(map.iter().map(|(key, value)| (self.natural(key), self.natural(value))))
            }
            Term::Pid(pid) => Value::String(self.pid(pid)),
            Term::BitString { .. }
            | Term::ImproperList(..)
            | Term::Reference(_)
            | Term::Port(_)
            | Term::Fun(_) => Value::String(term.to_string()),
        }
    }

    /// As this node knows it, and as `kill` and `state` take it.
    fn pid(&self, parts: &PidParts) -> String {
        match self.node.node_id(parts.node.as_str()) {
            Ok(node) => Pid::on(node, parts.id, parts.serial, parts.creation).to_string(),
            Err(_) => Term::from(parts.clone()).to_string(),
        }
    }
}

fn numbers(bytes: &[u8]) -> Value {
    Value::Array(bytes.iter().map(|byte| Value::from(*byte)).collect())
}

/// A number, or its digits as text if JSON has no room for it.
fn big_integer(term: &Term, negative: bool, magnitude: &[u8]) -> Value {
    let mut bytes = [0; 8];
    let fits = !negative && magnitude.len() <= bytes.len();
    if !fits {
        return Value::String(term.to_string());
    }
    bytes[..magnitude.len()].copy_from_slice(magnitude);
    Value::from(u64::from_le_bytes(bytes))
}
