//! PURE: the command line of a release, `bin/<release>`.
//!
//! Parsed by hand: nine commands and three options are not worth the build time of a parser in every release.

use std::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Prints name and version of the release.
    Version,
    /// Prints what other nodes may say to the servers of the release.
    Contracts { json: bool },
    /// Prints help, on one command or on all.
    Help(Option<Verb>),
    /// Anything that has to do with a node.
    Node(NodeCommand),
}

/// What is to be done with the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NodeCommand {
    /// Runs the node in the foreground; with names, only these applications and what they need.
    Start { applications: Vec<String> },
    /// Runs the node in the background and returns when it is ready.
    Daemon { applications: Vec<String>, timeout: Duration },
    /// Stops the node and returns when it is gone.
    Stop { timeout: Duration },
    /// Stops all applications, replaces the process by a new one and returns when that is ready.
    Restart { timeout: Duration },
    /// Has the node read its configuration again and tell the applications whose table has changed.
    Reload { timeout: Duration },
    /// Prints the process id of the node.
    Pid,
    /// Prints what the node and its applications are doing.
    Status { json: bool },
}

/// The commands by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Start,
    Daemon,
    Stop,
    Restart,
    Reload,
    Contracts,
    Pid,
    Status,
    Version,
    Help,
}

/// A command line that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("unknown command `{0}`")]
    UnknownCommand(String),
    #[error("unexpected argument `{argument}` for `{}`", verb.name())]
    Unexpected { verb: Verb, argument: String },
    #[error("`{option}` of `{}` needs a value", verb.name())]
    NoValue { verb: Verb, option: &'static str },
    #[error("`--timeout` takes a number of seconds, not `{value}`")]
    NotSeconds { verb: Verb, value: String },
}

impl UsageError {
    /// The command whose help is of use.
    pub(crate) fn verb(&self) -> Option<Verb> {
        match self {
            Self::UnknownCommand(_) => None,
            Self::Unexpected { verb, .. } | Self::NoValue { verb, .. } | Self::NotSeconds { verb, .. } => {
                Some(*verb)
            }
        }
    }
}

/// How long `daemon` waits for ready and `stop` for gone unless told otherwise.
///
/// Longer than any sensible start and longer than a supervisor's default shutdown (5 s) for a tree a few levels deep.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Understands the arguments after the program's name. None is `start`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, UsageError> {
    let mut arguments = arguments.into_iter();
    let Some(first) = arguments.next() else {
        return Ok(NodeCommand::Start { applications: Vec::new() }.into());
    };
    let Some(verb) = Verb::parse(&first) else { return Err(UsageError::UnknownCommand(first)) };
    let mut options = Options { verb, names: Vec::new(), timeout: DEFAULT_TIMEOUT, json: false, help: false };
    options.read(arguments)?;
    if options.help {
        return Ok(Command::Help(Some(verb)));
    }
    options.command()
}

struct Options {
    verb: Verb,
    names: Vec<String>,
    timeout: Duration,
    json: bool,
    help: bool,
}

impl Options {
    fn read(&mut self, mut arguments: impl Iterator<Item = String>) -> Result<(), UsageError> {
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // What follows is for the applications: see `arguments`.
                "--" if self.verb == Verb::Start => break,
                "-h" | "--help" => self.help = true,
                "--json" if matches!(self.verb, Verb::Status | Verb::Contracts) => self.json = true,
                "--timeout" if self.verb.waits() => {
                    let value = arguments.next();
                    let value = value.ok_or(UsageError::NoValue { verb: self.verb, option: "--timeout" })?;
                    self.timeout = self.seconds(&value)?;
                }
                option if option.starts_with("--timeout=") && self.verb.waits() => {
                    self.timeout = self.seconds(&option["--timeout=".len()..])?;
                }
                name if !name.starts_with('-') && self.verb.takes_names() => self.names.push(argument),
                _ => return Err(UsageError::Unexpected { verb: self.verb, argument }),
            }
        }
        Ok(())
    }

    fn seconds(&self, value: &str) -> Result<Duration, UsageError> {
        let seconds = value.parse::<f64>().ok();
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // More than a year is no time to wait for, and would overflow the clock.
        let duration = duration.filter(|duration| duration.as_secs() <= 365 * 24 * 60 * 60);
        duration.ok_or_else(|| UsageError::NotSeconds { verb: self.verb, value: value.into() })
    }

    fn command(mut self) -> Result<Command, UsageError> {
        let command = match self.verb {
            Verb::Start => NodeCommand::Start { applications: self.names },
            Verb::Daemon => NodeCommand::Daemon { applications: self.names, timeout: self.timeout },
            Verb::Stop => NodeCommand::Stop { timeout: self.timeout },
            Verb::Restart => NodeCommand::Restart { timeout: self.timeout },
            Verb::Reload => NodeCommand::Reload { timeout: self.timeout },
            Verb::Contracts => return Ok(Command::Contracts { json: self.json }),
            Verb::Pid => NodeCommand::Pid,
            Verb::Status => NodeCommand::Status { json: self.json },
            Verb::Version => return Ok(Command::Version),
            Verb::Help => match self.names.pop() {
                None => return Ok(Command::Help(None)),
                Some(argument) if !self.names.is_empty() => {
                    return Err(UsageError::Unexpected { verb: Verb::Help, argument });
                }
                Some(name) => {
                    let verb = Verb::parse(&name).ok_or(UsageError::UnknownCommand(name))?;
                    return Ok(Command::Help(Some(verb)));
                }
            },
        };
        Ok(command.into())
    }
}

impl From<NodeCommand> for Command {
    fn from(command: NodeCommand) -> Self {
        Self::Node(command)
    }
}

impl Verb {
    const ALL: [Self; 10] = [
        Self::Start,
        Self::Daemon,
        Self::Stop,
        Self::Restart,
        Self::Reload,
        Self::Contracts,
        Self::Pid,
        Self::Status,
        Self::Version,
        Self::Help,
    ];

    fn parse(word: &str) -> Option<Self> {
        match word {
            "-h" | "--help" => Some(Self::Help),
            "-V" | "--version" => Some(Self::Version),
            word => Self::ALL.into_iter().find(|verb| verb.name() == word),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Daemon => "daemon",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Reload => "reload",
            Self::Contracts => "contracts",
            Self::Pid => "pid",
            Self::Status => "status",
            Self::Version => "version",
            Self::Help => "help",
        }
    }

    fn arguments(self) -> &'static str {
        match self {
            Self::Start => " [APP]... [-- ARGUMENT...]",
            Self::Daemon => " [APP]... [--timeout SECONDS]",
            Self::Stop | Self::Restart | Self::Reload => " [--timeout SECONDS]",
            Self::Contracts | Self::Status => " [--json]",
            Self::Help => " [COMMAND]",
            Self::Pid | Self::Version => "",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Start => "Runs the node in the foreground (the default command)",
            Self::Daemon => "Runs the node in the background; returns when it is ready",
            Self::Stop => "Stops the node, applications in reverse order; returns when it is gone",
            Self::Restart => "Stops all applications and starts anew; returns when it is ready",
            Self::Reload => "Reads the configuration again and tells the applications what changed",
            Self::Contracts => "Prints what other nodes may say to the servers of the release",
            Self::Pid => "Prints the process id of the running node",
            Self::Status => "Prints what the node and its applications are doing",
            Self::Version => "Prints name and version of the release",
            Self::Help => "Prints help, also on a command",
        }
    }

    fn details(self) -> &'static str {
        match self {
            Self::Start => {
                "With names, only these applications start, and what they need. What follows `--` is theirs.\n\
                 Ctrl-C or SIGTERM stops the applications in reverse order, a second one ends the node at once.\n"
            }
            Self::Daemon => {
                "With names, only these applications start, and what they need. Output goes to the log in the run folder.\n\
                 Exits 0 when the node is ready or was running already, 1 if it could not boot, 5 if it was not ready in\n\
                 time (30 seconds by default); then it is ended.\n"
            }
            Self::Stop => {
                "Exits 0 when the node is gone or was not running. A node that is not gone in time (30 seconds by\n\
                 default) is killed; exits 5 if even that does not help.\n"
            }
            Self::Restart => {
                "The process keeps its id and reads its configuration again. If the node is not running it is started in\n\
                 the background. Exits 5 if it is not ready in time (30 seconds by default).\n"
            }
            Self::Reload => {
                "If anything in the new configuration is wrong, nothing changes. Exits 0 when each application whose table has\n\
                 changed has taken note of it, 1 if one has not, 3 if the node is not running, 5 if it did not answer in time\n\
                 (30 seconds by default). Environment variables stay as they were when the node was started.\n"
            }
            Self::Contracts => {
                "Whether the node runs makes no difference. What is listed has the same fingerprint as in another version if it\n\
                 is the same. With --json, as one JSON object, of which `umbrella release --check-upgrade OLD NEW` reads two.\n"
            }
            Self::Pid => "Exits 3 if the node is not running.\n",
            Self::Status => "With --json, as one JSON object. Exits 3 if the node is not running.\n",
            Self::Version | Self::Help => "",
        }
    }

    fn waits(self) -> bool {
        matches!(self, Self::Daemon | Self::Stop | Self::Restart | Self::Reload)
    }

    fn takes_names(self) -> bool {
        matches!(self, Self::Start | Self::Daemon | Self::Help)
    }
}

/// The help text.
pub(crate) fn help(release: &str, verb: Option<Verb>) -> String {
    match verb {
        Some(verb) => {
            let (name, arguments, summary) = (verb.name(), verb.arguments(), verb.summary());
            let details = verb.details();
            let gap = if details.is_empty() { "" } else { "\n" };
            format!("{summary}.\n\nUsage: {release} {name}{arguments}\n{gap}{details}")
        }
        None => {
            let commands = Verb::ALL.map(|verb| format!("  {:<9} {}\n", verb.name(), verb.summary()));
            format!(
                "The release {release}.\n\nUsage: {release} [COMMAND]\n\nCommands:\n{}\nEnvironment:\n{ENVIRONMENT}\n\
                 `{release} help COMMAND` says more.\n",
                commands.concat()
            )
        }
    }
}

const ENVIRONMENT: &str = "  \
  UMBRELLA_ENV      dev, test or prod: which config/<env>.toml is read
  UMBRELLA_ROOT     the folder that holds config/
  UMBRELLA_RUN_DIR  the folder for socket, lock and log
  UMBRELLA_INSTANCE which instance this is, of a release that runs in several nodes
  UMBRELLA_LOG      error, warn, info, debug, trace, or target=level,...
  NO_COLOR          no colour in the logs
  CLICOLOR_FORCE    colour in the logs although they go to no terminal
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_command_is_understood() {
        let seconds = Duration::from_secs;
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let table = [
            ("", NodeCommand::Start { applications: names(&[]) }.into()),
            ("start", NodeCommand::Start { applications: names(&[]) }.into()),
            ("start b -- --fast x", NodeCommand::Start { applications: names(&["b"]) }.into()),
            ("start b a", NodeCommand::Start { applications: names(&["b", "a"]) }.into()),
            ("daemon", NodeCommand::Daemon { applications: names(&[]), timeout: DEFAULT_TIMEOUT }.into()),
            (
                "daemon --timeout 5 b",
                NodeCommand::Daemon { applications: names(&["b"]), timeout: seconds(5) }.into(),
            ),
            (
                "daemon --timeout=0.5",
                NodeCommand::Daemon { applications: names(&[]), timeout: seconds(1) / 2 }.into(),
            ),
            ("stop", NodeCommand::Stop { timeout: DEFAULT_TIMEOUT }.into()),
            ("stop --timeout 0", NodeCommand::Stop { timeout: seconds(0) }.into()),
            ("restart --timeout 1", NodeCommand::Restart { timeout: seconds(1) }.into()),
            ("reload", NodeCommand::Reload { timeout: DEFAULT_TIMEOUT }.into()),
            ("contracts --json", Command::Contracts { json: true }),
            ("pid", NodeCommand::Pid.into()),
            ("status", NodeCommand::Status { json: false }.into()),
            ("status --json", NodeCommand::Status { json: true }.into()),
            ("version", Command::Version),
            ("-V", Command::Version),
            ("help", Command::Help(None)),
            ("--help", Command::Help(None)),
            ("help stop", Command::Help(Some(Verb::Stop))),
            ("status --json -h", Command::Help(Some(Verb::Status))),
        ];
        for (line, command) in table {
            assert_eq!(parsed(line), Ok(command), "{line}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_with_a_reason() {
        let table = [
            ("strat", "unknown command `strat`"),
            ("help strat", "unknown command `strat`"),
            ("help stop start", "unexpected argument `start` for `help`"),
            ("stop b", "unexpected argument `b` for `stop`"),
            ("start --json", "unexpected argument `--json` for `start`"),
            ("start --timeout 5", "unexpected argument `--timeout` for `start`"),
            ("stop --timeout", "`--timeout` of `stop` needs a value"),
            ("stop --timeout soon", "`--timeout` takes a number of seconds, not `soon`"),
            ("stop --timeout 1e300", "`--timeout` takes a number of seconds, not `1e300`"),
            ("stop --timeout=-1", "`--timeout` takes a number of seconds, not `-1`"),
            ("contracts --against", "unexpected argument `--against` for `contracts`"),
            ("pid x", "unexpected argument `x` for `pid`"),
        ];
        for (line, message) in table {
            assert_eq!(parsed(line).expect_err(line).to_string(), message, "{line}");
        }
    }

    #[test]
    fn each_command_is_in_the_help_and_has_its_own() {
        let all = help("abc", None);
        for verb in Verb::ALL {
            assert!(all.contains(&format!("\n  {:<9} {}\n", verb.name(), verb.summary())), "{all}");
            let own = help("abc", Some(verb));
            assert!(own.contains(&format!("\nUsage: abc {}{}\n", verb.name(), verb.arguments())), "{own}");
        }
    }
}
