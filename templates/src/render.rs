//! From a set and its context to files.

use handlebars::{Context, Handlebars, RenderError, no_escape};
use thiserror::Error;

use crate::catalogue::FileSet;
use crate::contents::Contents;
use crate::own_error::OwnError;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Where, relative to the folder that is made; with `/` between its parts.
    pub path: String,
    /// What.
    pub contents: Contents,
    /// The same path as the template has it: `src/{{module}}.rs`.
    pub pattern: String,
}

/// A template that cannot be rendered.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// One of ours: a defect of umbrella, since templates and contexts are part of it.
    #[error("cannot render `{template}`")]
    BuiltIn {
        /// Which.
        template: &'static str,
        /// Why.
        #[source]
        source: Box<RenderError>,
    },
    /// One of a user's.
    #[error(transparent)]
    Own(#[from] Box<OwnError>),
}

/// Renders every file of a set, in the order of the catalogue.
///
/// # Errors
/// [`TemplateError`] if a template is malformed or names what its context lacks.
pub fn render(set: FileSet<'_>) -> Result<Vec<Rendered>, TemplateError> {
    let handlebars = strict();
    let context = set.context()?;
    let fill = |text: &str, context: &Context, template| {
        let rendered = handlebars.render_template_with_context(text, context);
        rendered.map_err(|source| TemplateError::BuiltIn { template, source: Box::new(source) })
    };
    let render_file = |file: &crate::File| {
        let path = fill(file.destination, &context, file.source)?;
        let contents = fill(file.text, &context, file.source)?.into();
        Ok(Rendered { path, contents, pattern: file.destination.to_owned() })
    };
    set.files().iter().map(render_file).collect()
}

/// Variables that are not there are errors, and nothing is escaped.
pub(crate) fn strict() -> Handlebars<'static> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(no_escape);
    handlebars
}
