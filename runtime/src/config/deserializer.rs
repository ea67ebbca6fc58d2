//! A serde deserializer over a table in which keys that are missing can be assumed to be there.
//!
//! serde stops at the first missing field. To name all of them, [`check`](super::check) deserialises again and again: each
//! missing key found so far is answered with a plausible value ([`Assume::Plausible`]) and each unknown one is hidden
//! ([`Assume::Absent`]), until nothing is missing any more.

use std::collections::BTreeMap;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::failure::Failure;
use super::value::{Kind, Table, Value};

/// What is assumed about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assume {
    /// There is a value, whatever the files say; the number is the how many-th guess it is.
    Plausible(usize),
    /// There is none, whatever the files say.
    Absent,
}

pub(super) type Assumptions = BTreeMap<Vec<String>, Assume>;

/// Guesses for a type that is read from a string.
pub(super) const PLAUSIBLE_STRINGS: [&str; 5] = ["", "127.0.0.1", "127.0.0.1:1", "1s", "http://localhost"];

/// What a part of a path starts with if it is a variant that was only assumed.
pub(super) const ASSUMED_VARIANT: &str = "\0";

/// A place in the table of an application.
#[derive(Clone)]
pub(super) struct Place<'a> {
    what: What<'a>,
    path: Vec<String>,
    assumptions: &'a Assumptions,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Table(&'a Table),
    Value(&'a Value),
    /// Nothing is here; the how many-th guess is wanted.
    Plausible(usize),
}

/// The name under which `toml::value::Datetime` asks for itself, and its only field.
const DATETIME: &str = "$__toml_private_datetime";

impl<'a> Place<'a> {
    /// The table of an application.
    pub(super) fn root(table: &'a Table, assumptions: &'a Assumptions) -> Self {
        Self { what: What::Table(table), path: Vec::new(), assumptions }
    }

    fn below(&self, key: &str, what: What<'a>) -> Self {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        Self { what, path, assumptions: self.assumptions }
    }

    fn assumed(&self, key: &str) -> Option<Assume> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        self.assumptions.get(&path).copied()
    }

    /// What is under a key, after the assumptions.
    fn entry(&self, key: &str, value: &'a Value) -> Option<Self> {
        match self.assumed(key) {
            None => Some(self.below(key, What::Value(value))),
            Some(Assume::Plausible(guess)) => Some(self.below(key, What::Plausible(guess))),
            Some(Assume::Absent) => None,
        }
    }

    /// The entries of a table, those that are only assumed included.
    fn entries(&self, table: Option<&'a Table>) -> Vec<(String, Self)> {
        let real = table.into_iter().flatten();
        let mut entries: Vec<_> =
            real.filter_map(|(key, value)| Some((key.clone(), self.entry(key, value)?))).collect();
        for (path, assume) in self.assumptions {
            let Some((key, parent)) = path.split_last() else { continue };
            if let Assume::Plausible(guess) = assume
                && parent == self.path
                && !table.is_some_and(|table| table.contains_key(key))
            {
                entries.push((key.clone(), self.below(key, What::Plausible(*guess))));
            }
        }
        entries
    }

    fn table(&self) -> Option<&'a Table> {
        match self.what {
            What::Table(table) | What::Value(Value { kind: Kind::Table(table), .. }) => Some(table),
            What::Value(_) | What::Plausible(_) => None,
        }
    }

    fn is_plausible(&self) -> bool {
        matches!(self.what, What::Plausible(_))
    }

    fn visit_table<'de, V: Visitor<'de>>(
        self,
        table: Option<&'a Table>,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let entries = self.entries(table).into_iter();
        visitor.visit_map(Entries { entries, value: None })
    }

    fn visit_value<'de, V: Visitor<'de>>(self, value: &'a Value, visitor: V) -> Result<V::Value, Failure> {
        match &value.kind {
            Kind::Boolean(truth) => visitor.visit_bool(*truth),
            Kind::Integer(number) => visitor.visit_i64(*number),
            Kind::Float(number) => visitor.visit_f64(*number),
            Kind::String(text) => visitor.visit_str(text),
            Kind::Datetime(datetime) => visitor.visit_string(datetime.to_string()),
            Kind::Array(items) => {
                let place = |(i, item)| self.entry(&format!("[{i}]"), item);
                visitor.visit_seq(Items(
                    items.iter().enumerate().filter_map(place).collect::<Vec<_>>().into_iter(),
                ))
            }
            Kind::Table(table) => self.visit_table(Some(table), visitor),
        }
    }
}

macro_rules! plausible {
    ($($method:ident => $visit:ident($value:expr)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            if self.is_plausible() { visitor.$visit($value) } else { self.deserialize_any(visitor) }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Place<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.what {
            What::Table(table) => self.visit_table(Some(table), visitor),
            What::Value(value) => self.visit_value(value, visitor),
            What::Plausible(guess) => visitor.visit_str(plausible_string(guess)),
        }
    }

    // 1 rather than 0: it is also a plausible port, pool size, divisor.
    plausible! {
        deserialize_bool => visit_bool(false),
        deserialize_i8 => visit_i8(1), deserialize_i16 => visit_i16(1), deserialize_i32 => visit_i32(1),
        deserialize_i64 => visit_i64(1), deserialize_i128 => visit_i128(1),
        deserialize_u8 => visit_u8(1), deserialize_u16 => visit_u16(1), deserialize_u32 => visit_u32(1),
        deserialize_u64 => visit_u64(1), deserialize_u128 => visit_u128(1),
        deserialize_f32 => visit_f32(1.0), deserialize_f64 => visit_f64(1.0),
        deserialize_char => visit_char('a'),
        deserialize_bytes => visit_bytes(&[]), deserialize_byte_buf => visit_byte_buf(Vec::new()),
        deserialize_seq => visit_seq(Items(Vec::new().into_iter())),
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.what {
            // `ABC__B__TOKEN=123` is a string if the application wants one.
            What::Value(Value { text: Some(text), .. }) => visitor.visit_str(text),
            What::Table(_) | What::Value(_) | What::Plausible(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.is_plausible() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.what {
            What::Plausible(_) => visitor.visit_unit(),
            What::Table(table) => match self.entries(Some(table)).first() {
                None => visitor.visit_unit(),
                Some((key, _)) => Err(Failure::unknown(key)),
            },
            What::Value(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        let What::Plausible(guess) = self.what else { return self.deserialize_any(visitor) };
        let items: Vec<_> = (0..len).map(|i| self.below(&format!("[{i}]"), What::Plausible(guess))).collect();
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.is_plausible() { self.visit_table(None, visitor) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        if name == DATETIME {
            let text = match self.what {
                What::Value(Value { kind: Kind::Datetime(datetime), .. }) => datetime.to_string(),
                What::Plausible(_) => "1970-01-01T00:00:00Z".to_owned(),
                What::Table(_) | What::Value(_) => return self.deserialize_any(visitor),
            };
            return visitor.visit_map(de::value::MapDeserializer::new([(DATETIME, text)].into_iter()));
        }
        let table = self.table();
        if table.is_none() && !self.is_plausible() {
            return self.deserialize_any(visitor);
        }
        let mut entries = self.entries(table);
        // A variable spells `max-size` as MAX_SIZE; here the type says which spelling is meant.
        for (key, place) in &mut entries {
            if place.is_from_variable() && !fields.contains(&key.as_str()) {
                let spelt =
                    |field: &&&str| super::variables::screaming(field) == super::variables::screaming(key);
                if let Some(field) = fields.iter().find(spelt) {
                    *key = (*field).to_owned();
                }
            }
        }
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        if let What::Plausible(guess) = self.what {
            let name = variants.first().copied().unwrap_or_default().to_owned();
            let content = self.below(&assumed_variant(&name), What::Plausible(guess));
            return visitor.visit_enum(Variant { name, content: Some(content) });
        }
        if let Some(table) = self.table() {
            let mut entries = self.entries(Some(table)).into_iter();
            return match (entries.next(), entries.next()) {
                (Some((name, content)), None) => visitor.visit_enum(Variant { name, content: Some(content) }),
                _ => Err(de::Error::invalid_value(de::Unexpected::Map, &"a table with one key, the variant")),
            };
        }
        match self.what {
            What::Value(Value { kind: Kind::String(name), .. } | Value { text: Some(name), .. }) => {
                visitor.visit_enum(Variant { name: name.clone(), content: None })
            }
            What::Table(_) | What::Value(_) | What::Plausible(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }
}

impl Place<'_> {
    fn is_from_variable(&self) -> bool {
        match self.what {
            What::Value(value) => matches!(value.origin, super::value::Origin::Variable(_)),
            What::Table(_) | What::Plausible(_) => false,
        }
    }
}

fn plausible_string(guess: usize) -> &'static str {
    PLAUSIBLE_STRINGS.get(guess).copied().unwrap_or_default()
}

/// How a variant that was only assumed stands in a path. What is missing in it is not reported: another variant may
/// be meant.
fn assumed_variant(name: &str) -> String {
    format!("{ASSUMED_VARIANT}{name}")
}

/// The entries of a table, handed to a visitor.
struct Entries<'a> {
    entries: std::vec::IntoIter<(String, Place<'a>)>,
    value: Option<(String, Place<'a>)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some((key, place)) = self.entries.next() else { return Ok(None) };
        let answer: StringDeserializer<Failure> = key.clone().into_deserializer();
        self.value = Some((key, place));
        seed.deserialize(answer).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        match self.value.take() {
            Some((key, place)) => seed.deserialize(place).map_err(|failure| failure.below(&key)),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

/// The elements of an array, handed to a visitor.
struct Items<'a>(std::vec::IntoIter<Place<'a>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(place) = self.0.next() else { return Ok(None) };
        let key = place.path.last().cloned().unwrap_or_default();
        seed.deserialize(place).map(Some).map_err(|failure| failure.below(&key))
    }
}

/// A variant by name, with its content if it has one.
struct Variant<'a> {
    name: String,
    content: Option<Place<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Failure;
    type Variant = Content<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'a>), Failure> {
        let name: StringDeserializer<Failure> = self.name.clone().into_deserializer();
        Ok((seed.deserialize(name)?, Content { name: self.name, place: self.content }))
    }
}

struct Content<'a> {
    name: String,
    place: Option<Place<'a>>,
}

impl Content<'_> {
    fn read<T>(self, read: impl FnOnce(Place<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        match self.place {
            Some(place) if place.is_plausible() => {
                read(place).map_err(|failure| failure.below(&assumed_variant(&self.name)))
            }
            Some(place) => read(place).map_err(|failure| failure.below(&self.name)),
            None => Err(de::Error::invalid_type(de::Unexpected::UnitVariant, &"a variant with content")),
        }
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match self.place {
            Some(place) if !place.is_plausible() => {
                Err(de::Error::invalid_type(de::Unexpected::Map, &"a variant without content"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failure> {
        self.read(|place| seed.deserialize(place))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.read(|place| de::Deserializer::deserialize_tuple(place, len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.read(|place| de::Deserializer::deserialize_struct(place, "", fields, visitor))
    }
}
