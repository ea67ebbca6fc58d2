//! Templates of users: what they make is looked at before anything is written. PURE.

use miette::{Diagnostic, LabeledSpan, NamedSource};
use thiserror::Error;
use toml_edit::{Document, Item};
use umbrella_templates::{FileSet, Kind, Own, OwnError, OwnFault, Rendered, Templates};

use super::{Entry, PlanError};
use crate::rust::exports;
use crate::workspace::did_you_mean;

/// Why a template of a user cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum OwnTemplateError {
    /// Something in a file of it is wrong.
    #[error("{message}")]
    Wrong {
        /// What.
        message: String,
        /// The file.
        #[source_code]
        file: NamedSource<String>,
        /// Where in it, and what is there.
        #[label(collection)]
        at: Vec<LabeledSpan>,
        /// What to do about it.
        #[help]
        help: Option<String>,
    },
    /// The name of a file of it is wrong.
    #[error("{message}")]
    WrongName {
        /// What is wrong.
        message: String,
        /// The name.
        #[source_code]
        name: String,
        /// Where in it.
        #[label(collection)]
        at: Vec<LabeledSpan>,
        /// What to do about it.
        #[help]
        help: Option<String>,
    },
    /// It makes an application that was asked for too.
    #[error("the template `{folder}` makes an application `{name}` itself")]
    #[diagnostic(help("leave out `--app {name}`"))]
    Brings {
        /// The template.
        folder: String,
        /// The application.
        name: String,
    },
    /// It lacks a file.
    #[error("the template `{folder}` makes no `{path}`")]
    NoFile {
        /// The template.
        folder: String,
        /// What it should make.
        path: String,
        /// What it is for.
        #[help]
        help: String,
    },
    /// It makes a file in which something is missing.
    #[error("`{file}` makes no {what}")]
    Lacks {
        /// The file of the template.
        file: String,
        /// What it should make.
        what: String,
        /// What it is for.
        #[help]
        help: String,
    },
}

impl From<OwnError> for OwnTemplateError {
    fn from(error: OwnError) -> Self {
        let help = match &error.fault {
            OwnFault::UnknownVariable { name, known } => {
                let variables = format!("variables: {}", known.join(", "));
                Some(match did_you_mean(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("a variable with a similar name exists: `{near}`\n{variables}"),
                    None => variables,
                })
            }
            OwnFault::NoValue(_) => Some(
                "ask for it first: `{{#if example}}...{{/if}}`; see `umbrella templates show`".to_owned(),
            ),
            OwnFault::UnknownHelper(_) | OwnFault::Partial(_) => {
                Some("there are `{{#if}}`, `{{#unless}}`, `{{#each}}` and `{{#with}}`".to_owned())
            }
            OwnFault::Malformed(_) => {
                Some("what is no template must not end in `.hbs`; it is then taken as it is".to_owned())
            }
            OwnFault::Place(_) | OwnFault::Twice { .. } | _ => None,
        };
        let at = vec![LabeledSpan::new(None, error.at.start, error.at.len())];
        if error.is_name {
            let message = format!("{}: in the name of `{}`", error.fault, error.file);
            return Self::WrongName { message, name: error.text, at, help };
        }
        let file = NamedSource::new(&error.file, error.text);
        Self::Wrong { message: error.fault.to_string(), file, at, help }
    }
}

/// What the files that are made must hold, for the rest of a plan to be right.
pub(super) struct Need {
    /// The file, as the template has it.
    pub(super) pattern: &'static str,
    /// What others name of it, and how that would be written.
    pub(super) names: Vec<(String, String)>,
    /// What for.
    pub(super) why: String,
}

/// Renders a set; a template of the user's must make what is Rust and TOML, and what is needed.
pub(super) fn rendered(
    templates: &Templates,
    set: FileSet<'_>,
    needs: &[Need],
) -> Result<Vec<Rendered>, PlanError> {
    let Some(own) = templates.own_for(set) else { return Ok(templates.render(set)?) };
    for need in needs {
        need.check_is_there(own)?;
    }
    let files = templates.render(set)?;
    for file in &files {
        check_language(own, set, file)?;
    }
    for need in needs {
        need.check(own, &files)?;
    }
    Ok(files)
}

fn check_language(own: &Own, set: FileSet<'_>, file: &Rendered) -> Result<(), Box<OwnTemplateError>> {
    let Some(text) = file.contents.text() else { return Ok(()) };
    let (language, message, line) = if file.path.ends_with(".rs") {
        match exports(text) {
            Ok(_) => return Ok(()),
            Err(error) => ("Rust", error.message, error.line),
        }
    } else if file.path.ends_with(".toml") {
        match Document::parse(text) {
            Ok(_) => return Ok(()),
            Err(error) => {
                let before = text.get(..error.span().unwrap_or_default().start).unwrap_or_default();
                ("TOML", error.message().trim().replace('\n', ", "), before.matches('\n').count() + 1)
            }
        }
    } else {
        return Ok(());
    };
    let made = text.lines().nth(line - 1).unwrap_or_default().trim();
    Err(Box::new(at_line(
        own,
        set,
        file,
        line,
        format!("the template makes what is not valid {language}: {message}"),
        made,
    )))
}

/// An error at the line of the template from which `line` of what is made comes.
fn at_line(
    own: &Own,
    set: FileSet<'_>,
    file: &Rendered,
    line: usize,
    message: String,
    made: &str,
) -> OwnTemplateError {
    let source = own.file(&file.pattern);
    let text = source.and_then(|source| source.contents.text()).unwrap_or_default().to_owned();
    let line = own.line_of(set, &file.pattern, line).unwrap_or(line);
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let written = text[start..].lines().next().unwrap_or_default();
    let indent = written.len() - written.trim_start().len();
    let note = (made != written.trim()).then(|| format!("makes `{made}`"));
    let at = vec![LabeledSpan::new(note, start + indent, written.trim().len())];
    let file = NamedSource::new(source.map(|source| own.shown(source)).unwrap_or_default(), text);
    OwnTemplateError::Wrong { message, at, file, help: None }
}

impl Need {
    fn check_is_there(&self, own: &Own) -> Result<(), Box<OwnTemplateError>> {
        if own.file(self.pattern).is_some() {
            return Ok(());
        }
        let (folder, why) = (own.folder.clone(), self.why.clone());
        let tops = own.files.iter().filter_map(|file| file.path.split('/').next());
        let help = match tops.filter_map(Kind::named).next() {
            Some(kind) => format!("{why}\nthere are templates below it: did you mean `{folder}/{kind}`?"),
            None => why,
        };
        Err(Box::new(OwnTemplateError::NoFile { folder, path: self.pattern.to_owned(), help }))
    }

    fn check(&self, own: &Own, files: &[Rendered]) -> Result<(), Box<OwnTemplateError>> {
        let Some(file) = files.iter().find(|file| file.pattern == self.pattern) else { return Ok(()) };
        // What is no Rust was refused before.
        let exports = file.contents.text().and_then(|text| exports(text).ok()).unwrap_or_default();
        let missing = self.names.iter().find(|(name, _)| !exports.has(name));
        match missing {
            Some((_, written)) => {
                Err(Box::new(lacks(own, &file.pattern, format!("`{written}`"), self.why.clone())))
            }
            None => Ok(()),
        }
    }
}

/// What a file of a template should make, and does not.
pub(super) fn lacks(own: &Own, pattern: &str, what: String, help: String) -> OwnTemplateError {
    let file = own.file(pattern).map_or_else(|| pattern.to_owned(), |file| own.shown(file));
    OwnTemplateError::Lacks { file, what, help }
}

/// A key of a manifest, by its path.
pub(super) fn key<'a>(document: &'a Document<&str>, path: &[&str]) -> Option<&'a Item> {
    path.iter().try_fold(document.as_item(), |item, key| item.get(key))
}

/// The templates of ours of a kind, as a user's own.
#[must_use]
pub fn copied(kind: Kind) -> Vec<Entry> {
    let entry = |file: &umbrella_templates::File| Entry::File {
        path: format!("{}.hbs", file.destination).into(),
        contents: file.text.into(),
    };
    kind.files().iter().map(entry).collect()
}
