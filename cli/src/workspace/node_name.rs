//! The nodes of a release.

use std::fmt;

/// A node of a release, as its run file is called: `c`, or `c-2` for the second instance of `c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeName {
    /// The release.
    pub release: String,
    /// Which of its instances, if it has several.
    pub instance: Option<u32>,
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instance {
            Some(instance) => write!(f, "{}-{instance}", self.release),
            None => f.write_str(&self.release),
        }
    }
}
