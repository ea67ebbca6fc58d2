//! Every set renders. That no template is dead, and that templates and contexts agree, is tested in `tests/tidy`.

use umbrella_templates::{Application, FileSet, Module, Readme, Release, Root, Runtime, Step, render};

/// Every set, each context in every shape it can take.
fn with_every_set(mut check: impl FnMut(FileSet<'_>)) {
    let runtime = Runtime::Version("0.1.0".into());
    for root in [Root::umbrella("abc", &runtime), Root::standalone("abc", &runtime)] {
        check(FileSet::Root(&root));
    }
    for supervised in [false, true] {
        let app = Application::new("b", "B", supervised);
        for app in [app.clone(), app.clone().depends_on("c", false), app.depends_on("c", true)] {
            check(FileSet::Manifest(&app));
            check(FileSet::Application(&app));
            check(FileSet::LibrarySources(&app));
            check(FileSet::SupervisedSources(&app));
        }
    }
    for supervised in [false, true] {
        let readme = Readme::new("abc", supervised, "umbrella new abc");
        check(FileSet::UmbrellaReadme(&readme));
        check(FileSet::StandaloneReadme(&readme));
    }
    let steps = [Step::Application { package: "b".into() }];
    check(FileSet::Release(&Release::new("abc", "abc", &[])));
    check(FileSet::Release(&Release::new("abc", "abc", &steps)));
    let module = Module::new("b", "cart", "Cart");
    check(FileSet::Server(&module));
    check(FileSet::Statem(&module));
    check(FileSet::Supervisor(&module));
    check(FileSet::Task(&module));
    check(FileSet::Api(&module));
    check(FileSet::ApiCrate(&module));
    check(FileSet::ApiModule(&module));
}

#[test]
fn everything_renders_and_ends_in_one_newline() {
    with_every_set(|set| {
        for file in render(set).unwrap() {
            assert!(file.contents.ends_with('\n') && !file.contents.ends_with("\n\n"), "{file:?}");
            assert!(!file.contents.contains("\n\n\n"), "two blank lines in {file:?}");
            assert!(!file.contents.contains("{{") && !file.path.contains("{{"), "{file:?}");
        }
    });
}

#[test]
fn nothing_is_escaped() {
    let root = Root::umbrella("abc", &Runtime::Path("../R&D \"x\"".into()));
    let manifest = &render(FileSet::Root(&root)).unwrap()[0].contents;
    assert!(manifest.contains(r#"path = "../R&D \"x\"" }"#), "{manifest}");
}
