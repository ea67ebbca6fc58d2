//! The chain of crashes of an application, as it is told. PURE.

use super::clock::{readable, since};
use super::look::{Crashed, Incident};
use super::status::ApplicationState;

/// A line of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyLine {
    /// When, as long ago.
    pub ago: String,
    /// How deep it follows from what stands above it.
    pub depth: usize,
    /// What happened.
    pub text: String,
    /// Whether something broke here, and not only was done about it.
    pub broke: bool,
}

/// What happened to the application, the oldest first, each consequence below its cause; then how it is now.
#[must_use]
pub fn lines(crashed: &Crashed, now_unix_ms: u64) -> Vec<WhyLine> {
    let mut lines = Vec::new();
    let mut depth_of_last = 0;
    for (at, incident) in crashed.incidents.iter().enumerate() {
        let before = &crashed.incidents[..at];
        let depth = if follows(incident, before) { depth_of_last + 1 } else { 0 };
        depth_of_last = depth;
        let ago = format!("{} ago", readable(since(incident.at_unix_ms, now_unix_ms)));
        let broke = matches!(incident.kind.as_str(), "crash" | "gave_up" | "application_ended");
        let text = without_reason(text(incident), before);
        lines.push(WhyLine { ago, depth, text, broke });
    }
    lines
}

/// Without the reason at its end, if that is what stands above already.
fn without_reason(mut text: String, before: &[Incident]) -> String {
    let crash = before.iter().rev().find(|incident| incident.kind == "crash");
    let reason = crash.map(|crash| format!(": {}", crash.text)).filter(|reason| text.ends_with(reason));
    if let Some(reason) = reason {
        text.truncate(text.len() - reason.len());
    }
    text
}

/// Whether the incident is a consequence of the one before it: of the end of that process, or of that supervisor.
fn follows(incident: &Incident, before: &[Incident]) -> bool {
    let Some(last) = before.last() else { return false };
    match incident.kind.as_str() {
        "crash" => false,
        "application_ended" => last.kind == "gave_up" || last.kind == "crash",
        _ => {
            incident.about.is_some() && incident.about == last.pid
                || incident.pid == last.pid
                || incident.about.is_some() && incident.about == last.about
        }
    }
}

fn text(incident: &Incident) -> String {
    let Incident { kind, process, pid, text, .. } = incident;
    let who = match pid {
        Some(pid) => format!("{process} {pid}"),
        None => process.clone(),
    };
    match kind.as_str() {
        "crash" => format!("{who} {}{text}", if text.starts_with("panicked") { "" } else { "crashed: " }),
        "application_ended" => text.clone(),
        _ => match pid {
            Some(pid) if process == "Supervisor" => format!("supervisor {pid}: {text}"),
            _ => format!("supervisor {who}: {text}"),
        },
    }
}

/// How the application is now, in a sentence.
#[must_use]
pub fn verdict(crashed: &Crashed, node_is_gone: bool) -> String {
    let Crashed { name, state, restarts, .. } = crashed;
    let times = match restarts {
        0 => "nothing was restarted".to_owned(),
        1 => "1 restart".to_owned(),
        many => format!("{many} restarts"),
    };
    match state {
        _ if node_is_gone => format!("{name} ended with its node ({times})"),
        ApplicationState::Running => format!("{name} is running ({times})"),
        ApplicationState::Failed => format!("{name} failed ({times})"),
        ApplicationState::Stopped | ApplicationState::Loaded => format!("{name} is not running ({times})"),
        ApplicationState::Starting => format!("{name} is starting ({times})"),
        ApplicationState::Stopping => format!("{name} is stopping ({times})"),
        ApplicationState::Elsewhere | ApplicationState::Unknown => format!("{name} runs elsewhere"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(kind: &str, process: &str, pid: &str, about: Option<&str>, text: &str) -> Incident {
        Incident {
            at_unix_ms: 1000,
            kind: kind.into(),
            process: process.into(),
            pid: Some(pid.into()),
            about: about.map(str::to_owned),
            text: text.into(),
        }
    }

    #[test]
    fn each_consequence_stands_below_its_cause() {
        let crashed = Crashed {
            name: "b".into(),
            state: ApplicationState::Failed,
            restarts: 1,
            incidents: vec![
                incident("crash", "b_counter", "<0.4.0>", None, "panicked at x.rs:1: boom"),
                incident(
                    "child_terminated",
                    "Supervisor",
                    "<0.3.0>",
                    Some("<0.4.0>"),
                    "child is restarted: panicked at x.rs:1: boom",
                ),
                incident("crash", "b_counter", "<0.5.0>", None, "no disk"),
                incident("child_terminated", "Supervisor", "<0.3.0>", Some("<0.5.0>"), "child ended"),
                incident("gave_up", "Supervisor", "<0.3.0>", Some("<0.5.0>"), "gives up"),
                incident("application_ended", "b", "<0.2.0>", None, "application `b` ended: shutdown"),
            ],
        };
        let told: Vec<(usize, String)> =
            lines(&crashed, 3000).into_iter().map(|line| (line.depth, line.text)).collect();
        let expected = [
            (0, "b_counter <0.4.0> panicked at x.rs:1: boom"),
            (1, "supervisor <0.3.0>: child is restarted"),
            (0, "b_counter <0.5.0> crashed: no disk"),
            (1, "supervisor <0.3.0>: child ended"),
            (2, "supervisor <0.3.0>: gives up"),
            (3, "application `b` ended: shutdown"),
        ];
        assert_eq!(told, expected.map(|(depth, text)| (depth, text.to_owned())));
        assert_eq!(lines(&crashed, 3000)[0].ago, "2s ago");
        assert_eq!(verdict(&crashed, true), "b ended with its node (1 restart)");
    }
}
