//! Built, linted, tested.

use umbrella_tests::{Sandbox, foreign_workspace, succeed};

/// Makes a workspace with `umbrella <line>`, for each line, and does with it what its author will do.
fn works(folder: &str, lines: &[&[&str]]) {
    let sandbox = Sandbox::new();
    let mut below = "";
    for line in lines {
        succeed(&mut sandbox.umbrella(below, *line));
        below = folder;
    }
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo(folder, args));
    cargo(&["build", "--workspace"]);
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
    let doc = &mut sandbox.cargo(folder, ["doc", "--workspace", "--no-deps"]);
    succeed(doc.env("RUSTDOCFLAGS", "--deny warnings"));
}

#[test]
fn an_umbrella_without_applications() {
    works("empty", &[&["new", "empty", "--umbrella"]]);
}

#[test]
fn applications_of_every_kind() {
    let abc = [
        "new",
        "abc",
        "--umbrella",
        "--app",
        "a",
        "--app",
        "b:sup",
        "--app",
        "c:sup",
        "--app",
        "plain",
        "--dep",
        "a:c",
    ];
    works(
        "abc",
        &[
            &abc,
            &["new", "on_library", "--dep", "plain"],
            &["new", "on_two", "--dep", "b", "--dep", "c"],
            &["new", "sup_on_sup", "--sup", "--dep", "b"],
            &["new", "sup_on_library", "--sup", "--dep", "a"],
        ],
    );
}

#[test]
fn a_library_on_its_own() {
    works("lone", &[&["new", "lone"]]);
}

#[test]
fn a_supervised_application_on_its_own() {
    works("single", &[&["new", "single", "--sup"]]);
}

#[test]
fn a_foreign_workspace_that_was_taken_in() {
    let sandbox = Sandbox::new();
    foreign_workspace(&sandbox.path().join("shop"));
    let ledger = sandbox.path().join("old/crates/ledger");
    std::fs::create_dir_all(ledger.join("src")).expect("room");
    for (file, text) in [
        (
            "../../Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.3.0\"\nedition = \"2021\"\n\
             [workspace.dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nmoney = { path = \"crates/money\" }\n\
             [workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
        ),
        (
            "Cargo.toml",
            "[package]\nname = \"ledger\"\nversion.workspace = true\nedition.workspace = true\n\n\
             [dependencies]\nmoney.workspace = true\nserde.workspace = true\n\n[lints]\nworkspace = true\n",
        ),
        (
            "src/lib.rs",
            "//! A ledger.\n\npub use money as coins;\n\n/// What is written.\n#[derive(Debug, serde::Serialize)]\npub struct Entry;\n",
        ),
    ] {
        std::fs::write(ledger.join(file), text).expect("room");
    }
    let money = sandbox.path().join("old/crates/money");
    std::fs::create_dir_all(money.join("src")).expect("room");
    std::fs::write(money.join("Cargo.toml"), "[package]\nname = \"money\"\nversion = \"0.3.0\"\n")
        .expect("room");
    std::fs::write(money.join("src/lib.rs"), "").expect("room");
    for line in [
        &["init"][..],
        &["adopt", "crates/billing-core", "--sup"],
        &["adopt", "crates/shop"],
        &["adopt", "crates/money"],
        // From elsewhere, with what it inherits there.
        &["adopt", "../old/crates/ledger", "--sup"],
        // It has something to start below it from now on.
        &["dep", "add", "money", "billing-core"],
        &["new", "c", "--sup", "--dep", "billing-core"],
    ] {
        succeed(&mut sandbox.umbrella("shop", line));
    }
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo("shop", args));
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
}

#[test]
fn modules_of_every_kind_several_in_one_application() {
    works(
        "modules",
        &[
            &["new", "modules", "--umbrella", "--app", "b:sup"],
            &["gen", "server", "b", "Cart"],
            &["gen", "statem", "b", "door_of_a_shop"],
            &["gen", "supervisor", "b", "Rooms"],
            &["gen", "task", "b", "AnImportOfAllThatStandsInALongListOfThings"],
            &["gen", "api", "b", "Orders"],
            &["gen", "api", "b", "Refunds"],
        ],
    );
}

/// Templates of their own, copied and changed: what they make builds, and passes.
#[test]
fn what_templates_of_users_make() {
    let sandbox = Sandbox::new();
    let copy = |below: &str, kind: &str, to: &[&str]| {
        succeed(&mut sandbox.umbrella(below, ["templates", "copy", kind].iter().chain(to)));
    };
    let edit = |file: &str, old: &str, new: &str| {
        let path = sandbox.path().join(file);
        let text = std::fs::read_to_string(&path).expect("it was copied");
        assert!(text.contains(old), "{file}: {text}");
        std::fs::write(path, text.replace(old, new)).expect("room");
    };
    copy("", "umbrella", &["--to", "ours"]);
    copy("", "supervised", &["--to", "ours/.umbrella/templates/supervised"]);
    // No counter, and no configuration: nobody calls one as an example, and no table is written.
    let supervised = "ours/.umbrella/templates/supervised";
    std::fs::remove_file(sandbox.path().join(supervised).join("config.toml.hbs")).expect("it was copied");
    edit(&format!("{supervised}/src/application.rs.hbs"), "cx.config().start", "7");
    edit(&format!("{supervised}/src/application.rs.hbs"), "cx: &mut", "_cx: &mut");
    edit(
        &format!("{supervised}/src/application.rs.hbs"),
        "    /// The count a fresh counter starts with.\n    start: i64,\n",
        "",
    );
    edit(
        &format!("{supervised}/src/counter.rs.hbs"),
        "fn add(&mut self, by: i64)",
        "fn add(&mut self, by:   i64)",
    );
    edit(
        &format!("{supervised}/tests/{{{{name}}}}.rs.hbs"),
        "COUNTER.add(2).await?, 2",
        "COUNTER.add(2).await?, 9",
    );
    edit(&format!("{supervised}/tests/{{{{name}}}}.rs.hbs"), "?, 5);", "?, 12);");
    edit(
        &format!("{supervised}/tests/{{{{name}}}}.rs.hbs"),
        "COUNTER.crash()).await?;\n\n    assert_eq!(COUNTER.get().await?, 0);",
        "COUNTER.crash()).await?;\n\n    assert_eq!(COUNTER.get().await?, 7);",
    );
    let abc =
        ["new", "mine", "--umbrella", "--template", "ours", "--app", "a", "--app", "b:sup", "--dep", "a:b"];
    succeed(&mut sandbox.umbrella("", abc));
    copy("mine", "api", &[]);
    edit(
        "mine/.umbrella/templates/api/server/src/{{module}}.rs.hbs",
        "entries: Vec::new()",
        "entries: vec![]",
    );
    for line in [&["gen", "api", "b", "Orders"][..], &["gen", "api", "b", "Refunds"], &["new", "c", "--sup"]]
    {
        succeed(&mut sandbox.umbrella("mine", line));
    }
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo("mine", args));
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
}

/// An umbrella of a supervised application and a library, and the text of a file in it.
fn shop() -> (Sandbox, impl Fn(&str) -> String) {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "shop", "--umbrella", "--app", "a", "--app", "b:sup"]));
    let root = sandbox.path().join("shop");
    (sandbox, move |file| std::fs::read_to_string(root.join(file)).unwrap_or_default())
}

/// Runs `umbrella`, and returns its exit code with everything it said.
fn said(sandbox: &Sandbox, line: &[&str]) -> (Option<i32>, String) {
    let output = sandbox.umbrella("shop", line).output().expect("umbrella runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_tree_of_another_shape_is_left_and_the_lines_to_add_are_said() {
    let (sandbox, read) = shop();
    let path = sandbox.path().join("shop/apps/b/src/application.rs");
    let other = read("apps/b/src/application.rs")
        .replace("\n            .start_link()\n            .await", ";\n        todo!()");
    std::fs::write(&path, &other).expect("room");
    let (code, text) = said(&sandbox, &["gen", "server", "b", "Cart"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("use crate::cart::{CART, Cart};\n    .child(Cart::child_spec(()).name(CART))"),
        "{text}"
    );
    assert_eq!(read("apps/b/src/application.rs"), other);
    assert!(read("apps/b/src/lib.rs").contains("mod cart;"));
}

#[test]
fn what_cannot_be_generated_changes_nothing() {
    let (sandbox, read) = shop();
    let before = umbrella_tests::Tree::read(&sandbox.path().join("shop"));
    let refusals: &[(&[&str], &str)] = &[
        (&["gen", "server", "a", "Cart"], "`a` is a library application"),
        (&["gen", "server", "bb", "Cart"], "unknown application `bb`"),
        (&["gen", "server", "b", "Counter"], "`counter` is taken in `b`"),
        (&["gen", "statem", "b", "B"], "`B` is taken in `b`"),
        (&["gen", "task", "b", "type"], "invalid module name `type`: it is a keyword"),
    ];
    for (line, expected) in refusals {
        let (code, text) = said(&sandbox, line);
        assert!(code == Some(2) && text.contains(expected), "{line:?}: {code:?} {text}");
    }
    let (code, text) = said(&sandbox, &["gen", "api", "b", "Orders", "--dry-run"]);
    assert!(code == Some(0) && text.contains("would create apps/b_api/src/orders.rs"), "{text}");
    umbrella_tests::assert_same_tree(&umbrella_tests::Tree::read(&sandbox.path().join("shop")), &before);
    assert!(!read("Cargo.toml").contains("b_api"));
}

/// Makes everything in the umbrella `shop` known to git, so that `rm` may remove it.
fn commit(sandbox: &Sandbox) {
    let line = "git add -A && git -c user.name=t -c user.email=t@t commit -qm all";
    succeed(&mut sandbox.typed(&sandbox.path().join("shop"), line));
}

#[test]
fn a_renamed_application_is_found_by_all_who_use_it_and_a_removed_one_is_forgotten() {
    let sandbox = Sandbox::new();
    for (below, line) in [
        (
            "",
            &["new", "shop", "--umbrella", "--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"]
                [..],
        ),
        ("shop", &["new", "d", "--sup", "--dep", "c"]),
        ("shop", &["new", "e"]),
    ] {
        succeed(&mut sandbox.umbrella(below, line));
    }
    let before = umbrella_tests::Tree::read(&sandbox.path().join("shop"));
    let (code, text) = said(&sandbox, &["rename", "c", "store", "--dry-run"]);
    assert!(code == Some(0) && text.contains("apps/a/src/lib.rs:13: store::COUNTER.add(by).await"), "{text}");
    umbrella_tests::assert_same_tree(&umbrella_tests::Tree::read(&sandbox.path().join("shop")), &before);

    for (line, expected) in [
        (&["rename", "c", "b"][..], "the name `b` is taken"),
        (&["rename", "cc", "x"], "unknown application `cc`"),
        (&["rename", "c", "type"], "it is a keyword of Rust"),
        (&["rm", "c"], "`c` is needed by `a`, `d`"),
        (&["rm", "b"], "`apps/b` holds what git could not bring back"),
    ] {
        let (code, text) = said(&sandbox, line);
        assert!(code != Some(0) && text.contains(expected), "{line:?}: {text}");
    }
    umbrella_tests::assert_same_tree(&umbrella_tests::Tree::read(&sandbox.path().join("shop")), &before);

    for name in [("c", "store"), ("e", "tools")] {
        let (code, text) = said(&sandbox, &["rename", name.0, name.1]);
        assert_eq!(code, Some(0), "{text}");
    }
    let manifest = sandbox.path().join("shop/Cargo.toml");
    let saved = std::fs::read_to_string(&manifest)
        .expect("a manifest")
        .replace("# prod = \"[a,b]+[c]\"", "prod = \"[a,b]+[store]\"\nlone = \"[b]\"");
    std::fs::write(&manifest, saved).expect("a manifest can be written");
    commit(&sandbox);
    let (code, text) = said(&sandbox, &["rm", "b"]);
    assert_eq!(code, Some(0), "{text}");
    let placed = std::fs::read_to_string(&manifest).expect("a manifest");
    assert!(placed.ends_with("deployments]\nprod = \"[a]+[store]\"\n"), "{placed}");
    assert!(!sandbox.path().join("shop/apps/b").exists() && !sandbox.path().join("shop/apps/c").exists());
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo("shop", args));
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["test", "--workspace"]);
    // What the release crates should be is what they are.
    commit(&sandbox);
    let (code, text) = said(&sandbox, &["list", "--json"]);
    assert!(code == Some(0) && !text.contains("\"b\"") && text.contains("\"store\""), "{text}");
}
