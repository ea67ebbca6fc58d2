//! Calls to an application that runs in another node: answered as in one node, and failing at once when that is gone.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use umbrella_tests::{Sandbox, succeed, watch};

use crate::abc::{Said, eventually, signal_process};

/// What `asking` does beside its counter and its watch.
const WAIT: &str = r#"
/// Waits for an answer that never comes.
#[derive(Debug)]
pub struct Wait;

#[gen_server]
impl Wait {
    async fn init(_nothing: (), cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.send_after(std::time::Duration::ZERO, Look);
        Ok(Self)
    }

    #[info]
    async fn look(&mut self, _look: Look, _cx: &mut Context<Self>) {
        let answer = asked::COUNTER.never().within(std::time::Duration::from_secs(3600)).await;
        println!("what never comes ended: {answer:?}");
    }
}
"#;

/// What `asked` does beside counting.
const NEVER: &str = "
    #[call]
    fn never(&mut self, reply: ReplyTo<i64>) {
        self.kept.push(reply);
    }

    /// Goes back to zero.";

/// The umbrella `asks`, in which `asking` calls `asked`.
///
/// Names of their own: programs of this umbrella lie in one folder with those of `abc`.
fn asks() -> &'static Sandbox {
    static ASKS: OnceLock<Sandbox> = OnceLock::new();
    ASKS.get_or_init(|| {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "elsewhere");
        let apps = ["--app", "asking:sup", "--app", "asked:sup", "--dep", "asking:asked"];
        succeed(&mut sandbox.umbrella("", ["new", "asks", "--umbrella"].iter().chain(&apps)));
        let edit = |path: &str, edits: &[(&str, &str)]| {
            let path = sandbox.path().join("asks/apps").join(path);
            let mut code = fs::read_to_string(&path).expect("it was generated");
            for (from, to) in edits {
                assert!(code.contains(from), "{from} is in {}", path.display());
                code = code.replacen(from, to, 1);
            }
            fs::write(&path, code).expect("it can be changed");
        };
        let children = "\n            .child(Watch::child_spec(()))\n            .child(Wait::child_spec(()))\n            .start_link";
        edit(
            "asking/src/application.rs",
            &[
                ("\n            .start_link", children),
                ("\n/// The application", &format!("{}{WAIT}\n/// The application", watch("asked::COUNTER.add(1)"))),
            ],
        );
        edit(
            "asked/src/counter.rs",
            &[
                ("count: i64,\n}", "count: i64,\n    kept: Vec<ReplyTo<i64>>,\n}"),
                ("count: start })", "count: start, kept: Vec::new() })"),
                ("\n    /// Goes back to zero.", NEVER),
            ],
        );
        // Its lock file comes with it.
        succeed(&mut sandbox.cargo("asks", ["metadata", "--no-deps", "--format-version", "1"]));
        sandbox
    })
}

/// A place of its own to run it.
struct Run(TempDir);

impl Run {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("asks").tempdir().expect("a temporary folder"))
    }

    fn umbrella(&self, args: &[&str]) -> Said {
        let mut command = asks().umbrella("asks", args);
        command.env("UMBRELLA_RUN_DIR", self.0.path()).output().expect("umbrella runs").into()
    }

    /// What `asking` has said, line by line.
    fn said(&self) -> Vec<String> {
        let log = fs::read_to_string(self.0.path().join("asking.log")).unwrap_or_default();
        log.lines()
            .filter(|line| line.starts_with("said: ") || line.starts_with("what "))
            .map(str::to_owned)
            .collect()
    }

    /// Waits until `asking` has said this, after having said so much.
    fn says(&self, after: usize, what: &str) -> usize {
        let place = || self.said().iter().skip(after).position(|line| line.contains(what));
        eventually(|| place().is_some());
        after + place().unwrap_or_default() + 1
    }

    fn nodes(&self) -> Vec<Value> {
        let status: Value = serde_json::from_str(&self.umbrella(&["status", "--json"]).out).expect("JSON");
        status["nodes"].as_array().expect("a list of nodes").clone()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.umbrella(&["stop", "--timeout", "1"]);
    }
}

const APART: [&str; 4] = ["start", "--group", "[asking]+[asked]", "--detach"];

#[test]
fn a_call_is_answered_whatever_the_placement() {
    let run = Run::new();
    run.umbrella(&APART).ended(0);
    run.says(0, "said: a count");
    let nodes = run.nodes();
    assert_eq!(nodes[1]["connected"][0], "asked@127.0.0.1", "{nodes:?}");
    let table = run.umbrella(&["status"]).ended(0).out;
    assert!(table.lines().any(|line| line.starts_with("asking") && line.contains("  asked  ")), "{table}");
    run.umbrella(&["stop"]).ended(0);

    run.umbrella(&["start", "--detach"]).ended(0);
    let log = || fs::read_to_string(run.0.path().join("asks.log")).unwrap_or_default();
    eventually(|| log().contains("said: a count"));
}

#[test]
fn calls_to_a_node_that_was_killed_fail_at_once_and_work_again_when_it_is_back() {
    let run = Run::new();
    run.umbrella(&APART).ended(0);
    let mut after = run.says(0, "said: a count");
    for _ in 0..3 {
        let nodes = run.nodes();
        let asked = nodes.iter().find(|node| node["release"] == "asked").expect("it runs");
        signal_process("-KILL", asked["pid"].as_u64().expect("a process id"));
        after = run.says(after, "said: NoConnection(");
        run.umbrella(&APART).ended(0);
        after = run.says(after, "said: a count");
    }
    run.says(0, "what never comes ended: Err(NoConnection(");
}
