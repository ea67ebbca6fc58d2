//! Running a command as a person would, with its output on our own.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Runs `command` in `folder`; the word `umbrella` is this program.
///
/// # Errors
/// What the system says if the command cannot be run.
pub fn run_step(command: &[&str], folder: &Path) -> io::Result<ExitStatus> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let program = if *program == "umbrella" { env::current_exe()? } else { folder.join(program) };
    Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).status()
}
