//! What `umbrella start` does, given what runs already. PURE.

use miette::Diagnostic;
use thiserror::Error;

use super::ReleaseContents;
use crate::error::Failure;
use crate::run::status::{ApplicationState, NodeStatus};
use crate::workspace::Workspace;

/// A release that should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub release: String,
    /// Its nodes.
    pub nodes: Vec<String>,
    /// What it contains.
    pub applications: Vec<String>,
}

impl From<&ReleaseContents> for Wanted {
    fn from(release: &ReleaseContents) -> Self {
        let applications = release.applications.iter().map(ToString::to_string).collect();
        let nodes = release.nodes().iter().map(ToString::to_string).collect();
        Self { release: release.name.to_string(), nodes, applications }
    }
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartPlan {
    /// The nodes that run and contain something of it are asked to start their part.
    pub ask: Vec<StartStep>,
    /// The nodes that do not run, and have to.
    pub boot: Vec<String>,
}

/// One request to one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartStep {
    /// Which of the nodes.
    pub node: usize,
    /// What to start in it, besides what that needs.
    pub applications: Vec<String>,
}

/// What runs is in the way of what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[non_exhaustive]
pub enum StartConflict {
    /// No running node contains the application.
    #[error("{} running, and does not contain `{application}`", are(running))]
    #[diagnostic(help("`umbrella restart` builds and starts it anew; `umbrella stop` stops it"))]
    NotInside {
        /// What was to start.
        application: String,
        /// The releases that run.
        running: Vec<String>,
    },
    /// The applications run, in other releases than was asked for.
    #[error("{} running: `{application}` would run twice", are(running))]
    #[diagnostic(help("stop that first: `umbrella stop`"))]
    PlacedOtherwise {
        /// One that would run twice.
        application: String,
        /// The releases that run.
        running: Vec<String>,
    },
}

impl Failure for StartConflict {}

/// Plans to start `names` (all that is wanted if there are none) where `nodes` run. `placed` if the releases were asked
/// for by an expression: then an application that runs in another release is no help.
///
/// # Errors
/// [`StartConflict`].
pub fn plan_start(
    nodes: &[NodeStatus],
    wanted: &[Wanted],
    names: &[String],
    placed: bool,
) -> Result<StartPlan, StartConflict> {
    let all_of = |release: &Wanted| release.nodes.clone();
    if nodes.is_empty() {
        return Ok(StartPlan { ask: Vec::new(), boot: wanted.iter().flat_map(all_of).collect() });
    }
    let running = || nodes.iter().map(|node| node.name().to_owned()).collect();
    let runs = |name: &String| nodes.iter().any(|node| node.name() == name);
    let mut steps: Vec<StartStep> =
        (0..nodes.len()).map(|node| StartStep { node, applications: Vec::new() }).collect();
    let mut boot = Vec::new();
    for release in wanted {
        if placed {
            boot.extend(release.nodes.iter().filter(|name| !runs(name)).cloned());
        }
        let wanted_here = release.applications.iter().filter(|name| names.is_empty() || names.contains(name));
        for application in wanted_here {
            let homes = homes(nodes, application);
            let is_placed_so = |home: &usize| release.nodes.iter().any(|name| name == nodes[*home].name());
            if placed && !homes.iter().all(is_placed_so) {
                return Err(StartConflict::PlacedOtherwise {
                    application: application.clone(),
                    running: running(),
                });
            }
            // Every node of the release that runs should have it.
            let expected = if placed { release.nodes.iter().filter(|name| runs(name)).count() } else { 1 };
            if homes.len() < expected {
                return Err(StartConflict::NotInside {
                    application: application.clone(),
                    running: running(),
                });
            }
            homes.into_iter().for_each(|home| steps[home].applications.push(application.clone()));
        }
    }
    steps.retain(|step| !step.applications.is_empty());
    Ok(StartPlan { ask: steps, boot })
}

/// The nodes that `application` is placed in, by name, whether it runs there or not.
fn homes(nodes: &[NodeStatus], application: &str) -> Vec<usize> {
    let lives_in = |node: &NodeStatus| {
        node.applications.iter().any(|a| a.name == application && a.state != ApplicationState::Elsewhere)
    };
    let mut homes: Vec<usize> = (0..nodes.len()).filter(|&node| lives_in(&nodes[node])).collect();
    // Instances by their number: `c-2` before `c-10`.
    homes.sort_by_key(|&node| (nodes[node].name().len(), nodes[node].name()));
    homes
}

/// The order in which releases are started: each after those whose applications its own depend on. Releases that need
/// each other stay as they were written.
#[must_use]
pub fn boot_order(workspace: &Workspace, wanted: &[Wanted]) -> Vec<usize> {
    let needs = |one: usize, other: usize| {
        let below = workspace.with_dependencies(wanted[one].applications.iter().map(String::as_str));
        one != other
            && below.iter().any(|app| wanted[other].applications.iter().any(|name| name == app.name.as_str()))
    };
    let mut left: Vec<usize> = (0..wanted.len()).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_free = |&one: &usize| !left.iter().any(|&other| needs(one, other));
        let next = left.iter().position(is_free).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

fn are(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{App, AppKind, AppName, ReleaseName};
    use serde_json::json;

    fn node(release: &str, applications: &[(&str, &str)]) -> NodeStatus {
        let applications: Vec<_> = applications
            .iter()
            .map(|(name, state)| json!({"name": name, "kind": "supervised", "state": state}))
            .collect();
        serde_json::from_value(json!({
            "release": release, "release_version": "0.1.0", "env": "dev", "pid": 1, "state": "running",
            "started_unix_ms": 0, "uptime_ms": 0, "applications": applications,
        }))
        .expect("a status")
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn wanted(release: &str, applications: &[&str]) -> Wanted {
        Wanted {
            release: release.to_owned(),
            nodes: vec![release.to_owned()],
            applications: strings(applications),
        }
    }

    fn ask(steps: &[(usize, &[&str])]) -> Result<StartPlan, StartConflict> {
        let step = |&(node, names): &(usize, &[&str])| StartStep { node, applications: strings(names) };
        Ok(StartPlan { ask: steps.iter().map(step).collect(), boot: Vec::new() })
    }

    #[test]
    fn where_nothing_runs_releases_boot() {
        let plan = plan_start(&[], &[wanted("abc", &["a"])], &[], false);
        assert_eq!(plan, Ok(StartPlan { boot: strings(&["abc"]), ..StartPlan::default() }));
    }

    #[test]
    fn a_running_node_is_asked_for_what_it_contains() {
        let nodes = [node("abc", &[("a", "running"), ("b", "stopped")])];
        let abc = [wanted("abc", &["a", "b"])];
        assert_eq!(plan_start(&nodes, &abc, &[], false), ask(&[(0, &["a", "b"])]));
        assert_eq!(plan_start(&nodes, &abc, &strings(&["b"]), false), ask(&[(0, &["b"])]));
    }

    #[test]
    fn the_nodes_of_a_group_are_the_umbrella_too() {
        let nodes = [node("ab", &[("a", "running"), ("c", "elsewhere")]), node("c", &[("c", "stopped")])];
        assert_eq!(
            plan_start(&nodes, &[wanted("abc", &["a", "c"])], &strings(&["c"]), false),
            ask(&[(1, &["c"])])
        );
    }

    #[test]
    fn an_application_never_runs_twice() {
        let nodes = [node("abc", &[("a", "running"), ("c", "running")])];
        let error = plan_start(&nodes, &[wanted("ab", &["a"])], &[], true).expect_err("a conflict");
        assert_eq!(error.to_string(), "`abc` is running: `a` would run twice");
        let error = plan_start(&nodes, &[wanted("abc", &["a", "d"])], &[], false).expect_err("a conflict");
        assert_eq!(error.to_string(), "`abc` is running, and does not contain `d`");
    }

    #[test]
    fn each_instance_is_asked() {
        let nodes: Vec<NodeStatus> = ["c-10", "c-2", "c-1"]
            .map(|name| NodeStatus { node: format!("{name}@127.0.0.1"), ..node("c", &[("c", "stopped")]) })
            .into();
        let three = |nodes: &[&str]| Wanted { nodes: strings(nodes), ..wanted("c", &["c"]) };
        let all = ask(&[(0, &["c"]), (1, &["c"]), (2, &["c"])]);
        assert_eq!(plan_start(&nodes, &[three(&["c-1", "c-2", "c-10"])], &[], true), all);
        let more = plan_start(&nodes[1..], &[three(&["c-1", "c-2", "c-3"])], &[], true).expect("two run");
        assert_eq!((more.ask.len(), more.boot), (2, strings(&["c-3"])), "a node that does not run boots");
        let error = plan_start(&nodes, &[three(&["c-1", "c-2"])], &[], true).expect_err("a conflict");
        assert_eq!(error.to_string(), "`c-10`, `c-2`, `c-1` are running: `c` would run twice");
    }

    fn workspace(apps: &[(&str, &[&str])]) -> Workspace {
        let app = |&(name, dependencies): &(&str, &[&str])| App {
            name: AppName::of_package(name),
            path: name.into(),
            kind: AppKind::Library,
            dependencies: dependencies.iter().map(|name| AppName::of_package(*name)).collect(),
            uses_runtime: false,
            version: "0.1.0".to_owned(),
        };
        Workspace {
            root: "/abc".into(),
            name: ReleaseName::existing("abc"),
            apps: apps.iter().map(app).collect(),
            crates: Vec::new(),
            members: Vec::new(),
            rules: Default::default(),
            releases: Vec::new(),
            deployments: std::collections::BTreeMap::new(),
            target_directory: "/abc/target".into(),
        }
    }

    #[test]
    fn releases_boot_after_those_they_need() {
        let abc = workspace(&[("c", &[]), ("a", &["c"]), ("b", &[])]);
        assert_eq!(boot_order(&abc, &[wanted("ab", &["a", "b"]), wanted("c", &["c"])]), [1, 0]);
        assert_eq!(boot_order(&abc, &[wanted("b", &["b"]), wanted("c", &["c"])]), [0, 1]);
        let round = workspace(&[("a", &["c"]), ("c", &[]), ("d", &["a"])]);
        assert_eq!(boot_order(&round, &[wanted("a", &["a"]), wanted("cd", &["c", "d"])]), [0, 1]);
    }
}
