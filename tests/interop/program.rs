//! Other programs, read line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A program that runs; it is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Program {
    /// Starts it, with nothing to read.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::run(command.stdin(Stdio::null()))
    }

    /// Starts it and types `text`.
    pub(crate) fn typed(command: &mut Command, text: &str) -> Self {
        let mut program = Self::run(command.stdin(Stdio::piped()));
        let mut input = program.child.stdin.take().expect("piped");
        input.write_all(text.as_bytes()).expect("it reads");
        program
    }

    fn run(command: &mut Command) -> Self {
        // A script that fails says why, and leaves nothing behind.
        command.env("ERL_CRASH_DUMP_SECONDS", "0");
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap_or_else(|error| {
                panic!("{}: {error}; CONTRIBUTING.md says what to install", command.get_program().display())
            });
        let (sender, lines) = unbounded_channel();
        let (output, mut errors) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let _left = sender.send(line.expect("text"));
            }
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("text");
            if !text.is_empty() {
                let _left = sender.send(text);
            }
        });
        Self { child, lines }
    }

    /// The next line that it prints; nothing once it has ended.
    pub(crate) async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// All lines until it ends.
    pub(crate) async fn lines(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            lines.push(line);
        }
        lines
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
