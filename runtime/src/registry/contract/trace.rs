//! Finding out what a type is made of: it is read from a format that says yes to everything and listens.
//!
//! Each reading takes one variant of every enum on its way, so a type is read until every variant was taken; and once
//! more for each field, without it, to find out whether it may be missing. A type that contains itself is read to the
//! bottom on the second time.
//!
//! Source: the crate serde-reflection does the same, for code generators.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::listener::{Listener, Refused};
use super::schema::{Content, Definition, Field, Type, Variant, learn_fields};

/// How often types are read for one protocol, at most. What is not found out by then stays unknown.
const READINGS: u32 = 4096;

/// How deep named types may be nested in each other.
const DEPTH: usize = 128;

/// What text is read as: types that are written as text do not take any.
const TEXTS: [&str; 8] = [
    "a",
    "1",
    "00000000-0000-0000-0000-000000000000",
    "2000-01-01T00:00:00Z",
    "2000-01-01",
    "00:00:00",
    "1.0.0",
    "http://a/",
];

/// What bytes are read as.
///
/// The second is a term.
const BYTES: [&[u8]; 5] = [b"a", b"j", &[0; 16], &[0; 32], &[]];

/// What is known of the types of a protocol.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) types: BTreeMap<&'static str, Definition>,
    enums: BTreeMap<&'static str, Taken>,
    /// The named types that are being read, and whether each was being read already.
    stack: Vec<(&'static str, bool)>,
    /// The field of a struct that is left out this time. Without one, the goal is a variant that was not taken yet.
    omit: Option<(&'static str, usize)>,
    /// The goal was reached.
    reached: bool,
    readings: u32,
    /// How many lists, maps, tuples and options are being read within each other.
    nested: usize,
    /// Which text or bytes are taken by what reads them, if not the first.
    samples: BTreeMap<&'static str, usize>,
    /// Another text or other bytes might have been taken.
    again: bool,
    /// The variants that were taken for the first time in this reading.
    fresh: Vec<(&'static str, usize)>,
    /// The fields that were left out once.
    omitted: BTreeSet<(&'static str, usize)>,
}

/// Which variants of an enum were taken.
#[derive(Default)]
struct Taken {
    tried: Vec<bool>,
    /// The variant that was read to its end first: reading it again ends, too.
    finished: Option<usize>,
}

impl Trace {
    /// What a `T` is.
    pub(super) fn of<T: DeserializeOwned>(&mut self) -> Type {
        let (ty, _) = self.variants_of::<T>(&mut drop);
        for (name, at) in self.required() {
            self.omit = Some((name, at));
            if self.readings < READINGS && self.leads(&ty, &mut Vec::new()) {
                self.omitted.insert((name, at));
                let read = self.read::<T>(&mut Type::Unknown);
                if let (true, true, Some(Definition::Struct(fields))) =
                    (read.is_some(), self.reached, self.types.get_mut(name))
                {
                    fields[at].optional = true;
                }
            }
        }
        ty
    }

    /// What a `T` is, with all variants in it; `met` is given each value that was read. Whether every reading ended with
    /// one, and none is left to do.
    pub(super) fn variants_of<T: DeserializeOwned>(&mut self, met: &mut dyn FnMut(T)) -> (Type, bool) {
        let (mut ty, mut all_read) = (Type::Unknown, true);
        self.omit = None;
        loop {
            match self.read::<T>(&mut ty) {
                Some(value) => met(value),
                None if self.again && self.readings < READINGS => {
                    self.forget_fresh();
                    continue;
                }
                None => all_read = false,
            }
            let is_left = self.leads(&ty, &mut Vec::new());
            if !is_left || !self.reached || self.readings >= READINGS {
                return (ty, all_read && !is_left);
            }
        }
    }

    fn read<T: DeserializeOwned>(&mut self, ty: &mut Type) -> Option<T> {
        (self.readings, self.reached) = (self.readings + 1, false);
        self.stack.clear();
        self.fresh.clear();
        (self.nested, self.again) = (0, false);
        T::deserialize(Listener { trace: self, into: ty }).ok()
    }

    /// The variants of a reading that failed are taken once more.
    fn forget_fresh(&mut self) {
        for (name, at) in std::mem::take(&mut self.fresh) {
            if let Some(tried) = self.enums.get_mut(name).and_then(|taken| taken.tried.get_mut(at)) {
                *tried = false;
            }
        }
    }

    pub(super) fn text_for(&self, who: &'static str) -> &'static str {
        self.samples.get(who).and_then(|at| TEXTS.get(*at)).unwrap_or(&TEXTS[0])
    }

    pub(super) fn bytes_for(&self, who: &'static str) -> &'static [u8] {
        self.samples.get(who).and_then(|at| BYTES.get(*at)).unwrap_or(&BYTES[0])
    }

    /// `who` did not take what it was given, and is given something else next time.
    pub(super) fn refused(&mut self, who: &'static str) {
        let sample = self.samples.entry(who).or_default();
        if *sample < TEXTS.len() {
            *sample += 1;
            self.again = true;
        }
    }

    /// Begins with something that has no name.
    ///
    /// # Errors
    /// If it is nested too deep.
    pub(super) fn nest(&mut self) -> Result<(), Refused> {
        self.nested += 1;
        if self.nested > DEPTH { Err(Refused) } else { Ok(()) }
    }

    pub(super) fn unnest(&mut self) {
        self.nested -= 1;
    }

    /// The fields that nothing was read without.
    fn required(&self) -> Vec<(&'static str, usize)> {
        let structs = self.types.iter().filter_map(|(name, definition)| match definition {
            Definition::Struct(fields) => Some((*name, fields)),
            Definition::Enum(_) => None,
        });
        let all = structs.flat_map(|(name, fields)| {
            let required = fields.iter().enumerate().filter(|(_, field)| !field.optional);
            required.map(move |(at, _)| (name, at))
        });
        all.filter(|field| !self.omitted.contains(field)).collect()
    }

    /// Whether the goal can be reached by reading a `ty`.
    fn leads<'a>(&'a self, ty: &'a Type, seen: &mut Vec<&'a str>) -> bool {
        let Type::Named(name) = ty else { return ty.parts().into_iter().any(|ty| self.leads(ty, seen)) };
        if seen.contains(&&**name) {
            return false;
        }
        seen.push(name);
        let is_goal = match self.omit {
            None => self.enums.get(&**name).is_some_and(|taken| taken.tried.contains(&false)),
            Some((goal, _)) => goal == name,
        };
        let parts = self.types.get(&**name).map(Definition::parts).unwrap_or_default();
        is_goal || parts.into_iter().any(|ty| self.leads(ty, seen))
    }

    /// Begins with a named type; false if that is too deep.
    pub(super) fn enter(&mut self, name: &'static str) -> bool {
        let again = self.stack.iter().any(|(known, _)| *known == name);
        self.stack.push((name, again));
        self.stack.len() <= DEPTH
    }

    pub(super) fn leave(&mut self) {
        self.stack.pop();
    }

    /// Whether something is read within itself, so that what may end must.
    pub(super) fn is_ending(&self) -> bool {
        self.stack.iter().any(|(_, again)| *again)
    }

    /// Which variant of an enum is taken.
    pub(super) fn choose(&mut self, name: &'static str, variants: &'static [&'static str]) -> Option<usize> {
        let empty = || {
            let unknown = |name: &&str| Variant { name: (*name).to_owned(), content: Content::Unknown };
            Definition::Enum(variants.iter().map(unknown).collect())
        };
        self.types.entry(name).or_insert_with(empty);
        let taken = self.enums.entry(name).or_default();
        taken.tried.resize(variants.len(), false);
        let (finished, untried) = (taken.finished, taken.tried.iter().position(|tried| !tried));
        let chosen = if self.is_ending() {
            finished.or(untried)
        } else if self.omit.is_none() {
            untried.or_else(|| self.leading(name)).or(finished)
        } else {
            self.leading(name).or(finished)
        };
        let chosen = chosen.or_else(|| (!variants.is_empty()).then_some(0))?;
        if let Some(tried) = self.enums.get_mut(name).and_then(|taken| taken.tried.get_mut(chosen)) {
            if self.omit.is_none() && !*tried {
                self.reached = true;
                self.fresh.push((name, chosen));
            }
            *tried = true;
        }
        Some(chosen)
    }

    /// The variant of an enum by which the goal is reached.
    fn leading(&self, name: &'static str) -> Option<usize> {
        let Some(Definition::Enum(variants)) = self.types.get(name) else { return None };
        variants
            .iter()
            .position(|variant| variant.content.types().iter().any(|ty| self.leads(ty, &mut vec![name])))
    }

    pub(super) fn read_variant(&mut self, name: &'static str, at: usize, content: Content, finished: bool) {
        if let Some(Definition::Enum(variants)) = self.types.get_mut(name)
            && let Some(variant) = variants.get_mut(at)
        {
            variant.content.learn(content);
        }
        if let (true, Some(taken)) = (finished, self.enums.get_mut(name)) {
            taken.finished.get_or_insert(at);
        }
    }

    /// The field of the struct that is left out this time.
    pub(super) fn omits(&mut self, name: &'static str) -> Option<usize> {
        let (_, at) = self.omit.filter(|(goal, _)| *goal == name)?;
        self.reached = true;
        Some(at)
    }

    pub(super) fn read_struct(&mut self, name: &'static str, fields: Vec<Field>) {
        match self.types.get_mut(name) {
            Some(Definition::Struct(known)) => learn_fields(known, fields),
            Some(Definition::Enum(_)) => {}
            None => {
                self.types.insert(name, Definition::Struct(fields));
            }
        }
    }
}
