//! Started releases: the only module that spawns one, and the only one that talks to one.
//!
//! - [`state`]: what is in the run folder. [`control`]: the client of a node's socket; [`status`]: its answer.
//! - [`process`]: a node's process, verified before it is signalled. [`stop`]: asking, waiting, insisting.
//! - [`program`]: a release's binary and the ways to run it.
//! - [`table`], [`uptime`]: how all this is shown. Pure.

pub mod control;
pub mod process;
pub mod program;
pub mod state;
pub mod status;
pub mod stop;
pub mod table;
pub mod uptime;
