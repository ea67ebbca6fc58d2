//! What is in a bundle, and that it needs nothing else to run.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::abc::{AB_C, Bundle};

#[test]
fn it_holds_the_program_and_the_configuration_of_its_applications() {
    let (ab, c) = (Bundle::copy_of("a_b"), Bundle::copy_of("c"));
    let mode = |path: &str| fs::metadata(ab.path.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("bin/a_b"), 0o755);
    assert_eq!(mode("releases/COOKIE"), 0o600);

    let tables = |bundle: &Bundle| -> Vec<String> {
        let config = bundle.text("config/config.toml");
        config.lines().filter(|line| line.starts_with('[')).map(str::to_owned).collect()
    };
    assert_eq!(tables(&ab), ["[b]"]);
    assert_eq!(tables(&c), ["[c]"]);
    let mut files: Vec<String> = fs::read_dir(ab.path.join("config"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["config.toml", "prod.toml"]);
}

#[test]
fn the_releases_of_a_deployment_share_one_secret() {
    let cookie = |release: &str| Bundle::copy_of(release).text("releases/COOKIE");
    assert_eq!(cookie("a_b"), cookie("c"));
    assert_eq!(cookie("c").len(), 64);
}

#[test]
fn it_says_what_it_was_built_from() {
    let json: Value =
        serde_json::from_str(&Bundle::copy_of("a_b").text("releases/0.1.0/release.json")).unwrap();
    assert_eq!(json["deployment"], AB_C);
    assert_eq!(
        json["applications"],
        json!([{"name": "a", "version": "0.1.0"}, {"name": "b", "version": "0.1.0"}])
    );
    assert_eq!(json["elsewhere"], json!([{"application": "c", "release": "c"}]));
    assert!(json["rustc"].is_string() && json["target"].is_string(), "{json}");
}

#[test]
fn two_bundles_are_two_nodes_that_know_where_the_others_run() {
    let bundles = [Bundle::copy_of("a_b"), Bundle::copy_of("c")];
    for bundle in &bundles {
        bundle.run(&["daemon"]).ended(0);
    }
    let status = |bundle: &Bundle| -> Value {
        serde_json::from_str(&bundle.run(&["status", "--json"]).ended(0).out).expect("JSON")
    };
    let states = |status: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let applications = status["applications"].as_array().expect("a list of applications");
        applications.iter().map(|it| (text(&it["name"]), text(&it["state"]))).collect()
    };
    let pair = |name: &str, state: &str| (name.to_owned(), state.to_owned());
    let ab = status(&bundles[0]);
    assert_eq!((&ab["deployment"], &ab["env"]), (&json!(AB_C), &json!("prod")));
    assert_eq!(states(&ab), [pair("c", "elsewhere"), pair("a", "running"), pair("b", "running")]);
    let c = status(&bundles[1]);
    assert_eq!(states(&c), [pair("a", "elsewhere"), pair("b", "elsewhere"), pair("c", "running")]);

    for bundle in &bundles {
        bundle.run(&["stop"]).ended(0);
        bundle.run(&["status"]).ended(3);
        bundle.run(&["pid"]).ended(3);
    }
}

#[test]
fn it_is_asked_for_its_own_configuration_only() {
    let ab = Bundle::copy_of("a_b");
    fs::write(ab.path.join("config/config.toml"), "").unwrap();
    let refused = ab.run(&["daemon"]);
    assert_ne!(refused.code, Some(0), "b cannot start without its configuration");
    let log = format!("{}{}", refused.out, refused.err);
    assert!(log.contains("`start`") && !log.contains("[c]"), "{log}");
}
