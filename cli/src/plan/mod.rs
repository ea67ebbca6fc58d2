//! What a command is going to write. Pure: nothing here touches a disk.
//!
//! A [`Plan`] is a list of [`Step`]s. `--dry-run` prints it; [`emit`](crate::emit) executes it, all of it or nothing.

pub mod bundle;
pub mod chosen_deployment;
pub mod demo;
pub mod generate;
pub mod panic_strategy;
pub mod release;
pub mod release_config;
pub mod remove;
pub mod rename;
pub mod saved_deployment;
pub mod scale;
pub mod selection;
pub mod start;
pub mod stop;
pub mod test;
pub mod tls_feature;

mod adopt;
mod application;
mod carry;
mod depend;
mod draft;
mod new;
mod own;
mod release_crate;

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;
pub use umbrella_templates::Contents;
use umbrella_templates::TemplateError;

pub use adopt::{Adoption, added_lines, adopt};
pub use application::{AppDependency, AppRequest};
pub use carry::{Carried, Carry, CarryError, redirected};
pub use depend::add_dependency;
pub use new::{UmbrellaRequest, new_application, new_standalone, new_umbrella};
pub use own::{OwnTemplateError, copied};
pub use release_crate::{ReleaseContents, relative_path, release_crates};

use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::manifest::ManifestError;

/// Why no plan could be made.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum PlanError {
    /// A manifest cannot be edited.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] ManifestError),
    /// A template cannot be rendered: a defect of umbrella.
    #[error("a template of umbrella is broken")]
    #[diagnostic(help("this is a defect of umbrella: please report it"))]
    Template(#[source] TemplateError),
    /// A template of the user's cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Own(#[from] Box<OwnTemplateError>),
}

impl From<TemplateError> for PlanError {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Own(error) => Self::Own(Box::new((*error).into())),
            built_in @ TemplateError::BuiltIn { .. } => Self::Template(built_in),
        }
    }
}

impl Failure for PlanError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Manifest(error) => error.exit_code(),
            Self::Template(_) => ExitCode::Bug,
            Self::Own(_) => ExitCode::Failed,
        }
    }
}

/// What a command is going to write, in this order.
///
/// The order matters to whoever looks at the tree meanwhile (or after a power cut): after every step, the tree is one
/// that cargo accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in order. Paths are absolute.
    pub steps: Vec<Step>,
}

/// One change that is made at once or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A folder that is not there yet, or is empty.
    NewTree {
        /// The folder.
        folder: PathBuf,
        /// What is in it.
        entries: Vec<Entry>,
    },
    /// A file that is not there yet, in a folder that is.
    NewFile {
        /// The file.
        path: PathBuf,
        /// What is in it.
        contents: Contents,
    },
    /// A folder that is there, at another place.
    Move {
        /// The folder.
        from: PathBuf,
        /// Where it will be.
        to: PathBuf,
    },
    /// A folder that will not be there.
    Remove {
        /// The folder.
        folder: PathBuf,
    },
    /// Other contents for a file that is there.
    Replace {
        /// The file.
        path: PathBuf,
        /// What it holds; if it holds something else by then, nothing is done.
        old: String,
        /// What it will hold.
        new: String,
        /// What changes, for people: `members += apps/b`.
        summary: Option<String>,
    },
}

/// What a new folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File {
        /// Relative to the new folder.
        path: PathBuf,
        /// What is in it.
        contents: Contents,
    },
    /// An empty folder, relative to the new folder.
    Folder(PathBuf),
}

/// What a line about a step says happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Create,
    /// It was there and gets other contents.
    Update,
    /// It was there and will be at another place.
    Move,
    /// It was there and will not be.
    Remove,
}

/// A line about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// What happens.
    pub change: Change,
    /// To which path.
    pub path: PathBuf,
    /// What changes in it.
    pub summary: Option<&'a str>,
}

impl Plan {
    /// What the plan changes, a line for each file and empty folder.
    #[must_use]
    pub fn lines(&self) -> Vec<Line<'_>> {
        self.steps.iter().flat_map(Step::lines).collect()
    }

    /// What the file at `path` will hold, if the plan writes it.
    #[must_use]
    pub fn text_of(&self, path: &Path) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::NewFile { path: written, contents } if written == path => contents.text(),
            Step::Replace { path: written, new, .. } => (written == path).then_some(new.as_str()),
            Step::NewFile { .. } | Step::NewTree { .. } | Step::Move { .. } | Step::Remove { .. } => None,
        })
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds a step that gives `path` the contents `new`, or none if it has them. A step that replaces the file already is
    /// made to give it these contents instead.
    pub fn replace(&mut self, path: PathBuf, old: &str, new: String, summary: Option<String>) {
        for step in &mut self.steps {
            if let Step::Replace { path: replaced, new: contents, summary: said, .. } = step
                && *replaced == path
            {
                *contents = new;
                let summaries: Vec<String> = said.take().into_iter().chain(summary).collect();
                *said = (!summaries.is_empty()).then(|| summaries.join(", "));
                return;
            }
        }
        if old != new {
            self.steps.push(Step::Replace { path, old: old.to_owned(), new, summary });
        }
    }
}

impl Step {
    fn lines(&self) -> Vec<Line<'_>> {
        match self {
            Self::NewTree { folder, entries } => {
                let created =
                    |path: &Path| Line { change: Change::Create, path: folder.join(path), summary: None };
                entries.iter().map(|entry| created(entry.path())).collect()
            }
            Self::NewFile { path, .. } => {
                vec![Line { change: Change::Create, path: path.clone(), summary: None }]
            }
            Self::Move { from, .. } => vec![Line { change: Change::Move, path: from.clone(), summary: None }],
            Self::Remove { folder } => {
                vec![Line { change: Change::Remove, path: folder.clone(), summary: None }]
            }
            Self::Replace { path, summary, .. } => {
                vec![Line { change: Change::Update, path: path.clone(), summary: summary.as_deref() }]
            }
        }
    }
}

impl Entry {
    /// Where it is, relative to the new folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::File { path, .. } => path,
            Self::Folder(path) => path,
        }
    }

    /// The same entry in the subfolder `folder`.
    #[must_use]
    pub fn under(self, folder: impl AsRef<Path>) -> Self {
        match self {
            Self::File { path, contents } => Self::File { path: folder.as_ref().join(path), contents },
            Self::Folder(path) => Self::Folder(folder.as_ref().join(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Plan, Step};

    #[test]
    fn two_changes_of_one_file_are_one_step() {
        let path = || PathBuf::from("Cargo.toml");
        let mut plan = Plan::default();
        plan.replace(path(), "0", "0".into(), Some("nothing".into()));
        assert!(plan.is_empty());
        plan.replace(path(), "0", "0 1".into(), Some("+= 1".into()));
        plan.replace(path(), "0", "0 1 2".into(), Some("+= 2".into()));
        let (old, new) = ("0".to_owned(), "0 1 2".to_owned());
        let step = Step::Replace { path: path(), old, new, summary: Some("+= 1, += 2".into()) };
        assert_eq!(plan.steps, [step]);
        assert_eq!(plan.text_of(&path()), Some("0 1 2"));
    }
}
