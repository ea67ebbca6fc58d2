//! `umbrella run APP -- ARGUMENT...`: a program of the application's own, or a node with it and what it needs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use umbrella_tests::{Sandbox, succeed};

use crate::abc::{Said, end_of, signal_process};

/// What the arguments are on the way from one shell to the program: nothing of them is for umbrella.
const TYPED: [&str; 6] = ["--port", "80 80", "", "--", "--release", "*"];

/// How Rust shows them.
const SHOWN: &str = r#"["--port", "80 80", "", "--", "--release", "*"]"#;

const PROGRAM: &str = r#"//! A program of its own.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{arguments:?} {:?}", std::env::var("UMBRELLA_ENV"));
    std::process::exit(7);
}
"#;

fn runs() -> (Sandbox, tempfile::TempDir) {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "running");
    let apps = ["--app", "c:sup", "--app", "own"];
    succeed(&mut sandbox.umbrella("", ["new", "runs", "--umbrella"].iter().chain(&apps)));
    let root = sandbox.path().join("runs");
    fs::write(root.join("apps/own/src/main.rs"), PROGRAM).expect("written");
    // Built before `own`, by its name, and another program.
    fs::create_dir(root.join("apps/own/src/bin")).expect("a folder");
    fs::write(root.join("apps/own/src/bin/another.rs"), "//! Another.\n\nfn main() {}\n").expect("written");
    let application = root.join("apps/c/src/application.rs");
    let text = fs::read_to_string(&application).expect("a generated file");
    let says = "println!(\"said: {:?} {}\", umbrella::node::arguments(), cx.config().start);\n        Supervisor::new";
    fs::write(&application, text.replacen("Supervisor::new", says, 1)).expect("written");
    for (env, start) in [("dev", "5"), ("prod", "6"), ("test", "\"nothing\"")] {
        fs::write(root.join(format!("config/{env}.toml")), format!("[c]\nstart = {start}\n"))
            .expect("written");
    }
    succeed(&mut sandbox.cargo("runs", ["metadata", "--no-deps", "--format-version", "1"]));
    (sandbox, tempfile::Builder::new().prefix("runs").tempdir().expect("a temporary folder"))
}

#[test]
fn a_program_gets_its_arguments_as_typed_and_its_exit_code_is_passed_on() {
    let (sandbox, folder) = runs();
    let run = |folder_in: &str, before: &[&str]| {
        let mut run = sandbox.umbrella(folder_in, ["run"].iter().chain(before).chain(&["--"]).chain(&TYPED));
        run.env("UMBRELLA_RUN_DIR", folder.path()).stdin(Stdio::null());
        run
    };
    // Of its own: it is what it is, and where it is asked for.
    for (place, env, shown) in [("runs", "dev", "dev"), ("runs/apps/c", "prod", "prod")] {
        let said: Said = run(place, &["own", "--env", env]).output().expect("it runs").into();
        let said = said.ended(7);
        assert_eq!(said.out, format!("{SHOWN} Ok({shown:?})\n"), "{}", said.err);
    }
    // Without one: a node, which reads the configuration of its environment.
    for (env, start) in [("dev", 5), ("prod", 6)] {
        let mut node = run("runs", &["c", "--env", env]);
        let mut node = node.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let out = BufReader::new(node.stdout.take().expect("stdout is piped"));
        let said = out.lines().map_while(Result::ok).find(|line| line.starts_with("said: "));
        assert_eq!(said, Some(format!("said: {SHOWN} {start}")));
        signal_process("-TERM", u64::from(node.id()));
        end_of(node).ended(0);
    }
    let wrong: Said = run("runs", &["c", "--env", "test"]).output().expect("it runs").into();
    let wrong = wrong.ended(1);
    assert!(wrong.err.contains("config/test.toml"), "{}", wrong.err);
}
