//! PURE: methods and types, as they were written.

use crate::registry::contract::{Handler, Type};

/// `add(by: i64) -> i64`.
pub(super) fn signature(handler: &Handler) -> String {
    let arguments = handler.arguments.iter().map(|field| format!("{}: {}", field.name, written(&field.ty)));
    let arguments: Vec<_> = arguments.collect();
    let reply = match &handler.reply {
        None | Some(Type::Unit) => String::new(),
        Some(reply) => format!(" -> {}", written(reply)),
    };
    format!("{}({}){reply}", handler.name, arguments.join(", "))
}

/// A type, as it was written; of paths the last part.
pub(super) fn written(ty: &Type) -> String {
    match ty {
        Type::Unknown | Type::Any => "any".to_owned(),
        Type::Unit => "()".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Integer { signed, bits } => format!("{}{bits}", if *signed { 'i' } else { 'u' }),
        Type::Float => "f64".to_owned(),
        Type::Char => "char".to_owned(),
        Type::Text => "String".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Atom(name) => name.clone(),
        Type::Special(name) => match name.as_str() {
            "$pid" => "Pid".to_owned(),
            "$atom" => "Atom".to_owned(),
            "$reference" => "reference".to_owned(),
            _ => "Term".to_owned(),
        },
        Type::Option(inner) => format!("Option<{}>", written(inner)),
        Type::List(inner) => format!("Vec<{}>", written(inner)),
        Type::Tuple(all) => format!("({})", all.iter().map(written).collect::<Vec<_>>().join(", ")),
        Type::Map(key, value) => format!("Map<{}, {}>", written(key), written(value)),
        Type::Named(path) => last_part(path),
    }
}

/// `core::result::Result<i64, b::Full>` is `Result<i64, Full>`.
pub(super) fn last_part(path: &str) -> String {
    let mut short = String::new();
    for part in path.split_inclusive(['<', '>', ',', ' ', '(', ')', '[', ']']) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_by_their_last_part() {
        let table = [
            ("b::Order", "Order"),
            ("core::result::Result<i64, b::model::Full>", "Result<i64, Full>"),
            ("alloc::vec::Vec<(b::A, u8)>", "Vec<(A, u8)>"),
        ];
        for (path, short) in table {
            assert_eq!(last_part(path), short);
        }
    }

    #[test]
    fn types_are_shown_as_they_are_written() {
        let integer = || Box::new(Type::Integer { signed: false, bits: 8 });
        let table = [
            (Type::Option(integer()), "Option<u8>"),
            (Type::Map(Box::new(Type::Text), integer()), "Map<String, u8>"),
            (Type::Tuple(vec![Type::Bool, Type::Special("$pid".into())]), "(bool, Pid)"),
            (Type::Tuple(vec![]), "()"),
        ];
        for (ty, text) in table {
            assert_eq!(written(&ty), text);
        }
    }
}
