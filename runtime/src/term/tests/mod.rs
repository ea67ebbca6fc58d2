//! What is written comes back, reads in Erlang as the module says, and nothing that comes in does harm.

mod golden;
mod hostile;
mod names;
mod native;
mod printed;
mod round;
mod shapes;
