//! A number that is the same for protocols that are the same on the wire.

use std::hash::Hasher;

use super::Described;
use super::schema::{Content, Contract, Definition, Field, Type};
use crate::process::StableHasher;

impl Contract {
    /// The same for two contracts whose messages are written and read alike; what their types are called does not count.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut walk = Walk { contract: self, seen: Vec::new(), hasher: StableHasher::default() };
        for handler in &self.handlers {
            walk.text(&handler.name);
            walk.tag(handler.kind as u8);
            walk.fields(&handler.arguments);
            handler.reply.iter().for_each(|reply| walk.ty(reply));
            walk.end();
        }
        walk.hasher.finish()
    }
}

/// The same for two programs whose protocols have the same names and are the same.
pub(crate) fn of_all<'a>(protocols: impl IntoIterator<Item = &'a Described>) -> u64 {
    let mut hasher = StableHasher::default();
    for Described { protocol, fingerprint, .. } in protocols {
        for text in [protocol, fingerprint] {
            hasher.write(text.as_bytes());
            hasher.write(&[0xff]);
        }
    }
    hasher.finish()
}

struct Walk<'a> {
    contract: &'a Contract,
    /// A type is known by when it came first.
    seen: Vec<&'a str>,
    hasher: StableHasher,
}

impl<'a> Walk<'a> {
    fn tag(&mut self, tag: u8) {
        self.hasher.write(&[tag]);
    }

    fn end(&mut self) {
        self.tag(0);
    }

    fn text(&mut self, text: &str) {
        self.hasher.write(text.as_bytes());
        // No text has this byte.
        self.tag(0xff);
    }

    fn all(&mut self, types: &'a [Type]) {
        types.iter().for_each(|ty| self.ty(ty));
        self.end();
    }

    fn fields(&mut self, fields: &'a [Field]) {
        for field in fields {
            self.text(&field.name);
            self.tag(u8::from(field.optional));
            self.ty(&field.ty);
        }
        self.end();
    }

    fn ty(&mut self, ty: &'a Type) {
        match ty {
            Type::Unknown => self.tag(1),
            Type::Any => self.tag(2),
            Type::Unit => self.tag(3),
            Type::Bool => self.tag(4),
            Type::Integer { signed, bits } => self.hasher.write(&[5, u8::from(*signed), *bits]),
            Type::Float => self.tag(6),
            Type::Char => self.tag(7),
            Type::Text => self.tag(8),
            Type::Bytes => self.tag(9),
            Type::Atom(name) => {
                self.tag(10);
                self.text(name);
            }
            Type::Special(name) => {
                self.tag(11);
                self.text(name);
            }
            Type::Option(inner) => {
                self.tag(12);
                self.ty(inner);
            }
            Type::List(inner) => {
                self.tag(13);
                self.ty(inner);
            }
            Type::Tuple(all) => {
                self.tag(14);
                self.all(all);
            }
            Type::Map(key, value) => {
                self.tag(15);
                self.ty(key);
                self.ty(value);
            }
            Type::Named(name) => self.named(name),
        }
    }

    fn named(&mut self, name: &'a str) {
        if let Some(known) = self.seen.iter().position(|seen| *seen == name) {
            self.tag(16);
            self.hasher.write(&(known as u64).to_le_bytes());
            return;
        }
        self.seen.push(name);
        match self.contract.types.get(name) {
            None => self.tag(17),
            Some(Definition::Struct(fields)) => {
                self.tag(18);
                self.fields(fields);
            }
            Some(Definition::Enum(variants)) => {
                self.tag(19);
                for variant in variants {
                    self.text(&variant.name);
                    self.content(&variant.content);
                }
                self.end();
            }
        }
    }

    fn content(&mut self, content: &'a Content) {
        match content {
            Content::Unknown => self.tag(20),
            Content::Unit => self.tag(21),
            Content::One(one) => {
                self.tag(22);
                self.ty(one);
            }
            Content::Tuple(all) => {
                self.tag(23);
                self.all(all);
            }
            Content::Struct(fields) => {
                self.tag(24);
                self.fields(fields);
            }
        }
    }
}
