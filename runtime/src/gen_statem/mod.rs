//! State machines: a process whose state says what it does with an event.
//!
//! [`#[gen_statem]`](macro@crate::gen_statem) turns one plain `impl` into a state machine. The states are an enum, the
//! data is `self`, and each event has a handler that matches on the state, so the compiler knows whether one was
//! forgotten.
//!
//! A door with a code lock: it opens for ten seconds, and buttons that are pressed meanwhile count once it is locked
//! again.
//!
//! ```
//! use std::time::Duration;
//! use umbrella::prelude::*;
//!
//! #[derive(PartialEq, Debug)]
//! enum Lock {
//!     Locked,
//!     Open,
//! }
//!
//! struct Door {
//!     code: Vec<u8>,
//!     pressed: Vec<u8>,
//! }
//!
//! #[gen_statem(state = Lock)]
//! impl Door {
//!     fn init(code: Vec<u8>) -> (Lock, Self) {
//!         (Lock::Locked, Self { code, pressed: Vec::new() })
//!     }
//!
//!     fn enter(&mut self, _old: &Lock, state: &Lock, cx: &mut Actions<Self>) {
//!         match state {
//!             Lock::Locked => self.pressed.clear(),
//!             Lock::Open => cx.state_timeout(Duration::from_secs(10), DoorMessage::Lock),
//!         }
//!     }
//!
//!     #[cast]
//!     fn button(&mut self, state: &Lock, digit: u8, cx: &mut Transition<Self>) {
//!         match state {
//!             Lock::Locked => {
//!                 self.pressed.push(digit);
//!                 if self.pressed.ends_with(&self.code) {
//!                     cx.next_state(Lock::Open);
//!                 }
//!             }
//!             Lock::Open => cx.postpone(DoorMessage::Button(digit)),
//!         }
//!     }
//!
//!     #[internal]
//!     fn lock(&mut self, cx: &mut Transition<Self>) {
//!         cx.next_state(Lock::Locked);
//!     }
//!
//!     #[call]
//!     fn is_open(&self, state: &Lock) -> bool {
//!         *state == Lock::Open
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
//! # let node = Node::new("example");
//! # runtime.block_on(node.clone().scope(async move {
//! let door = Door::start_link(vec![1, 2]).await?;
//! door.button(1)?;
//! door.button(2)?;
//! assert!(door.is_open().await?);
//! // Half of the code while it is open, the other half when it has locked itself.
//! door.button(1)?;
//! # tokio::time::sleep(Duration::from_secs(10) + Duration::from_millis(1)).await;
//! assert!(!door.is_open().await?);
//! door.button(2)?;
//! assert!(door.is_open().await?);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! A machine is a [`GenServer`](crate::gen_server::GenServer), [`Machine`]: calls, deadlines, names, supervision, and
//! crash reports are those of servers.
//!
//! | after a handler, in this order | |
//! |---|---|
//! | 1 | the caller has its answer |
//! | 2 | if the state is another, or is repeated: the state enter call |
//! | 3 | the event time-out is cancelled; if the state is another, the state time-out too |
//! | 4 | time-outs are started, cancelled, and updated |
//! | 5 | events are handled that the handler inserted; if the state is another, those postponed; then those that waited |
//! | 6 | time-outs of zero time |
//! | 7 | messages |
//!
//! Differs: no callback module can be changed, pushed, or popped while the machine runs, and a state enter call cannot
//! repeat its state.

mod callbacks;
mod engine;
mod machine;
mod timed_out;
mod timeouts;
mod transition;

pub use callbacks::GenStatem;
pub use machine::Machine;
pub use timed_out::TimedOut;
pub use timeouts::Timeout;
pub use transition::{Actions, Starting, Transition};

#[cfg(test)]
mod tests;
