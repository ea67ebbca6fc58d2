//! Starting, stopping, looking and testing, from outside: real nodes of a generated umbrella.

mod abc;
mod applications;
mod elsewhere;
mod group;
mod node;
mod secured;
mod testing;
