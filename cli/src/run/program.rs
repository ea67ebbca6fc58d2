//! A release's binary, and the ways to run it.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::workspace::NodeName;

/// A built release and where it is to find its things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The node that it becomes.
    pub node: NodeName,
    /// Its executable.
    pub binary: PathBuf,
    /// The folder that holds `config/`.
    pub root: PathBuf,
    /// The run folder.
    pub run_dir: PathBuf,
    /// `dev`, `test` or `prod`.
    pub env: String,
}

impl Program {
    /// Becomes the node: signals and exit code are its own, and what follows `--` its applications'. Returns only if that
    /// failed.
    #[must_use]
    pub fn exec(&self, applications: &[String], arguments: &[OsString], colour: bool) -> io::Error {
        let mut command = self.command("start");
        tell_colour(&mut command, colour).args(applications);
        if !arguments.is_empty() {
            command.arg("--").args(arguments);
        }
        command.exec()
    }

    /// Starts the node in the background and waits until it is ready; it says so itself.
    ///
    /// # Errors
    /// What the system says if the program cannot be run. A node that does not come up is an exit code.
    pub fn daemon(&self, applications: &[String], timeout: Duration) -> io::Result<ExitStatus> {
        let mut command = self.command("daemon");
        command.args(applications).arg("--timeout").arg(timeout.as_secs_f64().to_string());
        command.stdin(Stdio::null()).status()
    }

    /// Lets the running node stop its applications and become this program, and waits until that is ready.
    ///
    /// # Errors
    /// What the system says if the program cannot be run. A node that does not come back is an exit code.
    pub fn restart(&self, timeout: Duration) -> io::Result<ExitStatus> {
        let mut command = self.command("restart");
        command.arg("--timeout").arg(timeout.as_secs_f64().to_string()).stdin(Stdio::null()).status()
    }

    /// Starts the node as a child that writes to `output` and is out of the terminal's reach: Ctrl-C is ours to pass on.
    ///
    /// # Errors
    /// What the system says.
    pub fn spawn(&self, applications: &[String], output: io::PipeWriter, colour: bool) -> io::Result<Child> {
        let mut command = self.command("start");
        tell_colour(&mut command, colour).args(applications);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0).spawn()
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg(verb)
            .current_dir(&self.root)
            .env("UMBRELLA_ENV", &self.env)
            .env("UMBRELLA_ROOT", &self.root)
            .env("UMBRELLA_RUN_DIR", &self.run_dir);
        match self.node.instance {
            Some(instance) => command.env("UMBRELLA_INSTANCE", instance.to_string()),
            None => command.env_remove("UMBRELLA_INSTANCE"),
        };
        command
    }
}

/// Becomes a program of the umbrella that is no node. Returns only if that failed.
#[must_use]
pub fn exec(program: &Path, folder: &Path, env: &str, arguments: &[OsString]) -> io::Error {
    Command::new(program).args(arguments).current_dir(folder).env("UMBRELLA_ENV", env).exec()
}

/// What the node writes ends on our terminal, or does not, whatever it sees itself: perhaps a pipe.
fn tell_colour(command: &mut Command, colour: bool) -> &mut Command {
    if colour {
        command.env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR")
    } else {
        command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE")
    }
}
