//! `umbrella templates [show|copy] KIND`.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use miette::Diagnostic;
use serde_json::{Value, json};
use thiserror::Error;
use umbrella_templates::{Kind, Variable};

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::{Plan, PlanError, Step, copied, relative_path};
use crate::session::Session;
use crate::shell::columns;
use crate::workspace::{TEMPLATES_FOLDER, did_you_mean, enclosing_umbrella, read_template, template_folders};

/// What `templates` takes.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "\
A template is a folder with what is to be made.
Files that end in `.hbs` are rendered, and lose that ending; all others are copied as they are.
Names of files are rendered too: `src/{{module}}.rs.hbs`.
In `{{...}}` stands a variable, or `{{#if supervised}}...{{else}}...{{/if}}`, or
`{{#each dependencies}}{{this}}{{/each}}`; `umbrella templates show KIND` lists the variables.
A name that is not there is an error, as is Rust or TOML that is none: nothing is written then.

An umbrella has its own in .umbrella/templates/<kind>/, which is committed with the rest.
What is there is used instead of what is built in; it is the whole template, not a part of it.
`umbrella new` and `umbrella gen` take any other with `--template PATH`.

In a template of applications, config.toml is the table of this name in config/config.toml.
In one of `api`, server/ goes into the application, and protocol/ is the crate beside it.
In one of umbrellas, .umbrella/ is copied as it is: the templates of the new umbrella.

Examples:
  umbrella templates                           the kinds, where each comes from, and what it can say
  umbrella templates show server               its files, and what each variable means
  umbrella templates copy server               to .umbrella/templates/server, to be edited
  umbrella templates copy umbrella --to ../ours
  umbrella new abc --umbrella --template ../ours"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Print the kinds and their variables as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show the files of a template, and what each variable means
    Show {
        /// What it is a template of
        #[arg(value_name = "KIND", value_parser = kinds())]
        kind: Kind,
    },
    /// Copy a built-in template, to be edited
    Copy {
        /// What it is a template of
        #[arg(value_name = "KIND", value_parser = kinds())]
        kind: Kind,
        /// Where to [default: .umbrella/templates/<KIND> of this umbrella]
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        to: Option<PathBuf>,
        /// Say what would be created, and create nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Error, Diagnostic)]
enum TemplatesError {
    #[error("this is no umbrella, which could have templates of its own")]
    #[diagnostic(help("say where to copy it: `umbrella templates copy {kind} --to DIR`"))]
    NoUmbrella { kind: Kind },
    #[error("a template of umbrellas is used where there is no umbrella yet")]
    #[diagnostic(help("say where to copy it: `umbrella templates copy umbrella --to DIR`"))]
    UmbrellaInUmbrella,
}

impl Failure for TemplatesError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name))
        .try_map(|name| Kind::named(&name).ok_or("it is none of the kinds"))
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    match &args.what {
        None => list(args.json, session)?,
        Some(What::Show { kind }) => show(*kind, session)?,
        Some(What::Copy { kind, to, dry_run }) => copy(*kind, to.as_deref(), *dry_run, session)?,
    }
    Ok(ExitCode::Done)
}

/// The folder in which the umbrella that one is in has its own template of a kind, if it has one.
fn own_folder(kind: Kind, session: &Session) -> Option<PathBuf> {
    let root = enclosing_umbrella(session.start_dir())?;
    let is_there = template_folders(&root).iter().any(|name| name == kind.name());
    (is_there && kind != Kind::Umbrella).then(|| root.join(TEMPLATES_FOLDER).join(kind.name()))
}

fn list(json: bool, session: &Session) -> Result<(), CommandError> {
    let mut rows = vec![["KIND", "FROM", "VARIABLES"].map(str::to_owned)];
    let mut values = Vec::new();
    for kind in Kind::ALL {
        let folder = own_folder(kind, session).map(|folder| relative_path(&session.cwd, &folder));
        let variables = kind.variables().map_err(PlanError::from)?;
        let names: Vec<&str> =
            variables.iter().map(|variable| variable.name).filter(|name| !name.contains('.')).collect();
        let from = folder.clone().unwrap_or_else(|| "built in".to_owned());
        rows.push([kind.to_string(), from, names.join(", ")]);
        values.push(as_json(kind, folder.as_deref(), &variables));
    }
    warn_of_strangers(session);
    if json {
        session.shell.json(&json!({ "version": 1, "templates": values }));
    } else {
        session.shell.table(&columns(&rows, &[false; 3]));
    }
    Ok(())
}

fn as_json(kind: Kind, folder: Option<&str>, variables: &[Variable]) -> Value {
    let variable = |variable: &Variable| json!({ "name": variable.name, "means": variable.means, "example": variable.example });
    json!({
        "kind": kind.name(),
        "command": kind.command(),
        "folder": folder,
        "files": kind.files().iter().map(|file| file.destination).collect::<Vec<_>>(),
        "variables": variables.iter().map(variable).collect::<Vec<_>>(),
    })
}

/// Folders among the templates that nothing reads.
fn warn_of_strangers(session: &Session) {
    let Some(root) = enclosing_umbrella(session.start_dir()) else { return };
    let names = Kind::ALL.map(Kind::name);
    for stranger in template_folders(&root).iter().filter(|name| !names.contains(&name.as_str())) {
        session.shell.warn(format_args!("`{TEMPLATES_FOLDER}/{stranger}` is a template of nothing"));
        if let Some(near) = did_you_mean(stranger, names) {
            session.shell.help(format_args!("a kind with a similar name exists: `{near}`"));
        }
    }
}

fn show(kind: Kind, session: &Session) -> Result<(), CommandError> {
    let shell = &session.shell;
    let (from, files) = match own_folder(kind, session) {
        None => {
            let files = kind.files().iter().map(|file| file.destination.to_owned());
            ("built in".to_owned(), files.collect::<Vec<_>>())
        }
        Some(folder) => {
            let shown = relative_path(&session.cwd, &folder);
            let own = read_template(&folder, &shown, kind)?;
            let files = own.files.into_iter().map(|file| file.path);
            (shown, files.collect())
        }
    };
    shell.line(format_args!("`{}` makes from the template `{kind}` ({from}):\n", kind.command()));
    for file in files {
        shell.line(format_args!("    {}", file.strip_suffix(".hbs").unwrap_or(&file)));
    }
    shell.line("");
    let heading = ["VARIABLE", "FOR ONE", "WHAT IT IS"].map(str::to_owned);
    let variables = kind.variables().map_err(PlanError::from)?;
    let row = |variable: Variable| [variable.name.to_owned(), variable.example, variable.means.to_owned()];
    let rows: Vec<[String; 3]> = [heading].into_iter().chain(variables.into_iter().map(row)).collect();
    shell.table(&columns(&rows, &[false; 3]));
    Ok(())
}

fn copy(kind: Kind, to: Option<&Path>, dry_run: bool, session: &Session) -> Result<(), CommandError> {
    let root = enclosing_umbrella(session.start_dir());
    let folder = match (to, &root) {
        (Some(to), _) => session.cwd.join(to),
        (None, Some(_)) if kind == Kind::Umbrella => return Err(TemplatesError::UmbrellaInUmbrella.into()),
        (None, Some(root)) => root.join(TEMPLATES_FOLDER).join(kind.name()),
        (None, None) => return Err(TemplatesError::NoUmbrella { kind }.into()),
    };
    let _lock = root.as_deref().map(RootLock::of);
    let plan = Plan { steps: vec![Step::NewTree { folder, entries: copied(kind) }] };
    carry_out(&plan, dry_run, session)?;
    if !dry_run {
        let shell = &session.shell;
        match to {
            None => shell.say("\nIt is used from now on; commit it with the rest. Edit it, and try it:\n"),
            Some(_) => shell.say("\nEdit it, and try it:\n"),
        }
        let template = to.map(|to| format!(" --template {}", to.display())).unwrap_or_default();
        shell.say(format_args!("    umbrella templates show {kind}"));
        shell.say(format_args!("    {}{template} --dry-run", kind.command()));
    }
    Ok(())
}
