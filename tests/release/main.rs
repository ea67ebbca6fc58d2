//! Releases from outside: what is in a bundle, and bundles that run.

mod abc;
mod bundle;
mod cluster;
mod upgrade;
mod workspace;
