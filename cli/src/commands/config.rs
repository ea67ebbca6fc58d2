//! `umbrella config show [APP...]`.

use std::fs;
use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::config::{Config, ConfigError, Setting, Settings, masked};
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::selection::UnknownApplication;
use crate::run::place::Env;
use crate::session::Session;
use crate::shell::style;
use crate::workspace::{Workspace, did_you_mean};

/// The table of the node itself.
const UMBRELLA: &str = "umbrella";

/// What `config` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show what applications find in their configuration
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella config show                   the configuration of every application, in the environment dev
  umbrella config show b --origin        that of b, and which file or variable sets each value
  umbrella config show --env prod        as in production, with the variables of this shell
  umbrella config show umbrella          that of the node itself: [umbrella.node]

The layers, from the bottom: config/config.toml, config/<env>.toml, variables such as ABC__B__START=1.
A key that is in none of them has the default that the application gives it, and is not shown.
Secrets are masked by the words in their names (password, token, key, ...); --reveal shows them.")]
struct ShowArgs {
    /// The applications [default: all that have a configuration]
    #[arg(value_name = "APP")]
    names: Vec<String>,
    /// Say where each value comes from
    #[arg(long)]
    origin: bool,
    /// Show secrets too
    #[arg(long)]
    reveal: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

#[derive(Debug, Error, Diagnostic)]
enum ShowError {
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    #[diagnostic(transparent)]
    NotToml(#[from] Box<ConfigError>),
}

impl Failure for ShowError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    match &args.what {
        What::Show(args) => show(args, session),
    }
}

fn show(args: &ShowArgs, session: &Session) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    let env = Env::choose(args.env, session)?;
    let mut known: Vec<String> = workspace.app_names().map(str::to_owned).collect();
    known.sort();
    known.push(UMBRELLA.to_owned());
    if let Some(name) = args.names.iter().find(|name| !known.contains(name)) {
        return Err(UnknownApplication::of(&workspace, name).into());
    }
    let config = load(&workspace, env, &known, session)?;
    warn_of_strangers(session, &config, &known);
    let is_wanted = |name: &&String| {
        if args.names.is_empty() { !config.of(name).is_empty() } else { args.names.contains(name) }
    };
    let wanted: Vec<&String> = known.iter().filter(is_wanted).collect();
    let settings = |name: &str| {
        let settings = config.of(name).into_iter();
        let shown = |(path, setting): (Vec<String>, Setting)| {
            let setting = if args.reveal { setting } else { masked(&path, &setting) };
            (path, setting)
        };
        settings.map(shown).collect::<Settings>()
    };
    if args.json {
        let tables = wanted.iter().map(|name| ((*name).clone(), as_json(&settings(name))));
        let tables: Map<String, Value> = tables.collect();
        session.shell.json(&json!({ "version": 1, "env": env.as_str(), "applications": tables }));
        return Ok(ExitCode::Done);
    }
    if wanted.is_empty() {
        session
            .shell
            .line(format_args!("nothing is configured in {env}: every application has its defaults"));
    }
    for (index, name) in wanted.iter().enumerate() {
        if index > 0 {
            session.shell.line("");
        }
        print(session, name, &settings(name), args.origin);
    }
    Ok(ExitCode::Done)
}

fn load(
    workspace: &Workspace,
    env: Env,
    known: &[String],
    session: &Session,
) -> Result<Config, CommandError> {
    let mut config = Config::default();
    for name in ["config", env.as_str()] {
        let path = format!("config/{name}.toml");
        match fs::read_to_string(workspace.root.join(&path)) {
            Ok(text) => config = config.with_file(&path, &text).map_err(ShowError::from)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(ShowError::Unreadable { path: workspace.root.join(path), source }.into());
            }
        }
    }
    Ok(config.with_variables(workspace.name.as_str(), &session.vars(), known))
}

/// A table that nobody reads is probably misspelt.
fn warn_of_strangers(session: &Session, config: &Config, known: &[String]) {
    for table in config.tables().filter(|table| !known.iter().any(|name| name == table)) {
        session.shell.warn(format_args!("no application is called `{table}`: nobody reads its table"));
        if let Some(near) = did_you_mean(table, known.iter().map(String::as_str)) {
            session.shell.help(format_args!("did you mean `[{near}]`?"));
        }
    }
}

fn print(session: &Session, name: &str, settings: &Settings, origin: bool) {
    let (bold, dim) = (style::STRONG, style::DIM);
    session.shell.line(format_args!("{bold}[{name}]{bold:#}"));
    let lines: Vec<(String, String)> = settings
        .iter()
        .map(|(path, setting)| (format!("{} = {}", path.join("."), setting.text), setting.origin.to_string()))
        .collect();
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    for (line, from) in &lines {
        if origin {
            session.shell.line(format_args!("{line:<width$}  {dim}# {from}{dim:#}"));
        } else {
            session.shell.line(line);
        }
    }
    if lines.is_empty() {
        session.shell.line(format_args!("{dim}# nothing is set: the defaults of `{name}`{dim:#}"));
    }
}

fn as_json(settings: &Settings) -> Value {
    let entry = |(path, setting): (&Vec<String>, &Setting)| json!({ "key": path, "value": setting.value, "origin": setting.origin.to_string() });
    settings.iter().map(entry).collect()
}
