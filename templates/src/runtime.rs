//! Where a generated workspace finds the runtime.

use std::fmt;

/// The source of the crate `umbrella-runtime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// A folder, with `/` between its parts.
    Path(String),
    /// A git repository at a revision.
    Git {
        /// Its address.
        url: String,
        /// The commit.
        rev: String,
    },
    /// A version from the registry.
    Version(String),
}

impl fmt::Display for Runtime {
    /// The value of a dependency in TOML: `{ package = "umbrella-runtime", path = "../runtime" }`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ package = \"umbrella-runtime\", ")?;
        match self {
            Self::Path(path) => write!(f, "path = {}", Quoted(path)),
            Self::Git { url, rev } => write!(f, "git = {}, rev = {}", Quoted(url), Quoted(rev)),
            Self::Version(version) => write!(f, "version = {}", Quoted(version)),
        }?;
        f.write_str(" }")
    }
}

/// A basic string of TOML.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' => write!(f, "\\{letter}")?,
                control if control.is_control() => write!(f, "\\u{:04X}", u32::from(control))?,
                plain => write!(f, "{plain}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Runtime;

    #[test]
    fn each_source_is_an_inline_table() {
        let path = Runtime::Path("../../runtime".into());
        assert_eq!(path.to_string(), r#"{ package = "umbrella-runtime", path = "../../runtime" }"#);
        let git = Runtime::Git { url: "ssh://x/y".into(), rev: "abc".into() };
        assert_eq!(git.to_string(), r#"{ package = "umbrella-runtime", git = "ssh://x/y", rev = "abc" }"#);
        let version = Runtime::Version("0.1.0".into());
        assert_eq!(version.to_string(), r#"{ package = "umbrella-runtime", version = "0.1.0" }"#);
    }

    #[test]
    fn quotes_and_controls_are_escaped() {
        let odd = Runtime::Path("a\"b\\c\nd".into());
        assert!(odd.to_string().contains(r#""a\"b\\c\u000Ad""#), "{odd}");
    }
}
