//! `umbrella completions SHELL`, and what the shell then asks for.
//!
//! The script that it prints has the shell ask this program, so that names are those of the workspace one is in.

use clap::{Arg, Command, ValueEnum};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

use super::external::plugins;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::control::Control;
use crate::run::place::{Env, Place};
use crate::run::target::Targets;
use crate::session::{Session, SessionOptions};
use crate::workspace::Workspace;

/// The variable by which the shell asks, as `clap_complete` has it.
const VARIABLE: &str = "COMPLETE";

/// What `completions` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Where it goes:
  bash   echo 'source <(umbrella completions bash)' >> ~/.bashrc
  zsh    echo 'source <(umbrella completions zsh)' >> ~/.zshrc
  fish   echo 'umbrella completions fish | source' >> ~/.config/fish/config.fish

The script asks umbrella itself, so that names of applications are those of the workspace one is in.
It belongs to this version: let the shell read it when it starts, as above, rather than from a file that stays.")]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: CompletionShell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CompletionShell {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let shell: &dyn EnvCompleter = match args.shell {
        CompletionShell::Bash => &Bash,
        CompletionShell::Zsh => &Zsh,
        CompletionShell::Fish => &Fish,
    };
    let mut script = Vec::new();
    // Writing to memory does not fail.
    let _infallible = shell.write_registration(VARIABLE, "umbrella", "umbrella", "umbrella", &mut script);
    session.shell.line(String::from_utf8_lossy(&script).trim_end());
    Ok(ExitCode::Done)
}

/// The same command line, where arguments know what there is to choose from: by what their values are called.
pub(super) fn with_names(command: Command) -> Command {
    command.mut_args(with_candidates).mut_subcommands(with_names)
}

/// What is on the command line beside our own verbs.
pub(super) fn with_external(mut command: Command) -> Command {
    let Ok(session) = Session::new(SessionOptions::default()) else { return command };
    let aliases = session.aliases().into_iter().map(|(name, words)| (name, words.join(" ")));
    let found: Vec<(String, String)> =
        aliases.chain(plugins(&session).into_keys().map(|name| (name, "a plugin".to_owned()))).collect();
    for (name, about) in found {
        if command.find_subcommand(&name).is_none() {
            command = command.subcommand(Command::new(name).about(about));
        }
    }
    command
}

fn with_candidates(arg: Arg) -> Arg {
    match arg.get_value_names().and_then(<[_]>::first) {
        Some(name) if name == "SERVER" => return arg.add(ArgValueCandidates::new(|| running(servers))),
        Some(name) if name == "NODE" => return arg.add(ArgValueCandidates::new(|| running(nodes))),
        _ => {}
    }
    let candidates: fn(&Workspace) -> Vec<String> = match arg.get_value_names().and_then(<[_]>::first) {
        Some(name) if ["APP", "FROM", "TO"].contains(&name.as_str()) => members,
        Some(name) if ["EXPRESSION", "NAME"].contains(&name.as_str()) => deployments,
        _ => return arg,
    };
    arg.add(ArgValueCandidates::new(move || {
        let session = Session::new(SessionOptions::default()).ok();
        let workspace = session.and_then(|session| session.load_workspace().ok());
        let names = workspace.map(|workspace| candidates(&workspace)).unwrap_or_default();
        names.into_iter().map(CompletionCandidate::new).collect()
    }))
}

/// Names of what runs; none, if nothing does.
fn running(names: fn(&Targets) -> Vec<String>) -> Vec<CompletionCandidate> {
    let targets = || {
        let session = Session::new(SessionOptions::default()).ok()?;
        let place = Place::find(&session, Env::choose(None, &session).ok()?).ok()?;
        Targets::find(&place, None).ok()
    };
    let names = targets().map(|targets| names(&targets)).unwrap_or_default();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Those that can be called.
fn servers(targets: &Targets) -> Vec<String> {
    let all = targets.each(Control::servers).unwrap_or_default();
    let callable =
        all.into_iter().flat_map(|(_, servers)| servers).filter(|server| !server.methods.is_empty());
    callable.map(|server| server.name).collect()
}

fn nodes(targets: &Targets) -> Vec<String> {
    targets.names().map(str::to_owned).collect()
}

fn members(workspace: &Workspace) -> Vec<String> {
    workspace.app_names().chain(workspace.crates.iter().map(String::as_str)).map(str::to_owned).collect()
}

fn deployments(workspace: &Workspace) -> Vec<String> {
    workspace.deployments.keys().cloned().collect()
}
