//! `sys`, called here of a process of this node: it raises what it raises in OTP.

use std::time::Duration;

use tokio::time::timeout;

use super::apply::Raised;
use super::identity::{name, process};
use super::inspect::Answer;
use super::system;
use crate::gen_server::sys::SysError;
use crate::process::Node;
use crate::term::Term;

/// How long an answer is awaited if nothing else is said.
///
/// Source: `sys:get_status/1`, 5000 ms.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// `sys:Function(Process, ...)`, with how long to wait as the last argument or without; nothing if there is none.
pub(super) async fn call(node: &Node, function: &str, arguments: &[Term]) -> Option<Answer> {
    let (of, request, within) = match (function, arguments) {
        ("get_state" | "get_status" | "suspend" | "resume", [of, within @ ..]) => {
            (of, name(function), within)
        }
        ("trace" | "statistics", [of, how, within @ ..]) => {
            (of, Term::tuple([Term::atom("debug"), Term::tuple([name(function), how.clone()])]), within)
        }
        _ => return None,
    };
    let within = match within {
        [] => DEFAULT_TIMEOUT,
        [within] => milliseconds(within),
        _ => return None,
    };
    let answer = match ask(node, of, &request, within).await {
        Ok(answer) => answer,
        Err(Failed::Error(why)) => return Some(Err(Raised::Error(Term::text(&why)))),
        // Source: `sys:send_system_msg/3`: `exit({Reason, {sys, Function, Arguments}})`.
        Err(Failed::Exit(reason)) => {
            let call = [Term::atom("sys"), name(function), Term::List(arguments.to_vec())];
            return Some(Err(Raised::Exit(Term::tuple([Term::atom(reason), Term::tuple(call)]))));
        }
    };
    Some(match (function, answer.as_tuple()) {
        (_, Some([error, reason])) if error.as_atom() == Some("error") => Err(Raised::Error(reason.clone())),
        ("get_state", Some([_, state])) => Ok(state.clone()),
        _ => Ok(answer),
    })
}

/// `infinity` is as long as anybody waits here.
fn milliseconds(within: &Term) -> Duration {
    let within = within.as_integer().and_then(|within| u64::try_from(within).ok());
    within.map_or(DEFAULT_TIMEOUT, Duration::from_millis)
}

/// Why there is no answer.
enum Failed {
    Exit(&'static str),
    Error(String),
}

async fn ask(node: &Node, of: &Term, request: &Term, within: Duration) -> Result<Term, Failed> {
    let of = process(node, of).ok_or(Failed::Exit("noproc"))?;
    let answer = timeout(within, system::answer(node, of, request)).await;
    answer.map_err(|_| Failed::Exit("timeout"))?.map_err(|failed| match failed {
        // Who takes no system messages never answers one; nobody has to wait for that here.
        SysError::Timeout { .. } | SysError::NotAServer | SysError::CallingSelf => Failed::Exit("timeout"),
        SysError::NoProc => Failed::Exit("noproc"),
        SysError::NoNode
        | SysError::Exited(_)
        | SysError::OtherServer { .. }
        | SysError::NotDebug(_)
        | SysError::CallbackFailed(_) => Failed::Error(failed.to_string()),
    })
}
