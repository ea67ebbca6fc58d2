//! The format that says yes to everything.

use std::any::type_name;
use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::schema::{Content, Field, Type};
use super::trace::Trace;

/// Answers what a type asks for, and remembers what that was.
pub(super) struct Listener<'a> {
    pub(super) trace: &'a mut Trace,
    pub(super) into: &'a mut Type,
}

/// The type does not take what it asked for, or never ends.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not taken")
    }
}

impl std::error::Error for Refused {}

impl serde::de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Answer<V> = Result<V, Refused>;

impl<'a> Listener<'a> {
    fn learn(&mut self, ty: Type) -> &mut Self {
        self.into.learn(ty);
        self
    }

    /// Reads parts that stand one after the other.
    fn parts<'de, V: Visitor<'de>>(
        trace: &mut Trace,
        count: usize,
        visitor: V,
    ) -> (Vec<Type>, Answer<V::Value>) {
        let mut types = vec![Type::Unknown; count.min(MAX_PARTS)];
        let answer = visitor.visit_seq(Parts { trace, types: types.iter_mut() });
        (types, answer)
    }

    /// Reads fields by their names.
    fn fields<'de, V: Visitor<'de>>(
        trace: &mut Trace,
        names: &'static [&'static str],
        omitted: Option<usize>,
        visitor: V,
    ) -> (Vec<Field>, Answer<V::Value>) {
        let unknown = |name: &&str| Field { name: (*name).to_owned(), ty: Type::Unknown, optional: false };
        let mut fields: Vec<_> = names.iter().map(unknown).collect();
        let answer = visitor.visit_map(Fields { trace, names, fields: &mut fields, omitted, at: 0 });
        for field in &mut fields {
            // Serde reads what is missing as nothing.
            field.optional = matches!(field.ty, Type::Option(_));
        }
        (fields, answer)
    }
}

/// More parts than any tuple has.
const MAX_PARTS: usize = 1 << 10;

macro_rules! simple {
    ($($deserialize:ident($ty:expr) $visit:ident($($value:expr)?);)*) => {
        $(fn $deserialize<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
            self.learn($ty);
            visitor.$visit($($value)?)
        })*
    };
}

const fn integer(signed: bool, bits: u8) -> Type {
    Type::Integer { signed, bits }
}

impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = Refused;

    // Numbers are 1, since there are types that refuse 0.
    simple! {
        deserialize_any(Type::Any) visit_unit();
        deserialize_bool(Type::Bool) visit_bool(true);
        deserialize_i8(integer(true, 8)) visit_i8(1);
        deserialize_i16(integer(true, 16)) visit_i16(1);
        deserialize_i32(integer(true, 32)) visit_i32(1);
        deserialize_i64(integer(true, 64)) visit_i64(1);
        deserialize_i128(integer(true, 128)) visit_i128(1);
        deserialize_u8(integer(false, 8)) visit_u8(1);
        deserialize_u16(integer(false, 16)) visit_u16(1);
        deserialize_u32(integer(false, 32)) visit_u32(1);
        deserialize_u64(integer(false, 64)) visit_u64(1);
        deserialize_u128(integer(false, 128)) visit_u128(1);
        deserialize_f32(Type::Float) visit_f32(1.0);
        deserialize_f64(Type::Float) visit_f64(1.0);
        deserialize_char(Type::Char) visit_char('a');
        deserialize_unit(Type::Unit) visit_unit();
        deserialize_identifier(Type::Text) visit_str("a");
        deserialize_ignored_any(Type::Any) visit_unit();
    }

    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.learn(Type::Text);
        let who = type_name::<V>();
        let answer = visitor.visit_str(self.trace.text_for(who));
        answer.inspect_err(|_| self.trace.refused(who))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.learn(Type::Bytes);
        let who = type_name::<V>();
        let answer = visitor.visit_bytes(self.trace.bytes_for(who));
        answer.inspect_err(|_| self.trace.refused(who))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Answer<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.trace.nest()?;
        let mut inner = Type::Unknown;
        let answer = if self.trace.is_ending() {
            visitor.visit_none()
        } else {
            visitor.visit_some(Listener { trace: self.trace, into: &mut inner })
        };
        self.trace.unnest();
        self.learn(Type::Option(Box::new(inner)));
        answer
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Answer<V::Value> {
        self.learn(Type::Atom(name.to_owned()));
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Answer<V::Value> {
        if !name.starts_with('$') {
            let within = self.trace.enter(type_name::<V::Value>());
            let answer = match within {
                true => visitor.visit_newtype_struct(Listener { trace: &mut *self.trace, into: self.into }),
                false => Err(Refused),
            };
            self.trace.leave();
            return answer;
        }
        self.learn(Type::Special(name.to_owned()));
        visitor.visit_newtype_struct(Listener { trace: self.trace, into: &mut Type::Unknown })
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.trace.nest()?;
        let count = usize::from(!self.trace.is_ending());
        let (mut types, answer) = Listener::parts(self.trace, count, visitor);
        self.trace.unnest();
        self.learn(Type::List(Box::new(types.pop().unwrap_or(Type::Unknown))));
        answer
    }

    fn deserialize_tuple<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Answer<V::Value> {
        self.trace.nest()?;
        let (types, answer) = Listener::parts(self.trace, len, visitor);
        self.trace.unnest();
        self.learn(Type::Tuple(types));
        answer
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Answer<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Answer<V::Value> {
        self.trace.nest()?;
        let (mut key, mut value) = (Type::Unknown, Type::Unknown);
        let is_done = self.trace.is_ending();
        let answer =
            visitor.visit_map(Entry { trace: self.trace, key: &mut key, value: &mut value, is_done });
        self.trace.unnest();
        self.learn(Type::Map(Box::new(key), Box::new(value)));
        answer
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        let name = type_name::<V::Value>();
        self.learn(Type::Named(name.to_owned()));
        let answer = if self.trace.enter(name) {
            let omitted = self.trace.omits(name);
            let (fields, answer) = Listener::fields(self.trace, names, omitted, visitor);
            self.trace.read_struct(name, fields);
            answer
        } else {
            Err(Refused)
        };
        self.trace.leave();
        answer
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Answer<V::Value> {
        let name = type_name::<V::Value>();
        self.learn(Type::Named(name.to_owned()));
        // Chosen before it is entered: within itself it ends.
        let deep = !self.trace.enter(name);
        let answer = match self.trace.choose(name, variants) {
            Some(at) if !deep => {
                let mut content = Content::Unknown;
                let taken = Taken { trace: self.trace, variant: variants[at], content: &mut content };
                let answer = visitor.visit_enum(taken);
                self.trace.read_variant(name, at, content, answer.is_ok());
                answer
            }
            _ => Err(Refused),
        };
        self.trace.leave();
        answer
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Parts that stand one after the other.
struct Parts<'a> {
    trace: &'a mut Trace,
    types: std::slice::IterMut<'a, Type>,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<Option<S::Value>> {
        let Some(into) = self.types.next() else { return Ok(None) };
        seed.deserialize(Listener { trace: self.trace, into }).map(Some)
    }
}

/// One entry of a map.
struct Entry<'a> {
    trace: &'a mut Trace,
    key: &'a mut Type,
    value: &'a mut Type,
    is_done: bool,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<Option<S::Value>> {
        if std::mem::replace(&mut self.is_done, true) {
            return Ok(None);
        }
        seed.deserialize(Listener { trace: self.trace, into: self.key }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<S::Value> {
        seed.deserialize(Listener { trace: self.trace, into: self.value })
    }
}

/// The fields of a struct, but for one.
struct Fields<'a> {
    trace: &'a mut Trace,
    names: &'static [&'static str],
    fields: &'a mut [Field],
    omitted: Option<usize>,
    at: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<Option<S::Value>> {
        if self.omitted == Some(self.at) {
            self.at += 1;
        }
        let Some(name) = self.names.get(self.at) else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Answer<S::Value> {
        let into = &mut self.fields.get_mut(self.at).ok_or(Refused)?.ty;
        self.at += 1;
        seed.deserialize(Listener { trace: self.trace, into })
    }
}

/// The variant that is taken this time.
struct Taken<'a> {
    trace: &'a mut Trace,
    variant: &'static str,
    content: &'a mut Content,
}

impl<'de> EnumAccess<'de> for Taken<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Answer<(S::Value, Self)> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.variant))?, self))
    }
}

impl<'de> VariantAccess<'de> for Taken<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Answer<()> {
        *self.content = Content::Unit;
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Answer<S::Value> {
        let mut into = Type::Unknown;
        let answer = seed.deserialize(Listener { trace: self.trace, into: &mut into });
        *self.content = Content::One(into);
        answer
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Answer<V::Value> {
        let (types, answer) = Listener::parts(self.trace, len, visitor);
        *self.content = Content::Tuple(types);
        answer
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Answer<V::Value> {
        let (fields, answer) = Listener::fields(self.trace, names, None, visitor);
        *self.content = Content::Struct(fields);
        answer
    }
}
