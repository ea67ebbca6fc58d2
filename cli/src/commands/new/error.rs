//! Why `umbrella new` makes nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::exit::ExitCode;

#[derive(Debug, Error, Diagnostic)]
pub(in crate::commands) enum NewError {
    #[error("`{}` is not valid text", typed.display())]
    NotText { typed: OsString },
    #[error("cannot make the umbrella `{name}` inside another one: `{}`", outer.display())]
    #[diagnostic(help("make an application of that one with `umbrella new {name}`, or go out of it first"))]
    Nested { name: String, outer: PathBuf },
    #[error("the applications of the umbrella `{}` are made in its folder `apps`, by name", outer.display())]
    #[diagnostic(help("try `{command}`"))]
    PathInUmbrella { outer: PathBuf, command: String },
    #[error("the name `{name}` is taken: it is that of {by}")]
    #[diagnostic(help("try `{suggestion}`"))]
    Taken { name: String, by: String, suggestion: String },
    #[error("`--app {typed}`: an application can be `sup` or `lib`, not `{kind}`")]
    #[diagnostic(help("try `--app {name}:sup` for a supervised one, `--app {name}` for a library"))]
    UnknownKind { typed: String, name: String, kind: String },
    #[error("the application `{name}` is given twice")]
    Twice { name: String },
    #[error("`--dep {typed}` does not say which application depends on `{typed}`")]
    #[diagnostic(help("with --umbrella, write `--dep NAME:{typed}`"))]
    WhoDepends { typed: String },
    #[error("`--dep {typed}`: the application `{name}` itself is the one that depends")]
    #[diagnostic(help("write `--dep {dependency}`"))]
    OnlyWhom { typed: String, name: String, dependency: String },
    #[error("no application is called `{name}`")]
    NoSuchApplication {
        name: String,
        #[help]
        help: String,
    },
    #[error("`{name}` cannot depend on itself")]
    OnItself { name: String },
    #[error("these applications depend on each other in a circle: {}", circle.join(" -> "))]
    #[diagnostic(help("leave out one of the `--dep`: an application starts after those it depends on"))]
    Circle { circle: Vec<String> },
    #[error("there is no application `{dependency}` to depend on: this is no umbrella")]
    #[diagnostic(help("make an umbrella with `umbrella new NAME --umbrella`, or leave out `--dep`"))]
    NoSiblings { dependency: String },
    #[error("no umbrella runtime in `{}`", path.display())]
    #[diagnostic(help("`--runtime-path` names the folder with the Cargo.toml of `umbrella-runtime`"))]
    NoRuntime { path: PathBuf },
    #[error("`{version}` is not a version")]
    #[diagnostic(help("try `--runtime-version {}`", env!("CARGO_PKG_VERSION")))]
    NotAVersion { version: String },
    #[error("this umbrella already says where the runtime is")]
    #[diagnostic(help("it is `umbrella` in [workspace.dependencies] of `{}`", manifest.display()))]
    RuntimeIsKnown { manifest: PathBuf },
}

impl Failure for NewError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Nested { .. } | Self::Taken { .. } | Self::NoRuntime { .. } => ExitCode::Failed,
            Self::NotText { .. }
            | Self::PathInUmbrella { .. }
            | Self::UnknownKind { .. }
            | Self::Twice { .. }
            | Self::WhoDepends { .. }
            | Self::OnlyWhom { .. }
            | Self::NoSuchApplication { .. }
            | Self::OnItself { .. }
            | Self::Circle { .. }
            | Self::NoSiblings { .. }
            | Self::NotAVersion { .. }
            | Self::RuntimeIsKnown { .. } => ExitCode::Usage,
        }
    }
}
