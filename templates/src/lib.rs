//! What `umbrella new`, `umbrella gen` and `umbrella release` write.
//!
//! A closed [catalogue](FileSet) of templates, each set with one typed context. Rendering is strict (a variable that the
//! context lacks is an error) and escapes nothing. There is no I/O here: the texts are part of the program, and what is
//! rendered is returned.
//!
//! Users can have [templates of their own](Own) for the [kinds](Kind) that they make themselves; whoever knows the disk reads
//! them. They are rendered from the same contexts, and what is wrong with them is said with file and place.
//!
//! Logic in a template is `{{name}}`, `{{#if}}` and `{{#each}}`; whatever depends on how rustfmt breaks lines is computed
//! in `layout`.

mod catalogue;
mod contents;
mod context;
mod kind;
mod layout;
mod module;
mod names;
mod own;
mod own_error;
mod render;
mod runtime;

pub use catalogue::{File, FileSet};
pub use contents::Contents;
pub use context::{Adopted, Application, Release, Standalone, Step, Umbrella};
pub use kind::{Kind, Variable};
pub use module::Module;
pub use names::{Meaning, Name, names};
pub use own::{Own, OwnFile, Templates};
pub use own_error::{OwnError, OwnFault};
pub use render::{Rendered, TemplateError, render};
pub use runtime::Runtime;
