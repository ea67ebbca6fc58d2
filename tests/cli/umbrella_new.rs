//! `umbrella new`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, succeed};

#[test]
fn what_it_says_and_writes() {
    crate::check("new/*.trycmd");
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let line = ["new", "abc", "--umbrella", "--app", "b:sup"];
    let dry = succeed(&mut sandbox.umbrella("", line.iter().chain(&["--dry-run"])));
    assert_eq!(Tree::read(sandbox.path()).0.len(), 0);
    let wet = succeed(&mut sandbox.umbrella("", line));

    let created = |said: Vec<u8>, verb: &str| -> Vec<String> {
        let said = String::from_utf8(said).unwrap();
        said.lines().filter_map(|line| line.strip_prefix(verb).map(str::to_owned)).collect()
    };
    let dry = created(dry.stdout, "* would create ");
    assert_eq!(dry, created(wet.stdout, "* creating "));
    assert!(dry.iter().all(|path| sandbox.path().join(path).is_file()), "{dry:?}");

    // In an umbrella too.
    let before = Tree::read(sandbox.path());
    succeed(&mut sandbox.umbrella("abc", ["new", "c", "--sup", "--dep", "b", "--dry-run"]));
    assert_same_tree(&before, &Tree::read(sandbox.path()));
}

#[test]
fn one_by_one_is_the_same_as_in_one_line() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path().join("one")).unwrap();
    fs::create_dir_all(sandbox.path().join("many")).unwrap();
    let whole =
        ["new", "abc", "--umbrella", "--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
    succeed(&mut sandbox.umbrella("one", whole));

    succeed(&mut sandbox.umbrella("many", ["new", "abc", "--umbrella"]));
    succeed(&mut sandbox.umbrella("many/abc/apps", ["new", "b", "--sup"]));
    // From the root, and from inside another application.
    succeed(&mut sandbox.umbrella("many/abc", ["new", "c", "--sup"]));
    succeed(&mut sandbox.umbrella("many/abc/apps/c/src", ["new", "a", "--dep", "c"]));
    // The README says which command made the umbrella.
    fs::copy(sandbox.path().join("one/abc/README.md"), sandbox.path().join("many/abc/README.md")).unwrap();
    let tree = |name: &str| Tree::read(&sandbox.path().join(name));
    assert_same_tree(&tree("one"), &tree("many"));
}

#[test]
fn manifests_are_kept_to_the_byte_elsewhere() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella", "--app", "b:sup"]));
    let path = sandbox.path().join("abc/Cargo.toml");
    let odd = fs::read_to_string(&path)
        .unwrap()
        .replace("    \"apps/b\",\n", "\t\"apps/b\",  # ours  \n\n\t# more\n");
    let odd = format!("# kept \t\n{odd}\n[profile.release]\nlto   =  true # slow\n");
    fs::write(&path, &odd).unwrap();

    succeed(&mut sandbox.umbrella("abc", ["new", "c"]));
    let edited = fs::read_to_string(&path).unwrap();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let added: Vec<String> = lines(&edited).into_iter().filter(|line| !lines(&odd).contains(line)).collect();
    assert_eq!(added, ["\t\"apps/c\",", "c = { path = \"apps/c\" }"]);
    let without = added.iter().fold(edited, |text, line| text.replacen(&format!("{line}\n"), "", 1));
    assert_eq!(without, odd);
}

#[test]
fn an_empty_folder_is_filled_also_when_one_stands_in_it() {
    let sandbox = Sandbox::new();
    for folder in ["here", "there"] {
        fs::create_dir(sandbox.path().join(folder)).unwrap();
    }
    let here = succeed(&mut sandbox.umbrella("here", ["new", ".", "--sup"]));
    assert!(!String::from_utf8(here.stdout).unwrap().contains("cd "), "one is there already");
    succeed(&mut sandbox.umbrella("", ["new", "there", "--umbrella"]));
    // In an umbrella, the folder of an application may be there too.
    fs::create_dir(sandbox.path().join("there/apps/b")).unwrap();
    succeed(&mut sandbox.umbrella("there/apps/b", ["new", "b"]));
    for made in ["here/src/counter.rs", "there/Cargo.toml", "there/apps/b/src/lib.rs"] {
        assert!(sandbox.path().join(made).is_file(), "{made}");
    }
}

#[test]
fn only_the_verb_is_green_and_only_when_there_is_colour() {
    let sandbox = Sandbox::new();
    let said = |args: &[&str]| String::from_utf8(succeed(&mut sandbox.umbrella("", args)).stdout).unwrap();
    let line = ["new", "abc", "--umbrella", "--dry-run"];
    assert!(!said(&line).contains('\u{1b}'));
    let coloured = said(&[&["--color", "always"], &line[..]].concat());
    assert!(coloured.starts_with("\u{1b}[32m* would create\u{1b}[0m abc/Cargo.toml\n"), "{coloured:?}");
}

#[test]
fn cargo_umbrella_is_the_same_command_line() {
    let sandbox = Sandbox::new();
    let said = |first: &[&str]| {
        let mut command = sandbox.umbrella("", [first, &["new", "abc", "--umbrella", "--dry-run"]].concat());
        if !first.is_empty() {
            // As cargo calls it.
            let program = umbrella_tests::program().with_file_name("cargo-umbrella");
            let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
            command = std::process::Command::new(program);
            command.args(args).current_dir(sandbox.path());
        }
        succeed(&mut command).stdout
    };
    assert_eq!(said(&["umbrella"]), said(&[]));
}

#[test]
fn one_git_repository_at_the_root_and_none_inside() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"]));
    succeed(&mut sandbox.umbrella("abc", ["new", "a"]));
    assert!(!sandbox.path().join("abc/apps/a/.git").exists());
    // Where git is installed, there is a repository now; in it, nobody makes another one.
    fs::create_dir_all(sandbox.path().join("abc/.git")).unwrap();
    fs::create_dir_all(sandbox.path().join("abc/examples")).unwrap();
    succeed(&mut sandbox.umbrella("", ["new", "plain", "--no-git"]));
    assert!(!sandbox.path().join("plain/.git").exists());
}

#[test]
fn applications_made_at_once_are_all_there() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"]));
    let names = ["a", "b", "c", "d", "e", "f"];
    let running: Vec<_> = names
        .map(|name| sandbox.umbrella("abc", ["new", name, "--sup"]).stdout(Stdio::null()).spawn().unwrap())
        .into();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    let manifest = fs::read_to_string(sandbox.path().join("abc/Cargo.toml")).unwrap();
    let release = fs::read_to_string(sandbox.path().join("abc/releases/abc/src/main.rs")).unwrap();
    for name in names {
        assert!(manifest.contains(&format!("    \"apps/{name}\",\n")), "{manifest}");
        assert!(release.contains(&format!("        .application({name}::application())\n")), "{release}");
    }
}

/// Killed at whatever moment: the umbrella is as it was or has the application whole, and goes on working.
#[test]
fn killed_at_any_moment_it_leaves_an_umbrella() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"]));
    let mut killed = 0;
    for number in 0..12 {
        let name = format!("k{number}");
        let mut child = sandbox.umbrella("abc", ["new", &name]).stdout(Stdio::null()).spawn().unwrap();
        // No sleep: how far it came is left to chance, more of it each time.
        for _ in 0..number * 4 {
            std::hint::black_box(fs::read_dir(sandbox.path()).unwrap().count());
        }
        let _gone = child.kill();
        killed += usize::from(child.wait().unwrap().signal().is_some());

        let folder = sandbox.path().join("abc/apps").join(&name);
        assert_eq!(folder.exists(), folder.join("tests").join(format!("{name}.rs")).exists(), "half a tree");
        succeed(&mut sandbox.cargo("abc", ["metadata", "--no-deps", "--format-version", "1"]));
    }
    assert!(killed > 0, "nobody was killed: this tests nothing");
    succeed(&mut sandbox.umbrella("abc", ["new", "after"]));
}
