//! Every template there is, and where it goes.

use handlebars::Context;

use crate::context::{Adopted, Application, Release, Standalone, Umbrella};
use crate::kind::Kind;
use crate::module::Module;
use crate::render::TemplateError;

/// A template and its destination, both relative: to `files/`, and to the folder that is made.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Where the template is in `files/`.
    pub source: &'static str,
    /// Where it goes; a template too (`tests/{{name}}.rs`).
    pub destination: &'static str,
    /// The template.
    pub text: &'static str,
}

macro_rules! files {
    ($($source:literal => $destination:literal,)+) => {
        &[$(File {
            source: $source,
            destination: $destination,
            text: include_str!(concat!("../files/", $source)),
        }),+]
    };
}

const UMBRELLA: &[File] = files! {
    "workspace/Cargo.toml.hbs" => "Cargo.toml",
    "workspace/gitignore.hbs" => ".gitignore",
    "workspace/config/config.toml.hbs" => "config/config.toml",
    "workspace/config/dev.toml.hbs" => "config/dev.toml",
    "workspace/config/prod.toml.hbs" => "config/prod.toml",
    "workspace/config/test.toml.hbs" => "config/test.toml",
    "umbrella/README.md.hbs" => "README.md",
};

const STANDALONE: &[File] = files! {
    "workspace/Cargo.toml.hbs" => "Cargo.toml",
    "workspace/gitignore.hbs" => ".gitignore",
    "workspace/config/config.toml.hbs" => "config/config.toml",
    "workspace/config/dev.toml.hbs" => "config/dev.toml",
    "workspace/config/prod.toml.hbs" => "config/prod.toml",
    "workspace/config/test.toml.hbs" => "config/test.toml",
    "standalone/README.md.hbs" => "README.md",
};

const LIBRARY: &[File] = files! {
    "application/Cargo.toml.hbs" => "Cargo.toml",
    "application/README.md.hbs" => "README.md",
    "library/src/lib.rs.hbs" => "src/lib.rs",
    "library/tests/app.rs.hbs" => "tests/{{name}}.rs",
};

const SUPERVISED: &[File] = files! {
    "application/Cargo.toml.hbs" => "Cargo.toml",
    "application/README.md.hbs" => "README.md",
    "supervised/config.toml.hbs" => "config.toml",
    "supervised/src/lib.rs.hbs" => "src/lib.rs",
    "supervised/src/application.rs.hbs" => "src/application.rs",
    "supervised/src/counter.rs.hbs" => "src/counter.rs",
    "supervised/tests/app.rs.hbs" => "tests/{{name}}.rs",
};

const ADOPTED: &[File] = files! {
    "adopted/src/application.rs.hbs" => "src/application.rs",
};

const RELEASE: &[File] = files! {
    "release/Cargo.toml.hbs" => "Cargo.toml",
    "release/src/main.rs.hbs" => "src/main.rs",
};

const SERVER: &[File] = files! {
    "generate/server/module.rs.hbs" => "src/{{module}}.rs",
    "generate/server/test.rs.hbs" => "tests/{{module}}.rs",
};

const STATEM: &[File] = files! {
    "generate/statem/module.rs.hbs" => "src/{{module}}.rs",
    "generate/statem/test.rs.hbs" => "tests/{{module}}.rs",
};

const SUPERVISOR: &[File] = files! {
    "generate/supervisor/module.rs.hbs" => "src/{{module}}.rs",
    "generate/supervisor/test.rs.hbs" => "tests/{{module}}.rs",
};

const TASK: &[File] = files! {
    "generate/task/module.rs.hbs" => "src/{{module}}.rs",
    "generate/task/test.rs.hbs" => "tests/{{module}}.rs",
};

const API: &[File] = files! {
    "generate/api_crate/Cargo.toml.hbs" => "protocol/Cargo.toml",
    "generate/api_crate/README.md.hbs" => "protocol/README.md",
    "generate/api_crate/lib.rs.hbs" => "protocol/src/lib.rs",
    "generate/api_crate/protocol.rs.hbs" => "protocol/src/{{module}}.rs",
    "generate/api/module.rs.hbs" => "server/src/{{module}}.rs",
    "generate/api/test.rs.hbs" => "server/tests/{{module}}.rs",
};

/// A set of files with what they are rendered from.
#[derive(Debug, Clone, Copy)]
pub enum FileSet<'a> {
    /// The root of an umbrella.
    Umbrella(&'a Umbrella),
    /// The root of a project that is one application, whose manifest comes first in the same `Cargo.toml`.
    Standalone(&'a Standalone),
    /// An application that has nothing to start.
    Library(&'a Application),
    /// An application with a supervision tree. Its `config.toml` is the table of this name in the configuration.
    Supervised(&'a Application),
    /// What a crate that is there needs to have a supervision tree.
    Adopted(&'a Adopted),
    /// A release crate.
    Release(&'a Release),
    /// A server, with its test.
    Server(&'a Module),
    /// A state machine, with its test.
    Statem(&'a Module),
    /// A supervisor, with its test.
    Supervisor(&'a Module),
    /// Tasks under a supervisor, with their test.
    Task(&'a Module),
    /// In `protocol/` the crate of a protocol, of which what is named after the module is one more protocol for a crate that
    /// is there; in `server/` its server, with its test.
    Api(&'a Module),
}

impl FileSet<'_> {
    /// The templates of the set.
    #[must_use]
    pub fn files(&self) -> &'static [File] {
        match self {
            Self::Standalone(_) => STANDALONE,
            Self::Adopted(_) => ADOPTED,
            Self::Release(_) => RELEASE,
            Self::Umbrella(_) => UMBRELLA,
            Self::Library(_) => LIBRARY,
            Self::Supervised(_) => SUPERVISED,
            Self::Server(_) => SERVER,
            Self::Statem(_) => STATEM,
            Self::Supervisor(_) => SUPERVISOR,
            Self::Task(_) => TASK,
            Self::Api(_) => API,
        }
    }

    /// Which kind of template it is, if users can have their own.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Standalone(_) | Self::Adopted(_) | Self::Release(_) => None,
            Self::Umbrella(_) => Some(Kind::Umbrella),
            Self::Library(_) => Some(Kind::Library),
            Self::Supervised(_) => Some(Kind::Supervised),
            Self::Server(_) => Some(Kind::Server),
            Self::Statem(_) => Some(Kind::Statem),
            Self::Supervisor(_) => Some(Kind::Supervisor),
            Self::Task(_) => Some(Kind::Task),
            Self::Api(_) => Some(Kind::Api),
        }
    }

    /// What the templates of the set can say.
    ///
    /// # Errors
    /// Only if a context stops being plain data.
    pub fn context(&self) -> Result<Context, TemplateError> {
        let context = match self {
            Self::Umbrella(umbrella) => Context::wraps(umbrella),
            Self::Standalone(project) => Context::wraps(project),
            Self::Library(app) | Self::Supervised(app) => Context::wraps(app),
            Self::Adopted(adopted) => Context::wraps(adopted),
            Self::Release(release) => Context::wraps(release),
            Self::Server(module)
            | Self::Statem(module)
            | Self::Supervisor(module)
            | Self::Task(module)
            | Self::Api(module) => Context::wraps(module),
        };
        context.map_err(|source| TemplateError::BuiltIn { template: "the context", source: Box::new(source) })
    }
}
