//! `umbrella list`.

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::session::Session;
use crate::shell::columns;
use crate::workspace::{DependencyKind, Member, Workspace};

/// What `list` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella list            every application and crate, with what it depends on in this umbrella
  umbrella list --json     the same for programs, with the saved deployments

Only Cargo's manifests are read: nothing has to be built.")]
pub(super) struct Args {
    /// Print applications, crates, releases and saved deployments as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    let shell = &session.shell;
    if args.json {
        shell.json(&as_json(&workspace));
        return Ok(ExitCode::Done);
    }
    let rows = rows(&workspace);
    if rows.len() == 1 {
        shell.line(format_args!("the umbrella `{}` has no application yet", workspace.name));
        shell.help("make one with `umbrella new <name> --sup`");
        return Ok(ExitCode::Done);
    }
    shell.table(&columns(&rows, &[false; 5]));
    Ok(ExitCode::Done)
}

/// Applications in the order in which they start, then crates by name.
fn rows(workspace: &Workspace) -> Vec<[String; 5]> {
    let headings = ["NAME", "KIND", "VERSION", "FOLDER", "DEPENDS ON"].map(str::to_owned);
    let names = workspace.app_names().chain(workspace.crates.iter().map(String::as_str));
    let row = |member: &Member| {
        let below: Vec<&str> = member.members_below(&[DependencyKind::Normal]).into_iter().collect();
        let below = if below.is_empty() { "-".to_owned() } else { below.join(", ") };
        let folder = workspace.folder_of(member);
        [member.name.clone(), member.role.word().to_owned(), member.version.clone(), folder, below]
    };
    let members = names.filter_map(|name| workspace.member(name));
    [headings].into_iter().chain(members.map(row)).collect()
}

fn as_json(workspace: &Workspace) -> Value {
    let member = |name: &str| {
        let member = workspace.member(name)?;
        Some(json!({
            "name": member.name,
            "kind": member.role,
            "version": member.version,
            "folder": workspace.folder_of(member),
            "depends_on": member.members_below(&[DependencyKind::Normal]),
        }))
    };
    let applications: Vec<Value> = workspace.app_names().filter_map(member).collect();
    let crates: Vec<Value> = workspace.crates.iter().filter_map(|name| member(name)).collect();
    let releases: Vec<Value> =
        workspace.releases.iter().filter_map(|release| member(&release.package)).collect();
    json!({
        "version": 1,
        "umbrella": workspace.name.as_str(),
        "root": workspace.root,
        "applications": applications,
        "crates": crates,
        "releases": releases,
        "deployments": workspace.deployments,
    })
}
