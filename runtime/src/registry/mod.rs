//! Finding processes: typed references, typed names, and what they resolve to.
//!
//! A [`Ref`] knows its process, a [`Name`] looks it up on every use; both are the same to whoever calls.
//! Names are typed when they are written down, so a lookup never asks the user for a cast.

mod address;
pub(crate) mod contract;
mod exported;
pub mod global;
mod keys;
mod name;
pub mod pg;
mod protocol;
mod reference;
mod reference_serde;
mod there;
mod weigh;
#[doc(hidden)]
pub mod wire;

pub use address::Address;
pub(crate) use address::{ResolveError, Resolved};
pub(crate) use exported::Exported;
pub use keys::{Duplicate, Key, RegisterError, Registry, Unique, Via};
pub use name::Name;
pub use protocol::{Client, Protocol, Wire, assert_wire};
pub use reference::Ref;
pub(crate) use there::There;
pub use weigh::{Heavy, Light, Weight};
