//! Where in the text of a TOML file a line goes, and in which style.
//!
//! `toml_edit` says where things are; the text around them stays as it is, to the byte.

use std::ops::Range;

use toml_edit::{Array, Item, Table, Value};

/// Inserts a string into a list, in its sorted place if the list is sorted, in the style the list has.
pub(super) fn insert_element(text: &str, array: &Array, value: &str) -> Option<String> {
    let spans: Vec<Range<usize>> = array.iter().map(Value::span).collect::<Option<_>>()?;
    let close = array.span()?.end.checked_sub(1)?;
    let newline = newline(text);
    let quoted = format!("\"{value}\"");
    let Some(first) = spans.first() else {
        return Some(insert_only_element(text, close, &quoted, newline));
    };
    let values: Vec<&str> = array.iter().map(Value::as_str).collect::<Option<_>>()?;
    let place = if values.is_sorted() { values.partition_point(|one| *one < value) } else { values.len() };
    let previous = place.checked_sub(1).map(|previous| spans[previous].clone());

    let indent = |span: &Range<usize>| &text[line_start(text, span.start)..span.start];
    let one_a_line = spans.iter().all(|span| indent(span).trim().is_empty());
    let Some(previous) = previous else {
        return Some(if one_a_line {
            let line = format!("{}{quoted},{newline}", indent(first));
            inserted(text, line_start(text, first.start), &line)
        } else {
            inserted(text, first.start, &format!("{quoted}, "))
        });
    };
    if !one_a_line {
        return Some(inserted(text, previous.end, &format!(", {quoted}")));
    }
    // At the end of the line before, so that its comment stays with it.
    let end = line_end(text, previous.end).min(close);
    let line = format!("{newline}{}{quoted}", indent(first));
    let has_comma = text[previous.end..].trim_start().starts_with(',');
    Some(if has_comma {
        inserted(text, end, &format!("{line},"))
    } else {
        inserted(&inserted(text, end, &line), previous.end, ",")
    })
}

fn insert_only_element(text: &str, close: usize, quoted: &str, newline: &str) -> String {
    let closing_line = line_start(text, close);
    if text[closing_line..close].trim().is_empty() {
        inserted(text, closing_line, &format!("    {quoted},{newline}"))
    } else {
        inserted(text, close, quoted)
    }
}

/// Inserts a line into a table: after the last smaller key if the keys are sorted, else after the last application.
pub(super) fn insert_key(text: &str, table: &Table, name: &str, line: &str) -> Option<String> {
    let newline = newline(text);
    let entries: Vec<(&str, usize, usize)> = table
        .iter()
        .filter_map(|(key, item)| {
            let start = table.get_key_value(key)?.0.span()?.start;
            // `b.workspace = true` is a table of its own, on one line.
            let end =
                item.as_value().map_or_else(|| Some(line_end(text, start)), |value| Some(value.span()?.end));
            Some((key, start, end?))
        })
        .collect();
    let is_app = |key: &str| {
        let path = table.get(key).and_then(|item| item.get("path")).and_then(Item::as_str);
        path.is_some_and(|path| path.starts_with("apps/"))
    };
    let sorted = entries.is_sorted_by(|a, b| a.0 < b.0);
    let before = |key: &str| if sorted { key < name } else { is_app(key) };
    // No order to keep, and no application to stand with: at the end.
    let last = entries.last().filter(|_| !sorted);
    match entries.iter().rev().find(|(key, ..)| before(key)).or(last) {
        Some((_, _, end)) => Some(inserted(text, line_end(text, *end), &format!("{newline}{line}"))),
        None => {
            let at = match entries.first() {
                Some((_, start, _)) => line_start(text, *start),
                None => next_line(text, table.span()?.start)?,
            };
            Some(inserted(text, at, &format!("{line}{newline}")))
        }
    }
}

pub(super) fn inserted(text: &str, at: usize, insertion: &str) -> String {
    let (before, after) = text.split_at(at);
    [before, insertion, after].concat()
}

/// Adds a paragraph at the end.
pub(super) fn append(text: &str, paragraph: &str) -> String {
    let newline = newline(text);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let blank = if text.is_empty() { "" } else { newline };
    [text, end, blank, paragraph].concat()
}

pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line break after `at` begins.
fn line_end(text: &str, at: usize) -> usize {
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}

fn next_line(text: &str, at: usize) -> Option<usize> {
    text[at..].find('\n').map(|newline| at + newline + 1)
}
