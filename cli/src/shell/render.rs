//! Draws a diagnostic in cargo's shape.
//!
//! ```text
//! error: application `z` is not in this umbrella
//!   |
//!   | [a,z]+[c]
//!   |    ^ no such application
//!   |
//! help: applications: a, b, c
//! ```

use std::fmt::Write;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::style::{ERROR, FRAME, HELP};

/// The diagnostic as text, styled, ending in a newline.
pub(super) fn diagnostic(diagnostic: &dyn Diagnostic) -> String {
    let mut text = format!("{ERROR}error{ERROR:#}: {diagnostic}\n");
    if let (Some(source), Some(labels)) = (diagnostic.source_code(), diagnostic.labels()) {
        let mut marked: Vec<MarkedLine> =
            labels.filter_map(|label| MarkedLine::read(source, &label)).collect();
        marked.sort_by_key(|line| (line.start, line.column));
        for same_line in marked.chunk_by(|a, b| a.start == b.start) {
            push_source_line(&mut text, same_line);
        }
    }
    push_causes(&mut text, diagnostic);
    if let Some(help) = diagnostic.help() {
        let help = help.to_string();
        for line in help.lines() {
            let _infallible = writeln!(text, "{HELP}help{HELP:#}: {line}");
        }
    }
    for related in diagnostic.related().into_iter().flatten() {
        text.push('\n');
        text.push_str(&self::diagnostic(related));
    }
    text
}

fn push_causes(text: &mut String, diagnostic: &dyn Diagnostic) {
    let mut next = diagnostic.source();
    if next.is_some() {
        text.push_str("\nCaused by:\n");
    }
    while let Some(cause) = next {
        for line in cause.to_string().lines() {
            let _infallible = writeln!(text, "  {line}");
        }
        next = cause.source();
    }
    if diagnostic.source().is_some() && diagnostic.help().is_some() {
        text.push('\n');
    }
}

/// A line with carets under everything that is marked in it.
fn push_source_line(text: &mut String, marks: &[MarkedLine]) {
    let Some(MarkedLine { name, number, line, column, .. }) = marks.first() else { return };
    let (frame, red) = (FRAME, ERROR);
    let margin = " ".repeat(number.len());
    if let Some(name) = name {
        let _infallible = writeln!(text, "{margin}{frame}-->{frame:#} {name}:{number}:{}", column + 1);
    }
    let mut carets = String::new();
    for mark in marks {
        let written = carets.chars().count();
        carets.push_str(&" ".repeat(mark.column.saturating_sub(written)));
        carets.push_str(&"^".repeat(mark.carets));
        if let Some(note) = &mark.note {
            carets.push(' ');
            carets.push_str(note);
        }
    }
    let carets = carets.trim_start();
    let spaces = " ".repeat(*column);
    let _infallible = write!(
        text,
        "{margin} {frame}|{frame:#}\n\
         {frame}{number} |{frame:#} {line}\n\
         {margin} {frame}|{frame:#} {spaces}{red}{carets}{red:#}\n\
         {margin} {frame}|{frame:#}\n"
    );
}

/// A source line and what is marked in it, in characters.
struct MarkedLine {
    name: Option<String>,
    /// The line number; blank for a source that is no file.
    number: String,
    line: String,
    /// Where the line begins in the source, in bytes.
    start: usize,
    column: usize,
    carets: usize,
    note: Option<String>,
}

impl MarkedLine {
    fn read(source: &dyn SourceCode, label: &LabeledSpan) -> Option<Self> {
        // With a line of context, so that the data begins where a line begins.
        let contents = source.read_span(label.inner(), 1, 1).ok()?;
        let data = String::from_utf8_lossy(contents.data());
        let at = label.offset().checked_sub(contents.span().offset())?;
        let before = data.get(..at)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = data[start..].lines().next().unwrap_or_default().to_owned();
        let end = (at + label.len()).min(start + line.len());
        let carets = data.get(at..end).map_or(0, |marked| marked.chars().count()).max(1);
        let name = contents.name().map(str::to_owned);
        let number = match name {
            Some(_) => (contents.line() + before.matches('\n').count() + 1).to_string(),
            None => " ".to_owned(),
        };
        let column = data[start..at].chars().count();
        let note = label.label().map(str::to_owned);
        let start = contents.span().offset() + start;
        Some(Self { name, number, line, start, column, carets, note })
    }
}

#[cfg(test)]
mod tests {
    use miette::{Diagnostic, NamedSource, SourceSpan};
    use thiserror::Error;

    #[derive(Debug, Error, Diagnostic)]
    enum Example {
        #[error("application `z` is not in this umbrella")]
        #[diagnostic(help("applications: a, b, c"))]
        Expression {
            #[source_code]
            text: String,
            #[label("no such application")]
            at: SourceSpan,
        },
        #[error("unknown key `aplication`")]
        Manifest {
            #[source_code]
            text: NamedSource<String>,
            #[label]
            at: SourceSpan,
        },
        #[error("application `c` is placed twice")]
        Twice {
            #[source_code]
            text: String,
            #[label]
            first: SourceSpan,
            #[label("also here")]
            again: SourceSpan,
        },
        #[error("could not write `Cargo.toml`")]
        Io(#[source] std::io::Error),
    }

    fn drawn(example: &Example) -> String {
        anstream::adapter::strip_str(&super::diagnostic(example)).to_string()
    }

    #[test]
    fn an_expression_has_a_caret_and_no_line_number() {
        let text = "[a,z]+[c]".to_owned();
        let expected = "\
error: application `z` is not in this umbrella
  |
  | [a,z]+[c]
  |    ^ no such application
  |
help: applications: a, b, c
";
        assert_eq!(drawn(&Example::Expression { text, at: (3, 1).into() }), expected);
    }

    #[test]
    fn everything_marked_in_a_line_is_under_that_line() {
        let text = "[a,c]+[b,c]".to_owned();
        let expected = "\
error: application `c` is placed twice
  |
  | [a,c]+[b,c]
  |    ^     ^ also here
  |
";
        assert_eq!(drawn(&Example::Twice { text, first: (3, 1).into(), again: (9, 1).into() }), expected);
    }

    #[test]
    fn a_file_has_its_name_line_and_column() {
        let text = "[package]\nname = \"b\"\naplication = 1\n";
        let at = text.find("aplication").unwrap();
        let example = Example::Manifest {
            text: NamedSource::new("apps/b/Cargo.toml", text.into()),
            at: (at, 10).into(),
        };
        let expected = "\
error: unknown key `aplication`
 --> apps/b/Cargo.toml:3:1
  |
3 | aplication = 1
  | ^^^^^^^^^^
  |
";
        assert_eq!(drawn(&example), expected);
    }

    #[test]
    fn causes_follow_as_cargo_prints_them() {
        let example = Example::Io(std::io::Error::other("disk is on fire"));
        let expected = "error: could not write `Cargo.toml`\n\nCaused by:\n  disk is on fire\n";
        assert_eq!(drawn(&example), expected);
    }

    #[test]
    fn a_span_past_the_end_is_drawn_at_the_end() {
        let text = "[a".to_owned();
        assert!(drawn(&Example::Expression { text, at: (2, 0).into() }).contains("  |   ^ no such"));
    }
}
