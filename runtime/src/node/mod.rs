//! The node of a release: boot, command line, logs, and the socket through which it is asked.
//!
//! The only place where the layers are wired together. A release's `main` hands [`Boot`] its applications; what runs then is
//! `bin/<release>`: `start`, `daemon`, `stop`, `restart`, `reload`, `pid`, `status`, `version`.
//!
//! ```text
//!   argv ──▶ command_line ──┬─▶ foreground ──▶ life: control socket ─ signals ─ Controller
//!                           ├─▶ daemon: spawns `start`, waits for `ready` on the socket
//!                           └─▶ stop, restart, reload, pid, status: ask the socket and go
//! ```

#[cfg(panic = "abort")]
compile_error!(
    "umbrella needs unwinding panics: with `panic = \"abort\"` the first crash of a process ends the whole node and no \
     supervisor can restart it. Remove `panic = \"abort\"` from [profile.*] in Cargo.toml."
);

mod boot;
mod clock;
mod command_line;
mod config_files;
pub(crate) mod console;
mod contracts;
mod control;
mod daemon;
mod distribution;
mod exit_code;
mod foreground;
mod life;
mod log;
mod memory;
mod names;
mod neighbour;
mod of_test;
mod placement;
mod reload;
mod restart;
mod run_dir;
mod signals;
mod status;
mod stop;
mod surroundings;

pub use boot::{Boot, arguments};
pub(crate) use log::log_for_tests;
pub(crate) use of_test::{Spoken, TestRunDir};
pub(crate) use surroundings::{find_root, umbrella_name};
