//! The report of a crash: one event for each, with everything that is known.
//!
//! Target `umbrella::crash_report`, level error.
//!
//! | field | what it is |
//! |---|---|
//! | `application`, `process`, `pid` | who: its application, its registered name or else the name of its type |
//! | `reason`, `location` | why; where the panic was |
//! | `last_message` | the handler, with those of its arguments that are `Copy` and `Debug`; all of them if it is traced |
//! | `state` | the state, if it is `Debug`, cut after 4 KiB |
//! | `ancestors` | its parent, its parent's parent, and so on: names, or else pids |
//! | `restarts` | how often supervisors of its application have restarted a child until now |
//! | `links`, `queued` | the processes linked to it; how many messages waited |
//!
//! Source: OTP `proc_lib`'s crash report and `gen_server`'s error report, in one.
//! Differs: the arguments of the last message have moved into the handler, so only copies of them can be shown.

use std::any::Any;
use std::time::SystemTime;

use super::any_cell::AnyCell;
use super::group_leader::Crash;
use super::panic::{self, LastWords};
use super::{ExitReason, Pid};

/// How many ancestors are told; a chain of parents is seldom longer, and this ends it if it is.
const ANCESTORS: usize = 32;

/// Reports that `process` ends because of `reason`, which it did not expect.
pub(super) fn report(process: &dyn AnyCell, reason: &ExitReason) {
    let (head, name) = (process.head(), process.display_name());
    head.leader.note_crash(Crash {
        pid: head.pid,
        process: (*name).into(),
        reason: reason.clone(),
        at: SystemTime::now(),
    });
    let words = last_words(process);
    let ancestors = ancestors(process).join(", ");
    let location = if let ExitReason::Panicked(panic) = reason { Some(&*panic.location) } else { None };
    tracing::error!(
        target: "umbrella::crash_report",
        application = head.leader.name(),
        process = &*name,
        pid = %head.pid,
        reason = %reason,
        location,
        last_message = words.message.as_deref(),
        state = words.state.as_deref(),
        ancestors = &*ancestors,
        restarts = head.leader.restarts(),
        links = ?process.links(),
        queued = process.queued(),
        "{name} {} {reason}{}", head.pid, details(&words, &ancestors),
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
        let name = parent.as_ref().and_then(|parent| parent.name());
        ancestors.push(name.map_or_else(|| pid.to_string(), |name| name.to_string()));
        next = parent.and_then(|parent| parent.head().parent);
    }
    ancestors
}

/// What follows the reason, for those who read it as text.
fn details(words: &LastWords, ancestors: &str) -> String {
    let mut details = String::new();
    let parts = [
        ("last message", words.message.as_deref()),
        ("state", words.state.as_deref()),
        ("ancestors", Some(ancestors).filter(|ancestors| !ancestors.is_empty())),
    ];
    for (what, part) in parts {
        if let Some(part) = part {
            details.push_str(&format!("; {what}: {part}"));
        }
    }
    details
}

/// Reports that a part of `process`, which ends for another reason, panicked while it was dropped.
pub(super) fn report_in_drop(process: &dyn AnyCell, payload: &(dyn Any + Send)) {
    let (head, name) = (process.head(), process.display_name());
    let panic = panic::describe(payload);
    tracing::error!(
        target: "umbrella::crash_report",
        application = head.leader.name(),
        process = &*name,
        pid = %head.pid,
        location = &*panic.location,
        "{name} {} panicked at {} while its state was dropped: {}", head.pid, panic.location, panic.message,
    );
}
