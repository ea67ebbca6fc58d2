//! `umbrella graph [APP...]`.

use clap::ValueEnum;
use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use super::group::resolve_group;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::graph::{self, Edge, FeatureUse, Graph, Paths};
use crate::plan::selection::UnknownApplication;
use crate::session::Session;
use crate::shell::columns;
use crate::workspace::{MemberRole, Workspace};

/// What `graph` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella graph                                 who depends on whom, as a tree
  umbrella graph a                               a and what is below it
  umbrella graph --why a c                       every way along which a depends on c
  umbrella graph --group '[a,b]+[c]'             which node each one is in, and which calls leave it
  umbrella graph --format html > graph.html      one file with a picture to pan, zoom and click
  umbrella graph --format dot | dot -Tsvg        for Graphviz; `mermaid` for Markdown
  umbrella graph --features                      which features of which packages are asked for, and by whom

Exit codes: 0 done, 4 `--why` found no way")]
pub(super) struct Args {
    /// The applications or crates to show, with what they depend on [default: all]
    #[arg(value_name = "APP", conflicts_with = "why")]
    names: Vec<String>,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "tree")]
    format: Format,
    /// Show the ways along which FROM depends on TO
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], conflicts_with = "features")]
    why: Option<Vec<String>>,
    /// Say where a placement expression, or a saved deployment, runs each application
    #[arg(long, value_name = "EXPRESSION")]
    group: Option<String>,
    /// Show the features asked for of every package; with --group, where releases differ in them
    #[arg(long)]
    features: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines and branches
    Tree,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// For programs
    Json,
    /// A page with a picture
    Html,
}

#[derive(Debug, Error, Diagnostic)]
enum GraphError {
    #[error("`{from}` does not depend on `{to}`")]
    #[diagnostic(help("{help}"))]
    NoWay { from: String, to: String, help: String },
    #[error("`{what}` cannot be shown as {format}")]
    #[diagnostic(help("use `--format tree` or `--format json`"))]
    NoPicture { what: &'static str, format: String },
}

impl Failure for GraphError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoWay { .. } => ExitCode::NothingMatched,
            Self::NoPicture { .. } => ExitCode::Usage,
        }
    }
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    for name in args.names.iter().chain(args.why.iter().flatten()) {
        check_name(&workspace, name)?;
    }
    let group = args.group.as_deref();
    let deployment = group.map(|group| resolve_group(&workspace, group, &[])).transpose()?;
    let graph = Graph::of(&workspace, &args.names, deployment.as_ref());
    match args.why.as_deref() {
        Some([from, to]) => why(session, args.format, &graph, (from, to))?,
        _ if args.features => features(session, args.format, &graph::feature_uses(&workspace, &graph))?,
        _ => picture(session, args, &workspace, &graph),
    }
    Ok(ExitCode::Done)
}

/// Applications and crates; what is generated is in no graph.
fn check_name(workspace: &Workspace, name: &str) -> Result<(), UnknownApplication> {
    let shown = || workspace.members.iter().filter(|member| member.role != MemberRole::Release);
    if shown().any(|member| member.name == *name) {
        return Ok(());
    }
    Err(UnknownApplication::new(name, shown().map(|member| member.name.as_str())))
}

fn picture(session: &Session, args: &Args, workspace: &Workspace, graph: &Graph) {
    let (shell, name) = (&session.shell, workspace.name.as_str());
    match args.format {
        Format::Tree if graph.nodes.is_empty() => {
            shell.line(format_args!("the umbrella `{name}` has no application yet"));
            shell.help("make one with `umbrella new <name> --sup`");
        }
        Format::Tree => graph::tree(graph, &args.names).iter().for_each(|line| shell.line(line)),
        Format::Dot => shell.line(graph::dot(graph, name).trim_end()),
        Format::Mermaid => shell.line(graph::mermaid(graph).trim_end()),
        Format::Json => shell.json(&graph::json(graph, name)),
        Format::Html => shell.line(graph::html(graph, name).trim_end()),
    }
}

fn why(
    session: &Session,
    format: Format,
    graph: &Graph,
    (from, to): (&String, &String),
) -> Result<(), GraphError> {
    let Paths { shown, count } = graph::paths(graph, from, to);
    if shown.is_empty() {
        let (from, to) = (from.clone(), to.clone());
        let help = if graph::paths(graph, &to, &from).count > 0 {
            format!("it is the other way round: `umbrella graph --why {to} {from}`")
        } else {
            format!("`umbrella graph {from}` shows what it depends on")
        };
        return Err(GraphError::NoWay { from, to, help });
    }
    match format {
        Format::Tree => {
            let arrow =
                |edge: &Edge| edge.remark().map_or(" -> ".to_owned(), |remark| format!(" -({remark})-> "));
            let between = |pair: &[String]| {
                let edge = graph.below(&pair[0]).find(|edge| edge.to == pair[1]);
                format!("{}{}", edge.map_or(" -> ".to_owned(), arrow), pair[1])
            };
            for path in &shown {
                session
                    .shell
                    .line(format_args!("{from}{}", path.windows(2).map(between).collect::<String>()));
            }
            if count > shown.len() {
                session.shell.note(format_args!("{} more", count - shown.len()));
            }
        }
        Format::Json => {
            session
                .shell
                .json(&json!({ "version": 1, "from": from, "to": to, "count": count, "paths": shown }));
        }
        Format::Dot | Format::Mermaid | Format::Html => return Err(no_picture("--why", format)),
    }
    Ok(())
}

fn features(session: &Session, format: Format, uses: &[FeatureUse]) -> Result<(), GraphError> {
    let shell = &session.shell;
    match format {
        Format::Json => shell.json(&json!({ "version": 1, "packages": uses })),
        Format::Tree => {
            let headings = ["PACKAGE", "VERSION", "FEATURE", "ASKED FOR BY"].map(str::to_owned);
            let rows: Vec<[String; 4]> =
                [headings].into_iter().chain(uses.iter().flat_map(feature_rows)).collect();
            shell.table(&columns(&rows, &[false; 4]));
            for differing in uses.iter().filter(|found| !found.differs.is_empty()) {
                let of = |(release, features): (&String, &std::collections::BTreeSet<String>)| {
                    let features: Vec<&str> = features.iter().map(String::as_str).collect();
                    format!(
                        "{release}: {}",
                        if features.is_empty() { "none".to_owned() } else { features.join(", ") }
                    )
                };
                let releases: Vec<String> = differing.differs.iter().map(of).collect();
                shell.note(format_args!(
                    "`{}` is not the same in all releases: {}",
                    differing.package,
                    releases.join("; ")
                ));
            }
        }
        Format::Dot | Format::Mermaid | Format::Html => return Err(no_picture("--features", format)),
    }
    Ok(())
}

/// A line for each feature; the package and its versions stand in the first.
fn feature_rows(found: &FeatureUse) -> Vec<[String; 4]> {
    let versions = found.requirements.iter().cloned().collect::<Vec<_>>().join(" and ");
    let mut rows: Vec<[String; 4]> = found
        .features
        .iter()
        .map(|(feature, by)| {
            let by = by.iter().cloned().collect::<Vec<_>>().join(", ");
            [String::new(), String::new(), feature.clone(), by]
        })
        .collect();
    if rows.is_empty() {
        rows.push([String::new(), String::new(), "-".to_owned(), String::new()]);
    }
    rows[0][0].clone_from(&found.package);
    rows[0][1] = versions;
    rows
}

fn no_picture(what: &'static str, format: Format) -> GraphError {
    let format = format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    GraphError::NoPicture { what, format }
}
