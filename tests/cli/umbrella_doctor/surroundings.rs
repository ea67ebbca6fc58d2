//! Release crates, saved deployments, words, and what is around the sources.

use std::fs;

use umbrella_tests::{Sandbox, succeed};

use super::{Case, append, check, doctor, edit, kinds, made, notes, read, remove, write};

#[test]
fn release_crates_that_differ_are_found_and_mended() {
    check(&[
        Case {
            breaks: |root| edit(root, "Cargo.toml", "    \"releases/abc\",\n", ""),
            faults: &["release_stray releases/abc/Cargo.toml"],
            says: "it is generated",
            left: &[],
        },
        Case {
            breaks: |root| {
                remove(root, "releases");
                edit(root, "Cargo.toml", "    \"releases/abc\",\n", "");
            },
            faults: &["release_missing releases/abc"],
            says: "the release crate `abc`, with every application, is not there",
            left: &[],
        },
        Case {
            breaks: |root| remove(root, "releases"),
            faults: &["member_missing Cargo.toml: \"releases/abc\","],
            says: "`releases/abc` is a member and is not there",
            left: &[],
        },
        Case {
            breaks: |root| {
                edit(root, "releases/abc/src/main.rs", "        .application(b::application())\n", "")
            },
            faults: &["release_differs releases/abc/src/main.rs: .application(c::application())"],
            says: "is not what would be generated today",
            left: &[],
        },
        Case {
            breaks: |root| edit(root, "Cargo.toml", "# prod =", "prod ="),
            faults: &["release_missing releases/a_b", "release_missing releases/c"],
            says: "`umbrella release prod` makes it",
            left: &[],
        },
    ]);
}

#[test]
fn deployments_that_cannot_be_released_are_shown() {
    check(&[
        Case {
            breaks: |root| edit(root, "Cargo.toml", "# prod = \"[a,b]", "prod = \"[a,bb]"),
            faults: &["deployment_wrong Cargo.toml: prod = \"[a,bb]+[c]\""],
            says: "unknown application `bb`",
            left: &["deployment_wrong"],
        },
        Case {
            breaks: |root| edit(root, "Cargo.toml", "# prod = \"[a,b]", "prod = \"[a,b"),
            faults: &["deployment_wrong Cargo.toml: prod = \"[a,b+[c]\""],
            says: "neither `umbrella release` nor `start --group` can use it",
            left: &["deployment_wrong"],
        },
    ]);
}

#[test]
fn a_release_may_be_of_a_deployment_that_is_not_saved_or_scaled() {
    let sandbox = Sandbox::new();
    made(&sandbox);
    let root = sandbox.path().join("abc");
    edit(&root, "Cargo.toml", "# prod = \"[a,b]+[c]\"", "prod = \"[a,b]+[c]*3\"");
    assert_eq!(doctor(&sandbox, "abc", &["--fix"]).0, Some(0));
    assert!(read(&root, "releases/c/src/main.rs").contains(".instances(\"c\", 3)"));
    // Scaled by hand while it ran: the crates say so, and the deployment does not.
    edit(&root, "Cargo.toml", "*3", "*2");
    let (code, found) = doctor(&sandbox, "abc", &[]);
    assert_eq!((code, notes(&found)), (Some(0), vec![]), "{found:#}");
    // No longer saved: worth a word. What it says of itself is still held against what would be generated.
    edit(&root, "Cargo.toml", "prod = ", "# prod = ");
    let (code, found) = doctor(&sandbox, "abc", &[]);
    assert_eq!((code, notes(&found)), (Some(0), vec!["release_unsaved"; 2]), "{found:#}");
    edit(&root, "releases/c/src/main.rs", "fn main()", "fn  main()");
    let (_, found) = doctor(&sandbox, "abc", &[]);
    assert_eq!(kinds(&found, "fault"), ["release_differs"], "{found:#}");
    assert_eq!(doctor(&sandbox, "abc", &["--fix"]).0, Some(0));
    assert!(read(&root, "releases/c/src/main.rs").contains(".instances(\"c\", 3)"));
    // Leaving out an application is a decision.
    edit(&root, "Cargo.toml", "# prod = \"[a,b]+[c]*2\"", "prod = \"[c]\"");
    let (_, found) = doctor(&sandbox, "abc", &["--fix"]);
    assert_eq!(notes(&found), ["release_unsaved", "deployment_partial"], "{found:#}");
}

#[test]
fn words_that_mean_nothing_are_found() {
    check(&[Case {
        breaks: |root| {
            let aliases = "t = \"tset\"\ntest = \"check\"\nx = \"y\"\ny = [\"x\"]\nz = []\nok = \"-q t\"\n";
            append(root, "Cargo.toml", &format!("\n[workspace.metadata.umbrella.aliases]\n{aliases}"));
            append(
                root,
                "Cargo.toml",
                "\n[workspace.metadata.umbrella.rules]\ndeny.b = [\"cc\"]\nexcept = [\"a->b\"]\n",
            );
            write(root, ".umbrella/templates/servr/module.rs.hbs", "");
            fs::create_dir_all(root.join(".umbrella/templates/task")).expect("it can be made");
            append(root, "config/dev.toml", "\n[bb]\nx = 1\n\n[umbrella.nodes]\ny = 2\n");
            append(root, "config/test.toml", "\n[b]\nx = \n");
        },
        faults: &[
            "not_toml config/test.toml: x =",
            "rule Cargo.toml: deny.b = [\"cc\"]",
            "rule Cargo.toml: except = [\"a->b\"]",
            "alias_shadowed Cargo.toml: test = \"check\"",
            "alias_unknown Cargo.toml: t = \"tset\"",
            "alias_unknown Cargo.toml: x = \"y\"",
            "alias_unknown Cargo.toml: y = [\"x\"]",
            "alias_unknown Cargo.toml: z = []",
            "template .umbrella/templates/servr",
            "template .umbrella/templates/task",
            "table_of_nobody config/dev.toml: [bb]",
            "table_of_nobody config/dev.toml: [umbrella.nodes]",
        ],
        says: "did you mean `test`?",
        left: &[
            "not_toml",
            "rule",
            "rule",
            "alias_shadowed",
            "alias_unknown",
            "alias_unknown",
            "alias_unknown",
            "alias_unknown",
            "template",
            "template",
            "table_of_nobody",
            "table_of_nobody",
        ],
    }]);
}

#[test]
fn what_is_wrong_around_the_sources_is_found_and_mended() {
    check(&[
        Case {
            breaks: |root| {
                let locked =
                    "version = 4\n\n[[package]]\nname = \"umbrella-runtime\"\nversion = \"99.0.0\"\n";
                write(root, "Cargo.lock", locked);
                append(root, "Cargo.toml", "\n[profile.release]\npanic = \"abort\"\n");
                let text = read(root, "Cargo.toml");
                let line = text
                    .lines()
                    .find(|line| line.starts_with("rust-version"))
                    .expect("it is there")
                    .to_owned();
                edit(root, "Cargo.toml", &line, "rust-version = \"1.999\"");
            },
            faults: &[
                "runtime_differs Cargo.lock: name = \"umbrella-runtime\"",
                "panic_aborts Cargo.toml: panic = \"abort\"",
                "rust_version_high Cargo.toml: rust-version = \"1.999\"",
            ],
            says: "cargo install umbrella-cli --version 99.0.0",
            left: &["runtime_differs", "panic_aborts", "rust_version_high"],
        },
        Case {
            breaks: |root| {
                let package =
                    |version| format!("[[package]]\nname = \"umbrella-runtime\"\nversion = \"{version}\"\n");
                write(
                    root,
                    "Cargo.lock",
                    &format!("version = 4\n\n{}\n{}", package("0.1.0"), package("98.0.0")),
                );
                let record = r#"{"release":"abc","node":"abc@127.0.0.1","pid":4242,"socket":"gone.sock","env":"dev","started_unix_ms":1}"#;
                write(root, "target/umbrella/run/dev/abc.json", record);
                write(root, "target/umbrella/run/prod/c.json", "{");
            },
            faults: &[
                "runtime_twice Cargo.lock: name = \"umbrella-runtime\"",
                "stale_node target/umbrella/run/dev/abc.json",
                "stale_node target/umbrella/run/prod/c.json",
            ],
            says: "the node `abc` (pid 4242) is gone",
            left: &["runtime_twice"],
        },
    ]);
}

#[test]
fn git_ignores_what_is_built() {
    let sandbox = Sandbox::new();
    made(&sandbox);
    let root = sandbox.path().join("abc");
    succeed(&mut sandbox.typed(&root, "git init --quiet"));
    write(&root, ".gitignore", "*.log");
    let (_, found) = doctor(&sandbox, "abc", &[]);
    assert_eq!(kinds(&found, "fault"), ["not_ignored"], "{found:#}");
    assert_eq!(doctor(&sandbox, "abc", &["--fix"]).0, Some(0));
    assert_eq!(read(&root, ".gitignore"), "*.log\n/target\n");
    fs::remove_file(root.join(".gitignore")).expect("it was there");
    assert_eq!(doctor(&sandbox, "abc", &["--fix"]).0, Some(0));
    assert_eq!(read(&root, ".gitignore"), "/target\n");
}
