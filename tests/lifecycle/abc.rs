//! The umbrella `abc`, generated once and built once; each test has a run folder of its own, and with it nodes of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use umbrella_tests::{Sandbox, succeed};

/// Longer than anything here takes on the slowest machine: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// `abc` with a (a library that calls c), b and c, and one test's place to run it.
pub(crate) struct Abc {
    run: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Said {
    /// Panics with everything that was said unless it ended with `code`.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl Abc {
    pub(crate) fn new() -> Self {
        // Short: a socket's path has its limits.
        Self { run: tempfile::Builder::new().prefix("abc").tempdir().expect("a temporary folder") }
    }

    /// `umbrella <args>` at the root of abc.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = sandbox().umbrella("abc", args);
        command.env("UMBRELLA_RUN_DIR", self.run.path()).stdin(Stdio::null());
        command
    }

    /// A line for the shell at the root of abc, on a terminal of its own, whose end is the line's.
    pub(crate) fn on_terminal(&self, line: &str) -> Command {
        let umbrella = self.command(&[]);
        let mut script = Command::new("script");
        script.args(["--quiet", "--flush", "--return", "--command", line, "/dev/null"]);
        script.current_dir(umbrella.get_current_dir().expect("it runs in abc"));
        for (name, value) in umbrella.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        script.env("TERM", "xterm");
        script
    }

    /// Runs `umbrella <args>` to its end.
    pub(crate) fn umbrella(&self, args: &[&str]) -> Said {
        self.command(args).output().expect("umbrella runs").into()
    }

    /// Starts `umbrella <args>` and does not wait for its end.
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("umbrella runs")
    }

    /// The nodes, as `status --json` shows them.
    pub(crate) fn nodes(&self) -> Vec<Value> {
        let status = self.umbrella(&["status", "--json"]);
        let status: Value = serde_json::from_str(&status.out).expect("status prints JSON");
        status["nodes"].as_array().expect("a list of nodes").clone()
    }

    /// Waits until so many nodes run with everything in them.
    pub(crate) fn await_running(&self, count: usize) {
        eventually(|| {
            let nodes = self.nodes();
            nodes.len() == count && nodes.iter().all(|node| node["state"] == "running")
        });
    }

    /// The process of the node of `release`.
    pub(crate) fn pid(&self, release: &str) -> u64 {
        let nodes = self.nodes();
        let node = nodes.iter().find(|node| node["release"] == release).expect("the release has a run file");
        node["pid"].as_u64().expect("a process id")
    }

    /// Sends a signal to the node of `release`.
    pub(crate) fn signal(&self, signal: &str, release: &str) {
        signal_process(signal, self.pid(release));
    }
}

impl Drop for Abc {
    /// Nothing outlives its test, not even one that fails.
    fn drop(&mut self) {
        self.umbrella(&["stop", "--timeout", "1"]);
    }
}

/// The sandbox that holds abc, which is built when this returns.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "lifecycle");
        let apps = ["--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
        succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"].iter().chain(&apps)));
        succeed(&mut sandbox.cargo("abc", ["build", "--package", "abc"]));
        sandbox
    })
}

pub(crate) fn signal_process(signal: &str, pid: u64) {
    succeed(Command::new("kill").args([signal, &pid.to_string()]));
}

/// Waits for a child's end.
pub(crate) fn end_of(child: Child) -> Said {
    child.wait_with_output().expect("a child can be waited for").into()
}

/// A group of nodes in the foreground, which has said that all of them are ready.
pub(crate) struct Foreground {
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Foreground {
    /// Waits until the group says that Ctrl-C stops it: one that comes sooner interrupts the start.
    pub(crate) fn ready(mut child: Child) -> Self {
        let mut err = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut said = String::new();
        while !said.ends_with("Ctrl-C stops them in reverse order\n") {
            let read = err.read_line(&mut said).expect("it speaks text");
            assert_ne!(read, 0, "it ended before it was ready: {said}");
        }
        Self { child, err, said }
    }

    /// Presses Ctrl-C and waits for the end.
    pub(crate) fn interrupted(mut self) -> Said {
        signal_process("-INT", u64::from(self.child.id()));
        let mut end = end_of(self.child);
        self.err.read_to_string(&mut self.said).expect("it speaks text");
        end.err = self.said;
        end
    }
}

/// Asks until the answer is yes. The question takes its time, so there is no pause between two.
pub(crate) fn eventually(question: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !question() {
        assert!(Instant::now() < deadline, "it did not come to pass within {PATIENCE:?}");
    }
}
