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
        for label in labels {
            push_source_line(&mut text, source, &label);
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

/// The line the span begins on, with carets under it.
fn push_source_line(text: &mut String, source: &dyn SourceCode, label: &LabeledSpan) {
    let Some(marked) = MarkedLine::read(source, label) else { return };
    let (frame, red) = (FRAME, ERROR);
    let margin = " ".repeat(marked.number.len());
    let MarkedLine { name, number, line, column, carets } = &marked;
    if let Some(name) = name {
        let _infallible = writeln!(text, "{margin}{frame}-->{frame:#} {name}:{number}:{}", column + 1);
    }
    let note = label.label().map(|label| format!(" {label}")).unwrap_or_default();
    let spaces = " ".repeat(*column);
    let carets = "^".repeat(*carets);
    let _infallible = write!(
        text,
        "{margin} {frame}|{frame:#}\n\
         {frame}{number} |{frame:#} {line}\n\
         {margin} {frame}|{frame:#} {spaces}{red}{carets}{note}{red:#}\n\
         {margin} {frame}|{frame:#}\n"
    );
}

/// A source line and what is marked in it, in characters.
struct MarkedLine {
    name: Option<String>,
    /// The line number; blank for a source that is no file.
    number: String,
    line: String,
    column: usize,
    carets: usize,
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
        Some(Self { name, number, line, column: data[start..at].chars().count(), carets })
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
