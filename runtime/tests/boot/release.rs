//! The release as a child process, its folder, and what it says.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::LazyLock;

use rustix::process::{Pid, Signal, kill_process};

/// The release, built once; `cargo test --test boot` does not build examples by itself.
static RELEASE: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().expect("this test has a path");
    let profile = test.ancestors().nth(2).expect("<target>/<profile>/deps/<test>").to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--example", "release", "--target-dir"])
        .arg(profile.parent().expect("<target>"));
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "the example builds");
    profile.join("examples/release")
});

/// A folder with the configuration of the release; what still runs there is killed in the end.
pub(crate) struct Umbrella(pub(crate) tempfile::TempDir);

impl Umbrella {
    pub(crate) fn new() -> Self {
        Self::with("[b]\nstart = 1\n[c]\nstart = 2\n")
    }

    pub(crate) fn with(config: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(root.path().join("config")).expect("config/");
        fs::write(root.path().join("config/config.toml"), config).expect("a file");
        Self(root)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root().join("target/umbrella/run/dev").join(name)
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(&*RELEASE);
        command.args(line.split_whitespace()).current_dir(self.root()).stdin(Stdio::null());
        // Cargo's own, which would lead to the configuration of the house.
        command.env_remove("CARGO_MANIFEST_DIR").env_remove("UMBRELLA_ENV").env_remove("UMBRELLA_LOG");
        command
    }

    pub(crate) fn run(&self, line: &str) -> Said {
        Said::new(&self.command(line).output().expect("it runs"))
    }

    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Said {
        Said::new(&self.command(line).envs(variables.iter().copied()).output().expect("it runs"))
    }

    pub(crate) fn start(&self, line: &str, variables: &[(&str, &str)]) -> Started {
        let mut command = self.command(line);
        let mut child =
            command.envs(variables.iter().copied()).stdout(Stdio::piped()).spawn().expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Started { child, lines }
    }

    pub(crate) fn pid(&self) -> Pid {
        let said = self.run("pid");
        Pid::from_raw(said.stdout.trim().parse().expect("a number")).expect("not zero")
    }
}

impl Drop for Umbrella {
    fn drop(&mut self) {
        // Only after a failed assertion there is something to stop.
        drop(self.command("stop --timeout 0").output());
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    #[track_caller]
    pub(crate) fn check(&self, code: i32, stdout: &str) {
        assert_eq!((self.code, self.stdout.trim_end()), (Some(code), stdout), "{self:?}");
    }
}

/// A node in the foreground.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) lines: BufReader<ChildStdout>,
}

impl Started {
    /// The lines of the log up to the first one with this text.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).expect("readable");
            assert!(!line.is_empty(), "no `{text}` in {lines:#?}");
            let is_it = line.contains(text);
            lines.push(line);
            if is_it {
                return lines;
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it is there");
    }

    /// The rest of the log and the exit code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("readable");
        (rest, self.child.wait().expect("it ends").code())
    }
}

/// The applications for which a line of the log ends like this, in order.
pub(crate) fn order(log: &[String], what: &str) -> Vec<String> {
    let application = |line: &String| {
        let mut words = line.split_whitespace().skip(2);
        let application = words.next()?;
        (words.next() == Some(what)).then(|| application.to_owned())
    };
    log.iter().filter_map(application).collect()
}
