//! Templates of users.

use std::collections::BTreeMap;
use std::ops::Range;

use handlebars::{Context, JsonValue, RenderErrorReason};

use crate::catalogue::FileSet;
use crate::contents::Contents;
use crate::kind::Kind;
use crate::names::{Meaning, names};
use crate::own_error::{OwnError, OwnFault};
use crate::render::{Rendered, TemplateError, render, strict};

/// How files end that are rendered; all others are taken as they are.
const RENDERED: &str = ".hbs";
/// What lies there belongs to the umbrella that is made: its own templates, for one.
const VERBATIM: &str = ".umbrella/";

/// A template of a user: a folder, in the form of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The folder, as people are told of it.
    pub folder: String,
    /// Its files, by name.
    pub files: Vec<OwnFile>,
}

/// A file of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// Where it is, with `/` between its parts: `src/{{module}}.rs.hbs`.
    pub path: String,
    /// What it holds.
    pub contents: Contents,
}

/// Which templates are used: ours, where there are none of the user's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<Kind, Own>,
}

impl Templates {
    /// The same, with this one of the user's.
    #[must_use]
    pub fn with(mut self, kind: Kind, own: Own) -> Self {
        self.own.insert(kind, own);
        self
    }

    /// The user's own of a kind, if there is one.
    #[must_use]
    pub fn own(&self, kind: Kind) -> Option<&Own> {
        self.own.get(&kind)
    }

    /// The user's own for a set, if there is one.
    #[must_use]
    pub fn own_for(&self, set: FileSet<'_>) -> Option<&Own> {
        set.kind().and_then(|kind| self.own(kind))
    }

    /// Renders a set, from the user's template if there is one.
    ///
    /// # Errors
    /// [`TemplateError::Own`] if that one is wrong.
    pub fn render(&self, set: FileSet<'_>) -> Result<Vec<Rendered>, TemplateError> {
        match (self.own_for(set), set.kind()) {
            (Some(own), Some(kind)) => own.render(&set.context()?, &kind.sample()?),
            _ => render(set),
        }
    }
}

impl Own {
    fn render(&self, context: &Context, sample: &JsonValue) -> Result<Vec<Rendered>, TemplateError> {
        let mut rendered: Vec<Rendered> = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let made = self.render_file(file, context, sample)?;
            if let Some(other) = rendered.iter().find(|other| in_each_other(&other.path, &made.path)) {
                let fault = OwnFault::Twice { path: made.path, other: other.pattern.clone() };
                return Err(self.wrong_name(file, fault).into());
            }
            rendered.push(made);
        }
        Ok(rendered)
    }

    fn render_file(
        &self,
        file: &OwnFile,
        context: &Context,
        sample: &JsonValue,
    ) -> Result<Rendered, Box<OwnError>> {
        let (pattern, is_template) = match file.path.strip_suffix(RENDERED) {
            Some(pattern) if !file.path.starts_with(VERBATIM) => (pattern, true),
            _ => (file.path.as_str(), false),
        };
        let path = if file.path.starts_with(VERBATIM) {
            file.path.clone()
        } else {
            let wrong = |(at, fault)| self.wrong_at(file, &file.path, at, fault);
            let parts = pattern.split('/').map(|part| fill(part, context, sample).map_err(wrong));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            let is_name =
                |part: &String| !["", ".", ".."].contains(&part.as_str()) && !part.contains(['/', '\0']);
            if !parts.iter().all(is_name) {
                return Err(self.wrong_name(file, OwnFault::Place(parts.join("/"))));
            }
            parts.join("/")
        };
        let contents = if is_template {
            let text = file.contents.text().unwrap_or_default();
            let filled = file.contents.clone().try_map(|text| fill(text, context, sample));
            filled.map_err(|(at, fault)| self.wrong_at(file, text, at, fault))?
        } else {
            file.contents.clone()
        };
        Ok(Rendered { path, contents, pattern: pattern.to_owned() })
    }

    /// The file of the template that `pattern` is made of, and its text.
    #[must_use]
    pub fn file(&self, pattern: &str) -> Option<&OwnFile> {
        self.files.iter().find(|file| file.path.strip_suffix(RENDERED).unwrap_or(&file.path) == pattern)
    }

    /// How people are told of a file of the template.
    #[must_use]
    pub fn shown(&self, file: &OwnFile) -> String {
        format!("{}/{}", self.folder, file.path)
    }

    /// The line of a template from which a line of what is made of it comes, both from 1.
    #[must_use]
    pub fn line_of(&self, set: FileSet<'_>, pattern: &str, line: usize) -> Option<usize> {
        let file = self.file(pattern)?;
        if !file.path.ends_with(RENDERED) {
            return Some(line);
        }
        let context = set.context().ok()?;
        let made = strict().render_template_with_context(&marked(file.contents.text()?), &context).ok()?;
        let mark = |line: &str| line.rsplit_once(OPEN)?.1.strip_suffix(CLOSE)?.parse::<usize>().ok();
        let lines: Vec<&str> = made.lines().take(line).collect();
        // Lines with blocks have no mark: they follow one that has.
        let (at, number) =
            lines.iter().enumerate().rev().find_map(|(at, line)| Some((at + 1, mark(line)?)))?;
        Some(if at == line { number } else { number + 1 })
    }

    fn wrong_name(&self, file: &OwnFile, fault: OwnFault) -> Box<OwnError> {
        self.wrong_at(file, &file.path, 0..file.path.len(), fault)
    }

    fn wrong_at(&self, file: &OwnFile, text: &str, at: Range<usize>, fault: OwnFault) -> Box<OwnError> {
        let is_name = text == file.path;
        Box::new(OwnError { file: self.shown(file), is_name, text: text.to_owned(), at, fault })
    }
}

/// Whether two files cannot both be there.
fn in_each_other(a: &str, b: &str) -> bool {
    let inside = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
    a == b || inside(a, b) || inside(b, a)
}

/// A text with its variables filled in, or where and why not.
fn fill(text: &str, context: &Context, sample: &JsonValue) -> Result<String, (Range<usize>, OwnFault)> {
    let names = names(text, sample).map_err(|error| {
        let line = error.pos().map_or(1, |(line, _)| line);
        (span(text, line, ""), OwnFault::Malformed(error.reason().to_string()))
    })?;
    for name in names {
        let at = span(text, name.line, &name.written);
        match name.meaning {
            Meaning::Field(_) => {}
            Meaning::Unknown => {
                let known = known(sample, "");
                return Err((at, OwnFault::UnknownVariable { name: name.written, known }));
            }
            Meaning::UnknownHelper => return Err((at, OwnFault::UnknownHelper(name.written))),
            Meaning::Partial => return Err((at, OwnFault::Partial(name.written))),
        }
    }
    strict().render_template_with_context(text, context).map_err(|error| {
        let line = error.line_no.unwrap_or(1);
        if let RenderErrorReason::MissingVariable(Some(name)) = error.reason() {
            return (span(text, line, name), OwnFault::NoValue(name.clone()));
        }
        (span(text, line, ""), OwnFault::Malformed(error.reason().to_string()))
    })
}

/// Where `word` stands between braces, from `line` on; the line, if it does not.
fn span(text: &str, line: usize, word: &str) -> Range<usize> {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = &text[start..];
    let is_inside = |&(at, _): &(usize, &str)| rest[..at].rfind("{{") > rest[..at].rfind("}}");
    match rest.match_indices(word).find(is_inside).filter(|_| !word.is_empty()) {
        Some((at, _)) => start + at..start + at + word.len(),
        None => start..start + rest.lines().next().unwrap_or_default().len(),
    }
}

fn known(data: &JsonValue, within: &str) -> Vec<String> {
    let JsonValue::Object(entries) = data else { return Vec::new() };
    let one = |(name, value): (&String, &JsonValue)| {
        let name = format!("{within}{name}");
        let inner = known(value, &format!("{name}."));
        [name].into_iter().chain(inner)
    };
    entries.iter().flat_map(one).collect()
}

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The template with the number of each line at its end, where that changes nothing else.
fn marked(text: &str) -> String {
    let is_plain = |line: &str| {
        let tags = ["{{#", "{{/", "{{^", "{{!", "{{~", "~}}", "{{{{", "{{else"];
        !tags.iter().any(|tag| line.contains(tag)) && line.matches("{{").count() == line.matches("}}").count()
    };
    let mark = |(number, line): (usize, &str)| {
        if is_plain(line) { format!("{line}{OPEN}{}{CLOSE}\n", number + 1) } else { format!("{line}\n") }
    };
    text.lines().enumerate().map(mark).collect()
}

#[cfg(test)]
mod tests;
