//! What any process is asked, whatever messages it takes: `{system, From, Request}`, and what supervisors are asked.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::Asked;
use super::children::{self, Question};
use super::identity::{count, name, pairs, pid};
use super::reply::Caller;
use crate::gen_server::sys::{self, Statistics, Status, SysError, SysState};
use crate::process::incoming::{Incoming, System};
use crate::process::remote::Shape;
use crate::process::{AnyCell, ExitReason, Node, Pid, spawn};
use crate::term::{Reader, Term};

/// Takes them, before the process sees them.
pub(super) struct SystemMessages;

impl System for SystemMessages {
    fn take<'a>(&self, process: &Arc<dyn AnyCell>, incoming: Incoming<'a>) -> Option<Incoming<'a>> {
        match incoming.shape {
            Shape::Info => take_system(process, incoming),
            Shape::Call => take_question(process, incoming),
            Shape::Cast => Some(incoming),
        }
    }
}

/// `{system, From, Request}`.
fn take_system<'a>(process: &Arc<dyn AnyCell>, incoming: Incoming<'a>) -> Option<Incoming<'a>> {
    let mut reader = Reader::new(incoming.body);
    if !matches!(reader.tuple(), Ok(3)) || !reader.is("system") {
        return Some(incoming);
    }
    let node = process.head().node.clone();
    let (Ok(from), Ok(request)) = (reader.term(), reader.term()) else { return Some(incoming) };
    let caller = Caller::tagged(&node, &from);
    let Some(caller) = caller else { return Some(incoming) };
    let of = process.head().pid;
    in_a_process(&node, move |node| async move {
        let answer = if Asked::of(&node).may_look() {
            asked(&node, of, &request).await
        } else {
            error(Term::atom("introspection_is_off"))
        };
        caller.reply(&node, answer);
    });
    None
}

/// `which_children` and `count_children` of a supervisor.
fn take_question<'a>(process: &Arc<dyn AnyCell>, mut incoming: Incoming<'a>) -> Option<Incoming<'a>> {
    let question = Reader::new(incoming.body).atom().ok().and_then(|request| Question::read(&request));
    let (node, of) = (&process.head().node, process.head().pid);
    let Some(question) = question.filter(|_| node.enter(|| children::is_supervisor(of))) else {
        return Some(incoming);
    };
    if !Asked::of(node).may_look() {
        return Some(incoming);
    }
    let Some(path) = incoming.reply.take() else { return Some(incoming) };
    in_a_process(node, move |node| async move {
        // One that is gone does not answer: whoever asked learns of its end.
        if let Some(answer) = children::ask(&node, of, question).await {
            path.reply(&super::reply::Message(answer));
        }
    });
    None
}

/// Does what may take time in a process of its own.
fn in_a_process<F>(node: &Node, work: impl FnOnce(Node) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let spawned = node.enter(|| spawn(work(node.clone())));
    debug_assert!(spawned.is_ok(), "this is a node");
}

fn error(reason: Term) -> Term {
    Term::tuple([Term::atom("error"), reason])
}

/// Source: `sys:handle_system_msg/6` of OTP 26.1 and later, where a state is answered as `{ok, State}`; `sys:get_state/1`
/// of OTP 25 and 26.0 shows it so, as it does with the state of any newer node.
async fn asked(node: &Node, of: Pid, request: &Term) -> Term {
    answer(node, of, request).await.unwrap_or_else(|refused| error(Term::text(&refused.to_string())))
}

/// The answer to a request, if the process gives one.
pub(super) async fn answer(node: &Node, of: Pid, request: &Term) -> Result<Term, SysError> {
    match (request.as_atom(), request.as_tuple()) {
        (Some("get_state"), _) => state(of).await.map(|state| Term::tuple([Term::atom("ok"), state])),
        (Some("get_status"), _) => status(node, of).await,
        (Some("suspend"), _) => sys::suspend(&of).await.map(ok),
        (Some("resume"), _) => sys::resume(&of).await.map(ok),
        (None, Some([what, argument])) => match (what.as_atom(), argument.as_tuple()) {
            (Some("debug"), Some([what, how])) => debug(of, what, how).await,
            (Some("terminate"), _) => sys::terminate(&of, reason(argument)).await.map(ok),
            _ => Ok(unknown(request)),
        },
        _ => Ok(unknown(request)),
    }
}

fn ok((): ()) -> Term {
    Term::atom("ok")
}

fn unknown(request: &Term) -> Term {
    error(Term::tuple([Term::atom("unknown_system_msg"), request.clone()]))
}

fn reason(term: &Term) -> ExitReason {
    match term.as_atom() {
        Some("normal") => ExitReason::Normal,
        Some("shutdown") => ExitReason::Shutdown,
        _ => ExitReason::error(term),
    }
}

/// `{trace, true | false}`, `{statistics, true | false | get}`.
async fn debug(of: Pid, what: &Term, how: &Term) -> Result<Term, SysError> {
    match (what.as_atom(), how.as_atom()) {
        (Some("trace"), Some(on @ ("true" | "false"))) => sys::trace(&of, on == "true").await.map(ok),
        (Some("statistics"), Some(on @ ("true" | "false"))) => {
            sys::statistics(&of, on == "true").await.map(ok)
        }
        (Some("statistics"), Some("get")) => {
            let counted = sys::get_statistics(&of).await?;
            let counted = counted.map_or(Term::atom("no_statistics"), |counted| statistics(&counted));
            Ok(Term::tuple([Term::atom("ok"), counted]))
        }
        _ => Ok(unknown(&Term::tuple([what.clone(), how.clone()]))),
    }
}

/// Source: `sys:get_stat/1`; times are in microseconds since the epoch, where OTP has calendars.
fn statistics(counted: &Statistics) -> Term {
    let micros = |micros: u128| Term::Integer(i64::try_from(micros).unwrap_or(i64::MAX));
    let started = counted.start_time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let messages = |messages: u64| Term::Integer(i64::try_from(messages).unwrap_or(i64::MAX));
    pairs([
        ("start_time", micros(started.as_micros())),
        ("current_time", micros((started + counted.elapsed).as_micros())),
        ("reductions", messages(counted.polls)),
        ("messages_in", messages(counted.messages_in)),
        ("messages_out", messages(counted.messages_out)),
    ])
}

/// The state as text: a state is no term, but can mostly be shown.
async fn state(of: Pid) -> Result<Term, SysError> {
    sys::get_state_text(&of).await.map(|state| Term::text(&state.to_string()))
}

/// `{status, Pid, {module, Module}, [PDict, SysState, Parent, Debug, Misc]}`.
async fn status(node: &Node, of: Pid) -> Result<Term, SysError> {
    let status = sys::get_status(&of).await?;
    // Who has no state to be shown has a status. Of a binary `observer` shows the beginning, of characters all.
    let state = sys::get_state_text(&of).await;
    let state = state.map_or_else(|error| error.to_string(), |state| state.to_string());
    let parent = status.info.parent.map_or(Term::atom("undefined"), |parent| pid(node, parent));
    let misc = described(&status, parent.clone(), Term::characters(&state));
    let sys_state = sys_state(&status);
    Ok(Term::tuple([
        Term::atom("status"),
        pid(node, of),
        Term::tuple([Term::atom("module"), name(status.info.label)]),
        Term::List(vec![Term::List(vec![]), sys_state, parent, Term::List(vec![]), misc]),
    ]))
}

fn sys_state(status: &Status) -> Term {
    Term::atom(match status.state {
        SysState::Running => "running",
        SysState::Suspended => "suspended",
    })
}

/// Source: `gen_server:format_status/2`.
fn described(status: &Status, parent: Term, state: Term) -> Term {
    let of = status.info.name.as_deref().unwrap_or(status.info.label);
    let data = |pairs: Vec<(&str, Term)>| {
        let pairs = pairs.into_iter().map(|(key, value)| Term::tuple([Term::characters(key), value]));
        Term::tuple([Term::atom("data"), Term::List(pairs.collect())])
    };
    Term::List(vec![
        Term::tuple([Term::atom("header"), Term::characters(&format!("Status for {of}"))]),
        data(vec![
            ("Status", sys_state(status)),
            ("Parent", parent),
            ("Logged events", Term::List(vec![])),
            ("Messages queued", count(status.info.queued)),
        ]),
        data(vec![("State", state)]),
    ])
}
