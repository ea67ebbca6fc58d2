//! How the applications are placed while the tests run: all in one node, grouped, or each in a node of its own.

use super::error::TestError;
use crate::deployment::Partial;
use crate::error::CommandError;
use crate::plan::chosen_deployment::{Choice, ChosenDeployment};
use crate::workspace::{Sources, Workspace, did_you_mean};

/// What the runtime reads: `a_b=a,b;c=c`.
const PLACEMENT: &str = "UMBRELLA_TEST_PLACEMENT";

/// A placement of all applications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topology {
    /// Its expression; nothing where all are in one node.
    pub(super) expression: Option<String>,
    /// What tests find in their environment.
    pub(super) variables: Vec<(String, String)>,
}

/// What was asked for: `--group`, or the names that `--topology` knows.
pub(super) fn topologies(
    group: Option<&str>,
    topology: Option<&str>,
    workspace: &Workspace,
) -> Result<Vec<Topology>, CommandError> {
    let find = |choice| placed(choice, workspace);
    let each = || {
        let brackets: Vec<String> = workspace.app_names().map(|name| format!("[{name}]")).collect();
        placed(Choice::Expression(&brackets.join("+")), workspace)
    };
    if let Some(group) = group {
        // An expression has brackets; the name of a saved deployment has none.
        let choice = if group.contains('[') { Choice::Expression(group) } else { Choice::Named(group) };
        return Ok(vec![find(choice)?]);
    }
    match topology {
        None | Some("one") => Ok(vec![Topology::default()]),
        Some("each") => Ok(vec![each()?]),
        Some("all") => {
            let mut all = vec![Topology::default()];
            for name in workspace.deployments.keys() {
                all.push(find(Choice::Named(name))?);
            }
            all.push(each()?);
            let mut seen: Vec<Vec<(String, String)>> = Vec::new();
            all.retain(|topology| {
                let is_new = !seen.contains(&topology.variables);
                seen.push(topology.variables.clone());
                is_new
            });
            Ok(all)
        }
        Some(name) if workspace.deployments.contains_key(name) => Ok(vec![find(Choice::Named(name))?]),
        Some(name) => {
            let known: Vec<&str> = ["all", "one", "each"]
                .into_iter()
                .chain(workspace.deployments.keys().map(String::as_str))
                .collect();
            let closest = did_you_mean(name, known.iter().copied()).map(str::to_owned);
            let help = match closest {
                Some(closest) => format!("did you mean `{closest}`? topologies: {}", known.join(", ")),
                None => {
                    format!("topologies: {}; `--group '[a,b]+[c]'` takes any placement", known.join(", "))
                }
            };
            Err(TestError::UnknownTopology { name: name.to_owned(), help }.into())
        }
    }
}

fn placed(choice: Choice<'_>, workspace: &Workspace) -> Result<Topology, CommandError> {
    let sources = Sources::read(workspace)?;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    let resolved = ChosenDeployment::find(choice, workspace, manifest)?.resolve(workspace, Partial::Yes)?;
    // What is said of instances is for releases: in a test each node is there once.
    let release =
        |release: &crate::deployment::Release| format!("{}={}", release.name, release.applications.join(","));
    let releases: Vec<String> = resolved.releases.iter().map(release).collect();
    if releases.len() < 2 {
        return Ok(Topology::default());
    }
    let variables = vec![(PLACEMENT.to_owned(), releases.join(";"))];
    Ok(Topology { expression: Some(resolved.expression), variables })
}
