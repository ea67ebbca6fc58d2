//! What is done for a server into which somebody looks; nothing of it runs for any other.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use super::{Context, GenServer};
use crate::process::{
    AnyCell, Cell, Control, Envelope, Handler, Handling, Node, StateText, SystemMessage, Traced, attempt,
};
use crate::registry::Protocol;

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

/// How much of a state or a message reports and traces show; the rest is an ellipsis.
///
/// Differs: OTP shows everything, and a large state makes a large log.
pub(super) const SHOWN: usize = 4096;

/// The next message of a process that must look at its control lane first.
pub(super) fn poll_attentive<M: Send + 'static>(
    cell: &Arc<Cell<M>>,
    number: impl FnOnce(&M) -> Handler,
) -> Poll<Envelope<M>> {
    let (received, look_again) = cell.poll_attentive(number);
    if let Some(after) = look_again {
        let cell: Arc<dyn AnyCell> = cell.clone();
        look_if_idle(&cell.head().node, &cell, after);
    }
    received
}

/// After `after`, hibernates a process that has been idle for long enough, or looks again later.
fn look_if_idle(node: &Node, process: &Arc<dyn AnyCell>, after: Duration) {
    let weak = Arc::downgrade(process);
    node.run_after(after, move || {
        let Some(process) = weak.upgrade() else { return };
        let mut again = None;
        process.with_lane(&mut |lane| {
            again = lane.look_if_idle(Instant::now());
            again.is_none()
        });
        if let Some(after) = again {
            look_if_idle(&process.head().node, &process, after);
        }
    });
}

/// The handler of `received` is about to begin.
pub(super) fn begins<S: GenServer>(server: &S, cx: &Context<S>, received: &Envelope<MessageOf<S>>) {
    if let Envelope::System(message) = received
        && let SystemMessage::Control(control) = &**message
        && !matches!(control, Control::Continue(_))
    {
        // Between two messages.
        return;
    }
    let handler = cx.cell().handler().unwrap_or_default();
    let mut traced = false;
    cx.cell().with_lane(&mut |lane| {
        traced = lane.is_traced();
        if let Some(counts) = &mut lane.counts {
            counts.messages_in += 1;
        }
        lane.handling = Some(Handling { handler, since: Instant::now(), message: None, before: None });
        false
    });
    if traced {
        let before = show_state(server);
        let message = shown(|f| match received {
            Envelope::Message(message) => S::Protocol::show(message, f),
            Envelope::Kept(message) => S::Protocol::show(message, f),
            Envelope::System(message) => match &**message {
                SystemMessage::Exit(exit) => write!(f, "{exit:?}"),
                SystemMessage::Down(down) => write!(f, "{down:?}"),
                SystemMessage::Through(..) | SystemMessage::Control(_) => f.write_str(handler),
            },
        });
        trace(&**cx.cell(), "in", &message);
        // Set now, since no lock is held while a `Debug` of the user runs.
        cx.cell().with_lane(&mut |lane| {
            if let Some(handling) = &mut lane.handling {
                handling.before = before.clone();
                handling.message = Some(message.clone());
            }
            false
        });
    }
}

/// A handler answers its call.
pub(super) fn replies(process: &dyn AnyCell, show: &dyn Fn(&mut fmt::Formatter<'_>) -> fmt::Result) {
    let mut traced = false;
    process.with_lane(&mut |lane| {
        traced = lane.is_traced();
        if let Some(counts) = &mut lane.counts {
            counts.messages_out += 1;
        }
        false
    });
    if traced {
        trace(process, "out", &shown(show));
    }
}

/// One event of a traced process: for whoever taps it, and for the log if it is traced there.
pub(super) fn trace(process: &dyn AnyCell, event: &'static str, message: &str) {
    let mut logged = false;
    process.with_lane(&mut |lane| {
        logged = lane.traced;
        if let Some(tap) = &lane.tap {
            let traced = Traced { at: SystemTime::now(), event, text: message.to_owned() };
            if let Err(TrySendError::Closed(_)) = tap.try_send(traced) {
                lane.tap = None;
            }
        }
        false
    });
    if !logged {
        return;
    }
    let (head, name) = (process.head(), process.display_name());
    tracing::info!(
        target: "umbrella::trace",
        application = head.leader.name(),
        process = &*name,
        pid = %head.pid,
        event,
        message_text = message,
        "{name} {} {event}: {message}", head.pid,
    );
}

/// The state between two messages.
pub(super) fn text_now<S: GenServer>(server: &S) -> Option<StateText> {
    show_state(server).map(StateText::Now)
}

/// The state, if it can be shown.
pub(super) fn show_state<S: GenServer>(server: &S) -> Option<String> {
    show_status(|| server.format_status())
}

/// What `status` gives, as text.
pub(crate) fn show_status<'a>(status: impl Fn() -> Option<&'a dyn fmt::Debug>) -> Option<String> {
    // Not only showing it but asking whether it can be shown runs code of the user.
    let shows = attempt(|| status().is_some()).unwrap_or(false);
    shows.then(|| {
        shown(|f| match status() {
            Some(state) => state.fmt(f),
            None => Ok(()),
        })
    })
}

/// What `show` writes, up to [`SHOWN`] bytes; its panic is written down, not passed on.
pub(super) fn shown(show: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> String {
    let mut short = Short(String::new());
    let written = attempt(|| write!(short, "{}", Show(show)));
    let Short(mut text) = short;
    match written {
        Ok(Ok(())) => {}
        Ok(Err(fmt::Error)) => text.push('…'),
        Err(_panic) => text.push_str("… (its `Debug` panicked)"),
    }
    text
}

struct Show<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Show<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Refuses what is too long, so that a derived `Debug` stops there.
struct Short(String);

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = SHOWN - self.0.len();
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        self.0.push_str(&text[..end]);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        let long = shown(|f| write!(f, "{:?}", vec!["äöü"; SHOWN]));
        assert!(long.len() <= SHOWN + '…'.len_utf8() && long.ends_with('…'), "{}", long.len());
        assert_eq!(shown(|f| f.write_str("short")), "short");
    }

    #[test]
    fn a_debug_that_panics_is_written_down() {
        assert_eq!(
            shown(|f| {
                f.write_str("a")?;
                panic!("in Debug")
            }),
            "a… (its `Debug` panicked)"
        );
    }
}
