//! Runs the `umbrella` command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    umbrella_cli::main(std::env::args_os()).into()
}
