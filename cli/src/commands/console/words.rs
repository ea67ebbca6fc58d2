//! A line as words: apart where there are blanks, but not within JSON, nor within quotes. PURE.

/// The words of a line, each with where it begins.
///
/// Text in double quotes stays as it is, since that is JSON; single quotes keep a word together and go.
pub(super) fn words(line: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut depth = 0_u32;
    let mut quote = None;
    let mut escaped = false;
    for (at, char) in line.char_indices() {
        if char.is_whitespace() && depth == 0 && quote.is_none() {
            words.extend(word.take());
            continue;
        }
        let (_, text) = word.get_or_insert_with(|| (at, String::new()));
        match (quote, char) {
            (Some('\''), '\'') => {
                quote = None;
                continue;
            }
            (Some('"'), '"') if !escaped => quote = None,
            (Some(_), _) => {}
            (None, '\'') if depth == 0 => {
                quote = Some('\'');
                continue;
            }
            (None, '"') => quote = Some('"'),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        escaped = char == '\\' && !escaped;
        text.push(char);
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_quotes_keep_words_together() {
        let table: [(&str, &[&str]); 7] = [
            ("call b_counter add 1", &["call", "b_counter", "add", "1"]),
            ("  x   y ", &["x", "y"]),
            (r#"put {"a": [1, 2], "b": "x y"} z"#, &["put", r#"{"a": [1, 2], "b": "x y"}"#, "z"]),
            (r#"say "a \" b" c"#, &["say", r#""a \" b""#, "c"]),
            ("say 'a b' c", &["say", "a b", "c"]),
            ("state <0.4.0>", &["state", "<0.4.0>"]),
            ("", &[]),
        ];
        for (line, expected) in table {
            let found: Vec<String> = words(line).into_iter().map(|(_, word)| word).collect();
            assert_eq!(found, expected, "{line}");
        }
        assert_eq!(words(" a  bc").last(), Some(&(4, "bc".to_owned())));
    }
}
