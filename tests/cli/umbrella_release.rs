//! `umbrella release`, as far as nothing is built.

use std::fs;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, succeed};

#[test]
fn what_it_says() {
    crate::check("release/*.trycmd");
}

#[test]
fn what_is_refused_or_only_planned_writes_nothing() {
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella", "--app", "b:sup", "--app", "c:sup"]));
    let before = Tree::read(sandbox.path());
    for (args, code) in [
        (["--group", "[b]+[c]", "--save", "prod", "--dry-run"].as_slice(), 0),
        (&["--dry-run", "--json"], 0),
        (&["--group", "[b]+[d]"], 2),
        (&["prod"], 2),
    ] {
        let output = sandbox.umbrella("abc", ["release"].iter().chain(args)).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}");
    }
    assert_same_tree(&before, &Tree::read(sandbox.path()));
    assert!(!fs::exists(sandbox.path().join("abc/target")).unwrap());
}
