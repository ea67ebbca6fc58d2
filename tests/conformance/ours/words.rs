//! Reasons and errors as the words of the traces, and back.

use std::time::Duration;

use umbrella::application::{OperationError, Refused};
use umbrella::gen_server::{CallError, StartError};
use umbrella::process::{ExitReason, MonitorAlias};
use umbrella::supervisor::ChildError;

use super::world::World;

/// A reason as a word.
pub(super) fn reason(reason: &ExitReason) -> String {
    match reason {
        // The text of a `StartError::Child`.
        ExitReason::ShutdownWith(why) if why.starts_with("child `") => {
            "{shutdown,failed_to_start_child}".into()
        }
        ExitReason::ShutdownWith(why) => format!("{{shutdown,{why}}}"),
        ExitReason::NoProc => "noproc".into(),
        ExitReason::Panicked(panic) => format!("{{crash,{}}}", panic.message),
        other => other.to_string(),
    }
}

/// The reason that a word stands for.
pub(super) fn exit(word: &str) -> ExitReason {
    match word {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "killed" => ExitReason::Killed,
        "noproc" => ExitReason::NoProc,
        other => match other.strip_prefix("{shutdown,").and_then(|rest| rest.strip_suffix('}')) {
            Some(why) => ExitReason::shutdown_with(why),
            None => ExitReason::error(other),
        },
    }
}

/// Milliseconds.
pub(super) fn time(word: &str) -> Duration {
    Duration::from_millis(word.parse().unwrap_or_else(|_| panic!("`{word}` is a number of milliseconds")))
}

pub(super) fn monitor_alias(word: &str) -> MonitorAlias {
    match word {
        "explicit_unalias" => MonitorAlias::ExplicitUnalias,
        "demonitor" => MonitorAlias::Demonitor,
        "reply_demonitor" => MonitorAlias::ReplyDemonitor,
        other => panic!("an alias of a monitor is not active until `{other}`"),
    }
}

pub(super) fn call_error(error: &CallError) -> String {
    match error {
        CallError::NoProc => "noproc".into(),
        CallError::Timeout => "timeout".into(),
        CallError::CallingSelf => "calling_self".into(),
        CallError::Exited(why) => reason(why),
        other => other.to_string(),
    }
}

pub(super) fn start_error(world: &World, error: &StartError) -> String {
    match error {
        StartError::AlreadyStarted(pid) => format!("already_started {}", world.name_of(*pid)),
        StartError::InitFailed(why) => reason(why),
        StartError::Child { child, error } => {
            format!("{{failed_to_start_child,{child},{}}}", start_error(world, error))
        }
        StartError::Timeout => "timeout".into(),
        StartError::BadSpec(_) => "bad_spec".into(),
        other => other.to_string(),
    }
}

pub(super) fn child_error(world: &World, error: &ChildError) -> String {
    match error {
        ChildError::NotFound => "error not_found".into(),
        ChildError::AlreadyStarted(pid) => format!("error already_started {}", world.name_of(*pid)),
        ChildError::AlreadyPresent => "error already_present".into(),
        ChildError::Running => "error running".into(),
        ChildError::Restarting => "error restarting".into(),
        ChildError::BadSpec(_) => "error bad_spec".into(),
        ChildError::Start(error) => format!("error {}", start_error(world, error)),
        ChildError::Call(error) => format!("exit {}", call_error(error)),
        other => other.to_string(),
    }
}

/// Why an application does not start.
pub(super) fn operation_error(world: &World, error: &OperationError) -> String {
    match error {
        OperationError::Refused(why) => refused(why),
        OperationError::StartFailed { reason: StartError::Ignore, .. } => "ignore".into(),
        OperationError::StartFailed { reason, .. } => {
            let text = start_error(world, reason);
            // The text of a phase that failed.
            text.strip_prefix("start phase ")
                .and_then(|text| text.split_once(": "))
                .map_or_else(|| text.clone(), |(_phase, why)| why.to_owned())
        }
        other => other.to_string(),
    }
}

pub(super) fn refused(refused: &Refused) -> String {
    match refused {
        Refused::UnknownApplication { .. } => "unknown".into(),
        Refused::AlreadyStarted { application } => format!("already_started {application}"),
        Refused::NotStarted { application } => format!("not_started {application}"),
        Refused::DependenciesNotStarted { dependencies, .. } => format!("not_started {}", dependencies[0]),
        other => other.to_string(),
    }
}
