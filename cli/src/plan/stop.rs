//! Which applications `umbrella stop b` stops, in which node, in which order. PURE.
//!
//! A node knows who depends on an application inside of it. Across the nodes of a deployment only the command line sees
//! them all, so it is decided here.

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::run::status::{ApplicationState, NodeStatus};

/// One request to one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopStep {
    /// Which of the nodes.
    pub node: usize,
    /// What to stop in it, in this order.
    pub applications: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopPlan {
    /// The requests, in order.
    pub steps: Vec<StopStep>,
    /// Named, and running nowhere.
    pub not_running: Vec<String>,
}

/// Running applications depend on one that should stop.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("`{application}` is used by {}", listed(dependents))]
pub struct HasDependents {
    /// What was to stop.
    pub application: String,
    /// Who would lose it.
    pub dependents: Vec<String>,
    #[help]
    help: String,
}

impl Failure for HasDependents {}

impl HasDependents {
    /// The refusal to `verb` (stop, restart) `application`.
    #[must_use]
    pub fn new(verb: &str, application: String, dependents: Vec<String>) -> Self {
        let help = format!(
            "to {verb} them too, dependents first: `umbrella {verb} {application} --with-dependents`"
        );
        Self { application, dependents, help }
    }
}

/// Plans to stop `names` in `nodes`.
///
/// # Errors
/// [`HasDependents`] if somebody else's application needs one of them, unless `with_dependents`.
pub fn plan_stop(
    nodes: &[NodeStatus],
    names: &[String],
    with_dependents: bool,
) -> Result<StopPlan, HasDependents> {
    let running = running(nodes);
    let (mut stopping, mut not_running) = (Vec::new(), Vec::new());
    for name in names {
        let before = stopping.len();
        stopping.extend(running.iter().filter(|application| application.name == name));
        if stopping.len() == before {
            not_running.push(name.clone());
        }
    }
    for name in names {
        let dependents: Vec<Running<'_>> = dependents(&running, name)
            .into_iter()
            .filter(|dependent| !names.iter().any(|n| n == dependent.name))
            .collect();
        if !dependents.is_empty() && !with_dependents {
            let dependents = dependents.iter().map(|dependent| dependent.name.to_owned()).collect();
            return Err(HasDependents::new("stop", name.clone(), dependents));
        }
        stopping.extend(dependents);
    }
    Ok(StopPlan { steps: steps(&in_stop_order(&running, &stopping)), not_running })
}

/// An application that runs, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Running<'a> {
    node: usize,
    name: &'a str,
    depends_on: &'a [String],
}

fn running(nodes: &[NodeStatus]) -> Vec<Running<'_>> {
    let mut running = Vec::new();
    for (node, status) in nodes.iter().enumerate() {
        for application in &status.applications {
            if application.state == ApplicationState::Running {
                running.push(Running { node, name: &application.name, depends_on: &application.depends_on });
            }
        }
    }
    running
}

/// Who needs `name`, directly or not.
fn dependents<'a>(running: &[Running<'a>], name: &str) -> Vec<Running<'a>> {
    let mut found: Vec<Running<'a>> = Vec::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        for application in running {
            if application.depends_on.contains(&name) && !found.contains(application) {
                found.push(*application);
                open.push(application.name.to_owned());
            }
        }
    }
    found
}

/// Dependents first; otherwise the last in start order first.
fn in_stop_order<'a>(running: &[Running<'a>], stopping: &[Running<'a>]) -> Vec<Running<'a>> {
    let mut left: Vec<Running<'a>> =
        running.iter().rev().filter(|application| stopping.contains(application)).copied().collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_free = |application: &Running<'_>| {
            !left.iter().any(|other| other.depends_on.iter().any(|on| on == application.name))
        };
        // Cargo allows no cycles; should a node report one, any order will do.
        let next = left.iter().position(is_free).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

/// Neighbours in the same node are one request.
fn steps(ordered: &[Running<'_>]) -> Vec<StopStep> {
    let mut steps: Vec<StopStep> = Vec::new();
    for application in ordered {
        match steps.last_mut() {
            Some(step) if step.node == application.node => {
                step.applications.push(application.name.to_owned())
            }
            _ => steps
                .push(StopStep { node: application.node, applications: vec![application.name.to_owned()] }),
        }
    }
    steps
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A node of running applications: `("a", &["c"])` depends on c.
    fn node(release: &str, applications: &[(&str, &[&str])]) -> NodeStatus {
        let applications: Vec<_> = applications
            .iter()
            .map(|(name, depends_on)| json!({"name": name, "kind": "supervised", "state": "running", "depends_on": depends_on}))
            .collect();
        serde_json::from_value(json!({
            "release": release, "release_version": "0.1.0", "env": "dev", "pid": 1, "state": "running",
            "started_unix_ms": 0, "uptime_ms": 0, "applications": applications,
        }))
        .expect("a status")
    }

    fn plan(
        nodes: &[NodeStatus],
        names: &[&str],
        with_dependents: bool,
    ) -> Result<Vec<(usize, String)>, String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let plan = plan_stop(nodes, &names, with_dependents).map_err(|refused| refused.to_string())?;
        Ok(plan.steps.into_iter().map(|step| (step.node, step.applications.join(" "))).collect())
    }

    #[test]
    fn an_application_that_is_used_is_not_stopped() {
        let nodes = [node("abc", &[("c", &[]), ("a", &["c"]), ("b", &["a"])])];
        assert_eq!(plan(&nodes, &["b"], false), Ok(vec![(0, "b".into())]));
        assert_eq!(plan(&nodes, &["c"], false), Err("`c` is used by `a`, `b`".into()));
        assert_eq!(plan(&nodes, &["c"], true), Ok(vec![(0, "b a c".into())]));
    }

    #[test]
    fn naming_the_dependents_is_as_good_as_allowing_them() {
        let nodes = [node("abc", &[("c", &[]), ("a", &["c"])])];
        assert_eq!(plan(&nodes, &["c", "a"], false), Ok(vec![(0, "a c".into())]));
    }

    #[test]
    fn dependents_in_other_nodes_count_and_go_first() {
        let nodes = [node("c", &[("c", &[])]), node("ab", &[("b", &[]), ("a", &["c"])])];
        assert_eq!(plan(&nodes, &["c"], false), Err("`c` is used by `a`".into()));
        assert_eq!(plan(&nodes, &["c"], true), Ok(vec![(1, "a".into()), (0, "c".into())]));
    }

    #[test]
    fn what_does_not_run_is_no_reason_to_refuse() {
        let mut nodes = [node("abc", &[("c", &[]), ("a", &["c"])])];
        nodes[0].applications[1].state = ApplicationState::Stopped;
        assert_eq!(plan(&nodes, &["c"], false), Ok(vec![(0, "c".into())]));
        let plan = plan_stop(&nodes, &["a".to_owned()], false).expect("nothing to do");
        assert_eq!(plan, StopPlan { steps: vec![], not_running: vec!["a".into()] });
    }
}
