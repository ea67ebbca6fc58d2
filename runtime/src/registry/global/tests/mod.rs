//! What names among several nodes promise, each promise one test.

mod far;
mod registrars;
