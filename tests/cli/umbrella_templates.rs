//! `umbrella templates`, `--template PATH`, and templates that an umbrella has of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, succeed};

const SERVER: &str = "shop/.umbrella/templates/server";
const MODULE: &str = "shop/.umbrella/templates/server/src/{{module}}.rs.hbs";

/// The exit code, and everything that was said.
fn said(sandbox: &Sandbox, folder: &str, args: &[&str]) -> (Option<i32>, String) {
    let output = sandbox.umbrella(folder, args).output().expect("it runs");
    let text = |said: Vec<u8>| String::from_utf8(said).expect("it is text");
    (output.status.code(), text(output.stdout) + &text(output.stderr))
}

/// The umbrella `shop` of a library and a supervised application.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "shop", "--umbrella", "--app", "a", "--app", "b:sup"]));
    sandbox
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("it is below the sandbox")).expect("room");
    fs::write(path, text).expect("room");
}

#[test]
fn kinds_are_listed_with_their_variables_and_where_they_come_from() {
    let sandbox = shop();
    let (code, shown) = said(&sandbox, "", &["templates"]);
    assert!(
        code == Some(0) && shown.contains("server      built in  app, krate, module, type_name"),
        "{shown}"
    );
    succeed(&mut sandbox.umbrella("shop", ["templates", "copy", "server"]));
    fs::create_dir(sandbox.path().join("shop/.umbrella/templates/sever")).expect("room");
    let (_, shown) = said(&sandbox, "shop/apps", &["templates"]);
    for expected in [
        "umbrella    built in                       name, runtime, made_by",
        "server      ../.umbrella/templates/server  app, krate",
        "warning: `.umbrella/templates/sever` is a template of nothing",
        "help: a kind with a similar name exists: `server`",
    ] {
        assert!(shown.contains(expected), "`{expected}` is not in:\n{shown}");
    }
    let (_, shown) = said(&sandbox, "shop", &["templates", "show", "server"]);
    assert!(
        shown.contains("(.umbrella/templates/server)") && shown.contains("    src/{{module}}.rs\n"),
        "{shown}"
    );
    let (_, shown) = said(&sandbox, "shop", &["templates", "--json"]);
    assert!(shown.contains("\"version\": 1") && shown.contains("\"folder\": null"), "{shown}");
}

#[test]
fn a_copied_template_makes_what_the_built_in_one_makes() {
    let sandbox = Sandbox::new();
    for (folder, copies) in [("ours", false), ("theirs", true)] {
        fs::create_dir(sandbox.path().join(folder)).expect("room");
        let root = format!("{folder}/shop");
        let mut line = vec!["new", "shop", "--umbrella", "--app", "a", "--app", "b:sup", "--dep", "a:b"];
        if copies {
            for (kind, to) in [
                ("umbrella", ""),
                ("library", "/.umbrella/templates/library"),
                ("supervised", "/.umbrella/templates/supervised"),
            ] {
                let to = format!("../template{to}");
                succeed(&mut sandbox.umbrella(folder, ["templates", "copy", kind, "--to", &to]));
            }
            line.extend(["--template", "../template"]);
        }
        succeed(&mut sandbox.umbrella(folder, line));
        for kind in ["server", "statem", "supervisor", "task", "api"] {
            if copies {
                succeed(&mut sandbox.umbrella(&root, ["templates", "copy", kind]));
            }
            succeed(&mut sandbox.umbrella(&root, ["gen", kind, "b", &format!("my_{kind}")]));
        }
        succeed(&mut sandbox.umbrella(&root, ["gen", "api", "b", "another"]));
        succeed(&mut sandbox.umbrella(&root, ["new", "c", "--sup", "--dep", "b"]));
    }
    fs::rename(sandbox.path().join("theirs/shop/.umbrella"), sandbox.path().join("kept"))
        .expect("it was made");
    // It says how it was made.
    fs::copy(sandbox.path().join("ours/shop/README.md"), sandbox.path().join("theirs/shop/README.md"))
        .expect("room");
    let tree = |name: &str| Tree::read(&sandbox.path().join(name).join("shop"));
    assert_same_tree(&tree("ours"), &tree("theirs"));
}

#[test]
fn what_is_copied_stays_as_it_is() {
    let sandbox = shop();
    succeed(&mut sandbox.umbrella("shop", ["templates", "copy", "server"]));
    let template = sandbox.path().join(SERVER);
    write(&template.join("benches/{{app}}/run.sh.hbs"), "#!/bin/sh\n# {{type_name}}\n");
    let program = fs::Permissions::from_mode(0o755);
    fs::set_permissions(template.join("benches/{{app}}/run.sh.hbs"), program).expect("it is ours");
    write(&template.join("logo_{{module}}.png"), [0xff, 0x00, b'{', b'{']);
    let dry = succeed(&mut sandbox.umbrella("shop", ["gen", "server", "b", "Door", "--dry-run"]));
    assert!(String::from_utf8_lossy(&dry.stdout).contains("would create apps/b/benches/b/run.sh"));
    let app = sandbox.path().join("shop/apps/b");
    assert!(!app.join("benches").exists());
    succeed(&mut sandbox.umbrella("shop", ["gen", "server", "b", "Door"]));
    assert_eq!(fs::read(app.join("logo_door.png")).expect("it is there"), [0xff, 0x00, b'{', b'{']);
    let script = app.join("benches/b/run.sh");
    assert_eq!(fs::read_to_string(&script).expect("it is there"), "#!/bin/sh\n# Door\n");
    assert_eq!(fs::metadata(script).expect("it is there").permissions().mode() & 0o100, 0o100);
}

/// Changes the template, asks for a server, and expects to be told what is wrong, and nothing written.
#[test]
fn what_cannot_be_used_is_told_with_its_place_and_changes_nothing() {
    let sandbox = shop();
    succeed(&mut sandbox.umbrella("shop", ["templates", "copy", "server"]));
    let module = sandbox.path().join(MODULE);
    let ours = fs::read_to_string(&module).expect("it was copied");
    let changed = |old: &str, new: &str| {
        assert!(ours.contains(old));
        ours.replacen(old, new, 1)
    };
    let place = ".umbrella/templates/server/src/{{module}}.rs.hbs";
    for (text, expected) in [
        (
            changed("const {{constant}}", "const {{constent}}"),
            &[
                "no variable is called `constent`",
                "rs.hbs:6:13",
                "a variable with a similar name exists: `constant`",
                "help: variables: api, ",
            ][..],
        ),
        (
            changed("impl {{type_name}}", "impl {{#if typ}}X{{/if}}"),
            &["no variable is called `typ`", "rs.hbs:15:12"],
        ),
        (
            changed("push(entry);", "push({{type_name}} entry);"),
            &["makes what is not valid Rust", "rs.hbs:24:9", "makes `self.entries.push(Door entry);`"],
        ),
        (
            changed("pub const", "const"),
            &["makes no `pub const DOOR`", ".child(Door::child_spec(()).name(DOOR))"],
        ),
        (changed("{{type_name}}", "{{> other}}"), &["cannot fill in another one", place]),
    ] {
        fs::write(&module, &text).expect("room");
        let before = Tree::read(sandbox.path());
        let (code, shown) = said(&sandbox, "shop", &["gen", "server", "b", "Door"]);
        assert_eq!(code, Some(1), "{shown}");
        for expected in expected {
            assert!(shown.contains(expected), "`{expected}` is not in:\n{shown}");
        }
        assert_same_tree(&before, &Tree::read(sandbox.path()));
    }
    fs::write(&module, &ours).expect("room");
    let template = sandbox.path().join(SERVER);
    write(&template.join("x.toml"), "a =\n");
    let (_, shown) = said(&sandbox, "shop", &["gen", "server", "b", "Door"]);
    assert!(shown.contains("makes what is not valid TOML") && shown.contains("server/x.toml:1:1"), "{shown}");
    fs::remove_file(template.join("x.toml")).expect("it was made");
    symlink("../../../Cargo.toml", template.join("secret")).expect("room");
    let (_, shown) = said(&sandbox, "shop", &["gen", "server", "b", "Door"]);
    assert!(shown.contains("server/secret` is a link out of the template"), "{shown}");
}

#[test]
fn a_template_that_is_not_there_or_of_another_kind_is_refused() {
    let sandbox = shop();
    succeed(&mut sandbox.umbrella("", ["templates", "copy", "library", "--to", "all/library"]));
    succeed(&mut sandbox.umbrella("", ["templates", "copy", "server", "--to", "server"]));
    let before = Tree::read(sandbox.path());
    for (folder, line, code, expected) in [
        ("shop", &["gen", "server", "b", "Door", "--template", "nope"][..], 1, "there is no folder `nope`"),
        ("shop", &["new", "d", "--template", "../all"], 1, "did you mean `../all/library`?"),
        ("shop", &["new", "d", "--sup", "--template", "../server"], 1, "makes no `Cargo.toml`"),
        (
            "shop",
            &["gen", "task", "b", "Work", "--template", "../server"],
            1,
            "makes no `pub async fn start_work`",
        ),
        (
            "",
            &["new", "x", "--umbrella", "--template", "all/library"],
            1,
            "no variable is called `supervised`",
        ),
        ("shop", &["templates", "copy", "umbrella"], 2, "used where there is no umbrella yet"),
        ("", &["templates", "copy", "server"], 2, "--to DIR"),
        ("", &["templates", "copy", "server", "--to", "server"], 1, "already exists"),
        ("", &["templates", "show", "nothing"], 2, "possible values: umbrella, library"),
    ] {
        let (found, shown) = said(&sandbox, folder, line);
        assert!(found == Some(code) && shown.contains(expected), "{line:?}: {found:?} {shown}");
    }
    assert_same_tree(&before, &Tree::read(sandbox.path()));
}

#[test]
fn an_application_must_be_what_was_asked_for() {
    let sandbox = shop();
    succeed(&mut sandbox.umbrella("", ["templates", "copy", "supervised", "--to", "sup"]));
    let file = |name: &str| sandbox.path().join("sup").join(name);
    for (name, old, new, expected) in [
        (
            "Cargo.toml.hbs",
            "name = \"{{name}}\"",
            "name = \"other\"",
            "makes no `name = \"d\"` in `[package]`",
        ),
        ("Cargo.toml.hbs", "{{name}}::{{type_name}}", "x::Y", "makes no `application = \"d::D\"`"),
        ("Cargo.toml.hbs", "{{name}}::{{type_name}}", "{{name}}::Y", "makes no `pub use application::Y;`"),
        (
            "Cargo.toml.hbs",
            "{{#each dependencies}}\n{{this}}.workspace = true\n{{/each}}",
            "umbrella.workspace = true\nserde.workspace = true",
            "makes no dependency on `b`",
        ),
        ("src/lib.rs.hbs", "umbrella::application!();", "", "makes no `umbrella::application!();`"),
    ] {
        let ours = fs::read_to_string(file(name)).expect("it was copied");
        assert!(ours.contains(old), "{name}: {ours}");
        fs::write(file(name), ours.replacen(old, new, 1)).expect("room");
        let line = ["new", "d", "--sup", "--dep", "b", "--template", "../sup"];
        let (code, shown) = said(&sandbox, "shop", &line);
        assert!(code == Some(1) && shown.contains(expected), "{name}: {shown}");
        assert!(!sandbox.path().join("shop/apps/d").exists());
        fs::write(file(name), ours).expect("room");
    }
}

#[test]
fn an_umbrella_must_be_one() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["templates", "copy", "umbrella", "--to", "ours"]));
    let root = sandbox.path().join("ours/Cargo.toml.hbs");
    let ours = fs::read_to_string(&root).expect("it was copied");
    fs::write(&root, ours.replace("name = \"{{name}}\"", "")).expect("room");
    let (code, shown) = said(&sandbox, "", &["new", "shop", "--umbrella", "--template", "ours"]);
    assert!(code == Some(1), "{shown}");
    assert!(shown.contains("makes no `name = \"shop\"` in `[workspace.metadata.umbrella]`"), "{shown}");
    assert!(!sandbox.path().join("shop").exists());
    // What the release stands on is added where it is missing.
    let bare = "[workspace]\nresolver = \"3\"\n\n[workspace.metadata.umbrella]\nname = \"{{name}}\"\n";
    fs::write(&root, bare).expect("room");
    for file in [".gitignore", "README.md", "config/config.toml", "config/dev.toml"] {
        fs::remove_file(sandbox.path().join("ours").join(format!("{file}.hbs"))).expect("it was copied");
    }
    succeed(&mut sandbox.umbrella("", ["new", "shop", "--umbrella", "--template", "ours", "--app", "b:sup"]));
    let (_, listed) = said(&sandbox, "shop", &["list"]);
    assert!(listed.contains("b     supervised  0.1.0    apps/b"), "{listed}");
    let config = fs::read_to_string(sandbox.path().join("shop/config/config.toml")).expect("it is there");
    assert!(config.starts_with("[b]\n"), "{config}");
}

#[test]
fn a_template_of_an_umbrella_may_bring_applications_and_templates() {
    let sandbox = Sandbox::new();
    for (kind, to) in [("umbrella", "ours"), ("task", "ours/.umbrella/templates/task")] {
        succeed(&mut sandbox.umbrella("", ["templates", "copy", kind, "--to", to]));
    }
    let app = sandbox.path().join("ours/apps/base");
    let manifest = "[package]\nname = \"base\"\nversion.workspace = true\nedition.workspace = true\n\n\
                    [package.metadata.umbrella]\nlibrary = true\n";
    write(&app.join("Cargo.toml"), manifest);
    write(&app.join("src/lib.rs"), "//! What all others stand on.\n");
    let root = sandbox.path().join("ours/Cargo.toml.hbs");
    let text = fs::read_to_string(&root).expect("it was copied");
    let text = text
        .replace("members = [", "members = [\n    \"apps/base\",")
        .replace("[workspace.dependencies]\n", "[workspace.dependencies]\nbase = { path = \"apps/base\" }\n");
    fs::write(root, text).expect("room");
    succeed(&mut sandbox.umbrella("", ["new", "shop", "--umbrella", "--template", "ours", "--app", "c:sup"]));
    let (_, listed) = said(&sandbox, "shop", &["list"]);
    assert!(listed.contains("base  library") && listed.contains("c     supervised"), "{listed}");
    let release =
        fs::read_to_string(sandbox.path().join("shop/releases/shop/src/main.rs")).expect("it is there");
    assert!(release.contains(".library(\"base\", "), "{release}");
    let (_, shown) = said(&sandbox, "shop", &["gen", "task", "c", "Work", "--dry-run"]);
    assert!(shown.contains("note: made from the template `.umbrella/templates/task`"), "{shown}");
    let (code, shown) =
        said(&sandbox, "", &["new", "two", "--umbrella", "--template", "ours", "--app", "base"]);
    assert!(code == Some(1) && shown.contains("makes an application `base` itself"), "{shown}");
}
