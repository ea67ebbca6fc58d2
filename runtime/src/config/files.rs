//! Reading the layers.

use std::io;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

use super::section::Section;
use super::value::{self, Kind, Origin, Table};
use super::variables::Variables;

/// Where configuration is read from.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    /// The folder that holds `config/`.
    pub root: &'a Path,
    /// `dev`, `test`, `prod` or another one for which there is a file.
    pub env: &'a str,
    /// Names that environment variables may start with; of two for one key the later prefix wins.
    /// The first one is used in messages.
    pub prefixes: &'a [&'a str],
    /// The environment.
    pub variables: &'a [(String, String)],
}

/// Files that cannot be used as configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file is there and cannot be read.
    #[error("failed to read {path}: {source}")]
    Read {
        /// Relative to the root.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not TOML.
    #[error("{path}:{line}:{column}: {message}")]
    Syntax {
        /// Relative to the root.
        path: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What the parser says; never the line itself, which may hold a secret.
        message: String,
    },
    /// A value stands outside the tables, so that it belongs to no application.
    #[error("{origin}: key `{key}` belongs to no application\nhelp: put it into the table of one, as in [b]")]
    NoApplication {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
    },
    /// There is no file for the environment that was asked for.
    #[error(
        "unknown environment `{env}`\nhelp: `UMBRELLA_ENV` is dev, test or prod, or any name for which there is a config/<name>.toml"
    )]
    UnknownEnvironment {
        /// What was asked for.
        env: String,
    },
}

/// The merged files and the variables of a node.
#[derive(Clone)]
pub(crate) struct Config {
    tables: Table,
    variables: Variables,
    prefix: String,
}

impl Config {
    /// Reads the files; one that does not exist is an empty one.
    pub(crate) fn load(source: &Source<'_>) -> Result<Self, LoadError> {
        let mut tables = read(source.root, "config")?.unwrap_or_default();
        let known = matches!(source.env, "dev" | "test" | "prod");
        // The name becomes a path: nothing but a plain file name.
        let plain = source.env.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let unknown = || LoadError::UnknownEnvironment { env: source.env.to_owned() };
        if !plain || source.env.is_empty() {
            return Err(unknown());
        }
        match read(source.root, source.env)? {
            Some(over) => value::merge(&mut tables, over),
            None if known => {}
            None => return Err(unknown()),
        }
        let prefix = source.prefixes.first().copied().unwrap_or_default().to_owned();
        Ok(Self { tables, variables: Variables::new(source.prefixes, source.variables), prefix })
    }

    /// Reads a single layer, for tests: no environment.
    pub(crate) fn of_text(text: &str) -> Result<Self, LoadError> {
        let tables = parse(&Arc::from("config/test.toml"), text)?;
        Ok(Self { tables, variables: Variables::new(&[], &[]), prefix: String::new() })
    }

    /// What one application sees.
    pub(crate) fn section<'a>(&'a self, application: &'a str) -> Section<'a> {
        let mut table = match self.tables.get(application).map(|value| &value.kind) {
            Some(Kind::Table(table)) => table.clone(),
            _ => Table::new(),
        };
        self.variables.apply(application, &mut table);
        Section { application, prefix: &self.prefix, table }
    }
}

fn read(root: &Path, name: &str) -> Result<Option<Table>, LoadError> {
    let path: Arc<str> = format!("config/{name}.toml").into();
    let text = match std::fs::read_to_string(root.join(&*path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(LoadError::Read { path: path.to_string(), source }),
    };
    parse(&path, &text).map(Some)
}

fn parse(path: &Arc<str>, text: &str) -> Result<Table, LoadError> {
    let syntax = |offset: usize, message: String| {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        LoadError::Syntax { path: path.to_string(), line: line_of(text, offset), column, message }
    };
    let parsed = DeTable::parse(text)
        .map_err(|error| syntax(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
    let origin = |offset| Origin::File { path: Arc::clone(path), line: line_of(text, offset) };
    let tables = value::table_of(parsed.get_ref(), &origin)
        .map_err(|error| syntax(error.offset, "the number is out of range".into()))?;
    match tables.iter().find(|(_, value)| !matches!(value.kind, Kind::Table(_))) {
        Some((key, value)) => {
            Err(LoadError::NoApplication { key: key.clone(), origin: value.origin.clone() })
        }
        None => Ok(tables),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
