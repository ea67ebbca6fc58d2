//! Logs: one line per event, `2026-11-21T03:18:00.123Z INFO  b  what happened`; what is known of a crash stands indented
//! below it.

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, Layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::clock::{Timestamp, unix_ms};
use super::surroundings::Inputs;
use crate::process::{Current, running};

/// Directives that are not understood.
#[derive(Debug, thiserror::Error)]
#[error(
    "`UMBRELLA_LOG` is not understood: {0}\nhelp: it is a level (error, warn, info, debug, trace, off) or target=level,..."
)]
pub(crate) struct BadDirectives(tracing_subscriber::filter::ParseError);

/// Understands `UMBRELLA_LOG`; `info` if it is not set.
pub(crate) fn directives(text: Option<&str>) -> Result<Targets, BadDirectives> {
    Targets::from_str(text.unwrap_or("info")).map_err(BadDirectives)
}

/// Sends the logs of this process to stdout, for good. Colour only on a terminal, unless the environment decides:
/// `NO_COLOR` first, then `CLICOLOR_FORCE`, by which `umbrella start --group` says where its pipe ends.
pub(crate) fn init(directives: Targets, inputs: &Inputs) {
    let forced = inputs.variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let colour = (io::stdout().is_terminal() || forced) && inputs.variable("NO_COLOR").is_none();
    let layer = Layer::new()
        .event_format(Line)
        .with_ansi(colour)
        // A reader that has gone away must not fill stderr.
        .log_internal_errors(false)
        .with_writer(io::stdout);
    // Another subscriber is there only if the program installed its own before; then that is what it wants.
    drop(tracing_subscriber::registry().with(layer).with(directives).try_init());
}

/// Sends the logs to where the test harness captures them. The first call of a process decides.
pub(crate) fn log_for_tests(directives_text: Option<&str>) {
    let Ok(directives) = directives(directives_text) else { return };
    let layer = Layer::new().event_format(Line).with_ansi(false).with_test_writer();
    drop(tracing_subscriber::registry().with(layer).with(directives).try_init());
}

/// How an event is written.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut parts = Parts::of(EventKind::of(metadata.target()));
        event.record(&mut parts);
        let colour = writer.has_ansi_escapes();
        let (dim, strong, plain) =
            if colour { ("\x1b[2m", level_colour(*metadata.level()), "\x1b[0m") } else { ("", "", "") };
        let time = Timestamp(unix_ms(SystemTime::now()));
        let who = parts.application.or_else(running_application).unwrap_or_default();
        let Parts { message, fields, below, .. } = parts;
        write!(writer, "{dim}{time}{plain} {strong}{:<5}{plain} {who}", metadata.level())?;
        let gap = if who.is_empty() { "" } else { "  " };
        write!(writer, "{gap}{message}")?;
        if !fields.is_empty() {
            write!(writer, " {dim}{}{plain}", fields.trim_start())?;
        }
        for (what, text) in below {
            write!(writer, "\n    {dim}{what}:{plain} {text}")?;
        }
        writeln!(writer)
    }
}

fn level_colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

/// The application of the running process, or the node.
fn running_application() -> Option<String> {
    running::with(|current| match current? {
        Current::Process { cell, .. } => Some(cell.head().leader.name().to_owned()),
        Current::Node(node) => Some(node.name().to_owned()),
    })
}

/// Which fields of an event are for people.
#[derive(PartialEq, Eq)]
enum EventKind {
    /// All of them.
    Users,
    /// None: our own reports say everything in their message.
    Report,
    /// Those that say in which circumstances a process crashed.
    Crash,
}

impl EventKind {
    fn of(target: &str) -> Self {
        match target {
            "umbrella::crash_report" => Self::Crash,
            _ if target.starts_with("umbrella::") => Self::Report,
            _ => Self::Users,
        }
    }
}

/// An event taken apart.
struct Parts {
    kind: EventKind,
    application: Option<String>,
    message: String,
    fields: String,
    /// What stands in lines of its own.
    below: Vec<(&'static str, String)>,
}

impl Parts {
    /// Nothing yet.
    fn of(kind: EventKind) -> Self {
        Self { kind, application: None, message: String::new(), fields: String::new(), below: Vec::new() }
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "application" => self.application = Some(format!("{value:?}")),
            _ if self.kind != EventKind::Users => {}
            name => self.fields.push_str(&format!(" {name}={value:?}")),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "application" => self.application = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            "last_message" if self.kind == EventKind::Crash => {
                self.below.push(("last message", value.into()))
            }
            name @ ("state" | "ancestors") if self.kind == EventKind::Crash && !value.is_empty() => {
                self.below.push((name, value.into()));
            }
            _ => self.record_debug(field, &value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    /// What is logged, as text.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Page {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// The lines that `log` writes, without their time.
    fn lines(log: impl FnOnce()) -> Vec<String> {
        let page = Page::default();
        let layer = Layer::new().event_format(Line).with_ansi(false).with_writer(page.clone());
        // With a second subscriber tracing asks all of them whether anybody listens, not whichever thread comes first.
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        drop(second);
        let text = String::from_utf8(page.0.lock().expect("no panic").clone()).expect("text");
        let untimed = |line: &str| line.split_once("Z ").map_or(line, |(_, rest)| rest).to_owned();
        text.lines().map(untimed).collect()
    }

    #[test]
    fn what_is_known_of_a_crash_stands_below_it() {
        let nothing: Option<&str> = None;
        let lines = lines(|| {
            tracing::error!(
                target: "umbrella::crash_report",
                application = "b",
                pid = 7,
                last_message = "add(2)",
                state = nothing,
                ancestors = "top",
                "b_counter <0.4.0> panicked",
            );
            tracing::error!(target: "umbrella::crash_report", application = "b", ancestors = "", "gone");
            tracing::error!(target: "umbrella::supervisor_report", application = "b", state = "x", "told");
            tracing::info!(target: "shop", application = "b", state = "x", "own");
        });
        let expected = [
            "ERROR b  b_counter <0.4.0> panicked",
            "    last message: add(2)",
            "    ancestors: top",
            "ERROR b  gone",
            "ERROR b  told",
            "INFO  b  own state=\"x\"",
        ];
        assert_eq!(lines, expected);
    }
}
