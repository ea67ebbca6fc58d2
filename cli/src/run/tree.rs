//! Supervision trees as lines. PURE.

use super::look::{ApplicationTree, Branch, ProcessView};
use super::status::ApplicationState;

/// A line of a tree, in parts that are shown differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// The branches that lead to it.
    pub rails: String,
    /// What it is called.
    pub name: String,
    /// What else is known of it.
    pub facts: String,
    /// What should be seen first: restarts, a long mailbox, a child that does not run.
    pub alarm: String,
}

impl TreeLine {
    /// All of it, without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        let parts = [&self.facts, &self.alarm].into_iter().filter(|part| !part.is_empty());
        let tail: String = parts.map(|part| format!("  {part}")).collect();
        format!("{}{}{tail}", self.rails, self.name)
    }
}

/// The lines of one application.
#[must_use]
pub fn lines(application: &ApplicationTree) -> Vec<TreeLine> {
    let state = match (application.state, &application.release) {
        (ApplicationState::Elsewhere, Some(release)) => format!("in {release}"),
        (ApplicationState::Running, _) if application.tree.is_none() => "library".to_owned(),
        (state, _) => format!("{state:?}").to_lowercase(),
    };
    let alarm = restarts(application.restarts);
    let mut lines =
        vec![TreeLine { rails: String::new(), name: application.name.clone(), facts: state, alarm }];
    if let Some(tree) = &application.tree {
        // The top of all, the process that starts the application, is the application.
        below(&tree.children, "", &mut lines);
    }
    lines
}

fn below(children: &[Branch], rails: &str, lines: &mut Vec<TreeLine>) {
    for (at, child) in children.iter().enumerate() {
        let is_last = at + 1 == children.len();
        let (branch, beside) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        lines.push(line(child, format!("{rails}{branch}")));
        below(&child.children, &format!("{rails}{beside}"), lines);
    }
}

fn line(branch: &Branch, rails: String) -> TreeLine {
    let name = branch.process.as_ref().and_then(|process| process.name.clone());
    let ty = branch.process.as_ref().map(|process| short_type(&process.label));
    let called = name.or_else(|| branch.id.as_deref().map(short_type)).or_else(|| ty.clone());
    let called = called.unwrap_or_else(|| branch.kind.clone());
    let Some(process) = &branch.process else {
        return TreeLine { rails, name: called, facts: String::new(), alarm: branch.life.clone() };
    };
    let ty = ty.filter(|ty| *ty != called);
    let facts = [Some(process.pid.clone()), ty, doing(process)].into_iter().flatten();
    let mut alarm = restarts(u64::from(branch.restarts.unwrap_or(0)));
    if process.queued > 0 {
        let gap = if alarm.is_empty() { "" } else { ", " };
        alarm.push_str(&format!("{gap}{} queued", process.queued));
    }
    TreeLine { rails, name: called, facts: facts.collect::<Vec<_>>().join(" "), alarm }
}

/// What it does, if it does anything.
fn doing(process: &ProcessView) -> Option<String> {
    match (process.state.as_str(), &process.handler) {
        ("waiting", _) => None,
        ("running", Some(handler)) => Some(format!("in {handler}")),
        (state, _) => Some(state.to_owned()),
    }
}

fn restarts(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => "1 restart".to_owned(),
        many => format!("{many} restarts"),
    }
}

/// `b::counter::Counter` is `Counter`; of other names nothing is left out.
#[must_use]
pub fn short_type(path: &str) -> String {
    let mut short = String::new();
    for part in path.split_inclusive(['<', '>', ',', ' ', '(', ')']) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tree_shows_names_states_restarts_and_what_does_not_run() {
        let process = |pid: &str, name: Option<&str>, label: &str, queued: u64| {
            json!({
                "pid": pid, "name": name, "type": label, "application": "b", "parent": null, "state": "waiting",
                "handler": null, "queued": queued, "handled": 3, "memory_bytes": null,
            })
        };
        let branch =
            |kind: &str, id: Option<&str>, restarts: Option<u32>, mut of: serde_json::Value, children| {
                of["kind"] = json!(kind);
                of["id"] = json!(id);
                of["restarts"] = json!(restarts);
                of["life"] = json!(if of["pid"].is_null() { "restarting" } else { "running" });
                of["children"] = children;
                of
            };
        let counter = branch(
            "worker",
            Some("b_counter"),
            Some(2),
            process("<0.4.0>", Some("b_counter"), "b::Counter", 7),
            json!([]),
        );
        let gone = branch("worker", Some("b::Clock"), Some(1), json!({}), json!([]));
        let task = branch("process", None, None, process("<0.5.0>", None, "b::run", 0), json!([]));
        let top = branch(
            "supervisor",
            None,
            None,
            process("<0.3.0>", None, "Supervisor", 0),
            json!([counter, gone]),
        );
        let root =
            branch("application", None, None, process("<0.2.0>", None, "Application", 0), json!([top, task]));
        let b = json!({ "name": "b", "state": "running", "release": null, "restarts": 3, "tree": root });
        let b: ApplicationTree = serde_json::from_value(b).expect("a tree");
        let shown: Vec<String> = lines(&b).iter().map(TreeLine::plain).collect();
        assert_eq!(
            shown,
            [
                "b  running  3 restarts",
                "├── Supervisor  <0.3.0>",
                "│   ├── b_counter  <0.4.0> Counter  2 restarts, 7 queued",
                "│   └── Clock  restarting",
                "└── run  <0.5.0>",
            ]
        );
        let library =
            json!({ "name": "a", "state": "running", "release": null, "restarts": 0, "tree": null });
        let library: ApplicationTree = serde_json::from_value(library).expect("a tree");
        assert_eq!(lines(&library)[0].plain(), "a  library");
    }

    #[test]
    fn types_are_shown_without_their_paths() {
        assert_eq!(short_type("a::Shelf<alloc::string::String>"), "Shelf<String>");
        assert_eq!(short_type("b_counter"), "b_counter");
    }
}
