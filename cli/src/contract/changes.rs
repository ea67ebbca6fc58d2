//! What is different between two versions of a protocol, whether it makes a difference to calls or not.

use std::fmt;

use serde::Serialize;

use super::schema::{Content, Contract, Definition, Field, Handler, Kind, Type};

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Change {
    pub(crate) handler: String,
    /// The innermost type that has a name, beginning with its crate.
    #[serde(rename = "type")]
    pub(crate) type_name: Option<String>,
    /// Where it is: `order.items[].price`, or `reply.price`; empty if it is the handler.
    pub(crate) path: String,
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What became of something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum What {
    Added { is: String },
    Removed { was: String },
    Changed { was: String, is: String },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.handler)?;
        if !self.path.is_empty() {
            write!(f, " at `{}`", self.path)?;
        }
        if let Some(name) = &self.type_name {
            write!(f, " in {name}")?;
        }
        match &self.what {
            What::Added { is } => write!(f, ": {is}"),
            What::Removed { was } => write!(f, ": was {was}"),
            What::Changed { was, is } => write!(f, ": was {was}, is {is}"),
        }
    }
}

/// What differs between two versions of one protocol, in the order of the handlers.
pub(crate) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut found = Vec::new();
    for handler in &old.handlers {
        let mut diff = Diff::new(old, new, &handler.name, &mut found);
        match new.handlers.iter().find(|other| other.name == handler.name) {
            Some(other) => diff.handlers(handler, other),
            None => diff.found("", What::Removed { was: handler.kind.to_string() }),
        }
    }
    for handler in &new.handlers {
        if !old.handlers.iter().any(|other| other.name == handler.name) {
            let is = handler.kind.to_string();
            Diff::new(old, new, &handler.name, &mut found).found("", What::Added { is });
        }
    }
    found
}

struct Diff<'a, 'f> {
    old: &'a Contract,
    new: &'a Contract,
    handler: &'a str,
    found: &'f mut Vec<Change>,
    /// Pairs of named types that are being looked at, or were.
    seen: Vec<(&'a str, &'a str)>,
    /// The named types of the new version on the way here.
    inside: Vec<&'a str>,
}

impl<'a, 'f> Diff<'a, 'f> {
    fn new(old: &'a Contract, new: &'a Contract, handler: &'a str, found: &'f mut Vec<Change>) -> Self {
        Self { old, new, handler, found, seen: Vec::new(), inside: Vec::new() }
    }

    fn found(&mut self, path: &str, what: What) {
        self.found.push(Change {
            handler: self.handler.to_owned(),
            type_name: self.inside.last().map(|name| (*name).to_owned()),
            path: path.to_owned(),
            what,
        });
    }

    fn changed(&mut self, path: &str, was: &impl ToString, is: &impl ToString) {
        self.found(path, What::Changed { was: was.to_string(), is: is.to_string() });
    }

    fn handlers(&mut self, old: &'a Handler, new: &'a Handler) {
        if old.kind != new.kind {
            self.changed("", &old.kind, &new.kind);
        }
        // Arguments are told apart by their place: what they are called does not matter.
        let (before, after) = (old.arguments.len(), new.arguments.len());
        for (old, new) in old.arguments.iter().zip(&new.arguments) {
            self.ty(&old.ty, &new.ty, &new.name);
        }
        for gone in old.arguments.iter().skip(after) {
            self.found(&gone.name, What::Removed { was: gone.ty.to_string() });
        }
        for more in new.arguments.iter().skip(before) {
            self.found(&more.name, What::Added { is: more.ty.to_string() });
        }
        if let (Kind::Call, Some(old), Some(new)) = (new.kind, &old.reply, &new.reply) {
            self.ty(old, new, "reply");
        }
    }

    fn ty(&mut self, old: &'a Type, new: &'a Type, path: &str) {
        match (old, new) {
            (Type::Option(old), Type::Option(new)) => self.ty(old, new, path),
            (Type::List(old), Type::List(new)) => self.ty(old, new, &format!("{path}[]")),
            (Type::Map(key, value), Type::Map(new_key, new_value)) => {
                self.ty(key, new_key, &format!("{path}.key"));
                self.ty(value, new_value, &format!("{path}.value"));
            }
            (Type::Tuple(old), Type::Tuple(new)) if old.len() == new.len() => self.parts(old, new, path),
            (Type::Named(old), Type::Named(new)) => self.named(old, new, path),
            (old, new) if old == new => {}
            (old, new) => self.changed(path, old, new),
        }
    }

    fn parts(&mut self, old: &'a [Type], new: &'a [Type], path: &str) {
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            self.ty(old, new, &format!("{path}.{at}"));
        }
    }

    fn named(&mut self, old: &'a str, new: &'a str, path: &str) {
        if self.seen.contains(&(old, new)) {
            return;
        }
        self.seen.push((old, new));
        self.inside.push(new);
        match (self.old.types.get(old), self.new.types.get(new)) {
            (Some(Definition::Struct(old)), Some(Definition::Struct(new))) => self.fields(old, new, path),
            (Some(Definition::Enum(old)), Some(Definition::Enum(new))) => {
                for variant in old {
                    let path = format!("{path}.{}", variant.name);
                    match new.iter().find(|other| other.name == variant.name) {
                        Some(other) => self.content(&variant.content, &other.content, &path),
                        None => self.found(&path, What::Removed { was: "a variant".into() }),
                    }
                }
                for variant in new.iter().filter(|new| !old.iter().any(|old| old.name == new.name)) {
                    let path = format!("{path}.{}", variant.name);
                    self.found(&path, What::Added { is: "a variant".into() });
                }
            }
            (Some(Definition::Struct(_)), Some(_)) => self.changed(path, &"a struct", &"an enum"),
            (Some(Definition::Enum(_)), Some(_)) => self.changed(path, &"an enum", &"a struct"),
            (None, _) | (_, None) => {}
        }
        self.inside.pop();
    }

    fn fields(&mut self, old: &'a [Field], new: &'a [Field], path: &str) {
        for field in old {
            let path = format!("{path}.{}", field.name);
            let Some(other) = new.iter().find(|other| other.name == field.name) else {
                self.found(&path, What::Removed { was: field.ty.to_string() });
                continue;
            };
            self.ty(&field.ty, &other.ty, &path);
            // What is optional by its type was told with it.
            let is_defaulted = |field: &Field| field.optional && !matches!(field.ty, Type::Option(_));
            match (is_defaulted(field), is_defaulted(other)) {
                (false, true) => self.changed(&path, &"required", &"optional"),
                (true, false) => self.changed(&path, &"optional", &"required"),
                (true, true) | (false, false) => {}
            }
        }
        for field in new.iter().filter(|new| !old.iter().any(|old| old.name == new.name)) {
            let defaulted =
                if field.optional && !matches!(field.ty, Type::Option(_)) { ", with a default" } else { "" };
            let is = format!("{}{defaulted}", field.ty);
            self.found(&format!("{path}.{}", field.name), What::Added { is });
        }
    }

    fn content(&mut self, old: &'a Content, new: &'a Content, path: &str) {
        match (old, new) {
            (Content::Unknown, _) | (_, Content::Unknown) | (Content::Unit, Content::Unit) => {}
            (Content::One(old), Content::One(new)) => self.ty(old, new, path),
            (Content::Tuple(old), Content::Tuple(new)) if old.len() == new.len() => {
                self.parts(old, new, path)
            }
            (Content::Struct(old), Content::Struct(new)) => self.fields(old, new, path),
            (Content::Unit | Content::One(_) | Content::Tuple(_) | Content::Struct(_), _) => {
                self.changed(path, &shape(old), &shape(new));
            }
        }
    }
}

/// What a variant looks like.
fn shape(content: &Content) -> String {
    match content {
        Content::Unknown => "unknown".into(),
        Content::Unit => "without contents".into(),
        Content::One(ty) => format!("around {ty}"),
        Content::Tuple(all) => format!("with {} parts", all.len()),
        Content::Struct(fields) => format!("with {} fields", fields.len()),
    }
}
