//! Runs `cargo umbrella ...`: the same command line, reached through cargo.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo calls `cargo-umbrella umbrella new b`: the name of the subcommand comes again.
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|first| first == "umbrella") {
        args.remove(1);
    }
    umbrella_cli::main(args).into()
}
