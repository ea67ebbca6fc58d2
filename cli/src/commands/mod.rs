//! The verbs: one file each, `Args` (what clap reads) and `run(args, &Session)`.

mod adopt;
mod call;
mod carry_out;
mod check;
mod completions;
mod config;
mod console;
mod demo;
mod dep;
mod doctor;
mod external;
mod formatted;
mod generate;
mod graph;
mod group;
mod help;
mod init;
mod list;
mod logs;
mod man;
mod new;
mod release;
mod release_crates;
mod rename;
mod restart;
mod rm;
mod run;
mod scale;
mod start;
mod state;
mod status;
mod stop;
mod table;
mod template;
mod templates;
mod test;
mod top;
mod tree;
mod usage;

use std::ffi::OsString;
use std::panic;
use std::path::PathBuf;
use std::process;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::CompleteEnv;

use self::external::External;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::session::{Session, SessionOptions};
use crate::shell::{ColourChoice, Shell, Verbosity};

/// Mix and OTP for Rust: generate, test, start, stop and release an umbrella of applications
#[derive(Debug, Parser)]
#[command(
    name = "umbrella",
    bin_name = "umbrella",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    styles = usage::STYLES
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Change to DIR before doing anything
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Path to the Cargo.toml of the umbrella or of one of its applications
    #[arg(long, value_name = "PATH", global = true)]
    manifest_path: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_name = "WHEN", global = true)]
    color: Option<ColourChoice>,
    /// Say results and errors only
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say also what is run and why
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
}

/// In the order of work.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make an umbrella, or an application
    New(new::Args),
    /// Make an umbrella of the Cargo workspace that is here
    Init(init::Args),
    /// Make an application of a crate that is there, here or elsewhere
    Adopt(adopt::Args),
    /// Have applications depend on each other
    Dep(dep::Args),
    /// Make a server, a supervisor, a state machine, tasks, an API, or certificates
    #[command(name = "gen")]
    Generate(generate::Args),
    /// Show the templates that things are made from, and copy them to be edited
    Templates(templates::Args),
    /// Rename an application, with all that refers to it
    Rename(rename::Args),
    /// Remove an application that nobody needs
    Rm(rm::Args),
    /// Test every application as a unit
    Test(test::Args),
    /// Check the rules between applications, formatting and lints
    Check(check::Args),
    /// Start the umbrella, or applications of it
    Start(start::Args),
    /// Stop the umbrella, or applications of it
    Stop(stop::Args),
    /// Stop applications and start them again; the whole umbrella is built anew
    Restart(restart::Args),
    /// Run one application in the foreground, with arguments
    Run(run::Args),
    /// Run a release in more nodes, or in fewer, while it runs
    Scale(scale::Args),
    /// Show what runs
    Status(status::Args),
    /// Show what the nodes in the background have written
    Logs(logs::Args),
    /// Call a method of a server that runs
    Call(call::Args),
    /// Show the state of a server that runs
    State(state::Args),
    /// Show the supervision trees of what runs
    Tree(tree::Args),
    /// Watch applications and processes, and take hold of them
    Top(top::Args),
    /// Talk to what runs, line by line
    Console(console::Args),
    /// List applications and crates
    List(list::Args),
    /// Show who depends on whom
    Graph(graph::Args),
    /// Show configuration
    Config(config::Args),
    /// Build releases: one node for each bracket of a deployment
    Release(release::Args),
    /// Find what is wrong with the umbrella, and mend it
    Doctor(doctor::Args),
    /// Print what the shell needs to complete commands and names
    Completions(completions::Args),
    /// Print manual pages
    Man(man::Args),
    /// Show the main job from end to end, in a folder that stays
    Demo(demo::Args),
    /// Explain a command or a topic
    Help(help::Args),
    /// An alias, or a plugin.
    #[command(external_subcommand)]
    External(Vec<OsString>),
}

impl Command {
    /// Runs a verb; words that are none, and the aliases that led to them, are resolved.
    fn run(self, session: &Session, seen: &mut Vec<String>) -> Result<External, CommandError> {
        let code = match self {
            Self::New(args) => new::run(&args, session),
            Self::Init(args) => init::run(&args, session),
            Self::Adopt(args) => adopt::run(&args, session),
            Self::Dep(args) => dep::run(&args, session),
            Self::Generate(args) => generate::run(&args, session),
            Self::Templates(args) => templates::run(&args, session),
            Self::Rename(args) => rename::run(&args, session),
            Self::Rm(args) => rm::run(&args, session),
            Self::Test(args) => test::run(args, session),
            Self::Check(args) => check::run(&args, session),
            Self::Start(args) => start::run(&args, session),
            Self::Stop(args) => stop::run(&args, session),
            Self::Restart(args) => restart::run(&args, session),
            Self::Run(args) => run::run(&args, session),
            Self::Scale(args) => scale::run(&args, session),
            Self::Status(args) => status::run(&args, session),
            Self::Logs(args) => logs::run(&args, session),
            Self::Call(args) => call::run(&args, session),
            Self::State(args) => state::run(&args, session),
            Self::Tree(args) => tree::run(&args, session),
            Self::Top(args) => top::run(&args, session),
            Self::Console(args) => console::run(&args, session),
            Self::List(args) => list::run(&args, session),
            Self::Graph(args) => graph::run(&args, session),
            Self::Config(args) => config::run(&args, session),
            Self::Release(args) => release::run(&args, session),
            Self::Doctor(args) => doctor::run(&args, session),
            Self::Completions(args) => completions::run(&args, session),
            Self::Man(args) => man::run(&args, session),
            Self::Demo(args) => demo::run(&args, session),
            Self::Help(args) => help::run(&args, session),
            Self::External(words) => return external::resolve(&words, seen, session),
        };
        code.map(External::Done)
    }
}

/// The whole command line: parses, runs, prints the error if there is one, returns the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // A panic here is our defect: it must not end as 101, which means that a build failed.
    let default_hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        default_hook(info);
        let advice = "\nThis is a defect of umbrella: please report it with the lines above.\n";
        Shell::new(Verbosity::Normal, ColourChoice::Auto).error_text(advice);
        process::exit(ExitCode::Bug.number().into());
    }));
    CompleteEnv::with_factory(|| completions::with_external(completions::with_names(Cli::command())))
        .complete();
    let mut args: Vec<OsString> = args.into_iter().collect();
    let mut seen = Vec::new();
    loop {
        match once(&args, &mut seen) {
            External::Done(code) => return code,
            External::Alias(words) => args = words,
        }
    }
}

/// One command line: runs it, or says what it stands for.
fn once(args: &[OsString], seen: &mut Vec<String>) -> External {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return External::Done(usage::report(&error)),
    };
    let typed = if let Command::External(words) = &cli.command { args.len() - words.len() } else { 0 };
    let shell_of = |verbosity| Shell::new(verbosity, cli.global.color.unwrap_or_default());
    let session = match Session::new(cli.global.options()) {
        Ok(session) => session,
        Err(error) => return External::Done(fail(&shell_of(Verbosity::Normal), &error.into())),
    };
    match cli.command.run(&session, seen) {
        // The flags before the alias hold for what it stands for.
        Ok(External::Alias(words)) => External::Alias([&args[..typed], &words].concat()),
        Ok(done) => done,
        Err(error) => External::Done(fail(&session.shell, &error)),
    }
}

fn fail(shell: &Shell, error: &CommandError) -> ExitCode {
    shell.error(error);
    error.exit_code()
}

impl Global {
    fn options(&self) -> SessionOptions {
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        SessionOptions {
            directory: self.directory.clone(),
            manifest_path: self.manifest_path.clone(),
            colour: self.color,
            verbosity,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
