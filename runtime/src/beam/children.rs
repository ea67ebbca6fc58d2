//! The children of a supervisor, as terms.

use super::identity::{count, name, pid};
use crate::process::{Node, Pid};
use crate::registry::Ref;
use crate::supervisor::{ChildCounts, ChildInfo, ChildKind, ChildState, DynamicSupervisor, Supervisor};
use crate::term::Term;

/// What a supervisor is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Which,
    Count,
}

impl Question {
    pub(super) fn read(request: &str) -> Option<Self> {
        match request {
            "which_children" => Some(Self::Which),
            "count_children" => Some(Self::Count),
            _ => None,
        }
    }
}

/// Whether `process`, of this node, is a supervisor; to be asked within the node.
pub(super) fn is_supervisor(process: Pid) -> bool {
    Ref::<Supervisor>::from_pid(process).is_some() || Ref::<DynamicSupervisor>::from_pid(process).is_some()
}

/// The children of a supervisor; nothing if `process` is none, or is gone. To be asked within the node.
pub(crate) async fn children_of(process: Pid) -> Option<Vec<ChildInfo>> {
    if let Some(supervisor) = Ref::<Supervisor>::from_pid(process) {
        return supervisor.which_children().await.ok();
    }
    Ref::<DynamicSupervisor>::from_pid(process)?.which_children().await.ok()
}

/// The answer of a supervisor; nothing if `supervisor` is none, or is gone.
pub(super) async fn ask(node: &Node, supervisor: Pid, question: Question) -> Option<Term> {
    if let Some(supervisor) = Ref::<Supervisor>::from_pid(supervisor) {
        return Some(match question {
            Question::Which => which(node, &supervisor.which_children().await.ok()?, Ids::Theirs),
            Question::Count => counts(supervisor.count_children().await.ok()?),
        });
    }
    let supervisor = Ref::<DynamicSupervisor>::from_pid(supervisor)?;
    Some(match question {
        Question::Which => which(node, &supervisor.which_children().await.ok()?, Ids::Undefined),
        Question::Count => counts(supervisor.count_children().await.ok()?),
    })
}

/// Whether children have names.
#[derive(Clone, Copy)]
enum Ids {
    Theirs,
    /// Source: `supervisor:which_children/1` of a `simple_one_for_one`; Elixir `DynamicSupervisor.which_children/1`.
    Undefined,
}

/// `[{Id, Pid | undefined | restarting, worker | supervisor, [Module]}]`.
fn which(node: &Node, children: &[ChildInfo], ids: Ids) -> Term {
    let child = |child: &ChildInfo| {
        let id = match ids {
            Ids::Theirs => Term::text(&child.id),
            Ids::Undefined => Term::atom("undefined"),
        };
        let (process, modules) = match child.state {
            ChildState::Running(process) => (pid(node, process), modules(node, process)),
            ChildState::Restarting => (Term::atom("restarting"), vec![]),
            ChildState::Stopped => (Term::atom("undefined"), vec![]),
        };
        let kind = match child.kind {
            ChildKind::Supervisor => Term::atom("supervisor"),
            ChildKind::Worker => Term::atom("worker"),
        };
        Term::tuple([id, process, kind, Term::List(modules)])
    };
    Term::List(children.iter().map(child).collect())
}

fn modules(node: &Node, process: Pid) -> Vec<Term> {
    node.process_info(process).map(|info| name(info.label)).into_iter().collect()
}

/// `[{specs, N}, {active, N}, {supervisors, N}, {workers, N}]`.
fn counts(counts: ChildCounts) -> Term {
    super::identity::pairs([
        ("specs", count(counts.specs)),
        ("active", count(counts.active)),
        ("supervisors", count(counts.supervisors)),
        ("workers", count(counts.workers)),
    ])
}
