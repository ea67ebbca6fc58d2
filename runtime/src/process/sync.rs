//! What threads share, from one place, so that loom can explore in which orders they use it.
//!
//! Everybody else takes `std` and tokio here. With `--cfg umbrella_loom` the same code runs on loom, see `models`:
//!
//! | what | on loom |
//! |---|---|
//! | locks and atomics that make up a protocol | loom's |
//! | `Arc` where its counts are part of the protocol, which is in a call only | loom's, which has no `Weak` |
//! | who runs on a thread | a thread of the model |
//! | the task of a process | a thread of the model |
//!
//! Tables stay as they are, because nothing is locked or awaited while they are; so do counters that order nothing.

#[cfg(not(umbrella_loom))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard};
    pub(crate) use std::thread_local;

    pub(crate) use tokio::spawn;
}
#[cfg(not(umbrella_loom))]
pub(crate) use real::*;

#[cfg(umbrella_loom)]
mod modelled;
#[cfg(umbrella_loom)]
pub(crate) use modelled::*;
