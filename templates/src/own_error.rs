//! What is wrong with a template of a user.

use std::ops::Range;

use thiserror::Error;

/// A template of a user that cannot be rendered: which file, where in it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct OwnError {
    /// The file of the template.
    pub file: String,
    /// Whether it is its name that is wrong, and not what it holds.
    pub is_name: bool,
    /// What it holds, or its name.
    pub text: String,
    /// Where in the text.
    pub at: Range<usize>,
    /// Why.
    pub fault: OwnFault,
}

/// Why a template of a user cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OwnFault {
    /// It is no template.
    #[error("the template cannot be read: {0}")]
    Malformed(String),
    /// It says what there is not.
    #[error("no variable is called `{name}`")]
    UnknownVariable {
        /// What it says.
        name: String,
        /// What it could say.
        known: Vec<String>,
    },
    /// What it says has no value this time.
    #[error("the variable `{0}` has no value here")]
    NoValue(String),
    /// It uses what there is not.
    #[error("there is no helper `{0}`")]
    UnknownHelper(String),
    /// It would fill in another template.
    #[error("a template cannot fill in another one: `{0}`")]
    Partial(String),
    /// What its name becomes is no name of a file.
    #[error("the name becomes `{0}`, which is not one of a file in the folder that is made")]
    Place(String),
    /// Two files have one name.
    #[error("`{path}` is made twice, also of `{other}`")]
    Twice {
        /// Which.
        path: String,
        /// The other file of the template.
        other: String,
    },
}
