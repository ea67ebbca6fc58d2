//! What the `main` of a release calls.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use super::command_line::{self, Command, NodeCommand};
use super::exit_code::Exit;
use super::surroundings::{Inputs, Surroundings};
use super::{console, contracts, daemon, foreground, names, reload, restart, status, stop};
use crate::application::Spec;
use crate::node::run_dir::RunDir;

/// What follows `--` on the command line of the release: the arguments of the applications, as `umbrella run b -- x` and
/// `bin/<release> start -- x` pass them on.
///
/// Source: Elixir, `System.argv/0`.
#[must_use]
pub fn arguments() -> Vec<OsString> {
    env::args_os().skip_while(|word| word != "--").skip(1).collect()
}

/// A release, to be run: which applications start here, and which run elsewhere.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     umbrella::node::Boot::new("abc", env!("CARGO_PKG_VERSION")).library("a", "0.1.0").run()
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing happens until it is run"]
pub struct Boot {
    pub(super) release: &'static str,
    pub(super) version: &'static str,
    pub(super) umbrella: Option<&'static str>,
    pub(super) applications: Vec<Spec>,
    pub(super) elsewhere: BTreeMap<&'static str, &'static str>,
    pub(super) instances: BTreeMap<&'static str, u32>,
}

/// A release in its place.
pub(super) struct Placed {
    pub(super) boot: Boot,
    pub(super) inputs: Inputs,
    pub(super) surroundings: Surroundings,
    pub(super) run_dir: RunDir,
    /// Which instance of its release this is, if there are several.
    pub(super) instance: Option<u32>,
}

impl Boot {
    /// A release without applications.
    pub fn new(release: &'static str, version: &'static str) -> Self {
        Self {
            release,
            version,
            umbrella: None,
            applications: Vec::new(),
            elsewhere: BTreeMap::new(),
            instances: BTreeMap::new(),
        }
    }

    /// Names the umbrella, so that environment variables may start with its name whatever the release is called.
    ///
    /// In a workspace the manifest says it too.
    pub fn umbrella(mut self, name: &'static str) -> Self {
        self.umbrella = Some(name);
        self
    }

    /// Adds an application that starts here; in which order they are added does not matter.
    pub fn application(mut self, application: Spec) -> Self {
        self.applications.push(application);
        self
    }

    /// Adds a library application that has no `application()`.
    pub fn library(self, name: &'static str, version: &'static str) -> Self {
        self.application(Spec::library(name, version))
    }

    /// Says that an application runs in another release of the deployment.
    ///
    /// It is not started here, those that need it start all the same, and calls to its names end with
    /// [`CallError::NoConnection`](crate::gen_server::CallError::NoConnection) at once.
    pub fn elsewhere(mut self, application: &'static str, release: &'static str) -> Self {
        self.elsewhere.insert(application, release);
        self
    }

    /// Says that a release of the deployment, this one or another, runs in `count` nodes: `c-1`, `c-2` and so on.
    ///
    /// Which of them a process becomes is said by the variable `UMBRELLA_INSTANCE`, from 1 to `count`.
    pub fn instances(mut self, release: &'static str, count: u32) -> Self {
        self.instances.insert(release, count);
        self
    }

    /// Does what the command line says; `help` tells what that may be.
    pub fn run(self) -> ExitCode {
        self.dispatch().into()
    }

    fn dispatch(self) -> Exit {
        // A word that is no text cannot be a command or an application; it is shown as it can be.
        let arguments = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let command = match command_line::parse(arguments) {
            Ok(command) => command,
            Err(error) => {
                console::error(&error);
                console::pass_on("\n");
                console::pass_on(&command_line::help(self.release, error.verb()));
                return Exit::Usage;
            }
        };
        match command {
            Command::Help(verb) => {
                console::say(command_line::help(self.release, verb).trim_end());
                Exit::Done
            }
            Command::Version => {
                console::say(format_args!("{} {}", self.release, self.version));
                Exit::Done
            }
            Command::Contracts { json } => contracts::contracts(&self, json),
            Command::Node(command) => match self.placed() {
                Ok(placed) => placed.carry_out(command),
                Err(error) => {
                    console::error(error);
                    Exit::Failed
                }
            },
        }
    }

    fn placed(self) -> Result<Placed, Box<dyn std::error::Error>> {
        let inputs = Inputs::of_this_process()?;
        let surroundings = Surroundings::of(&inputs)?;
        let count = self.instances.get(self.release).copied().unwrap_or(1);
        let instance = names::instance(self.release, count, inputs.variable("UMBRELLA_INSTANCE"))?;
        let run_dir = RunDir::new(&surroundings.run_dir, &names::short_name(self.release, instance));
        Ok(Placed { boot: self, inputs, surroundings, run_dir, instance })
    }
}

impl Placed {
    fn carry_out(self, command: NodeCommand) -> Exit {
        match command {
            NodeCommand::Start { applications } => foreground::start(self, &applications),
            NodeCommand::Daemon { applications, timeout } => daemon::daemon(&self, &applications, timeout),
            NodeCommand::Stop { timeout } => stop::stop(&self, timeout),
            NodeCommand::Restart { timeout } => restart::restart(&self, timeout),
            NodeCommand::Reload { timeout } => reload::reload(&self, timeout),
            NodeCommand::Pid => status::pid(&self),
            NodeCommand::Status { json } => status::status(&self, json),
        }
    }

    /// What the node is called on its host: the release, or an instance of it.
    pub(super) fn name(&self) -> &str {
        self.run_dir.name()
    }

    /// The name of the release.
    pub(super) fn release(&self) -> &'static str {
        self.boot.release
    }
}
