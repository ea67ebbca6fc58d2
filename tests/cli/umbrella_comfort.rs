//! Aliases, plugins, completions, manual pages, help topics, configuration as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use umbrella_tests::{Sandbox, Tree, succeed};

/// An umbrella of one application, with these lines at the end of its manifest.
fn umbrella(lines: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella", "--app", "billing:sup", "--no-git"]));
    let path = sandbox.path().join("abc/Cargo.toml");
    let manifest = fs::read_to_string(&path).expect("it works");
    fs::write(path, format!("{manifest}\n{lines}")).expect("it works");
    sandbox
}

/// The exit code, and what was said: results, and the rest.
fn said(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("it works");
    let text = |said: Vec<u8>| String::from_utf8(said).expect("it works");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const ALIASES: &str = "[workspace.metadata.umbrella.aliases]\nwhat = \"list --json\"\nls = [\"what\"]\n\
                       stop = \"list\"\nover = \"again\"\nagain = \"over and\"\n";

#[test]
fn an_alias_is_what_it_stands_for_with_the_words_around_it() {
    let sandbox = umbrella(ALIASES);
    let (_, whole, _) = said(&mut sandbox.umbrella("abc", ["list", "--json"]));
    assert!(whole.contains("billing"), "{whole}");
    // One leads to another; flags before it hold, and it is found from anywhere inside.
    assert_eq!(said(&mut sandbox.umbrella("abc/apps/billing", ["ls"])).1, whole);
    assert_eq!(said(&mut sandbox.umbrella("", ["-C", "abc", "ls"])).1, whole);
    let (code, _, shown) = said(&mut sandbox.umbrella("abc", ["ls", "--nonsense"]));
    assert_eq!(code, Some(2));
    assert!(shown.contains("--nonsense"), "{shown}");
}

#[test]
fn our_verbs_come_before_aliases_and_a_circle_is_an_error() {
    let sandbox = umbrella(ALIASES);
    let (_, said_by_stop, _) = said(&mut sandbox.umbrella("abc", ["stop"]));
    assert!(!said_by_stop.contains("billing"), "{said_by_stop}");
    let (code, _, shown) = said(&mut sandbox.umbrella("abc", ["over"]));
    assert_eq!(code, Some(2));
    assert!(shown.starts_with("error: the alias `over` ends in itself"), "{shown}");
    let (_, _, shown) = said(&mut sandbox.umbrella("abc", ["agin"]));
    assert!(shown.contains("similar name exists: `again`"), "{shown}");
}

#[test]
fn a_plugin_is_a_program_on_the_path_and_gets_the_rest_of_the_line() {
    let sandbox = umbrella("");
    let folder = sandbox.path().join("bin");
    fs::create_dir(&folder).expect("it works");
    let plugin = folder.join("umbrella-greet");
    fs::write(&plugin, "#!/bin/sh\necho \"$@ in ${PWD##*/} of ${UMBRELLA##*/}\"\nexit 7\n")
        .expect("it works");
    let greet = |folder: &str, args: &[&str]| {
        let mut command = sandbox.umbrella(folder, args);
        let path = std::env::var("PATH").expect("it works");
        command.env("PATH", format!("{}:{path}", sandbox.path().join("bin").display()));
        said(&mut command)
    };
    let (code, _, shown) = greet("abc", &["greet"]);
    assert_eq!(
        (code, shown.starts_with("error: no such command: `greet`")),
        (Some(2), true),
        "not executable"
    );
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).expect("it works");
    let (code, out, _) = greet("", &["-C", "abc", "greet", "--all", "b c"]);
    assert_eq!((code, out.as_str()), (Some(7), "--all b c in abc of umbrella\n"));
    assert!(greet("abc", &["gret"]).2.contains("similar name exists: `greet`"));
}

#[test]
fn the_shell_is_told_the_names_of_the_workspace_it_is_in() {
    let sandbox = umbrella(ALIASES);
    let candidates = |folder: &str, words: &[&str]| {
        let mut command = sandbox.umbrella(folder, [&["--", "umbrella"], words].concat());
        command.env("COMPLETE", "fish");
        let listed = said(&mut command).1;
        let names = listed.lines().map(|line| line.split('\t').next().unwrap_or(line).to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(candidates("abc", &["start", "b"]), ["billing"]);
    assert_eq!(candidates("abc", &["graph", "--why", "b"]), ["billing"]);
    assert_eq!(candidates("abc", &["wha"]), ["what"]);
    assert!(candidates("", &["start", "b"]).is_empty());
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&mut sandbox.umbrella("", ["completions", shell])).1;
        assert!(script.contains("COMPLETE") && script.contains("umbrella"), "{script}");
    }
}

#[test]
fn there_is_a_manual_page_for_each_command_and_a_text_for_each_topic() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["man", "--output", "man", "--dry-run"]));
    assert!(Tree::read(sandbox.path()).0.is_empty());
    succeed(&mut sandbox.umbrella("", ["man", "--output", "man"]));
    for page in ["umbrella", "umbrella-start", "umbrella-gen-certs"] {
        let text = fs::read_to_string(sandbox.path().join(format!("man/{page}.1"))).expect("it works");
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    let help = succeed(&mut sandbox.umbrella("", ["help", "--help"])).stdout;
    let help = String::from_utf8(help).expect("it works");
    let (_, topics) = help.split_once("Topics:\n").expect("it works");
    let topics: Vec<&str> = topics.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(topics.len(), 4, "{help}");
    for topic in topics {
        let text = succeed(&mut sandbox.umbrella("", ["help", topic])).stdout;
        assert!(text.len() > 300, "{topic}");
    }
}

#[test]
fn configuration_is_shown_with_what_sets_it_and_without_secrets() {
    let sandbox = umbrella("");
    let dev = sandbox.path().join("abc/config/dev.toml");
    fs::write(dev, "[billing]\nstart = 5\ndatabase = \"postgres://me:hunter2@db/x\"\n\n[biling]\nx = 1\n")
        .expect("it works");
    let show = |args: &[&str]| {
        let mut command = sandbox.umbrella("abc", [&["config", "show"], args].concat());
        said(command.env("ABC__BILLING__API_TOKEN", "abcdef"))
    };
    let (code, out, shown) = show(&["billing", "--origin"]);
    let expected = "\
[billing]
api_token = \"********\"                    # $ABC__BILLING__API_TOKEN
database = \"postgres://me:********@db/x\"  # config/dev.toml:3
start = 5                                 # config/dev.toml:2
";
    assert_eq!((code, out.as_str()), (Some(0), expected));
    assert!(
        shown.contains("no application is called `biling`") && shown.contains("did you mean `[billing]`"),
        "{shown}"
    );
    assert!(show(&["--reveal"]).1.contains("api_token = \"abcdef\""));
    assert!(show(&["--env", "prod"]).1.contains("start = 0"));
    let json: serde_json::Value = serde_json::from_str(&show(&["--json"]).1).expect("it works");
    assert_eq!((&json["version"], &json["applications"]["billing"][2]["value"]), (&1.into(), &5.into()));
    assert_eq!(show(&["z"]).0, Some(2));
}
