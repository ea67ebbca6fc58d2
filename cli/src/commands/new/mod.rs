//! `umbrella new`: a new umbrella, one more application in it, or a project of one application.

mod apps;
mod clash;
mod error;
mod place;
mod runtime;

use std::ffi::OsString;

use umbrella_templates::{Kind, Templates};

use self::apps::Wishes;
use self::clash::check_free;
use self::error::NewError;
use self::place::Place;
pub(super) use self::runtime::{RuntimeArgs, own_runtime};
use super::carry_out::carry_out;
use super::formatted::formatted;
use super::template::TemplateArgs;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::git;
use crate::plan::{AppRequest, Plan, UmbrellaRequest, new_application, new_standalone, new_umbrella};
use crate::session::Session;
use crate::workspace::{AppName, ReleaseName, Sources, Workspace, enclosing_umbrella};

/// What `new` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella new abc --umbrella        an umbrella
  umbrella new a                     in an umbrella: the library application apps/a
  umbrella new b --sup               in an umbrella: the supervised application apps/b
  umbrella new b --sup               elsewhere: a project that is the application b
  umbrella new abc --umbrella --app a --app b:sup --app c:sup --dep a:c
                                     all of it in one line; a depends on c
  umbrella new d --sup --template ../ours/supervised
                                     from a template of your own: `umbrella templates` says more")]
pub(super) struct Args {
    /// What to make: a name, or outside of an umbrella also a path to a new folder
    path: OsString,
    /// Make an umbrella
    #[arg(long, conflicts_with = "sup")]
    umbrella: bool,
    /// Give the application a supervision tree
    #[arg(long)]
    sup: bool,
    /// With --umbrella: make this application in it
    #[arg(long = "app", value_name = "NAME[:sup]", requires = "umbrella")]
    apps: Vec<String>,
    /// Depend on another application; with --umbrella, say which one does
    #[arg(long = "dep", value_name = "[NAME:]NAME")]
    dependencies: Vec<String>,
    /// Say what would be created, and create nothing
    #[arg(long)]
    dry_run: bool,
    /// Make no git repository
    #[arg(long)]
    no_git: bool,
    #[command(flatten)]
    template: TemplateArgs,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(&args.path, session.start_dir())?;
    let outer = enclosing_umbrella(place.above());
    match (args.umbrella, outer) {
        (true, None) => umbrella(args, &place, session),
        (true, Some(outer)) => Err(NewError::Nested { name: place.name, outer }.into()),
        (false, None) => standalone(args, &place, session),
        (false, Some(_)) if place.is_path => Err(place.not_in_umbrella().into()),
        (false, Some(_)) => application(args, &place, session),
    }
}

/// Refuses a name that something in the umbrella has.
pub(super) fn refuse_taken(
    name: &AppName,
    workspace: &Workspace,
    sources: &Sources,
) -> Result<(), CommandError> {
    Ok(check_free(name, workspace, sources)?)
}

fn umbrella(args: &Args, place: &Place, session: &Session) -> Result<ExitCode, CommandError> {
    let name = ReleaseName::parse_umbrella(&place.name)?;
    let apps = Wishes::parse(&args.apps, &args.dependencies)?.in_new_umbrella(&name)?;
    let runtime = args.runtime.resolve(session.start_dir(), &place.folder)?;
    let templates = args.template.load_umbrella(session)?;
    let (folder, template) = (place.folder.clone(), args.template.typed());
    let request = UmbrellaRequest { folder, name: &name, apps: &apps, runtime: &runtime, template };
    let plan = new_umbrella(request, &templates)?;
    make_root(args, place, as_made(plan, &templates, session), session)?;
    if args.dry_run {
        return Ok(ExitCode::Done);
    }
    session.shell.say("\nYour umbrella project was created successfully.");
    if apps.is_empty() {
        session.shell.say("Create applications in it:\n");
        say_cd(place, session);
        session.shell.say("    umbrella new a\n    umbrella new b --sup\n");
        session.shell.say("Then run them all with \"umbrella test\" and \"umbrella start\".");
    } else {
        session.shell.say("Test its applications and start them:\n");
        say_cd(place, session);
        session.shell.say("    umbrella test\n    umbrella start");
    }
    Ok(ExitCode::Done)
}

fn standalone(args: &Args, place: &Place, session: &Session) -> Result<ExitCode, CommandError> {
    let name = AppName::parse(&place.name)?;
    if let Some(dependency) = args.dependencies.first() {
        return Err(NewError::NoSiblings { dependency: dependency.clone() }.into());
    }
    let app = AppRequest { name, supervised: args.sup, dependencies: Vec::new() };
    let runtime = args.runtime.resolve(session.start_dir(), &place.folder)?;
    let templates = args.template.load(kind(args), None, session)?;
    let plan = new_standalone(place.folder.clone(), &app, &runtime, &templates, args.template.typed())?;
    make_root(args, place, as_made(plan, &templates, session), session)?;
    if args.dry_run {
        return Ok(ExitCode::Done);
    }
    session.shell.say("\nYour application was created successfully, as a project of its own.");
    session.shell.say("Test it and start it:\n");
    say_cd(place, session);
    session.shell.say("    umbrella test\n    umbrella start");
    Ok(ExitCode::Done)
}

fn application(args: &Args, place: &Place, session: &Session) -> Result<ExitCode, CommandError> {
    let name = AppName::parse(&place.name)?;
    let root = enclosing_umbrella(place.above()).unwrap_or_default();
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&root);
    let workspace = Workspace::load(&session.cargo, &root)?;
    let sources = Sources::read(&workspace)?;
    check_free(&name, &workspace, &sources)?;
    let dependencies = apps::existing(&name, &args.dependencies, &workspace)?;
    let app = AppRequest { name, supervised: args.sup, dependencies };
    let runtime = args.runtime.resolve_for_existing(session.start_dir(), &workspace, &sources)?;
    let templates = args.template.load(kind(args), Some(&workspace.root), session)?;
    let plan = new_application(&workspace, &sources, &app, &runtime, &templates)?;
    carry_out(&as_made(plan, &templates, session), args.dry_run, session)?;
    if args.dry_run {
        return Ok(ExitCode::Done);
    }
    session.shell.say("\nYour application was created successfully.\n");
    session.shell.say(format_args!("    umbrella test {}", app.name));
    if app.supervised {
        session.shell.say(format_args!("    umbrella start {}", app.name));
    }
    Ok(ExitCode::Done)
}

/// What an application is made from.
fn kind(args: &Args) -> Kind {
    if args.sup { Kind::Supervised } else { Kind::Library }
}

/// What templates of the user's make is formatted; ours make what is.
fn as_made(plan: Plan, templates: &Templates, session: &Session) -> Plan {
    if *templates == Templates::default() { plan } else { formatted(plan, session) }
}

/// Writes the root of a project, and makes it a git repository unless it is in one.
fn make_root(args: &Args, place: &Place, plan: Plan, session: &Session) -> Result<(), CommandError> {
    let wants_git = !args.no_git && !git::is_in_repository(&place.folder);
    carry_out(&plan, args.dry_run, session)?;
    if wants_git && !args.dry_run {
        match git::init(&place.folder) {
            Ok(git::Init::Made) => session.shell.verbose("note: made a git repository"),
            Ok(git::Init::NotInstalled) => session.shell.verbose("note: git is not installed"),
            // Everything else is there: no reason to fail.
            Err(error) => session.shell.warn(format_args!("no git repository was made: {error}")),
        }
    }
    Ok(())
}

fn say_cd(place: &Place, session: &Session) {
    if place.folder != session.cwd {
        session.shell.say(format_args!("    cd {}", session.display_path(&place.folder)));
    }
}
