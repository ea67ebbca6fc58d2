//! `umbrella init`, `umbrella adopt`, `umbrella dep add`: what they change in a workspace that was there, and what not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, foreign_workspace, succeed, workspace_of_every_shape};

/// A foreign workspace in the folder `shop`.
fn foreign() -> Sandbox {
    let sandbox = Sandbox::new();
    foreign_workspace(&sandbox.path().join("shop"));
    sandbox
}

/// The exit code, and what was said: results, and the rest.
fn said(sandbox: &Sandbox, folder: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = sandbox.umbrella(folder, args).output().expect("it runs");
    let text = |said: Vec<u8>| String::from_utf8(said).expect("it is text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The lines of a file that were added since `before`; fails if one is gone or changed.
fn added(before: &str, after: &str) -> Vec<String> {
    let mut old = before.lines().peekable();
    let new = after.lines().filter(|line| old.next_if_eq(line).is_none()).map(str::to_owned).collect();
    assert_eq!(old.next(), None, "a line is gone:\n{after}");
    new
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.path().join("shop").join(path)).expect("it is there")
}

#[test]
fn init_adds_two_lines_and_everything_can_be_looked_at() {
    let sandbox = foreign();
    let before = Tree::read(sandbox.path());
    let (code, _, shown) = said(&sandbox, "shop", &["list"]);
    assert_eq!(code, Some(102));
    assert!(shown.contains("help: make it one with `umbrella init`"), "{shown}");
    succeed(&mut sandbox.umbrella("shop", ["init", "--dry-run"]));
    assert_same_tree(&before, &Tree::read(sandbox.path()));

    let old = read(&sandbox, "Cargo.toml");
    let (_, out, _) = said(&sandbox, "shop/crates/shop", &["init"]);
    assert!(out.contains("* updating ../../Cargo.toml ([workspace.metadata.umbrella])"), "{out}");
    assert!(out.contains("has 2 crates and no application yet"), "{out}");
    let lines = added(&old, &read(&sandbox, "Cargo.toml"));
    assert_eq!(lines, ["", "[workspace.metadata.umbrella]", "name = \"shop\""]);
    let listed = said(&sandbox, "shop", &["list"]).1;
    assert!(listed.contains("shop          crate  0.3.0    crates/shop          billing-core"), "{listed}");
    assert!(said(&sandbox, "shop", &["init"]).1.contains("is already an umbrella: `shop`"));
    assert_eq!(said(&sandbox, "", &["init"]).0, Some(102), "there is no workspace");
}

#[test]
fn a_crate_is_adopted_with_at_most_ten_lines() {
    let sandbox = foreign();
    succeed(&mut sandbox.umbrella("shop", ["init"]));
    let files = ["crates/billing-core/Cargo.toml", "crates/billing-core/src/lib.rs"];
    let before: Vec<String> = files.iter().map(|file| read(&sandbox, file)).collect();
    let (_, out, _) = said(&sandbox, "shop", &["adopt", "crates/billing-core", "--sup"]);
    let new: Vec<Vec<String>> =
        files.iter().zip(&before).map(|(file, before)| added(before, &read(&sandbox, file))).collect();
    let count = new[0].len() + new[1].len();
    assert!(count <= 10, "{new:?}");
    assert_eq!(new[0][0], "umbrella.workspace = true");
    assert_eq!(new[1][..2], ["mod application;", "pub use application::BillingCore;"]);
    assert!(out.contains("`billing-core` is an application"), "{out}");
    assert!(said(&sandbox, "shop", &["list"]).1.contains("billing-core  supervised"));
    assert!(
        said(&sandbox, "shop", &["adopt", "crates/billing-core"]).1.contains("is already an application")
    );
}

#[test]
fn a_crate_that_is_no_member_becomes_one() {
    let sandbox = foreign();
    succeed(&mut sandbox.umbrella("shop", ["init"]));
    succeed(&mut sandbox.umbrella("shop/crates", ["adopt", "money"]));
    assert!(read(&sandbox, "Cargo.toml").contains("\"crates/money\""));
    assert!(said(&sandbox, "shop", &["list"]).1.contains("money         library"));
}

#[test]
fn what_cannot_be_adopted_is_left_as_it_is() {
    let sandbox = foreign();
    foreign_workspace(&sandbox.path().join("shop/inner"));
    succeed(&mut sandbox.umbrella("shop", ["init"]));
    fs::write(sandbox.path().join("shop/crates/money/src/application.rs"), "").expect("it can be written");
    let before = Tree::read(sandbox.path());
    for (line, expected) in [
        (&["adopt", "crates/nothing"][..], "no crate in `crates/nothing`"),
        (&["adopt", "crates/money", "--into", "apps/money"], "lies in the umbrella already"),
        (&["adopt", "inner"], "is a workspace of its own"),
        (&["adopt", "crates/money", "--sup"], "has a module `application` already"),
    ] {
        let (code, _, shown) = said(&sandbox, "shop", line);
        assert_eq!(code, Some(1), "{line:?}: {shown}");
        assert!(shown.contains(expected), "{line:?}: {shown}");
    }
    assert_same_tree(&before, &Tree::read(sandbox.path()));
}

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

#[test]
fn a_dependency_is_added_as_if_it_had_been_there_from_the_start() {
    let sandbox = Sandbox::new();
    succeed(
        &mut sandbox
            .umbrella("", ["new", "abc", "--umbrella", "--app", "b:sup", "--app", "c:sup", "--app", "d"]),
    );
    let (_, out, _) = said(&sandbox, "abc", &["dep", "add", "d", "b", "c"]);
    assert!(out.contains("* updating apps/d/Cargo.toml (dependencies += b, c, umbrella)"), "{out}");
    let graph = said(&sandbox, "abc", &["graph", "d"]).1;
    assert!(graph.contains("├── b") && graph.contains("└── c"), "{graph}");
    let library = fs::read_to_string(sandbox.path().join("abc/apps/d/src/lib.rs")).expect("it is there");
    assert!(library.contains("umbrella::application!();"), "{library}");
    let release =
        fs::read_to_string(sandbox.path().join("abc/releases/abc/src/main.rs")).expect("it is there");
    assert!(release.contains(".application(d::application())"), "{release}");
    let before = Tree::read(sandbox.path());
    assert!(said(&sandbox, "abc", &["dep", "add", "d", "b"]).1.contains("`d` already depends on `b`"));
    for (line, expected) in [
        (["dep", "add", "b", "d"], "cannot depend on `d`, which depends on it: b -> d -> b"),
        (["dep", "add", "b", "b"], "`b` cannot depend on itself"),
        (["dep", "add", "b", "z"], "unknown application `z`"),
    ] {
        let (code, _, shown) = said(&sandbox, "abc", &line);
        assert!(code != Some(0) && shown.contains(expected), "{line:?}: {shown}");
    }
    assert_same_tree(&before, &Tree::read(sandbox.path()));
    let manifest = sandbox.path().join("abc/Cargo.toml");
    let text = fs::read_to_string(&manifest).expect("it is there");
    let rules = "\n[workspace.metadata.umbrella.rules]\ndeny.b = [\"c\"]\n";
    fs::write(manifest, text + rules).expect("it can be written");
    let (code, _, shown) = said(&sandbox, "abc", &["dep", "add", "b", "c"]);
    assert_eq!(
        (code, shown.contains("`b` may not depend on `c`: `deny.b` names it")),
        (Some(1), true),
        "{shown}"
    );
}

#[test]
fn workspaces_of_every_shape_are_taken_in() {
    let sandbox = Sandbox::new();
    workspace_of_every_shape(&sandbox.path().join("shop"));
    let (_, out, _) = said(&sandbox, "shop", &["init"]);
    assert!(out.contains("has 7 crates") && out.contains("umbrella adopt crates/gauge"), "{out}");
    let listed = said(&sandbox, "shop", &["list"]).1;
    assert!(
        listed
            .contains("top-level     crate  1.2.3       .                    gauge, my-crate, only-windows"),
        "{listed}"
    );
    assert!(!listed.contains("left-out"), "{listed}");
    let graph = said(&sandbox, "shop", &["graph"]).1;
    assert!(graph.contains("my-crate v0.3.1-rc.1 (crate) (dev)"), "{graph}");
    let before = Tree::read(sandbox.path());
    for (line, expected) in [
        (&["adopt", "crates/macros"][..], "`macros` has macros, which run in the compiler"),
        (&["adopt", "tools/gen", "--sup"], "the library of `gen-tool` is `gen.rs`"),
        (&["dep", "add", "gauge", "top-level"], "gauge -> top-level -> gauge"),
        (&["dep", "add", "only-windows", "top-level"], "only-windows -> top-level -> only-windows"),
        (
            &["rm", "gauge"],
            "it is a crate; make an application of it, in the root: `umbrella adopt crates/gauge`",
        ),
    ] {
        let (code, _, shown) = said(&sandbox, "shop", line);
        assert!(code != Some(0) && shown.contains(expected), "{line:?}: {shown}");
    }
    assert_same_tree(&before, &Tree::read(sandbox.path()));
    for (folder, announced) in [
        (
            "tools/gen",
            "* updating Cargo.toml (members += releases/shop, dependencies += gen-tool, umbrella)\n",
        ),
        (".", "* updating Cargo.toml (dependencies += top-level, [package.metadata.umbrella])\n"),
    ] {
        let (code, out, shown) = said(&sandbox, "shop", &["adopt", folder]);
        assert_eq!((code, out.contains(announced)), (Some(0), true), "{out}{shown}");
    }
    let listed = said(&sandbox, "shop", &["list"]).1;
    assert!(listed.contains("top-level     library") && listed.contains("gen-tool      library"), "{listed}");
    // The release is written again, in a root that says less than ours do: cargo must still take the workspace.
    for line in [&["rename", "gen-tool", "gen_more"][..], &["rm", "gen_more", "--force"]] {
        let (code, out, shown) = said(&sandbox, "shop", line);
        assert_eq!(code, Some(0), "{out}{shown}");
        let (code, listed, shown) = said(&sandbox, "shop", &["list"]);
        assert_eq!((code, listed.contains("gen-tool")), (Some(0), false), "{listed}{shown}");
    }
}
