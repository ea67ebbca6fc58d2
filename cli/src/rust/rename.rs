//! Another name for a crate, in the sources of those who use it.

use super::lexer::{Token, TokenKind, tokens};

/// Renames a crate wherever a path begins with it, and in the code of documentation (`old::f()`).
///
/// A file that has a module of this name is left: there the name may mean the module.
#[must_use]
pub fn rename_crate(source: &str, old: &str, new: &str) -> String {
    let all = tokens(source);
    let code: Vec<&Token> = all.iter().filter(|token| token.is_code()).collect();
    let text = |at: usize| code.get(at).map_or("", |token| token.text(source));
    let shadowed = (1..code.len()).any(|at| text(at) == old && text(at - 1) == "mod");
    if shadowed {
        return source.to_owned();
    }
    let is_path = |at: usize| text(at + 1) == ":" && text(at + 2) == ":";
    let is_first = |at: usize| match at.checked_sub(1).map(text) {
        Some(":") if at >= 2 && text(at - 2) == ":" => {
            // `::old` is the crate, `a::old` is not.
            at == 2 || !goes_on(code[at - 3].kind, text(at - 3))
        }
        Some(".") => false,
        _ => true,
    };
    let is_imported =
        |at: usize| at > 0 && matches!(text(at - 1), "use" | "crate") && matches!(text(at + 1), ";" | "as");
    let in_code = code.iter().enumerate().filter(|(at, token)| {
        token.kind == TokenKind::Ident
            && token.text(source) == old
            && is_first(*at)
            && (is_path(*at) || is_imported(*at))
    });
    let mut places: Vec<usize> = in_code.map(|(_, token)| token.span.start).collect();
    let (path, greeting) = (format!("{old}::"), format!("hello from {old}"));
    for doc in all.iter().filter(|token| token.kind == TokenKind::Doc) {
        places.extend(words(doc.text(source), &path).map(|at| doc.span.start + at));
        // The example of a generated library, which is a test and says the crate's name.
        let greeted = words(doc.text(source), &greeting).map(|at| at + greeting.len() - old.len());
        places.extend(greeted.map(|at| doc.span.start + at));
    }
    places.sort_unstable();
    let mut edited = source.to_owned();
    for place in places.into_iter().rev() {
        edited.replace_range(place..place + old.len(), new);
    }
    edited
}

/// Whether a path that `::` follows here is longer than that: `a::old`, and not `as ::old`.
fn goes_on(kind: TokenKind, text: &str) -> bool {
    const BEFORE_PATHS: [&str; 12] =
        ["as", "dyn", "else", "for", "if", "impl", "in", "match", "mut", "return", "use", "where"];
    let is_word = matches!(kind, TokenKind::Ident | TokenKind::RawIdent);
    text == ">" || is_word && !BEFORE_PATHS.contains(&text)
}

/// The lines, counted from 1, on which a name stands as a word in a comment or a text, where nothing renames it.
#[must_use]
pub fn mentions(source: &str, name: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for token in tokens(source) {
        if !matches!(token.kind, TokenKind::Text | TokenKind::Comment | TokenKind::Doc) {
            continue;
        }
        let text = token.text(source);
        for at in words(text, name) {
            let is_renamed = token.kind == TokenKind::Doc && text[at + name.len()..].starts_with("::");
            let line = source[..token.span.start + at].matches('\n').count() + 1;
            if !is_renamed && lines.last() != Some(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Where `word` stands in a text, with nothing before or after it that would make it part of another one.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_path = word.ends_with(':');
        !before.is_some_and(|c| is_part(c) || c == ':') && (is_path || !after.is_some_and(is_part))
    })
}

#[cfg(test)]
mod tests {
    use super::{mentions, rename_crate};

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(rename_crate(before, "old", "new"), after);
    }

    #[test]
    fn paths_that_begin_with_the_crate_are_renamed() {
        check("use old::A;\npub use old::{B, c::old};", "use new::A;\npub use new::{B, c::old};");
        check("use {x::Y, old::Z};", "use {x::Y, new::Z};");
        check("use old;\nuse old as o;\nextern crate old;", "use new;\nuse new as o;\nextern crate new;");
        check("::old::f(); <old::A as ::old::B>::old()", "::new::f(); <new::A as ::new::B>::old()");
        check("use ::old::A;", "use ::new::A;");
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for same in [
            "let old = 1; old.f();",
            "crate::old::f()",
            "self::old::g(a.old::<u8>())",
            "old_b::c",
            "\"old::a\" // old::b",
        ] {
            check(same, same);
        }
        check("mod old;\nuse old::A;", "mod old;\nuse old::A;");
    }

    #[test]
    fn code_in_documentation_follows_and_the_rest_is_pointed_at() {
        let source = "//! The application `old`.\n/// assert!(old::f());\nfn f() -> &'static str {\n    \"old\" // bold, old\n}\n";
        assert!(rename_crate(source, "old", "new").contains("/// assert!(new::f());"));
        assert_eq!(mentions(source, "old"), [1, 4]);
    }
}
