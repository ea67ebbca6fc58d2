//! As Erlang prints it: `io:format("~0tp", [Term])`, of a node that was started with `+pc unicode`.

use std::fmt::{self, Write as _};

use super::{BigInteger, Fun, Map, Term};
use crate::term::{Atom, Reader, tag};

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::BigInteger(big) => big.fmt(f),
            Self::Float(value) => write_float(*value, f),
            Self::Atom(atom) => write_atom(atom.as_str(), f),
            Self::Binary(bytes) => write_bits(bytes, 8, f),
            Self::BitString { bytes, bits } => write_bits(bytes, *bits, f),
            Self::List(elements) => write_list(elements, f),
            Self::ImproperList(elements, tail) => {
                f.write_char('[')?;
                write_all(elements, f)?;
                write!(f, "|{tail}]")
            }
            Self::Tuple(elements) => {
                f.write_char('{')?;
                write_all(elements, f)?;
                f.write_char('}')
            }
            Self::Map(map) => map.fmt(f),
            Self::Pid(pid) => write!(f, "<{}.{}.{}>", pid.node.as_str(), pid.id, pid.serial),
            Self::Reference(reference) => {
                write!(f, "#Ref<{}", reference.node.as_str())?;
                reference.words().iter().rev().try_for_each(|word| write!(f, ".{word}"))?;
                f.write_char('>')
            }
            Self::Port(port) => write!(f, "#Port<{}.{}>", port.node.as_str(), port.id),
            Self::Fun(fun) => fun.fmt(f),
        }
    }
}

fn write_all(elements: &[Term], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            f.write_char(',')?;
        }
        write!(f, "{element}")?;
    }
    Ok(())
}

/// In quotes if it is text that can be printed.
fn write_list(elements: &[Term], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let char = |element: &Term| u32::try_from(element.as_integer()?).ok().and_then(char::from_u32);
    let text: Option<String> = elements.iter().map(char).collect();
    match text {
        Some(text) if is_printable(&text) => write_quoted(&text, '"', f),
        _ => {
            f.write_char('[')?;
            write_all(elements, f)?;
            f.write_char(']')
        }
    }
}

/// A bit string of whose last byte `bits` count; in quotes if it is text that can be printed.
fn write_bits(bytes: &[u8], bits: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("<<")?;
    let text: String = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    if bits == 8 && is_printable(&text) {
        write_quoted(&text, '"', f)?;
        if text.as_bytes() == bytes && !text.is_ascii() {
            f.write_str("/utf8")?;
        }
        return f.write_str(">>");
    }
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            f.write_char(',')?;
        }
        if at + 1 == bytes.len() && bits < 8 {
            write!(f, "{}:{bits}", byte >> (8 - bits))?;
        } else {
            write!(f, "{byte}")?;
        }
    }
    f.write_str(">>")
}

/// Source: `io_lib:printable_unicode_list/1`; what is empty is no text.
fn is_printable(text: &str) -> bool {
    let is_printable = |char| match char {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{8}' | '\u{c}' | '\u{1b}' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        char => !char.is_control(),
    };
    !text.is_empty() && text.chars().all(is_printable)
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("#{")?;
        for (at, (key, value)) in self.iter().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            write!(f, "{key} => {value}")?;
        }
        f.write_char('}')
    }
}

impl fmt::Display for Fun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((&tag::EXPORT, parts)) = self.0.split_first() else { return f.write_str("#Fun<>") };
        let mut reader = Reader::new(parts);
        match (reader.atom(), reader.atom(), reader.small_integer()) {
            (Ok(module), Ok(function), Ok(arity)) => {
                write!(f, "fun {}:{}/{arity}", Atom::from(&*module), Atom::from(&*function))
            }
            _ => f.write_str("#Fun<>"),
        }
    }
}

impl fmt::Display for BigInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By long division, nine digits at a time.
        let mut rest: Vec<u8> = self.magnitude.to_vec();
        let mut groups = Vec::new();
        while rest.iter().any(|byte| *byte != 0) {
            let mut remainder: u64 = 0;
            for byte in rest.iter_mut().rev() {
                let value = (remainder << 8) | u64::from(*byte);
                // Less than 256, because the remainder is less than the divisor.
                *byte = u8::try_from(value / 1_000_000_000).unwrap_or(u8::MAX);
                remainder = value % 1_000_000_000;
            }
            groups.push(remainder);
        }
        if self.negative {
            f.write_char('-')?;
        }
        write!(f, "{}", groups.pop().unwrap_or(0))?;
        groups.iter().rev().try_for_each(|group| write!(f, "{group:09}"))
    }
}

/// The shortest digits that read back as the same float; with an exponent if that is shorter, or if the float is so
/// great that it has no fractions.
///
/// Source: `float_to_binary(F, [short])`.
fn write_float(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = format!("{value:?}");
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    let scientific = format!("{digits}{point}e{exponent}");
    let is_plain =
        !plain.contains('e') && plain.len() <= scientific.len() && value.abs() < 9_007_199_254_740_992.0;
    f.write_str(if is_plain { &plain } else { &scientific })
}

/// An atom, in quotes where it must be.
pub(in crate::term) fn write_atom(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|first| matches!(first, 'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ'));
    let continues = |char: char| {
        char.is_ascii_alphanumeric() || matches!(char, '_' | '@' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ')
    };
    if begins && chars.all(continues) && !RESERVED.contains(&name) {
        return f.write_str(name);
    }
    write_quoted(name, '\'', f)
}

/// Source: `erl_scan:reserved_word/1`.
const RESERVED: &[&str] = &[
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond",
    "div", "end", "fun", "if", "let", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor",
];

fn write_quoted(text: &str, quote: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char(quote)?;
    for char in text.chars() {
        match char {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{b}' => f.write_str("\\v")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\u{1b}' => f.write_str("\\e")?,
            '\u{7f}' => f.write_str("\\d")?,
            '\\' => f.write_str("\\\\")?,
            char if char == quote => write!(f, "\\{quote}")?,
            char if char.is_control() => write!(f, "\\{:03o}", u32::from(char))?,
            char => f.write_char(char)?,
        }
    }
    f.write_char(quote)
}
