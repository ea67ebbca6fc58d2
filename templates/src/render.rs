//! From a set and its context to files.

use handlebars::{Context, Handlebars, RenderError, no_escape};
use thiserror::Error;

use crate::catalogue::FileSet;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Where, relative to the folder that is made; with `/` between its parts.
    pub path: String,
    /// What.
    pub contents: String,
}

/// A template that cannot be rendered: a defect of umbrella, since templates and contexts are part of it.
#[derive(Debug, Error)]
#[error("cannot render `{template}`")]
pub struct TemplateError {
    pub(crate) template: &'static str,
    #[source]
    pub(crate) source: Box<RenderError>,
}

/// Renders every file of a set, in the order of the catalogue.
///
/// # Errors
/// [`TemplateError`] if a template is malformed or names what its context lacks.
pub fn render(set: FileSet<'_>) -> Result<Vec<Rendered>, TemplateError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(no_escape);
    let context = set.context()?;
    let fill = |text: &str, context: &Context, template| {
        let rendered = handlebars.render_template_with_context(text, context);
        rendered.map_err(|source| TemplateError { template, source: Box::new(source) })
    };
    let render_file = |file: &crate::File| {
        let path = fill(file.destination, &context, file.source)?;
        Ok(Rendered { path, contents: fill(file.text, &context, file.source)? })
    };
    set.files().iter().map(render_file).collect()
}
