//! Every set renders. That no template is dead, and that templates and contexts agree, is tested in `tests/tidy`.

use umbrella_templates::{
    Adopted, Application, FileSet, Module, Release, Runtime, Standalone, Step, Umbrella, render,
};

/// Every set, each context in every shape it can take.
fn with_every_set(mut check: impl FnMut(FileSet<'_>)) {
    let runtime = Runtime::Version("0.1.0".into());
    check(FileSet::Umbrella(&Umbrella::new("abc", &runtime, "umbrella new abc --umbrella")));
    for supervised in [false, true] {
        let app = Application::new("b", "B", supervised);
        for app in [app.clone(), app.clone().depends_on("c", false), app.depends_on("c", true)] {
            check(FileSet::Library(&app));
            check(FileSet::Supervised(&app));
        }
        check(FileSet::Standalone(&Standalone::new("abc", supervised, &runtime, "umbrella new abc")));
    }
    let steps = [Step::Application { package: "b".into() }];
    check(FileSet::Adopted(&Adopted::new("b", "B")));
    check(FileSet::Release(&Release::new("abc", "abc", &[])));
    check(FileSet::Release(&Release::new("abc", "abc", &steps)));
    let module = Module::new("b", "cart", "Cart");
    check(FileSet::Server(&module));
    check(FileSet::Statem(&module));
    check(FileSet::Supervisor(&module));
    check(FileSet::Task(&module));
    check(FileSet::Api(&module));
}

#[test]
fn everything_renders_and_ends_in_one_newline() {
    with_every_set(|set| {
        for file in render(set).unwrap() {
            let text = file.contents.text().unwrap();
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{file:?}");
            assert!(!text.contains("\n\n\n"), "two blank lines in {file:?}");
            assert!(!text.contains("{{") && !file.path.contains("{{"), "{file:?}");
        }
    });
}

#[test]
fn nothing_is_escaped() {
    let root = Umbrella::new("abc", &Runtime::Path("../R&D \"x\"".into()), "umbrella new");
    let files = render(FileSet::Umbrella(&root)).unwrap();
    let manifest = files[0].contents.text().unwrap();
    assert!(manifest.contains(r#"path = "../R&D \"x\"" }"#), "{manifest}");
}
