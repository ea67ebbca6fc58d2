//! What is wrong with the configuration, in words.

use std::fmt;

use super::UMBRELLA;
use super::failure::quoted;
use super::value::Origin;

/// One thing that is wrong with the configuration of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A key has no value.
    Missing {
        /// Whose key.
        application: String,
        /// The key, from the table of the application down.
        path: Vec<String>,
        /// The environment variable that sets it.
        variable: String,
    },
    /// A key that the application does not have.
    Unknown {
        /// Whose table.
        application: String,
        /// The key, from the table of the application down.
        path: Vec<String>,
        /// The keys that the application has at this place.
        expected: Vec<&'static str>,
        /// Where it was set.
        origin: Option<Origin>,
    },
    /// A value of the wrong type.
    Mismatch {
        /// Whose value.
        application: String,
        /// The key, from the table of the application down.
        path: Vec<String>,
        /// What the application wants.
        expected: String,
        /// What there is; never the value, which may be a secret.
        found: &'static str,
        /// Where it was set.
        origin: Option<Origin>,
    },
    /// A value that its type refuses.
    Refused {
        /// Whose value.
        application: String,
        /// The key, from the table of the application down; empty for the table itself.
        path: Vec<String>,
        /// What the type says, without the value.
        message: String,
        /// Where it was set.
        origin: Option<Origin>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { application, path, variable } => {
                let (key, table) = key_and_table(application, path);
                write!(f, "`{key}` of {} is missing\n  ", owner(application, &table))?;
                write!(f, "set it in config/config.toml under [{table}], or with {variable}")
            }
            Self::Unknown { application, path, expected, origin } => {
                let (key, table) = key_and_table(application, path);
                write!(f, "{} has no key `{key}`", owner(application, &table))?;
                at(f, origin.as_ref())?;
                match expected.as_slice() {
                    [] => write!(f, "\n  no key is expected here"),
                    [one] => write!(f, "\n  expected `{one}`"),
                    several => write!(f, "\n  expected one of {}", quoted(several)),
                }
            }
            Self::Mismatch { application, path, expected, found, origin } => {
                let (key, table) = key_and_table(application, path);
                write!(f, "`{key}` of {} is {found}; expected {expected}", owner(application, &table))?;
                at(f, origin.as_ref())
            }
            Self::Refused { application, path, message, origin } => {
                match path.as_slice() {
                    [] => {
                        let owner = owner(application, application);
                        write!(f, "the configuration of {owner} was refused: {message}")?
                    }
                    path => {
                        let (key, table) = key_and_table(application, path);
                        write!(f, "`{key}` of {} was refused: {message}", owner(application, &table))?;
                    }
                }
                at(f, origin.as_ref())
            }
        }
    }
}

/// Whose table it is.
fn owner(application: &str, table: &str) -> String {
    if application == UMBRELLA { format!("[{table}]") } else { format!("application `{application}`") }
}

fn at(f: &mut fmt::Formatter<'_>, origin: Option<&Origin>) -> fmt::Result {
    origin.map_or(Ok(()), |origin| write!(f, "\n  {origin}"))
}

/// The last part of a path, and the table it belongs into.
fn key_and_table(application: &str, path: &[String]) -> (String, String) {
    let mut table = application.to_owned();
    let mut key = String::new();
    for part in path {
        if part.starts_with('[') {
            // An element of an array: written with its array.
            key.push_str(part);
            continue;
        }
        if !key.is_empty() {
            table.push('.');
            table.push_str(&key);
        }
        part.clone_into(&mut key);
    }
    (key, table)
}

/// Everything that is wrong with the configuration of the applications of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// By application, then in the order found; never empty.
    pub problems: Vec<Problem>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [problem] => write!(f, "the configuration is not usable: {problem}"),
            problems => {
                write!(f, "the configuration is not usable in {} places", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
            }
        }
    }
}
