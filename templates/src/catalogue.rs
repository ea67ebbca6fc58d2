//! Every template there is, and where it goes.

use handlebars::Context;

use crate::context::{Adopted, Application, Readme, Release, Root};
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

const ROOT: &[File] = files! {
    "workspace/Cargo.toml.hbs" => "Cargo.toml",
    "workspace/gitignore.hbs" => ".gitignore",
    "workspace/config/config.toml.hbs" => "config/config.toml",
    "workspace/config/dev.toml.hbs" => "config/dev.toml",
    "workspace/config/prod.toml.hbs" => "config/prod.toml",
    "workspace/config/test.toml.hbs" => "config/test.toml",
};

const UMBRELLA_README: &[File] = files! {
    "umbrella/README.md.hbs" => "README.md",
};

const STANDALONE_README: &[File] = files! {
    "standalone/README.md.hbs" => "README.md",
};

const MANIFEST: &[File] = files! {
    "application/Cargo.toml.hbs" => "Cargo.toml",
};

const APPLICATION: &[File] = files! {
    "application/Cargo.toml.hbs" => "Cargo.toml",
    "application/README.md.hbs" => "README.md",
};

const LIBRARY_SOURCES: &[File] = files! {
    "library/src/lib.rs.hbs" => "src/lib.rs",
    "library/tests/app.rs.hbs" => "tests/{{name}}.rs",
};

const SUPERVISED_SOURCES: &[File] = files! {
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
    "generate/api/module.rs.hbs" => "src/{{module}}.rs",
    "generate/api/test.rs.hbs" => "tests/{{module}}.rs",
};

const API_CRATE: &[File] = files! {
    "generate/api_crate/Cargo.toml.hbs" => "Cargo.toml",
    "generate/api_crate/README.md.hbs" => "README.md",
    "generate/api_crate/lib.rs.hbs" => "src/lib.rs",
    "generate/api_crate/protocol.rs.hbs" => "src/{{module}}.rs",
};

const API_MODULE: &[File] = files! {
    "generate/api_crate/protocol.rs.hbs" => "src/{{module}}.rs",
};

/// A set of files with what they are rendered from.
#[derive(Debug, Clone, Copy)]
pub enum FileSet<'a> {
    /// The root of a workspace, without its README. Where an application is the root, the tables of its
    /// [manifest](Self::Manifest) come first in the same `Cargo.toml`.
    Root(&'a Root),
    /// The README of an umbrella.
    UmbrellaReadme(&'a Readme),
    /// The README of a project that is one application.
    StandaloneReadme(&'a Readme),
    /// The manifest of an application.
    Manifest(&'a Application),
    /// Manifest and README of an application in an umbrella.
    Application(&'a Application),
    /// The code of an application that has nothing to start.
    LibrarySources(&'a Application),
    /// The code of an application with a supervision tree.
    SupervisedSources(&'a Application),
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
    /// A server of a protocol that is in a crate of its own, with its test.
    Api(&'a Module),
    /// The crate of that protocol.
    ApiCrate(&'a Module),
    /// One more protocol for that crate.
    ApiModule(&'a Module),
}

impl FileSet<'_> {
    /// The templates of the set.
    #[must_use]
    pub fn files(&self) -> &'static [File] {
        match self {
            Self::Root(_) => ROOT,
            Self::UmbrellaReadme(_) => UMBRELLA_README,
            Self::StandaloneReadme(_) => STANDALONE_README,
            Self::Manifest(_) => MANIFEST,
            Self::Application(_) => APPLICATION,
            Self::LibrarySources(_) => LIBRARY_SOURCES,
            Self::SupervisedSources(_) => SUPERVISED_SOURCES,
            Self::Adopted(_) => ADOPTED,
            Self::Release(_) => RELEASE,
            Self::Server(_) => SERVER,
            Self::Statem(_) => STATEM,
            Self::Supervisor(_) => SUPERVISOR,
            Self::Task(_) => TASK,
            Self::Api(_) => API,
            Self::ApiCrate(_) => API_CRATE,
            Self::ApiModule(_) => API_MODULE,
        }
    }

    /// What the templates of the set can say.
    ///
    /// # Errors
    /// Only if a context stops being plain data.
    pub fn context(&self) -> Result<Context, TemplateError> {
        let context = match self {
            Self::Root(root) => Context::wraps(root),
            Self::UmbrellaReadme(readme) | Self::StandaloneReadme(readme) => Context::wraps(readme),
            Self::Manifest(app)
            | Self::Application(app)
            | Self::LibrarySources(app)
            | Self::SupervisedSources(app) => Context::wraps(app),
            Self::Adopted(adopted) => Context::wraps(adopted),
            Self::Release(release) => Context::wraps(release),
            Self::Server(module)
            | Self::Statem(module)
            | Self::Supervisor(module)
            | Self::Task(module)
            | Self::Api(module)
            | Self::ApiCrate(module)
            | Self::ApiModule(module) => Context::wraps(module),
        };
        context.map_err(|source| TemplateError { template: "the context", source: Box::new(source) })
    }
}
