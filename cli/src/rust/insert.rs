//! One more line in a source: a module, an import, a child of a supervisor.

use super::lexer::{Token, TokenKind, tokens};

/// An item at the top of a file, from its first token to its semicolon.
struct Line {
    /// What it is sorted by: the name of a module, the path of an import.
    key: String,
    start: usize,
    end: usize,
}

/// Whether a name is in the code of a source.
#[must_use]
pub fn has_name(source: &str, name: &str) -> bool {
    tokens(source).iter().any(|token| token.kind == TokenKind::Ident && token.text(source) == name)
}

/// Whether a source declares the module at its top level.
#[must_use]
pub fn has_module(source: &str, name: &str) -> bool {
    let declared = |words: &[&str]| lines(source, words).iter().any(|line| line.key == name);
    declared(&["mod"]) || declared(&["pub", "mod"])
}

/// Declares a module, and exports what `exports` lists of it (`{CART, Cart}`), each in its sorted place.
#[must_use]
pub fn add_module(source: &str, name: &str, exports: Option<&str>) -> String {
    let declared = insert_among(source, &lines(source, &["mod"]), name, &format!("mod {name};"), None);
    match exports {
        None => declared,
        Some(exports) => {
            let after = last_end(&declared, &["mod"]);
            let others = lines(&declared, &["pub", "use"]);
            insert_among(&declared, &others, name, &format!("pub use {name}::{exports};"), after)
        }
    }
}

/// Imports `path` (`crate::cart::{CART, Cart}`) among the imports of the same crate.
#[must_use]
pub fn add_import(source: &str, path: &str) -> String {
    let is_ours = |key: &str| key.starts_with("crate");
    let all = lines(source, &["use"]);
    let after = all.last().map(|line| line.end);
    let same: Vec<Line> = all.into_iter().filter(|line| is_ours(&line.key) == is_ours(path)).collect();
    // A paragraph of its own for what is ours, as everywhere in generated code.
    insert_among(source, &same, path, &format!("use {path};"), after)
}

/// Adds `.child(child)` as the last one of the only `Supervisor::new(..)` chain that ends in `.start_link()`.
///
/// None if there is no such chain, or more than one.
#[must_use]
pub fn add_child(source: &str, child: &str) -> Option<String> {
    let all = tokens(source);
    let code: Vec<&Token> = all.iter().filter(|token| token.is_code()).collect();
    let is = |at: usize, text: &str| code.get(at).is_some_and(|token: &&Token| token.text(source) == text);
    let heads: Vec<usize> = (0..code.len())
        .filter(|&at| is(at, "Supervisor") && is(at + 1, ":") && is(at + 2, ":") && is(at + 3, "new"))
        .collect();
    let ends: Vec<usize> = heads.iter().filter_map(|&head| end_of_chain(source, &code, head + 4)).collect();
    let [end] = ends.as_slice() else { return None };
    let dot = code[*end].span.start;
    let line = &source[source[..dot].rfind('\n').map_or(0, |newline| newline + 1)..dot];
    let between = if line.trim().is_empty() { format!("\n{line}") } else { String::new() };
    let (before, after) = source.split_at(dot);
    Some(format!("{before}.child({child}){between}{after}"))
}

/// The dot of `.start_link()`, if the chain that goes on at `at` has it.
fn end_of_chain(source: &str, code: &[&Token], mut at: usize) -> Option<usize> {
    loop {
        at = after_group(code, at)?;
        if code.get(at)?.kind != TokenKind::Sign('.') {
            return None;
        }
        if code.get(at + 1)?.text(source) == "start_link" {
            return Some(at);
        }
        at += 2;
    }
}

/// What follows the parentheses that open at `at`.
fn after_group(code: &[&Token], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match code.get(at)?.sign() {
            Some('(' | '[' | '{') => depth += 1,
            Some(')' | ']' | '}') => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Inserts a line among `lines`, in its sorted place; if there are none, after `fallback`, else after what the file says of
/// itself.
fn insert_among(source: &str, lines: &[Line], key: &str, line: &str, fallback: Option<usize>) -> String {
    let place = |at: usize, text: String| [&source[..at], &text, &source[at..]].concat();
    if let Some(next) = lines.iter().find(|one| one.key.as_str() > key) {
        return place(next.start, format!("{line}\n"));
    }
    match lines.last() {
        Some(last) => place(last.end, format!("\n{line}")),
        None => match fallback.or_else(|| head_end(source)) {
            Some(at) => place(at, format!("\n\n{line}")),
            None => format!("{line}\n\n{source}"),
        },
    }
}

fn last_end(source: &str, words: &[&str]) -> Option<usize> {
    lines(source, words).last().map(|line| line.end)
}

/// The items at the top level that begin with these words.
fn lines(source: &str, words: &[&str]) -> Vec<Line> {
    let all = tokens(source);
    let code: Vec<&Token> = all.iter().filter(|token| token.is_code()).collect();
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, token) in code.iter().enumerate() {
        match token.sign() {
            Some('{' | '(' | '[') => depth += 1,
            Some(sign @ ('}' | ')' | ']')) => {
                depth = depth.saturating_sub(1);
                let ends_item = sign == '}' || code[start].sign() == Some('#');
                if depth == 0 && ends_item && code.get(at + 1).is_none_or(|next| next.sign() != Some(';')) {
                    start = at + 1;
                }
            }
            Some(';') if depth == 0 => {
                found.extend(line(source, &code[start..=at], words));
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

fn line(source: &str, item: &[&Token], words: &[&str]) -> Option<Line> {
    let begins = words
        .iter()
        .enumerate()
        .all(|(at, word)| item.get(at).is_some_and(|token| token.text(source) == *word));
    if !begins {
        return None;
    }
    let skip = if words.first() == Some(&"use") { 1 } else { words.len() };
    let key: String = item.get(skip..item.len() - 1)?.iter().map(|token| token.text(source)).collect();
    // The path of a re-export is sorted by the module it comes from.
    let key =
        if words == ["pub", "use"] { key.split("::").next().unwrap_or_default().to_owned() } else { key };
    let (first, last) = (item.first()?, item.last()?);
    Some(Line { key, start: first.span.start, end: last.span.end })
}

/// Where the documentation and the attributes of the file itself end.
fn head_end(source: &str) -> Option<usize> {
    let (mut end, mut attribute) = (None, None);
    let mut depth = 0_usize;
    let all = tokens(source);
    for (at, token) in all.iter().enumerate() {
        let is_inner_doc = token.kind == TokenKind::Doc && token.text(source)[2..].starts_with('!');
        match token.sign() {
            _ if token.kind == TokenKind::Comment => {}
            _ if is_inner_doc => end = Some(token.span.end),
            Some('#') if attribute.is_none() && all.get(at + 1).and_then(Token::sign) == Some('!') => {
                attribute = Some(());
            }
            Some('[') if attribute.is_some() => depth += 1,
            Some(']') if attribute.is_some() => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    (end, attribute) = (Some(token.span.end), None);
                }
            }
            _ if attribute.is_some() => {}
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{add_child, add_import, add_module, has_name};

    #[test]
    fn a_module_and_its_exports_go_to_their_sorted_places() {
        let source = "//! The application `b`.\n\nmod application;\nmod counter;\n\npub use application::B;\npub use \
                      counter::{COUNTER, Counter};\n\numbrella::application!();\n";
        let edited = add_module(source, "cart", Some("{CART, Cart}"));
        assert_eq!(
            edited,
            "//! The application `b`.\n\nmod application;\nmod cart;\nmod counter;\n\npub use application::B;\npub use \
             cart::{CART, Cart};\npub use counter::{COUNTER, Counter};\n\numbrella::application!();\n"
        );
        let last = add_module(source, "door", None);
        assert!(last.contains("mod counter;\nmod door;\n\npub use application"), "{last}");
    }

    #[test]
    fn the_first_module_follows_what_the_file_says_of_itself() {
        let cases = [
            (
                "//! A.\n#![allow(x)]\n\nfn a() {}\n",
                "//! A.\n#![allow(x)]\n\nmod c;\n\npub use c::C;\n\nfn a() {}\n",
            ),
            ("fn a() {}\n", "mod c;\n\npub use c::C;\n\nfn a() {}\n"),
            ("//! A.\n", "//! A.\n\nmod c;\n\npub use c::C;\n"),
            (
                "//! A.\n\npub mod b {\n    mod d;\n}\n",
                "//! A.\n\nmod c;\n\npub use c::C;\n\npub mod b {\n    mod d;\n}\n",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(add_module(before, "c", Some("C")), after);
        }
    }

    #[test]
    fn an_import_joins_those_of_its_crate() {
        let source = "//! A.\n\nuse serde::Deserialize;\nuse umbrella::prelude::*;\n\nuse crate::counter::COUNTER;\n\nfn a() {}\n";
        let edited = add_import(source, "crate::cart::CART");
        assert!(
            edited.contains("\n\nuse crate::cart::CART;\nuse crate::counter::COUNTER;\n\nfn"),
            "{edited}"
        );
        let edited = add_import(&source.replace("use crate::counter::COUNTER;\n\n", ""), "crate::cart::CART");
        assert!(edited.contains("prelude::*;\n\nuse crate::cart::CART;\n\nfn"), "{edited}");
        let edited = add_import(source, "b_api::CART");
        assert!(edited.contains("//! A.\n\nuse b_api::CART;\nuse serde::"), "{edited}");
    }

    #[test]
    fn a_child_is_added_last_to_the_only_tree() {
        let tree = |more: &str| {
            format!(
                "fn a() {{\n    Supervisor::new(Strategy::OneForOne)\n        .child(A::child_spec((1, 2)))\n{more}        \
                 .start_link() // .start_link()\n        .await\n}}\n"
            )
        };
        assert_eq!(add_child(&tree(""), "B"), Some(tree("        .child(B)\n")));
        let short = "Supervisor::new(Strategy::OneForOne).start_link().await";
        let expected = "Supervisor::new(Strategy::OneForOne).child(B).start_link().await";
        assert_eq!(add_child(short, "B").as_deref(), Some(expected));
        let unknown = [
            "let tree = Supervisor::new(x); tree.start_link()",
            "// Supervisor::new(x).start_link()",
            "Supervisor::new(x).start_link(); Supervisor::new(x).start_link()",
            "Supervisor::new(x)?.start_link()",
            "Supervisor::new(x",
            "",
        ];
        for source in unknown {
            assert_eq!(add_child(source, "B"), None, "{source}");
        }
        // A branch within is no second tree.
        let nested = "Supervisor::new(x).child(Supervisor::new(y).name(Y)).start_link()";
        assert!(add_child(nested, "B").is_some_and(|text| text.ends_with(".child(B).start_link()")));
    }

    #[test]
    fn names_in_comments_and_texts_are_none() {
        assert!(has_name("pub use a::Cart;", "Cart"));
        assert!(!has_name("// Cart\nlet x = \"Cart\";", "Cart"));
    }
}
