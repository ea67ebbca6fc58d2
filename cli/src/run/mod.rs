//! Started releases: the only module that spawns one, and the only one that talks to one.
//!
//! - [`place`]: where nodes run. [`state`]: what is in the run folder. [`control`]: the client of a node's socket; [`status`]: its answer.
//! - [`process`]: a node's process, verified before it is signalled. [`stop`]: asking, waiting, insisting.
//! - [`fleet`]: the running nodes, asked together.
//! - [`look`]: what a node tells of what runs in it; [`target`]: which node is asked. [`tree`], [`why`]: how it is shown. Pure.
//! - [`log`]: the logs of nodes, merged and followed.
//! - [`contracts`]: what a program says of its protocols.
//! - [`plugin`]: programs that add verbs.
//! - [`program`]: a release's binary and the ways to run it.
//! - [`group`]: several of them in the foreground, with [`output`] prefixed.
//! - [`sources`]: what programs are made of, watched.
//! - [`step`]: one command of the demo, run as a person would.
//! - [`table`], [`clock`]: how all this is shown. Pure.

pub mod clock;
pub mod contracts;
pub mod control;
pub mod fleet;
pub mod group;
pub mod log;
pub mod look;
pub mod output;
pub mod place;
pub mod plugin;
pub mod process;
pub mod program;
pub mod sources;
pub mod state;
pub mod status;
pub mod step;
pub mod stop;
pub mod table;
pub mod target;
pub mod tree;
pub mod why;
