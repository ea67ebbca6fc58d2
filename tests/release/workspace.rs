//! Bundles that are made again, in their place.

use std::fs;
use std::process::Stdio;

use crate::abc::{AB_C, abc};

#[test]
fn a_bundle_that_runs_is_not_replaced() {
    let abc = abc();
    let bundle = abc.bundle("c");
    bundle.run(&["daemon"]).ended(0);
    let pid = bundle.run(&["pid"]).ended(0).out;
    let refused = abc.release(&["prod"]).ended(1);
    assert!(refused.err.contains("release `c` is running from its bundle"), "{}", refused.err);
    assert_eq!(bundle.run(&["pid"]).ended(0).out, pid);

    bundle.run(&["stop"]).ended(0);
    let cookie = bundle.text("releases/COOKIE");
    abc.release(&["prod"]).ended(0);
    assert_eq!(bundle.text("releases/COOKIE"), cookie, "a new build trusts an old one");
    assert!(bundle.path.join("run/c.log").exists(), "the log of earlier runs stays");
}

#[test]
fn a_build_that_fails_changes_no_bundle() {
    let abc = abc();
    let source = abc.path("apps/c/src/lib.rs");
    let (sound, bundle) = (fs::read_to_string(&source).unwrap(), abc.bundle("a_b"));
    let before = bundle.text("releases/0.1.0/release.json");
    fs::write(&source, format!("{sound}\nfn broken( {{}}\n")).unwrap();
    let failed = abc.release(&["prod"]);
    fs::write(&source, sound).unwrap();
    let failed = failed.ended(101);
    assert!(failed.err.contains("unclosed delimiter"), "cargo's own words: {}", failed.err);
    assert_eq!(bundle.text("releases/0.1.0/release.json"), before);
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let abc = abc();
    let spawn = |args: &[&str]| {
        abc.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("umbrella runs")
    };
    let both = [spawn(&["--group", "one=[a,b,c]"]), spawn(&["--group", "two=[a]+three=[b,c]"])];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for (release, applications) in
        [("one", ["a", "b", "c"].as_slice()), ("two", &["a"]), ("three", &["b", "c"])]
    {
        let program = fs::read_to_string(abc.path(&format!("releases/{release}/src/main.rs"))).unwrap();
        for application in ["a", "b", "c"] {
            let here = program.contains(&format!(".application({application}::application())"));
            assert_eq!(here, applications.contains(&application), "{release}: {program}");
        }
        abc.bundle(release).run(&["version"]).ended(0);
    }
    let manifest = fs::read_to_string(abc.path("Cargo.toml")).unwrap();
    assert!(["one", "two", "three"].iter().all(|name| manifest.contains(&format!("\"releases/{name}\""))));
}

#[test]
fn a_release_has_the_version_it_was_given() {
    let abc = abc();
    let bundle = abc.bundle("web");
    abc.release(&["--group", "web=[b]", "--partial", "--version", "1.2.0-rc.1"]).ended(0);
    assert_eq!(bundle.run(&["version"]).ended(0).out, "web 1.2.0-rc.1\n");
    assert!(bundle.path.join("releases/1.2.0-rc.1/release.json").exists());
}

#[test]
fn what_was_saved_is_found_again() {
    let abc = abc();
    let manifest = fs::read_to_string(abc.path("Cargo.toml")).unwrap();
    assert!(manifest.contains(&format!("prod = \"{AB_C}\"")), "{manifest}");
    let planned = abc.release(&["prod", "--dry-run", "--json"]).ended(0);
    assert!(planned.out.contains(&format!("\"deployment\": \"{AB_C}\"")), "{}", planned.out);
}

#[test]
fn what_was_released_is_healthy_whoever_released_it() {
    let abc = abc();
    let said = abc.doctor().ended(0).out;
    assert!(said.contains("Healthy: 3 applications"), "{said}");
}
