//! What `umbrella new`, `umbrella gen` and `umbrella release` write.
//!
//! A closed [catalogue](FileSet) of templates, each set with one typed context. Rendering is strict (a variable that the
//! context lacks is an error) and escapes nothing. There is no I/O here: the texts are part of the program, and what is
//! rendered is returned.
//!
//! Logic in a template is `{{name}}`, `{{#if}}` and `{{#each}}`; whatever depends on how rustfmt breaks lines is computed
//! in `layout`.

mod catalogue;
mod context;
mod layout;
mod module;
mod render;
mod runtime;

pub use catalogue::{File, FileSet};
pub use context::{Adopted, Application, Readme, Release, Root, Step};
pub use module::Module;
pub use render::{Rendered, TemplateError, render};
pub use runtime::Runtime;
