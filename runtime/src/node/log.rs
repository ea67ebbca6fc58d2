//! Logs: one line per event, `2026-11-21T03:18:00.123Z INFO  b  what happened`.

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
        // Our own reports say everything in their message; their fields are for machines.
        let mut parts = Parts { is_report: metadata.target().starts_with("umbrella::"), ..Parts::default() };
        event.record(&mut parts);
        let colour = writer.has_ansi_escapes();
        let (dim, strong, plain) =
            if colour { ("\x1b[2m", level_colour(*metadata.level()), "\x1b[0m") } else { ("", "", "") };
        let time = Timestamp(unix_ms(SystemTime::now()));
        let who = parts.application.or_else(running_application).unwrap_or_default();
        let Parts { message, fields, .. } = parts;
        write!(writer, "{dim}{time}{plain} {strong}{:<5}{plain} {who}", metadata.level())?;
        let gap = if who.is_empty() { "" } else { "  " };
        write!(writer, "{gap}{message}")?;
        if !fields.is_empty() {
            write!(writer, " {dim}{}{plain}", fields.trim_start())?;
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

/// An event taken apart.
#[derive(Default)]
struct Parts {
    is_report: bool,
    application: Option<String>,
    message: String,
    fields: String,
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "application" => self.application = Some(format!("{value:?}")),
            _ if self.is_report => {}
            name => self.fields.push_str(&format!(" {name}={value:?}")),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "application" => self.application = Some(value.to_owned()),
            "message" => value.clone_into(&mut self.message),
            _ => self.record_debug(field, &value),
        }
    }
}
