//! `umbrella tree [APP...]`.

mod live;

pub(super) use live::NoTerminal;

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::look::ApplicationTree;
use crate::run::place::{Env, Place};
use crate::run::target::{TargetError, Targets};
use crate::run::tree::{TreeLine, lines};
use crate::session::Session;
use crate::shell::style;

/// What `tree` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella tree      the supervision trees of all applications that run
  umbrella tree b    that of b
  umbrella tree -l   all of them, as they change, until q; what was restarted is marked for a while

Exit codes: 0 shown, 2 no such application, 3 nothing runs")]
pub(super) struct Args {
    /// The applications [default: all]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// Draw it again and again, and mark what was restarted; only on a terminal
    #[arg(short, long, conflicts_with = "json")]
    live: bool,
    /// The node to ask [default: all]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Print the trees as JSON
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// The trees of a node, with its name.
pub(in crate::commands) type NodeTrees = (String, Vec<ApplicationTree>);

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let targets = Targets::find(&place, args.node.as_deref())?;
    targets.check_applications(&args.applications)?;
    if args.live && session.shell.is_on_terminal() {
        live::run(&place, args.node.as_deref(), &args.applications)?;
        return Ok(ExitCode::Done);
    }
    let nodes = trees(&targets, &args.applications)?;
    if args.json {
        let node = |(name, applications): &NodeTrees| json!({ "node": name, "applications": applications });
        let nodes: Vec<Value> = nodes.iter().map(node).collect();
        session.shell.json(&json!({ "version": 1, "nodes": nodes }));
    } else {
        all_lines(&nodes).iter().for_each(|line| session.shell.line(line));
    }
    Ok(ExitCode::Done)
}

/// The trees of these applications, or of all, in each node that has some; an application elsewhere is shown there.
pub(in crate::commands) fn trees(
    targets: &Targets,
    applications: &[String],
) -> Result<Vec<NodeTrees>, TargetError> {
    let mut nodes = targets.each(|control| control.trees(&[]))?;
    for (_, trees) in &mut nodes {
        let wanted = |name: &String| applications.is_empty() || applications.contains(name);
        trees.retain(|tree| tree.release.is_none() && wanted(&tree.name));
    }
    nodes.retain(|(_, trees)| !trees.is_empty());
    Ok(nodes)
}

/// As they are printed; the nodes have headings if there are several.
pub(in crate::commands) fn all_lines(nodes: &[NodeTrees]) -> Vec<String> {
    let mut all = Vec::new();
    for (node, trees) in nodes {
        if nodes.len() > 1 {
            let bold = style::FRAME;
            all.push(format!("{bold}{node}{bold:#}"));
        }
        all.extend(trees.iter().flat_map(lines).map(|line| styled(&line)));
    }
    all
}

fn styled(line: &TreeLine) -> String {
    let TreeLine { rails, name, facts, alarm } = line;
    let (dim, bold, red) = (style::DIM, style::STRONG, style::WARNING);
    let mut text =
        if rails.is_empty() { format!("{bold}{name}{bold:#}") } else { format!("{dim}{rails}{dim:#}{name}") };
    if !facts.is_empty() {
        text.push_str(&format!("  {dim}{facts}{dim:#}"));
    }
    if !alarm.is_empty() {
        text.push_str(&format!("  {red}{alarm}{red:#}"));
    }
    text
}
