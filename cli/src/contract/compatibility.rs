//! Which messages fail between two versions of a protocol.
//!
//! | change | old calls new | new calls old |
//! |---|---|---|
//! | a handler is added | works | fails if it is used |
//! | a handler is removed | fails | works |
//! | an argument behind all others, or a field, that is optional is added | works | works |
//! | one that is not optional is added | fails | works |
//! | the last argument, or a field, is removed | works | fails unless it was optional |
//! | an argument is added or removed before others | fails | fails |
//! | a variant is added to an enum | works as an argument, fails in a reply | the other way round |
//! | an integer gets wider | works as an argument, fails in a reply | the other way round |
//!
//! What a type is called does not matter. What could not be found out is taken for good.

use std::fmt;

use serde::Serialize;

use super::schema::{Content, Contract, Definition, Field, Handler, Kind, Type};

/// Who calls whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// A node of the old version calls one of the new.
    OldCallsNew,
    /// A node of the new version calls one of the old.
    NewCallsOld,
}

/// A message that is not understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Incompatibility {
    pub(crate) handler: String,
    /// The innermost type that has a name, beginning with its crate.
    #[serde(rename = "type")]
    pub(crate) type_name: Option<String>,
    /// Where it is: `order.items[].price`, or `reply.price`.
    pub(crate) path: String,
    pub(crate) problem: String,
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.handler)?;
        if !self.path.is_empty() {
            write!(f, " at `{}`", self.path)?;
        }
        if let Some(name) = &self.type_name {
            write!(f, " in {name}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What fails when `caller` sends its messages to `callee`.
pub(crate) fn compare(caller: &Contract, callee: &Contract) -> Vec<Incompatibility> {
    let mut found = Vec::new();
    for handler in &caller.handlers {
        let mut check = Check { handler: &handler.name, found: &mut found };
        if handler.kind == Kind::Info {
            check.info(caller, handler, callee);
            continue;
        }
        match callee.handlers.iter().find(|called| called.name == handler.name && called.kind != Kind::Info) {
            Some(called) => check.handlers(caller, handler, callee, called),
            None => check.found("", None, "there is no such handler".into()),
        }
    }
    found
}

struct Check<'a> {
    handler: &'a str,
    found: &'a mut Vec<Incompatibility>,
}

impl Check<'_> {
    fn found(&mut self, path: &str, type_name: Option<&str>, problem: String) {
        self.found.push(Incompatibility {
            handler: self.handler.to_owned(),
            type_name: type_name.map(ToOwned::to_owned),
            path: path.to_owned(),
            problem,
        });
    }

    fn handlers(&mut self, caller: &Contract, calls: &Handler, callee: &Contract, called: &Handler) {
        if calls.kind != called.kind {
            self.found("", None, format!("it is sent as {}, and is {}", calls.kind, called.kind));
            return;
        }
        // Arguments are told apart by their places, and those of the same type may be mistaken for each other.
        let others_moved = calls.arguments.len() != called.arguments.len();
        for (at, wanted) in called.arguments.iter().enumerate() {
            match calls.arguments.get(at) {
                Some(given) if others_moved && given.name != wanted.name => {
                    let problem = format!("the argument in its place is `{}`", given.name);
                    self.found(&wanted.name, None, problem);
                }
                Some(given) => Reads::new(caller, callee, self).ty(&given.ty, &wanted.ty, &wanted.name),
                None if wanted.optional => {}
                None => self.found(&wanted.name, None, "the argument is not given".into()),
            }
        }
        if let (Some(given), Some(wanted)) = (&called.reply, &calls.reply) {
            Reads::new(callee, caller, self).ty(given, wanted, "reply");
        }
    }

    /// An info does not say for which handler it is: the first takes it that can read it.
    fn info(&mut self, caller: &Contract, sent: &Handler, callee: &Contract) {
        let mut best: Option<Vec<Incompatibility>> = None;
        for taken in callee.handlers.iter().filter(|taken| taken.kind == Kind::Info) {
            let mut found = Vec::new();
            let mut check = Check { handler: self.handler, found: &mut found };
            if let ([given], [wanted]) = (&*sent.arguments, &*taken.arguments) {
                Reads::new(caller, callee, &mut check).ty(&given.ty, &wanted.ty, &wanted.name);
            }
            if found.is_empty() {
                return;
            }
            if taken.name == sent.name {
                best = Some(found);
            }
        }
        match best {
            Some(found) => self.found.extend(found),
            None => self.found("", None, "there is no such handler".into()),
        }
    }
}

/// Whether what one side writes is read by the other.
struct Reads<'a, 'c> {
    writer: &'a Contract,
    reader: &'a Contract,
    check: &'a mut Check<'c>,
    /// Pairs of named types that are being looked at, or were.
    seen: Vec<(&'a str, &'a str)>,
    /// The named types of the reader on the way here.
    inside: Vec<&'a str>,
}

impl<'a, 'c> Reads<'a, 'c> {
    fn new(writer: &'a Contract, reader: &'a Contract, check: &'a mut Check<'c>) -> Self {
        Self { writer, reader, check, seen: Vec::new(), inside: Vec::new() }
    }

    fn problem(&mut self, path: &str, problem: String) {
        let inside = self.inside.last().copied();
        self.check.found(path, inside, problem);
    }

    fn ty(&mut self, given: &'a Type, wanted: &'a Type, path: &str) {
        match (given, wanted) {
            (Type::Unknown | Type::Any, _) | (_, Type::Unknown | Type::Any) => {}
            (Type::Option(given), Type::Option(wanted)) => self.ty(given, wanted, path),
            (given, Type::Option(wanted)) => self.ty(given, wanted, path),
            (Type::Option(_), wanted) => {
                self.problem(path, format!("it may be nothing, and is read as {wanted}"));
            }
            (Type::List(given), Type::List(wanted)) => self.ty(given, wanted, &format!("{path}[]")),
            (Type::Map(key, value), Type::Map(wanted_key, wanted_value)) => {
                self.ty(key, wanted_key, &format!("{path}.key"));
                self.ty(value, wanted_value, &format!("{path}.value"));
            }
            (Type::Tuple(given), Type::Tuple(wanted)) => self.tuples(given, wanted, path),
            (Type::Named(given), Type::Named(wanted)) => self.named(given, wanted, path),
            (given, wanted) if given == wanted || widens(given, wanted) => {}
            (given, wanted) => self.problem(path, format!("it is written as {given}, and read as {wanted}")),
        }
    }

    fn tuples(&mut self, given: &'a [Type], wanted: &'a [Type], path: &str) {
        if given.len() != wanted.len() {
            let (given, wanted) = (given.len(), wanted.len());
            self.problem(path, format!("it is written with {given} parts, and read with {wanted}"));
            return;
        }
        for (at, (given, wanted)) in given.iter().zip(wanted).enumerate() {
            self.ty(given, wanted, &format!("{path}.{at}"));
        }
    }

    fn named(&mut self, given: &'a str, wanted: &'a str, path: &str) {
        if self.seen.contains(&(given, wanted)) {
            return;
        }
        self.seen.push((given, wanted));
        self.inside.push(wanted);
        let (writer, reader) = (self.writer, self.reader);
        match (writer.types.get(given), reader.types.get(wanted)) {
            (Some(Definition::Struct(given)), Some(Definition::Struct(wanted))) => {
                self.fields(given, wanted, path);
            }
            (Some(Definition::Enum(given)), Some(Definition::Enum(wanted))) => {
                for variant in given {
                    let path = format!("{path}.{}", variant.name);
                    match wanted.iter().find(|wanted| wanted.name == variant.name) {
                        Some(wanted) => self.content(&variant.content, &wanted.content, &path),
                        None => self.problem(&path, "there is no such variant".into()),
                    }
                }
            }
            (Some(_), Some(_)) => self.problem(path, "one is a struct, and the other an enum".into()),
            (None, _) | (_, None) => {}
        }
        self.inside.pop();
    }

    fn fields(&mut self, given: &'a [Field], wanted: &'a [Field], path: &str) {
        for field in wanted {
            let path = format!("{path}.{}", field.name);
            match given.iter().find(|given| given.name == field.name) {
                Some(given) => self.ty(&given.ty, &field.ty, &path),
                None if field.optional => {}
                None => self.problem(&path, "the field is not written".into()),
            }
        }
    }

    fn content(&mut self, given: &'a Content, wanted: &'a Content, path: &str) {
        match (given, wanted) {
            (Content::Unknown, _) | (_, Content::Unknown) | (Content::Unit, Content::Unit) => {}
            (Content::One(given), Content::One(wanted)) => self.ty(given, wanted, path),
            (Content::Tuple(given), Content::Tuple(wanted)) => self.tuples(given, wanted, path),
            (Content::Struct(given), Content::Struct(wanted)) => self.fields(given, wanted, path),
            (Content::Unit | Content::One(_) | Content::Tuple(_) | Content::Struct(_), _) => {
                self.problem(path, "the variant has other contents".into());
            }
        }
    }
}

/// Whether every value of `given` is one of `wanted`, though they differ.
fn widens(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (Type::Integer { signed: false, bits }, Type::Integer { signed: true, bits: wanted }) => {
            bits < wanted
        }
        (Type::Integer { signed, bits }, Type::Integer { signed: wanted_signed, bits: wanted }) => {
            signed == wanted_signed && bits <= wanted
        }
        // Both are binaries, and an atom is read as text, too.
        (Type::Char | Type::Atom(_), Type::Text) => true,
        _ => false,
    }
}
