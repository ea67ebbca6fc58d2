//! Starting, stopping, looking and testing, from outside: real nodes of a generated umbrella.

mod abc;
mod applications;
mod elsewhere;
mod foreign;
mod group;
mod interrupting;
mod looking;
mod node;
mod retesting;
mod running;
mod scaling;
mod screens;
mod secured;
mod selecting;
mod testing;
mod watching;
