//! `umbrella init`, `umbrella adopt`, `umbrella dep add`: what they change in a workspace that was there, and what not.

use std::fs;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, foreign_workspace, succeed, workspace_of_every_shape};

/// A foreign workspace in the folder `shop`.
fn foreign() -> Sandbox {
    let sandbox = Sandbox::new();
    foreign_workspace(&sandbox.path().join("shop"));
    sandbox
}

/// The exit code, and what was said: results, and the rest.
pub(crate) fn said(sandbox: &Sandbox, folder: &str, args: &[&str]) -> (Option<i32>, String, String) {
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
