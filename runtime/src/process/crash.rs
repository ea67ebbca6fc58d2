//! The report of a crash: one event for each, with everything that is known.
//!
//! Target `umbrella::crash_report`, level error.
//!
//! | field | what it is |
//! |---|---|
//! | `application`, `process`, `pid` | who: its application, its registered name or else the name of its type |
//! | `handler` | of an event manager: the type of the handler that crashed, and is removed |
//! | `reason`, `location` | why; where the panic was |
//! | `last_message` | the handler, with those of its arguments that are `Copy` and `Debug`; all of them if it is traced; the event, if it is `Debug` |
//! | `state` | the state, if it is `Debug`, cut after 4 KiB; of a state machine with its data and the events that wait in it |
//! | `ancestors` | its parent, its parent's parent, and so on: names, or else types and pids |
//! | `restarts` | how often supervisors of its application have restarted a child until now |
//! | `links`, `queued` | the processes linked to it; how many messages waited |
//!
//! Source: OTP `proc_lib`'s crash report and the error reports of `gen_server`, `gen_statem`, and `gen_event`, in one.
//! Differs: the arguments of the last message have moved into the handler, so only copies of them can be shown. A plain
//! process gets the same report; OTP's `spawn/1` logs a line, and nothing for `exit/1`.

use std::any::Any;
use std::sync::Arc;
use std::time::SystemTime;

use super::any_cell::AnyCell;
use super::group_leader::Crash;
use super::panic::{self, LastWords};
use super::{ExitReason, Pid, current};

/// How many ancestors are told; a chain of parents is seldom longer, and this ends it if it is.
const ANCESTORS: usize = 32;

/// What crashed.
#[derive(Clone, Copy)]
enum What {
    /// A process, which ends.
    Process,
    /// A handler of the events of a process, which goes on without it.
    Handler(&'static str),
    /// A part of a process that ends for another reason.
    Drop,
}

/// Reports that `process` ends because of `reason`, which it did not expect.
pub(super) fn report(process: &dyn AnyCell, reason: &ExitReason) {
    let words = last_words(process);
    tell(process, What::Process, reason, &words);
}

/// Reports that a handler of events of the running process crashed, which the process removes and survives.
pub(crate) fn report_handler(handler: &'static str, reason: &ExitReason, state: Option<String>) {
    let words = LastWords { state, ..panic::take_last_words() };
    if let Some(process) = current::cell() {
        tell(&*process, What::Handler(handler), reason, &words);
    }
}

/// Reports that a part of `process`, which ends for another reason, panicked while it was dropped.
pub(super) fn report_in_drop(process: &dyn AnyCell, payload: &(dyn Any + Send)) {
    let reason = ExitReason::Panicked(Arc::new(panic::describe(payload)));
    tell(process, What::Drop, &reason, &panic::take_last_words());
}

fn tell(process: &dyn AnyCell, what: What, reason: &ExitReason, words: &LastWords) {
    let (head, name) = (process.head(), process.display_name());
    let handler = if let What::Handler(handler) = what { Some(handler) } else { None };
    let who =
        handler.map_or_else(|| name.to_string(), |handler| format!("event handler {handler} in {name}"));
    head.leader.note_crash(Crash {
        pid: head.pid,
        process: who.as_str().into(),
        reason: reason.clone(),
        at: SystemTime::now(),
    });
    let location = if let ExitReason::Panicked(panic) = reason { Some(&*panic.location) } else { None };
    let verb = if location.is_some() { "" } else { "crashed: " };
    let sequel = match what {
        What::Process => "",
        What::Handler(_) => "; it is removed",
        What::Drop => "; while its state was dropped",
    };
    tracing::error!(
        target: "umbrella::crash_report",
        application = head.leader.name(),
        process = &*name,
        pid = %head.pid,
        handler,
        reason = %reason,
        location,
        last_message = words.message.as_deref(),
        state = words.state.as_deref(),
        ancestors = ancestors(process).join(", "),
        restarts = head.leader.restarts(),
        links = ?process.links(),
        queued = process.queued(),
        "{who} {} {verb}{reason}{sequel}", head.pid,
    );
}

/// What the process has said of itself while it unwound, or else what can be seen of it.
fn last_words(process: &dyn AnyCell) -> LastWords {
    let mut words = panic::take_last_words();
    process.with_lane(&mut |lane| {
        if let Some(message) = lane.handling.as_mut().and_then(|handling| handling.message.take()) {
            words.message = Some(message);
        }
        false
    });
    words.message = words.message.or_else(|| process.handler().map(str::to_owned));
    words
}

/// The parents of `process`, nearest first, as far as they live.
///
/// Source: OTP `proc_lib`, `$ancestors`.
fn ancestors(process: &dyn AnyCell) -> Vec<String> {
    let node = &process.head().node;
    let mut ancestors = Vec::new();
    let mut next: Option<Pid> = process.head().parent;
    while let Some(pid) = next.filter(|_| ancestors.len() < ANCESTORS) {
        let parent = node.process(pid);
        ancestors.push(match &parent {
            None => pid.to_string(),
            Some(parent) => {
                let unnamed = || format!("{} {pid}", parent.head().label());
                parent.name().map_or_else(unnamed, |name| name.to_string())
            }
        });
        next = parent.and_then(|parent| parent.head().parent);
    }
    ancestors
}
