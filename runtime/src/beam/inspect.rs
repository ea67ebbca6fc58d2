//! Looking into the node: what `erlang`, `application`, `supervisor`, and `sys` answer to whoever may ask.

use super::apply::Raised;
use super::children::{self, Question};
use super::identity::{count, name, pairs, pid, process};
use super::{applications, observer, sys};
use crate::process::{AnyCell, Node, Pid, ProcessInfo};
use crate::term::Term;

pub(super) type Answer = Result<Term, Raised>;

/// The answer of a function; nothing if there is none of the name.
pub(super) async fn call(node: &Node, module: &str, function: &str, arguments: &[Term]) -> Option<Answer> {
    match module {
        "erlang" => erlang(node, function, arguments),
        "application" => applied(node, function, arguments),
        "supervisor" => match (Question::read(function), arguments) {
            (Some(question), [supervisor]) => Some(asked(node, supervisor, question).await),
            _ => None,
        },
        "sys" => sys::call(node, function, arguments).await,
        "code" => match (function, arguments) {
            ("ensure_loaded", [module]) => Some(Ok(Term::tuple([Term::atom("module"), module.clone()]))),
            _ => None,
        },
        "proc_lib" => match (function, arguments) {
            ("translate_initial_call", [of]) => Some(info(node, of).map(|info| initial_call(&info))),
            // `observer` of OTP 27 shows processes that have no name by it.
            ("get_label", [of]) => Some(info(node, of).map(|info| Term::text(info.label))),
            _ => None,
        },
        "gen_event" => match (function, arguments) {
            // The log of a node is its file; nothing hands it to others, so the log of `observer` stays empty.
            ("which_handlers", [manager]) if manager.as_atom() == Some("error_logger") => {
                Some(Ok(Term::List(vec![])))
            }
            _ => None,
        },
        _ => None,
    }
}

fn badarg() -> Raised {
    Raised::Error(Term::atom("badarg"))
}

fn noproc() -> Raised {
    Raised::Exit(Term::atom("noproc"))
}

fn boolean(is: bool) -> Term {
    Term::atom(if is { "true" } else { "false" })
}

fn info(node: &Node, of: &Term) -> Result<ProcessInfo, Raised> {
    process(node, of).and_then(|pid| node.process_info(pid)).ok_or_else(badarg)
}

fn applied(node: &Node, function: &str, arguments: &[Term]) -> Option<Answer> {
    match (function, arguments) {
        // The other argument is how long to wait.
        ("which_applications", [] | [_]) => Some(Ok(applications::which(node))),
        ("loaded_applications", []) => Some(Ok(applications::loaded(node))),
        _ => None,
    }
}

async fn asked(node: &Node, supervisor: &Term, question: Question) -> Answer {
    let supervisor = process(node, supervisor).ok_or_else(noproc)?;
    children::ask(node, supervisor, question).await.ok_or_else(noproc)
}

fn erlang(node: &Node, function: &str, arguments: &[Term]) -> Option<Answer> {
    Some(match (function, arguments) {
        ("node", []) => Ok(name(node.full_name())),
        ("processes", []) => {
            Ok(Term::List(node.processes().into_iter().map(|each| pid(node, each)).collect()))
        }
        ("registered", []) => {
            Ok(Term::List(node.registered().iter().map(|(known, _)| name(known)).collect()))
        }
        ("whereis", [known]) => {
            Ok(process(node, known).map_or(Term::atom("undefined"), |found| pid(node, found)))
        }
        ("is_process_alive", [of]) => Ok(boolean(info(node, of).is_ok())),
        ("process_info", [of]) => match info(node, of) {
            Ok(info) => items(node, &info, ITEMS),
            Err(_) => Ok(Term::atom("undefined")),
        },
        ("process_info", [of, wanted]) => process_info(node, of, wanted),
        ("function_exported", [module, function, arity]) => {
            Ok(boolean(is_exported(node, module, function, arity)))
        }
        ("system_info", [what]) => observer::system_info(node, what).ok_or_else(badarg),
        ("memory", []) => Ok(observer::memory(node)),
        ("statistics", [what]) => observer::statistics(node, what).ok_or_else(badarg),
        _ => return None,
    })
}

fn is_exported(node: &Node, module: &Term, function: &Term, arity: &Term) -> bool {
    let (Some(module), Some(function)) = (module.as_atom(), function.as_atom()) else { return false };
    let arity = arity.as_integer().and_then(|arity| u8::try_from(arity).ok());
    arity.is_some_and(|arity| {
        node.exported(module, function, arity).is_some() || observer::answers(module, function, arity)
    })
}

/// What `process_info/1` tells.
///
/// Source: `erlang:process_info/1`.
const ITEMS: &[&str] = &[
    "registered_name",
    "current_function",
    "initial_call",
    "status",
    "message_queue_len",
    "links",
    "dictionary",
    "trap_exit",
    "error_handler",
    "priority",
    "group_leader",
    "total_heap_size",
    "heap_size",
    "stack_size",
    "reductions",
    "garbage_collection",
    "suspending",
];

/// One item gives a pair, several give a list of them.
fn process_info(node: &Node, of: &Term, wanted: &Term) -> Answer {
    let Ok(info) = info(node, of) else { return Ok(Term::atom("undefined")) };
    if let Some(wanted) = wanted.as_list() {
        let wanted: Option<Vec<_>> = wanted.iter().map(Term::as_atom).collect();
        return items(node, &info, &wanted.ok_or_else(badarg)?);
    }
    let wanted = wanted.as_atom().ok_or_else(badarg)?;
    let value = item(node, &info, wanted).ok_or_else(badarg)?;
    // Source: `process_info(Pid, registered_name)` of a process without one.
    let has_none = wanted == "registered_name" && value.as_list().is_some_and(<[Term]>::is_empty);
    Ok(if has_none { value } else { Term::tuple([name(wanted), value]) })
}

fn items(node: &Node, info: &ProcessInfo, wanted: &[&str]) -> Answer {
    let whole = wanted.len() == ITEMS.len();
    let mut list = Vec::new();
    for wanted in wanted {
        let value = item(node, info, wanted).ok_or_else(badarg)?;
        let is_left_out =
            whole && *wanted == "registered_name" && value.as_list().is_some_and(<[Term]>::is_empty);
        if !is_left_out {
            list.push(Term::tuple([name(wanted), value]));
        }
    }
    Ok(Term::List(list))
}

/// `{Label, handler, 0}`: what a process is and does, where Erlang names functions.
fn function(info: &ProcessInfo, function: &str) -> Term {
    Term::tuple([name(info.label), name(function), Term::Integer(0)])
}

pub(super) fn initial_call(info: &ProcessInfo) -> Term {
    function(info, "init")
}

pub(super) fn current_function(node: &Node, info: &ProcessInfo) -> Term {
    let handler = node.process(info.pid).and_then(|process| AnyCell::handler(&*process));
    function(info, handler.unwrap_or("loop"))
}

fn pids(node: &Node, pids: &[Pid]) -> Term {
    Term::List(pids.iter().map(|each| pid(node, *each)).collect())
}

/// Sizes of heaps are told in words.
fn words(bytes: usize) -> Term {
    count(bytes / size_of::<usize>())
}

/// One item, or nothing if Erlang has none of the name.
///
/// There are no stacks and dictionaries here: they are empty, and their sizes 0. The heap of a process is its task.
fn item(node: &Node, info: &ProcessInfo, wanted: &str) -> Option<Term> {
    let none = || Term::List(vec![]);
    Some(match wanted {
        "registered_name" => info.name.as_deref().map_or_else(none, name),
        "current_function" => current_function(node, info),
        "initial_call" => initial_call(info),
        "current_stacktrace"
        | "dictionary"
        | "messages"
        | "suspending"
        | "binary"
        | "backtrace"
        | "sequential_trace_token" => none(),
        "status" => {
            let works = node.process(info.pid).is_some_and(|process| AnyCell::handler(&*process).is_some());
            Term::atom(if works { "running" } else { "waiting" })
        }
        "message_queue_len" => count(info.queued),
        "links" => pids(node, &info.links),
        // Source: `process_info(Pid, monitors)`: `[{process, Pid}]`.
        "monitors" => {
            let monitor = |of: &Pid| Term::tuple([Term::atom("process"), pid(node, *of)]);
            Term::List(info.monitors.iter().map(monitor).collect())
        }
        "monitored_by" => pids(node, &info.monitored_by),
        "parent" => info.parent.map_or(Term::atom("undefined"), |parent| pid(node, parent)),
        "trap_exit" => boolean(info.trap_exit),
        "error_handler" => Term::atom("error_handler"),
        "priority" => Term::atom("normal"),
        "group_leader" => pid(node, observer::group_leader(node, info)),
        "memory" => count(info.memory.total()),
        "heap_size" => words(info.memory.task),
        "total_heap_size" => words(info.memory.task + info.memory.mailbox),
        "stack_size" | "min_heap_size" | "catchlevel" | "trace" => Term::Integer(0),
        "last_calls" => boolean(false),
        "reductions" => Term::Integer(i64::try_from(info.taken).unwrap_or(i64::MAX)),
        "garbage_collection" => {
            pairs([("min_heap_size", Term::Integer(0)), ("fullsweep_after", Term::Integer(0))])
        }
        _ => return None,
    })
}
