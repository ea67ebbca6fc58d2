//! Another node of a test: this very program, told to be it.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use tokio::sync::oneshot;

use super::{PEER, READY, RUN_DIR};
use crate::node::console;

/// A node that runs until this is dropped.
pub(super) struct Peer {
    child: Child,
    /// When it is closed, the node ends, also if that is because this process was killed.
    input: Option<ChildStdin>,
}

impl Peer {
    /// Starts it, and returns when its applications run.
    pub(super) fn start(test: &str, release: &str, run_dir: &Path) -> Self {
        let name = test.split_once("::").map_or(test, |(_crate, name)| name);
        let program = env::current_exe().expect("a test knows its program");
        let mut again = Command::new(program);
        again.args(["--exact", name, "--nocapture", "--include-ignored"]);
        again.env(PEER, release).env(RUN_DIR, run_dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = again.spawn().expect("the program of a test runs");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("piped");
        let peer = Self { child, input };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut said = Vec::new();
        loop {
            match lines.next() {
                Some(line) if line == READY => break,
                Some(line) => said.push(line),
                None => panic!("node `{release}` of the test did not start:\n{}", said.join("\n")),
            }
        }
        let prefix = format!("[{release}] ");
        thread::spawn(move || lines.for_each(|line| console::say(format_args!("{prefix}{line}"))));
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.input.take());
        // It stops its applications first.
        drop(self.child.wait());
    }
}

/// Waits until whoever started this process closes its input, or is gone.
pub(super) async fn end_of_input() {
    let (sender, ended) = oneshot::channel();
    thread::spawn(move || {
        drop(io::stdin().read_to_end(&mut Vec::new()));
        let _nobody_waits = sender.send(());
    });
    drop(ended.await);
}
