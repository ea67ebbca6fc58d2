//! A node as a process, and what it says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use umbrella_tests::{example, succeed};

use crate::NET_TICKTIME_MS;

/// Longer than anything here takes on the slowest machine: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A member, which ends with this.
pub(crate) struct Program {
    pub(crate) name: String,
    /// Where others find it.
    pub(crate) address: String,
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// What it has said and nobody has asked for.
    said: Vec<String>,
}

/// The program itself, built when it is first asked for.
pub(crate) fn member() -> &'static Path {
    static MEMBER: OnceLock<PathBuf> = OnceLock::new();
    MEMBER.get_or_init(|| example("member"))
}

impl Program {
    /// Starts a node with `command`, which runs [`member`], on a free port of `host`.
    pub(crate) fn start(mut command: Command, name: &str, host: &str) -> Self {
        let name = format!("{name}@{host}");
        command.args([&name, &format!("{host}:0"), &NET_TICKTIME_MS.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut member = Self { name, address: String::new(), child, input, lines, said: Vec::new() };
        let port = member.says("listens");
        member.address = format!("{host}:{port}");
        member
    }

    /// A node on the loopback interface.
    pub(crate) fn here(name: &str) -> Self {
        Self::start(Command::new(member()), name, "127.0.0.1")
    }

    pub(crate) fn signal(&self, signal: &str) {
        succeed(Command::new("kill").args([signal, &self.child.id().to_string()]));
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("it listens");
    }

    /// Waits until it has said something that begins like this: what is behind that.
    pub(crate) fn says(&mut self, what: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let rest = |line: &String| match line.strip_prefix(what)? {
            "" => Some(String::new()),
            rest => rest.strip_prefix(' ').map(str::to_owned),
        };
        loop {
            if let Some(at) = self.said.iter().position(|line| rest(line).is_some()) {
                return rest(&self.said.remove(at)).unwrap_or_default();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(error) => panic!("{} never said `{what}`: {error}; {:?}", self.name, self.said),
            }
        }
    }

    /// What it answers when it is asked.
    pub(crate) fn asked(&mut self, what: &str) -> String {
        self.tell(what);
        self.says(what)
    }

    /// Asks it until it answers this.
    pub(crate) fn comes_to_say(&mut self, what: &str, answer: &str) {
        let about = format!("{} answers to `{what}`: {answer}", self.name);
        eventually(&about, || self.asked(what) == answer);
    }

    /// What becomes of a call.
    pub(crate) fn calls(&mut self, node: &str, deadline: Duration) -> String {
        self.tell(&format!("write {node} {}", deadline.as_millis()));
        self.says("wrote")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; one that was started with `sudo` ends when nobody speaks to it any more.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Asks until the answer is yes. The question takes its time, so there is no pause between two.
pub(crate) fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !question() {
        assert!(Instant::now() < deadline, "it did not come to pass within {PATIENCE:?} that {what}");
    }
}
