//! The command line of umbrella.
//!
//! A command reads *load, plan, (print or execute), say what to type next*:
//!
//! - [`commands`]: one file per verb; the clap root.
//! - [`workspace`]: the model of an umbrella, loaded through `cargo metadata`.
//! - [`deployment`]: placement expressions such as `[a,b]+[c]`.
//! - [`config`]: pure; what applications find in their configuration, and where it comes from.
//! - [`graph`]: pure; who depends on whom, and the pictures of it.
//! - [`plan`]: pure; turns a workspace and a request into the files to write. `--dry-run` prints it.
//! - [`doctor`]: pure; what is wrong with an umbrella, and what of it can be mended.
//! - [`emit`]: the only writer of files: executes a plan, all of it or nothing.
//! - [`cargo`]: the only module that spawns cargo. [`run`]: the only one that spawns releases, or talks to them.
//! - [`shell`]: the only writer to stdout and stderr. [`exit`]: the table of exit codes. [`error`]: what commands return.
//!
//! What it reads: `Cargo.toml` of the workspace and its members. What it writes: new folders, `Cargo.toml` of the
//! workspace (its members, its dependencies and its umbrella tables only), `config/config.toml` (new tables only) and
//! `releases/`, which it generates whole.

pub mod cargo;
pub mod commands;
pub mod config;
mod contract;
pub mod deployment;
pub mod doctor;
pub mod emit;
pub mod error;
pub mod exit;
pub mod git;
pub mod graph;
pub mod plan;
pub mod run;
pub mod rust;
pub mod session;
pub mod shell;
pub mod workspace;

pub use commands::main;
