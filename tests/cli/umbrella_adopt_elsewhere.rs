//! `umbrella adopt` of what lies elsewhere: a crate, or a workspace, is copied and says the same from its new place.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, succeed};

use crate::umbrella_adopt::said;

/// The workspace `old` of `money`, and of `ledger`, which depends on it and inherits all it can; and the umbrella `abc`.
fn elsewhere() -> Sandbox {
    let sandbox = Sandbox::new();
    let write = |path: &str, text: &str| {
        let path = sandbox.path().join("old").join(path);
        fs::create_dir_all(path.parent().expect("below the sandbox")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"0.3.0\"\nedition = \"2021\"\n\n\
         [workspace.dependencies]\nmoney = { path = \"crates/money\" }\nserde = { version = \"1\", features = [\"rc\"] }\n\n\
         [workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
    );
    let package = |name: &str, dependencies: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n\n\
             [dependencies]\n{dependencies}\n[lints]\nworkspace = true\n"
        )
    };
    write("crates/money/Cargo.toml", &package("money", ""));
    write("crates/money/src/lib.rs", "//! Money.\n\n/// A coin.\npub const COIN: u8 = 1;\n");
    write(
        "crates/ledger/Cargo.toml",
        &package("ledger", "money.workspace = true\nserde = { workspace = true }\n"),
    );
    let source =
        "//! A ledger.\n\n/// What it holds.\n#[must_use]\npub fn total() -> u8 {\n    money::COIN\n}\n";
    write("crates/ledger/src/lib.rs", source);
    write("crates/ledger/tool.sh", "#!/bin/sh\n");
    write("crates/ledger/.cargo/config.toml", "");
    write("crates/ledger/target/built", "");
    write(".gitignore", "target\n");
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella", "--app", "b:sup"]));
    sandbox
}

#[test]
fn a_crate_from_elsewhere_is_copied_and_says_the_same_from_there() {
    for in_git in [false, true] {
        let sandbox = elsewhere();
        let tool = sandbox.path().join("old/crates/ledger/tool.sh");
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("it is ours");
        symlink("tool.sh", tool.with_file_name("linked.sh")).expect("room");
        if in_git {
            let line = "git init -q && git add -A && git -c user.name=t -c user.email=t@t commit -qm all";
            succeed(&mut sandbox.typed(&sandbox.path().join("old"), line));
        }
        let before = Tree::read(sandbox.path());
        let (code, out, notes) =
            said(&sandbox, "abc", &["adopt", "../old/crates/ledger", "--sup", "--dry-run"]);
        assert_eq!(code, Some(0), "{notes}");
        assert!(out.contains("* would create apps/ledger/src/application.rs"), "{out}");
        assert!(notes.contains("depends on `money` outside, in `../old/crates/money`"), "{notes}");
        assert_same_tree(&before, &Tree::read(sandbox.path()));

        let old = Tree::read(&sandbox.path().join("old"));
        succeed(&mut sandbox.umbrella("abc", ["adopt", "../old/crates/money"]));
        let line = ["adopt", "../old/crates/ledger", "--sup", "--into", "crates/ledger"];
        let (code, out, notes) = said(&sandbox, "abc", &line);
        assert_eq!(code, Some(0), "{notes}");
        assert!(notes.contains("`ledger` depends on the `money` of this umbrella"), "{notes}");
        assert!(
            notes.contains("`.cargo/config.toml` counts in the folder in which cargo is called"),
            "{notes}"
        );
        assert!(
            out.contains(
                "6 lines were added to its files, blank ones aside; `../old/crates/ledger` is as it was"
            ),
            "{out}"
        );
        assert_same_tree(&old, &Tree::read(&sandbox.path().join("old")));
        let folder = sandbox.path().join("abc/crates/ledger");
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("it is there");
        let expected = "[package]\nname = \"ledger\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n\
             [dependencies]\nmoney.workspace = true\nserde = { version = \"1\", features = [\"rc\"] }\numbrella.workspace = true\n\n\
             [lints]\nrust = { unsafe_code = \"forbid\" }\n\n[package.metadata.umbrella]\napplication = \"ledger::Ledger\"\n";
        assert_eq!(manifest, expected);
        assert_eq!(
            fs::metadata(folder.join("tool.sh")).expect("it is there").permissions().mode() & 0o111,
            0o111
        );
        assert_eq!(fs::read_link(folder.join("linked.sh")).expect("it is a link"), Path::new("tool.sh"));
        assert!(!folder.join("target").exists());
        let listed = said(&sandbox, "abc", &["list"]).1;
        assert!(listed.contains("ledger  supervised  0.3.0    crates/ledger  money"), "{listed}");
    }
}

#[test]
fn a_workspace_from_elsewhere_is_brought_in_whole() {
    let sandbox = elsewhere();
    let old = sandbox.path().join("old");
    let package = |folder: &str, rest: &str, source: &str| {
        let folder = old.join(folder);
        fs::create_dir_all(folder.join("src")).expect("room");
        let name = folder.file_name().expect("a name").to_string_lossy();
        let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n{rest}");
        fs::write(folder.join("Cargo.toml"), manifest).expect("room");
        fs::write(folder.join(source), "").expect("room");
    };
    package("crates/tool", "", "src/main.rs");
    package("crates/made", "[lib]\nproc-macro = true\n", "src/lib.rs");
    let before = Tree::read(sandbox.path());
    let (code, out, notes) = said(&sandbox, "abc", &["adopt", "../old", "--dry-run"]);
    assert_eq!(code, Some(0), "{notes}");
    assert!(out.contains("* would create apps/ledger/src/lib.rs"), "{out}");
    assert_same_tree(&before, &Tree::read(sandbox.path()));

    let was = Tree::read(&old);
    let (code, out, notes) = said(&sandbox, "abc", &["adopt", "../old", "--sup"]);
    assert_eq!(code, Some(0), "{out}{notes}");
    assert!(notes.contains("`tool` stays where it is: it has no library"), "{notes}");
    assert!(notes.contains("`made` stays where it is: it has macros"), "{notes}");
    assert!(notes.contains("`ledger` depends on the `money` of this umbrella"), "{notes}");
    assert_same_tree(&was, &Tree::read(&old));
    let listed = said(&sandbox, "abc", &["list"]).1;
    assert!(listed.contains("money   supervised  0.3.0    apps/money   -"), "{listed}");
    assert!(listed.contains("ledger  supervised  0.3.0    apps/ledger  money"), "{listed}");
    let again = said(&sandbox, "abc", &["adopt", "../old"]);
    assert!(again.2.contains("the name `money` is taken"), "{again:?}");

    package("more/money", "", "src/lib.rs");
    let root = fs::read_to_string(old.join("Cargo.toml")).expect("it is there");
    fs::write(old.join("Cargo.toml"), root.replace("\"crates/*\"", "\"crates/*\", \"more/*\""))
        .expect("room");
    fs::write(old.join("more/money/Cargo.toml"), "[package]\nname = \"more-money\"\nedition = \"2021\"\n")
        .expect("room");
    let same = said(&sandbox, "abc", &["adopt", "../old"]);
    assert!(same.2.contains("would both be copied to apps/money"), "{same:?}");
}

#[test]
fn who_depended_on_it_outside_depends_on_it_inside() {
    let sandbox = elsewhere();
    let edit = |path: &str, old: &str, new: &str| {
        let path = sandbox.path().join("abc").join(path);
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(old), "{text}");
        fs::write(path, text.replacen(old, new, 1)).expect("room");
    };
    edit(
        "Cargo.toml",
        "b = { path = \"apps/b\" }",
        "b = { path = \"apps/b\" }\nmoney = { path = \"../old/crates/money\" }",
    );
    edit(
        "apps/b/Cargo.toml",
        "serde.workspace",
        "money = { path = \"../../../old/crates/money\" }\nserde.workspace",
    );
    succeed(&mut sandbox.umbrella("abc", ["adopt", "../old/crates/money"]));
    edit("Cargo.toml", "money = { path = \"apps/money\" }", "");
    edit("apps/b/Cargo.toml", "money = { path = \"../money\" }", "");
}

#[test]
fn what_cannot_be_brought_in_is_refused() {
    let sandbox = elsewhere();
    let away = |path: &str| sandbox.path().join("old/crates").join(path);
    symlink("/etc/hostname", away("ledger/secret")).expect("room");
    let manifest = fs::read_to_string(away("money/Cargo.toml")).expect("it is there");
    let refused = |line: &[&str], code: i32, expected: &[&str]| {
        let before = Tree::read(sandbox.path());
        let (found, _, shown) = said(&sandbox, "abc", line);
        assert_eq!(found, Some(code), "{line:?}: {shown}");
        for expected in expected {
            assert!(shown.contains(expected), "{line:?}: {shown}");
        }
        assert_same_tree(&before, &Tree::read(sandbox.path()));
    };
    refused(
        &["adopt", "../old/crates/ledger"],
        1,
        &["ledger/secret` cannot be copied: it is a link out of the crate"],
    );
    let link = "ledger/secret` cannot be copied";
    refused(&["adopt", "../old"], 1, &[link]);
    refused(&["adopt", "../old", "--into", "x"], 2, &["which cannot all go into one folder"]);
    refused(&["adopt", ".."], 1, &["no crate in"]);
    refused(
        &["adopt", "../old/crates/money", "--into", "../x"],
        2,
        &["is not in the folder of this umbrella"],
    );
    refused(&["adopt", "../old/crates/money", "--into", "apps/b"], 1, &["apps/b` already exists"]);
    for (line, expected) in [
        ("[lib]\npath = \"../shared.rs\"\n", "its `lib.path` is outside of its folder: `../shared.rs`"),
        ("[package.metadata.umbrella]\nlibrary = true\n", "is an application of another umbrella already"),
    ] {
        fs::write(away("money/Cargo.toml"), format!("{manifest}\n{line}")).expect("room");
        fs::write(away("shared.rs"), "").expect("room");
        refused(&["adopt", "../old/crates/money"], 1, &[expected]);
    }
    fs::write(away("money/Cargo.toml"), manifest.replace("\"money\"", "\"b\"")).expect("room");
    let root = fs::read_to_string(sandbox.path().join("old/Cargo.toml")).expect("it is there");
    fs::remove_dir_all(away("ledger")).expect("it is there");
    refused(
        &["adopt", "../old/crates/money"],
        1,
        &["the name `b` is taken: it is that of the application in `apps/b`"],
    );
    fs::write(away("money/Cargo.toml"), manifest.replace("[dependencies]", "[dependencies]\nlog = \"0.4\""))
        .expect("room");
    let patch = format!("{root}\n[patch.crates-io]\nlog = {{ path = \"log\" }}\n");
    fs::write(sandbox.path().join("old/Cargo.toml"), patch).expect("room");
    refused(
        &["adopt", "../old/crates/money"],
        1,
        &["another `log`, in `[patch.crates-io]`", "say the same in Cargo.toml"],
    );
}
