//! `umbrella new` may be killed between any two steps: what it leaves must be an umbrella.

use std::path::Path;

use umbrella_cli::cargo::Cargo;
use umbrella_cli::emit::{Interrupt, execute};
use umbrella_cli::plan::{AppDependency, AppRequest, Plan, UmbrellaRequest, new_application, new_umbrella};
use umbrella_cli::workspace::{AppName, ReleaseName, Sources, Workspace};
use umbrella_templates::{Runtime, Templates};

fn app(name: &str, supervised: bool, dependencies: &[&str]) -> AppRequest {
    let depend = |name: &&str| AppDependency { name: AppName::of_package(*name), has_counter: true };
    AppRequest {
        name: AppName::of_package(name),
        supervised,
        dependencies: dependencies.iter().map(depend).collect(),
    }
}

fn runtime() -> Runtime {
    Runtime::Version("0.1.0".into())
}

#[expect(clippy::unwrap_used, reason = "a test that fails is a test that panics")]
fn umbrella(root: &Path) -> Workspace {
    let name = ReleaseName::existing("abc");
    let (folder, apps, runtime) = (root.to_owned(), [app("c", true, &[])], runtime());
    let request = UmbrellaRequest { folder, name: &name, apps: &apps, runtime: &runtime, template: None };
    let plan = new_umbrella(request, &Templates::default()).unwrap();
    execute(&plan, &Interrupt::default()).unwrap();
    load(root)
}

#[expect(clippy::unwrap_used, reason = "a test that fails is a test that panics")]
fn load(root: &Path) -> Workspace {
    Workspace::load(&Cargo::new(std::env::vars_os().collect(), root.to_owned()), root).unwrap()
}

#[test]
fn after_every_step_there_is_an_umbrella_that_loads() {
    let steps = 5;
    for done in 0..=steps {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("abc");
        let workspace = umbrella(&root);
        let sources = Sources::read(&workspace).unwrap();
        let whole =
            new_application(&workspace, &sources, &app("b", true, &["c"]), &runtime(), &Templates::default())
                .unwrap();
        assert_eq!(whole.steps.len(), steps);

        execute(&Plan { steps: whole.steps[..done].to_vec() }, &Interrupt::default()).unwrap();
        let left = load(&root);
        // The first step makes the folder, the second one registers it.
        assert_eq!(left.app("b").is_some(), done >= 2, "after {done} steps");
    }
}

#[test]
fn what_is_planned_is_what_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("abc");
    let before = umbrella(&root);
    let request = app("b", true, &["c"]);
    let sources = Sources::read(&before).unwrap();
    execute(
        &new_application(&before, &sources, &request, &runtime(), &Templates::default()).unwrap(),
        &Interrupt::default(),
    )
    .unwrap();
    let after = load(&root);
    assert_eq!(after.app_names().collect::<Vec<_>>(), ["c", "b"], "dependencies first");
    assert!(after.app("b").is_some_and(|b| b.is_supervised() && b.uses_runtime));
    assert_eq!(after.dependents("c").iter().map(|app| app.name.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(after.with_dependencies(["b"]).len(), 2);
    assert_eq!(after.releases.len(), 1);

    // Made anew from the model, the release is what is there: nothing is to be written.
    let sources = Sources::read(&after).unwrap();
    let whole = umbrella_cli::plan::ReleaseContents::whole(&after);
    let plan = umbrella_cli::plan::release_crates(&after, &sources, &[whole]).unwrap();
    assert!(plan.is_empty(), "{plan:?}");
}
