//! Runs the `umbrella` command line.

fn main() {}
