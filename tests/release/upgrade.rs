//! Two versions of a deployment: what is said of them beforehand, and what happens when their nodes meet.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::abc::{Bundle, Said, abc, copy};

/// What the second version changes: where, what was there, and what is there now.
const CHANGES: &[(&str, &str, &str)] = &[
    ("apps/a/src/lib.rs", "c::COUNTER.add(by)", "c::COUNTER.add(c::Step { by, times: None })"),
    ("apps/c/src/lib.rs", "{COUNTER, Counter}", "{COUNTER, Counter, Step}"),
    (
        "apps/c/src/counter.rs",
        "#[gen_server]",
        "/// How far to count.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// By so much.
    pub by: i64,
    /// So often.
    pub times: Option<u32>,
}

#[gen_server]",
    ),
    (
        "apps/c/src/counter.rs",
        "by: i64) -> i64 {\n        self.count += by",
        "step: Step) -> i64 {\n        self.count += step.by",
    ),
    (
        "apps/c/src/counter.rs",
        "    /// Goes back to zero.",
        "    /// Starts anew.
    #[call]
    fn set(&mut self, to: i64) -> i64 {
        std::mem::replace(&mut self.count, to)
    }

    /// Goes back to zero.",
    ),
];

/// Both versions, in `old` and `new` of a folder; the workspace and its bundles stay as they were.
fn versions() -> (TempDir, Said, Said) {
    let abc = abc();
    let folder = tempfile::Builder::new().prefix("up").tempdir().expect("a temporary folder");
    let bundles = abc.path("target/umbrella/rel");
    let [old, new] = ["old", "new"].map(|version| folder.path().join(version));
    let same = abc.release(&["--check-upgrade", "target/umbrella/rel", "target/umbrella/rel/c"]);
    copy(&bundles, &old);
    let mut sound = Vec::new();
    for (path, from, to) in CHANGES {
        let path = abc.path(path);
        let code = fs::read_to_string(&path).expect("it was generated");
        assert!(code.contains(from), "{from} is in {}", path.display());
        fs::write(&path, code.replacen(from, to, 1)).expect("it can be changed");
        sound.push((path, code));
    }
    let released = abc.release(&["prod"]);
    for (path, code) in sound.into_iter().rev() {
        fs::write(path, code).expect("it can be changed back");
    }
    released.ended(0);
    copy(&bundles, &new);
    fs::remove_dir_all(&bundles).expect("a folder can be removed");
    copy(&old, &bundles);
    let [old, new] = [old, new].map(|path| path.display().to_string());
    (folder, same, abc.release(&["--check-upgrade", &old, &new]))
}

#[test]
fn what_is_said_of_an_upgrade_is_what_happens_between_the_nodes() {
    let (folder, same, said) = versions();
    let same = same.ended(0).out;
    assert!(same.ends_with("The nodes can be upgraded in any order.\n"), "{same}");
    let said = said.ended(1).out;
    for line in [
        "c::counter::Counter, in c, called by a_b",
        "  ~ `add` at `step`: was i64, is c::counter::Step",
        "  + `set`: a call",
        "  old calls new: fails: `add` at `step`: it is written as i64, and read as c::counter::Step",
        "No order is safe:",
        "  c before a_b: a new a_b may call an old c: c::counter::Counter: `add` at `by`: it is written as \
         c::counter::Step, and read as i64, and 1 more",
    ] {
        assert!(said.contains(&format!("\n{line}")) || said.starts_with(line), "{line} is not in {said}");
    }
    let [old, new] = ["old", "new"].map(|version| folder.path().join(version));
    let contracts: Value = serde_json::from_str(
        &fs::read_to_string(new.join("c/releases/0.1.0/contracts.json")).expect("it is there"),
    )
    .expect("JSON");
    assert_eq!(contracts["applications"]["c"]["library"], false);

    let ab = Bundle::copy_from(&old, "a_b");
    let c = Bundle::beside_from(&new, "c", &ab);
    // Without a node that runs: the program knows.
    let listed = c.run(&["contracts"]).ended(0).out;
    assert!(listed.contains("c::counter::Counter: add, get, set, reset, crash"), "{listed}");
    assert!(
        listed.starts_with(&format!("{} c 0.1.0", contracts["fingerprint"].as_str().unwrap())),
        "{listed}"
    );
    for bundle in [&c, &ab] {
        bundle.run(&["daemon"]).ended(0);
    }
    let wrong = "said: BadMessage(\"c::counter::Counter: argument `step: c::counter::Step` of `add`: ";
    ab.logs(0, wrong);
    assert!(!ab.log().contains("a count"), "{}", ab.log());
}
