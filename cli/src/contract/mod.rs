//! What the releases of two versions make of each other. Pure: `commands` reads the files and prints what is found.
//!
//! | file | what it does |
//! |---|---|
//! | `schema` | what a release says of itself, as its program prints it: the same data as `registry/contract` of the runtime |
//! | `compatibility` | which calls fail between two versions of a protocol |
//! | `changes` | what was added to a protocol, removed from it, and changed in it |
//! | `placement` | which releases serve and call a protocol |
//! | `rollout` | in which order releases can be upgraded |
//! | `upgrade` | all of it |

mod changes;
mod compatibility;
mod placement;
mod rollout;
mod schema;
#[cfg(test)]
mod tests;
mod upgrade;

pub(crate) use changes::What;
pub(crate) use placement::Side;
pub(crate) use rollout::{Before, Order};
pub(crate) use schema::Release;
pub(crate) use upgrade::{ProtocolUpgrade, Upgrade, check};
