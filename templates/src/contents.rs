//! What a file holds.

use std::path::PathBuf;

/// What a new file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A text.
    Text(String),
    /// A text that can be executed.
    Script(String),
    /// What another file holds, with its permissions; a symbolic link stays one.
    CopyOf(PathBuf),
}

impl Contents {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Script(text) => Some(text),
            Self::CopyOf(_) => None,
        }
    }

    /// The same with another text, if it is one.
    ///
    /// # Errors
    /// What `change` failed with.
    pub fn try_map<E>(self, change: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        Ok(match self {
            Self::Text(text) => Self::Text(change(&text)?),
            Self::Script(text) => Self::Script(change(&text)?),
            Self::CopyOf(path) => Self::CopyOf(path),
        })
    }

    /// The same with another text, if it is one.
    #[must_use]
    pub fn map(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::Text(text) => Self::Text(change(&text)),
            Self::Script(text) => Self::Script(change(&text)),
            Self::CopyOf(path) => Self::CopyOf(path),
        }
    }
}

impl From<String> for Contents {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Contents {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
