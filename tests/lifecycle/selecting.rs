//! Which tests `umbrella test` runs, in which order, and what it remembers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use umbrella_tests::{Sandbox, succeed};

use crate::abc::Said;

/// An umbrella of libraries: `top` stands on `base`, and `lone` on nothing.
pub(crate) struct Umbrella {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: PathBuf,
}

pub(crate) const LIBRARY: &str = "//! A library.

/// Adds one.
#[must_use]
pub fn next(of: u64) -> u64 {
    of + 1
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::next(1), 2);
    }

    #[test]
    fn adds_to_nothing() {
        assert_eq!(super::next(0), 1);
    }
}
";

impl Umbrella {
    pub(crate) fn new(name: &str) -> Self {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), name);
        let apps = ["--app", "base", "--app", "top", "--app", "lone", "--dep", "top:base"];
        succeed(&mut sandbox.umbrella("", ["new", "select", "--umbrella"].iter().chain(&apps)));
        let root = sandbox.path().join("select");
        // Cargo tells packages in a shared target folder apart by name, version and place in their workspace: that of another
        // test must be another one.
        let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
        let version = name.bytes().fold(0_u32, |sum, byte| sum * 31 % 100_003 + u32::from(byte));
        let manifest = manifest.replacen("version = \"0.1.0\"", &format!("version = \"0.1.{version}\""), 1);
        fs::write(root.join("Cargo.toml"), manifest).expect("written");
        // Nothing but functions: quick to build.
        for app in ["base", "top", "lone"] {
            fs::write(root.join(format!("apps/{app}/src/lib.rs")), LIBRARY).expect("written");
            let test = format!(
                "//! From outside.\n\n#[test]\nfn of_{app}() {{\n    assert_eq!({app}::next(2), 3);\n}}\n"
            );
            fs::write(root.join(format!("apps/{app}/tests/{app}.rs")), test).expect("written");
        }
        succeed(&mut sandbox.cargo("select", ["metadata", "--no-deps", "--format-version", "1"]));
        Self { sandbox, root }
    }

    pub(crate) fn test(&self, args: &[&str]) -> Said {
        self.command(args).output().expect("umbrella runs").into()
    }

    /// `umbrella test <args>`.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.sandbox.umbrella("select", ["test", "--no-conformance"].iter().chain(args))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).expect("written");
    }

    fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
        succeed(git.args(args).current_dir(&self.root));
    }
}

/// The total, without the time it took.
pub(crate) fn summary(said: &Said) -> &str {
    let line = said.out.lines().find(|line| line.starts_with("Summary ["));
    let line = line.unwrap_or_else(|| panic!("no summary: {}{}", said.out, said.err));
    line.split_once("s] ").map_or(line, |(_time, summary)| summary)
}

/// The names of the tests that `-- --list` prints.
fn listed(said: &Said) -> Vec<&str> {
    said.out.lines().collect()
}

#[test]
fn a_place_is_the_tests_that_are_there() {
    let umbrella = Umbrella::new("places");
    for (place, expected) in [
        ("apps/base/src/lib.rs:12", &["base tests::adds"][..]),
        ("apps/base/src/lib.rs:19:9", &["base tests::adds_to_nothing"]),
        ("apps/base/src/lib.rs", &["base tests::adds", "base tests::adds_to_nothing"]),
        ("apps/base/tests", &["base of_base"]),
        ("apps/lone", &["lone tests::adds", "lone tests::adds_to_nothing", "lone of_lone"]),
    ] {
        let said = umbrella.test(&[place, "--", "--list"]).ended(0);
        assert_eq!(listed(&said), expected, "{place}: {}", said.err);
    }
    let said = umbrella.test(&["apps/base/src/lib.rs:12"]).ended(0);
    assert_eq!(summary(&said), "1 application, 1 test: 1 passed, 0 failed, 2 skipped");
    let above = umbrella.test(&["apps/base/src/lib.rs:2"]).ended(4);
    assert!(above.err.contains("its tests: tests::adds, tests::adds_to_nothing"), "{}", above.err);
    let nowhere = umbrella.test(&["apps/base/tests/none.rs:3"]).ended(2);
    assert!(nowhere.err.contains("no file or folder `apps/base/tests/none.rs`"), "{}", nowhere.err);
    let nobodys = umbrella.test(&["config/test.toml"]).ended(2);
    assert!(nobodys.err.contains("belongs to no application"), "{}", nobodys.err);
}

#[test]
fn what_failed_and_what_is_stale_is_remembered() {
    let umbrella = Umbrella::new("remembers");
    let unknown = umbrella.test(&["--failed"]).ended(4);
    assert!(unknown.err.contains("nothing is known of an earlier run"), "{}", unknown.err);
    let test = "#[test]\nfn good() {}\n\n#[test]\nfn bad() {\n    assert!(std::env::var_os(\"FINE\").is_some());\n}\n";
    umbrella.write("apps/base/tests/base.rs", test);
    let all = umbrella.test(&[]).ended(100);
    assert_eq!(summary(&all), "3 applications, 10 tests: 9 passed, 1 failed");
    let failed = umbrella.test(&["--failed"]).ended(100);
    assert_eq!(summary(&failed), "1 application, 1 test: 0 passed, 1 failed, 3 skipped");
    // top and lone passed; base did not.
    let stale = umbrella.test(&["--stale", "--", "--list"]).ended(0);
    assert!(stale.out.lines().all(|line| line.starts_with("base ")), "{}", stale.out);
    umbrella.write("apps/base/tests/base.rs", "#[test]\nfn good() {}\n");
    assert_eq!(summary(&umbrella.test(&["base"]).ended(0)), "1 application, 3 tests: 3 passed, 0 failed");
    let failed = umbrella.test(&["--failed"]).ended(0);
    assert!(failed.err.contains("no test failed when it ran last"), "{}", failed.err);
    // What stands on base was tested before base changed.
    let stale = umbrella.test(&["--stale"]).ended(0);
    assert_eq!(summary(&stale), "1 application, 3 tests: 3 passed, 0 failed", "{}", stale.out);
    let nothing = umbrella.test(&["--stale"]).ended(0);
    assert!(nothing.err.contains("nothing changed since it passed"), "{}", nothing.err);
    umbrella.write("config/test.toml", "# Other.\n");
    let all = umbrella.test(&["--stale"]).ended(0);
    assert_eq!(summary(&all), "3 applications, 9 tests: 9 passed, 0 failed");
}

#[test]
fn affected_is_what_changed_and_everything_downstream() {
    let umbrella = Umbrella::new("affected");
    // Of its own: the folder may be in somebody's repository.
    umbrella.git(&["init", "--quiet"]);
    let none = umbrella.test(&["--affected"]).ended(1);
    assert!(none.err.contains("there is no main branch to compare with"), "{}", none.err);
    umbrella.git(&["add", "."]);
    umbrella.git(&["commit", "--quiet", "-m", "first"]);
    let nothing = umbrella.test(&["--affected"]).ended(0);
    assert!(nothing.err.contains("(merge base with main)"), "{}", nothing.err);
    let unknown = umbrella.test(&["--affected", "--base", "no-such-thing"]).ended(2);
    assert!(unknown.err.contains("there is no revision `no-such-thing`"), "{}", unknown.err);
    let units = |args: &[&str]| {
        let said = umbrella.test(&[&["--affected"], args, &["--", "--list"]].concat()).ended(0);
        let mut units: Vec<String> =
            said.out.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
        units.dedup();
        units.join(" ")
    };
    umbrella.git(&["checkout", "--quiet", "-b", "work"]);
    umbrella.write("apps/base/tests/new.rs", "#[test]\nfn new() {}\n");
    assert_eq!(units(&[]), "base top", "a file that git does not know yet");
    umbrella.git(&["add", "."]);
    umbrella.git(&["commit", "--quiet", "-m", "second"]);
    assert_eq!(units(&[]), "base top", "committed on this branch");
    assert_eq!(units(&["lone"]), "", "of those that were named");
    assert_eq!(units(&["--base", "work"]), "");
    umbrella.write("apps/lone/src/lib.rs", &LIBRARY.replace("A library", "One"));
    assert_eq!(units(&["--base", "work"]), "lone", "not committed yet");
    let manifest = fs::read_to_string(umbrella.root.join("Cargo.toml")).expect("a manifest");
    let with = |from: &str, to: &str| umbrella.write("Cargo.toml", &manifest.replace(from, to));
    with("base = { path = \"apps/base\" }", "base = { path = \"apps/base\", default-features = true }");
    assert_eq!(
        units(&["--base", "work"]),
        "lone top",
        "`base` of [workspace.dependencies] is a dependency of top"
    );
    with("unsafe_code = \"forbid\"", "unsafe_code = \"deny\"");
    assert_eq!(units(&["--base", "work"]), "base lone top", "lints are everybody's");
    umbrella.write("Cargo.toml", &manifest);
    umbrella.write("config/config.toml", "# Other.\n");
    assert_eq!(units(&["--base", "work"]), "base lone top", "so is the configuration");
}

#[test]
fn tests_are_shuffled_parted_and_repeated_as_told() {
    let umbrella = Umbrella::new("ordered");
    let mut parts: Vec<String> = Vec::new();
    for part in ["1/2", "2/2"] {
        let said = umbrella.test(&["--partition", part, "--", "--list"]).ended(0);
        parts.extend(listed(&said).into_iter().map(str::to_owned));
    }
    parts.sort();
    let said = umbrella.test(&["--", "--list"]).ended(0);
    let mut all = listed(&said);
    all.sort_unstable();
    assert_eq!(parts, all, "each test is in one part");
    let refused = umbrella.test(&["--partitions", "3/2"]).ended(2);
    assert!(refused.err.contains("as `1/4`"), "{}", refused.err);

    // One at a time, to see the order.
    let order = |seed: &str| {
        let said = umbrella.test(&[seed, "--", "--test-threads=1", "--nocapture"]).ended(0);
        let passed: Vec<String> = said
            .out
            .lines()
            .filter_map(|line| Some(line.trim_start().strip_prefix("PASS ")?.split_once(" (")?.0.to_owned()))
            .collect();
        assert_eq!(passed.len(), 9, "{}", said.out);
        (passed, said.out)
    };
    let (one, said) = order("--seed=7");
    assert!(said.contains("Shuffled by --seed=7"), "{said}");
    assert_eq!(one, order("--seed=7").0);
    assert_ne!(one, order("--seed=8").0);

    let again = umbrella.test(&["lone", "--repeat-until-failure", "3"]).ended(0);
    assert_eq!(again.out.matches("Summary [").count(), 3, "{}", again.out);
}

#[test]
fn a_test_that_fails_is_run_again_and_told_of() {
    let umbrella = Umbrella::new("fails");
    let flag = umbrella.root.join("second");
    let flaky = format!(
        "#[test]\nfn flaky() {{\n    let flag = std::path::Path::new({flag:?});\n    assert!(flag.exists() || std::fs::write(flag, \"\").is_err());\n}}\n\n\
         #[test]\nfn fails() {{\n    assert_eq!(1, 2, \"<&>\");\n}}\n\n#[test]\nfn fails_too() {{\n    std::process::abort();\n}}\n"
    );
    umbrella.write("apps/lone/tests/lone.rs", &flaky);
    let said = umbrella
        .test(&[
            "lone",
            "--retries",
            "1",
            "--slowest",
            "2",
            "--junit",
            "out/junit.xml",
            "--",
            "--skip",
            "adds",
        ])
        .ended(100);
    assert_eq!(summary(&said), "1 application, 3 tests: 1 passed (1 flaky), 2 failed, 2 skipped");
    for line in [
        "  FLAKY lone flaky  passed at attempt 2",
        "   FAIL lone fails  apps/lone/tests/lone.rs:9",
        "Slowest",
    ] {
        assert!(said.out.lines().any(|shown| shown == line), "{line}: {}", said.out);
    }
    let junit = fs::read_to_string(umbrella.root.join("out/junit.xml")).expect("written");
    assert!(junit.contains("tests=\"3\" failures=\"2\" errors=\"0\""), "{junit}");
    assert!(junit.contains("&lt;&amp;&gt;") && junit.contains("<flakyFailure"), "{junit}");

    let first = umbrella.test(&["lone", "--max-failures", "1", "--", "fails", "--test-threads=1"]).ended(100);
    assert_eq!(summary(&first), "1 application, 1 test: 0 passed, 1 failed, 3 skipped, 1 not run");
    let json = umbrella.test(&["lone", "--json", "--", "flaky"]).ended(0);
    let verdict: serde_json::Value = serde_json::from_str(&json.out).expect("JSON and nothing else");
    let test = &verdict["units"][0]["tests"][0];
    assert_eq!(
        (&verdict["version"], &test["test"], &test["target"]),
        (&1.into(), &"flaky".into(), &"apps/lone/tests/lone.rs".into())
    );
}

#[test]
fn tools_that_are_not_there_are_named_with_what_installs_them() {
    let umbrella = Umbrella::new("tools");
    let bin = umbrella.sandbox.path().join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    let run = |args: &[&str]| -> Said {
        let mut test = umbrella.sandbox.umbrella("select", ["test", "lone"].iter().chain(args));
        // A cargo that has no subcommands but its own.
        let home = umbrella.sandbox.path().join("home");
        test.env("PATH", only(&["cargo", "rustc", "rustdoc", "cc", "ld"], &bin)).env("CARGO_HOME", home);
        test.output().expect("umbrella runs").into()
    };
    for (args, expected) in [
        (&["--cover"][..], "cargo install cargo-llvm-cov --locked"),
        (&["-E", "test(adds)"], "cargo install cargo-nextest --locked"),
        (&["--runner", "nextest"], "cargo install cargo-nextest --locked"),
    ] {
        let said = run(args).ended(1);
        assert!(said.err.contains(expected), "{args:?}: {}", said.err);
    }
}

#[test]
fn a_filter_expression_is_nextests() {
    if Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        let umbrella = Umbrella::new("expressions");
        let said = umbrella.test(&["-E", "test(adds) & package(base)", "--", "--list"]).ended(0);
        assert_eq!(listed(&said), ["base tests::adds", "base tests::adds_to_nothing"]);
        let refused = umbrella.test(&["-E", "tst(adds)"]).ended(2);
        assert!(
            refused.err.contains("does not understand the filter expression `tst(adds)`"),
            "{}",
            refused.err
        );
    }
}

/// A folder with links to these programs and no others.
fn only(programs: &[&str], folder: &Path) -> PathBuf {
    for program in programs {
        let found = Command::new("which").arg(program).output().expect("which runs");
        let path = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        let link = folder.join(program);
        if !path.is_empty() && !link.exists() {
            std::os::unix::fs::symlink(path, link).expect("a link");
        }
    }
    folder.to_owned()
}
