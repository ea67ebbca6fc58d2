//! `start --watch`: what is edited is built, and only what changed by that is restarted.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr};

use umbrella_tests::{Sandbox, succeed};

use crate::abc::{Said, end_of, signal_process};

/// What `start --watch` says, line by line.
struct Watch {
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Watch {
    /// Waits until a line contains this.
    fn until(&mut self, what: &str) {
        loop {
            let mut line = String::new();
            let read = self.err.read_line(&mut line).expect("it speaks text");
            assert_ne!(read, 0, "it ended before it said {what:?}: {}", self.said);
            self.said.push_str(&line);
            if line.contains(what) {
                return;
            }
        }
    }

    fn interrupted(mut self) -> Said {
        signal_process("-INT", u64::from(self.child.id()));
        self.err.read_to_string(&mut self.said).expect("it speaks text");
        let mut end = end_of(self.child);
        end.err = self.said;
        end
    }
}

/// An umbrella of its own, since it is edited; what it is built of is built already.
fn sandbox() -> (Sandbox, tempfile::TempDir) {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "watching");
    let apps = ["--app", "b:sup", "--app", "c:sup"];
    succeed(&mut sandbox.umbrella("", ["new", "seen", "--umbrella"].iter().chain(&apps)));
    succeed(&mut sandbox.cargo("seen", ["build", "--package", "seen"]));
    (sandbox, tempfile::Builder::new().prefix("seen").tempdir().expect("a temporary folder"))
}

#[test]
fn an_edit_restarts_the_nodes_whose_programs_it_changes_and_an_error_none() {
    let (sandbox, run) = sandbox();
    let umbrella = |args: &[&str]| {
        let mut command = sandbox.umbrella("seen", args);
        command.env("UMBRELLA_RUN_DIR", run.path());
        command
    };
    let call = |server: &str| {
        let output = umbrella(&["call", server, "get"]).output().expect("it runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let mut start = umbrella(&["start", "--watch", "--group", "[b]+[c]"]);
    start.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let mut child = start.stderr(std::process::Stdio::piped()).spawn().expect("it runs");
    let err = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let mut watch = Watch { child, err, said: String::new() };
    watch.until("are ready; Ctrl-C stops them in reverse order");
    let source: PathBuf = sandbox.path().join("seen/apps/b/src/counter.rs");
    let text = fs::read_to_string(&source).expect("a generated file");
    succeed(&mut umbrella(&["call", "c_counter", "add", "7"]));

    fs::write(
        &source,
        text.replace(
            "        self.count\n    }\n\n    /// Goes",
            "        self.count + 40\n    }\n\n    /// Goes",
        ),
    )
    .expect("written");
    watch.until("built: another program for b\n");
    watch.until("b is restarted\n");
    watch.until("b is ready");
    assert_eq!((call("b_counter"), call("c_counter")), ("40".to_owned(), "7".to_owned()), "c runs on");

    fs::write(&source, "no Rust").expect("written");
    watch.until("what runs goes on as it was");
    assert_eq!(call("b_counter"), "40");

    fs::write(&source, text).expect("written");
    watch.until("b is ready");
    assert_eq!((call("b_counter"), call("c_counter")), ("0".to_owned(), "7".to_owned()));

    let config = sandbox.path().join("seen/config/config.toml");
    let settings = fs::read_to_string(&config).expect("a generated file");
    fs::write(&config, settings + "\n# seen\n").expect("written");
    watch.until("c read it: nothing is different for its applications");
    let end = watch.interrupted().ended(0);
    assert!(end.err.contains("stopping c\n"), "{}", end.err);
}
