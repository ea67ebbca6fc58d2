//! Why nothing was tested, or why what was tested does not count.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::{CoverageError, FilterError, Unsupported};
use crate::error::Failure;
use crate::exit::ExitCode;

#[derive(Debug, Error, Diagnostic)]
pub(super) enum TestError {
    #[error("cargo-nextest is not installed")]
    #[diagnostic(help(
        "install it with `cargo install cargo-nextest --locked`, or leave `--runner nextest` out"
    ))]
    NoNextest,
    #[error("`--runner nextest` cannot do `{option}`")]
    #[diagnostic(help("leave `--runner nextest` out"))]
    NotWithNextest { option: &'static str },
    #[error(transparent)]
    #[diagnostic(help("`cargo test -p <app> -- ...` passes everything to the test program itself"))]
    Unsupported(#[from] Unsupported),
    #[error("{0}")]
    #[diagnostic(help("{}", filter_help(.0)))]
    Filter(#[from] FilterError),
    #[error("{0}")]
    #[diagnostic(help("{}", coverage_help(.0)))]
    Coverage(#[from] CoverageError),
    #[error("no test matches {filter}")]
    #[diagnostic(help("`umbrella test -- --list` prints the names of all tests"))]
    NothingMatched { filter: String },
    #[error("there is no file or folder `{path}`")]
    #[diagnostic(help("a place is written as in `apps/b/tests/b.rs:12`; an application by its name alone"))]
    NoSuchPlace { path: String },
    #[error("`{path}` belongs to no application and no crate of this umbrella")]
    #[diagnostic(help("a place is a file or a folder of an application: `apps/b/tests/b.rs:12`"))]
    NobodysPlace { path: String },
    #[error("there is no test at line {line} of `{path}`, and none above it")]
    #[diagnostic(help("{}", tests_help(tests)))]
    NoTestAtLine { path: String, line: usize, tests: Vec<String> },
    #[error("there is no test in `{path}`")]
    #[diagnostic(help("a test is a function with `#[test]` or `#[umbrella::test]` above it"))]
    NoTestInFile { path: String },
    #[error("there is no topology `{name}`")]
    #[diagnostic(help("{help}"))]
    UnknownTopology { name: String, help: String },
    #[error("nothing is known of an earlier run")]
    #[diagnostic(help("run the tests once: `umbrella test`"))]
    NothingKnown,
    #[error("could not run cargo")]
    #[diagnostic(help(
        "umbrella needs cargo: install Rust from https://rustup.rs, or set CARGO to its path"
    ))]
    NotRun(#[source] io::Error),
}

impl Failure for TestError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoNextest | Self::NotRun(_) | Self::Coverage(_) => ExitCode::Failed,
            Self::Filter(FilterError::Refused { .. }) => ExitCode::Usage,
            Self::Filter(_) => ExitCode::Failed,
            Self::NotWithNextest { .. } | Self::Unsupported(_) => ExitCode::Usage,
            Self::UnknownTopology { .. } | Self::NoSuchPlace { .. } | Self::NobodysPlace { .. } => {
                ExitCode::Usage
            }
            Self::NothingMatched { .. }
            | Self::NoTestAtLine { .. }
            | Self::NoTestInFile { .. }
            | Self::NothingKnown => ExitCode::NothingMatched,
        }
    }
}

fn filter_help(error: &FilterError) -> &'static str {
    match error {
        FilterError::NotInstalled => {
            "install it with `cargo install cargo-nextest --locked`, or name tests: `umbrella test b -- counts`"
        }
        FilterError::Refused { .. } | FilterError::NotUnderstood | FilterError::NotRun(_) => {
            "the language: https://nexte.st/docs/filtersets/; names of tests go without: `umbrella test b -- counts`"
        }
    }
}

fn coverage_help(error: &CoverageError) -> &'static str {
    match error {
        CoverageError::NotInstalled => {
            "install it with `cargo install cargo-llvm-cov --locked` and `rustup component add llvm-tools`, or leave \
             `--cover` out"
        }
        CoverageError::Failed { .. } | CoverageError::NotRun(_) => {
            "it needs the component llvm-tools: `rustup component add llvm-tools`; without rustup, set LLVM_COV and \
             LLVM_PROFDATA to those of the LLVM that `rustc -vV` names"
        }
    }
}

fn tests_help(tests: &[String]) -> String {
    match tests {
        [] => "there is no test in this file".to_owned(),
        tests => format!("its tests: {}", tests.join(", ")),
    }
}
