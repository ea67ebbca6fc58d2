//! All processes: `observer_backend:procs_info/1`, and what older `observer`s and `etop` ask.

use crate::beam::Asked;
use crate::beam::erpc::list;
use crate::beam::identity::{count, name, pid};
use crate::beam::inspect::{current_function, initial_call};
use crate::beam::reply::{pid_of, send};
use crate::process::{ExitReason, Node, ProcessInfo, self_pid};
use crate::term::Term;

/// How many processes one message tells of.
///
/// Source: `observer_backend:procs_info/1`.
const AT_ONCE: usize = 10_000;

pub(super) fn export(node: &Node) {
    node.export_raw("observer_backend:procs_info/1", |arguments| {
        let [collector] = list(arguments)?;
        Ok(async move { tell(&collector, infos) })
    });
    node.export_raw("observer_backend:etop_collect/1", |arguments| {
        let [collector] = list(arguments)?;
        Ok(async move { tell(&collector, etop) })
    });
}

/// Sends the messages that `make` makes.
fn tell(collector: &Term, make: impl FnOnce(&Node) -> Vec<Term>) -> ExitReason {
    let Some(node) = Node::current() else { return ExitReason::Normal };
    if !Asked::of(&node).may_look() {
        return ExitReason::error("introspection is off");
    }
    if let Some(to) = pid_of(&node, collector) {
        make(&node).into_iter().for_each(|message| send(&node, self_pid(), to, message));
    }
    ExitReason::Normal
}

fn this(node: &Node) -> Term {
    self_pid().map_or(Term::atom("undefined"), |this| pid(node, this))
}

fn all(node: &Node) -> Vec<Term> {
    let others = node.processes().into_iter().filter(|each| Some(*each) != self_pid());
    others.filter_map(|each| node.process_info(each)).map(|info| record(node, &info)).collect()
}

/// `{procs_info, Pid, [#etop_proc_info{}]}`.
fn infos(node: &Node) -> Vec<Term> {
    let message =
        |some: &[Term]| Term::tuple([Term::atom("procs_info"), this(node), Term::List(some.to_vec())]);
    all(node).chunks(AT_ONCE).map(message).collect()
}

/// `{Pid, #etop_info{}}`.
fn etop(node: &Node) -> Vec<Term> {
    let all = all(node);
    let none = || Term::atom("undefined");
    let memory = super::stats::memory(node);
    let etop = Term::tuple([
        Term::atom("etop_info"),
        none(),
        count(all.len()),
        none(),
        Term::Integer(0),
        Term::Integer(0),
        memory,
        Term::List(all),
    ]);
    vec![Term::tuple([this(node), etop])]
}

/// `#etop_proc_info{pid, mem, reds, name, runtime, cf, mq}`.
fn record(node: &Node, info: &ProcessInfo) -> Term {
    let called = info.name.as_deref().map_or_else(|| initial_call(info), name);
    Term::tuple([
        Term::atom("etop_proc_info"),
        pid(node, info.pid),
        count(info.memory.total()),
        Term::Integer(i64::try_from(info.taken).unwrap_or(i64::MAX)),
        called,
        Term::Integer(0),
        current_function(node, info),
        count(info.queued),
    ])
}
