//! Starting, stopping, looking and testing, from outside: real nodes of a generated umbrella.

mod abc;
mod applications;
mod elsewhere;
mod group;
mod interrupting;
mod looking;
mod node;
mod running;
mod scaling;
mod secured;
mod selecting;
mod testing;
mod watching;
