//! The only writer to stdout and stderr.
//!
//! Results go to stdout; notes, warnings and errors to stderr. Colour is used on a terminal only, unless `--color`,
//! `NO_COLOR` or `CARGO_TERM_COLOR` say otherwise. A closed pipe is not an error: `umbrella status | head -1` is fine.

mod colour;
mod columns;
mod render;
pub mod screen;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use anstream::AutoStream;
use serde::Serialize;

pub use colour::ColourChoice;
pub use columns::columns;

use crate::error::CommandError;

/// Styles, as cargo uses them.
pub mod style {
    use anstyle::{AnsiColor, Color, Style};

    const fn foreground(colour: AnsiColor) -> Style {
        Style::new().fg_color(Some(Color::Ansi(colour)))
    }

    /// The word after the star: `* creating`.
    pub const CREATED: Style = foreground(AnsiColor::Green);
    /// `error`.
    pub const ERROR: Style = foreground(AnsiColor::Red).bold();
    /// `warning`.
    pub const WARNING: Style = foreground(AnsiColor::Yellow).bold();
    /// `note`.
    pub const NOTE: Style = foreground(AnsiColor::Cyan).bold();
    /// `help`.
    pub const HELP: Style = foreground(AnsiColor::Cyan).bold();
    /// Bars and arrows beside source lines.
    pub const FRAME: Style = foreground(AnsiColor::Blue).bold();
    /// Headings and names that should stand out.
    pub const STRONG: Style = Style::new().bold();
    /// Things that went well.
    pub const GOOD: Style = foreground(AnsiColor::Green).bold();
    /// Side matters.
    pub const DIM: Style = Style::new().dimmed();
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// Results and errors only.
    Quiet,
    /// The default.
    #[default]
    Normal,
    /// Also what is run and why.
    Verbose,
}

#[derive(Debug)]
enum Sink {
    Terminal,
    Captured { out: Mutex<String>, err: Mutex<String> },
}

/// Where a command speaks: see the module.
#[derive(Debug)]
pub struct Shell {
    sink: Sink,
    verbosity: Verbosity,
    out_colour: bool,
    err_colour: bool,
}

impl Shell {
    /// The shell of a real run.
    #[must_use]
    pub fn new(verbosity: Verbosity, colour: ColourChoice) -> Self {
        Self {
            sink: Sink::Terminal,
            verbosity,
            out_colour: colour.applies_to(io::stdout().is_terminal()),
            err_colour: colour.applies_to(io::stderr().is_terminal()),
        }
    }

    /// A shell that keeps what is said, without colour, for tests.
    #[must_use]
    pub fn captured() -> Self {
        let sink = Sink::Captured { out: Mutex::default(), err: Mutex::default() };
        Self { sink, verbosity: Verbosity::Normal, out_colour: false, err_colour: false }
    }

    /// What a [captured](Self::captured) shell was told: stdout and stderr. Both are empty for a real one.
    #[must_use]
    pub fn into_captured(self) -> (String, String) {
        match self.sink {
            Sink::Terminal => (String::new(), String::new()),
            Sink::Captured { out, err } => {
                (out.into_inner().unwrap_or_default(), err.into_inner().unwrap_or_default())
            }
        }
    }

    /// How much is said.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Whether stdout shows colour: what a child that writes there should be told.
    #[must_use]
    pub fn out_has_colour(&self) -> bool {
        self.out_colour
    }

    /// Whether stderr shows colour: what a child that writes there should be told.
    #[must_use]
    pub fn err_has_colour(&self) -> bool {
        self.err_colour
    }

    /// How wide the terminal is where progress may be drawn: stderr, if it is one, in colour, and not quiet.
    #[must_use]
    pub fn progress_width(&self) -> Option<u16> {
        let draws = self.verbosity != Verbosity::Quiet && self.err_colour;
        let real = matches!(self.sink, Sink::Terminal) && draws && io::stderr().is_terminal();
        real.then(|| rustix::termios::tcgetwinsize(io::stderr()).map_or(80, |size| size.ws_col.max(40)))
    }

    /// Whether stdout is a terminal, on which can be drawn.
    #[must_use]
    pub fn is_on_terminal(&self) -> bool {
        matches!(self.sink, Sink::Terminal) && io::stdout().is_terminal()
    }

    /// Prints `* creating apps/b/Cargo.toml`.
    pub fn creating(&self, path: impl Display) {
        self.star("creating", path);
    }

    /// Prints `* <verb> <what>`; only the verb is green. Silent when quiet.
    pub fn star(&self, verb: &str, what: impl Display) {
        let green = style::CREATED;
        self.say(format_args!("{green}* {verb}{green:#} {what}"));
    }

    /// Prints a line that is not the result of the command: what to type next. Silent when quiet.
    pub fn say(&self, line: impl Display) {
        if self.verbosity != Verbosity::Quiet {
            self.line(line);
        }
    }

    /// Prints a line of the result on stdout, also when quiet.
    pub fn line(&self, line: impl Display) {
        self.write_out(&format!("{line}\n"));
    }

    /// Prints lines on stdout, the first one, with the headings, in bold; on a terminal, the last column is folded to fit.
    pub fn table(&self, lines: &[String]) {
        let bold = style::STRONG;
        let size = self.is_on_terminal().then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten();
        let width = size.filter(|size| size.ws_col > 0).map_or(usize::MAX, |size| size.ws_col.into());
        for (index, line) in columns::folded(lines, width).iter().enumerate() {
            match index {
                0 => self.line(format_args!("{bold}{line}{bold:#}")),
                _ => self.line(line),
            }
        }
    }

    /// Prints a value as one JSON document on stdout.
    pub fn json(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.line(text),
            Err(error) => self.warn(format_args!("this result cannot be shown as JSON: {error}")),
        }
    }

    /// Prints a line on stderr as it is. Silent when quiet.
    pub fn progress(&self, line: impl Display) {
        if self.verbosity != Verbosity::Quiet {
            self.write_err(&format!("{line}\n"));
        }
    }

    /// Prints a line on stderr, with `--verbose` only.
    pub fn verbose(&self, line: impl Display) {
        if self.verbosity == Verbosity::Verbose {
            self.write_err(&format!("{line}\n"));
        }
    }

    /// Prints `note: ...`. Silent when quiet.
    pub fn note(&self, message: impl Display) {
        let cyan = style::NOTE;
        self.progress(format_args!("{cyan}note{cyan:#}: {message}"));
    }

    /// Prints `warning: ...`. Silent when quiet.
    pub fn warn(&self, message: impl Display) {
        let yellow = style::WARNING;
        self.progress(format_args!("{yellow}warning{yellow:#}: {message}"));
    }

    /// Prints `help: ...`. Silent when quiet.
    pub fn help(&self, message: impl Display) {
        let cyan = style::HELP;
        self.progress(format_args!("{cyan}help{cyan:#}: {message}"));
    }

    /// Prints an error in cargo's shape, with its source lines, causes and help. Never silent.
    pub fn error(&self, error: &CommandError) {
        self.write_err(&render::diagnostic(error.diagnostic()));
    }

    /// Prints text that is already styled, on stderr and also when quiet.
    pub fn error_text(&self, text: &str) {
        self.write_err(text);
    }

    fn write_out(&self, text: &str) {
        match &self.sink {
            Sink::Terminal => {
                let mut out = AutoStream::new(io::stdout().lock(), colour::resolved(self.out_colour));
                // A reader that left has seen enough.
                let _closed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
            Sink::Captured { out, .. } => keep(out, text),
        }
    }

    fn write_err(&self, text: &str) {
        match &self.sink {
            Sink::Terminal => {
                let mut err = AutoStream::new(io::stderr().lock(), colour::resolved(self.err_colour));
                let _closed = err.write_all(text.as_bytes()).and_then(|()| err.flush());
            }
            Sink::Captured { err, .. } => keep(err, text),
        }
    }
}

fn keep(kept: &Mutex<String>, text: &str) {
    if let Ok(mut kept) = kept.lock() {
        kept.push_str(&anstream::adapter::strip_str(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::{Shell, Verbosity};

    #[test]
    fn results_are_heard_when_quiet_and_the_rest_is_not() {
        let shell = Shell { verbosity: Verbosity::Quiet, ..Shell::captured() };
        shell.creating("apps/b");
        shell.note("n");
        shell.warn("w");
        shell.line("b running");
        assert_eq!(shell.into_captured(), ("b running\n".into(), String::new()));
    }

    #[test]
    fn creating_is_a_star_a_verb_and_a_path() {
        let shell = Shell::captured();
        shell.creating("apps/b/Cargo.toml");
        assert_eq!(shell.into_captured().0, "* creating apps/b/Cargo.toml\n");
    }
}
