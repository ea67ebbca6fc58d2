//! One more dependency of an application on another. PURE.

use super::draft::Draft;
use super::{Plan, PlanError, ReleaseContents};
use crate::workspace::{App, AppName, Member, Sources, Workspace, library, manifest};

/// Has `from` depend on `on`, members both, as `umbrella new --dep` would have made it.
///
/// An application that has something to start below it exports `application()`, so that starting it starts that.
///
/// # Errors
/// [`PlanError`] if a manifest cannot be edited.
pub fn add_dependency(
    workspace: &Workspace,
    sources: &Sources,
    from: &Member,
    on: &[&Member],
) -> Result<Plan, PlanError> {
    let mut draft = Draft::new(workspace, sources);
    let path = from.path.join("Cargo.toml");
    for on in on {
        let folder = workspace.folder_of(on);
        draft.announce_dependency(&on.name, &format!("{{ path = \"{folder}\" }}"))?;
    }
    let mut text = draft.manifest_of(&path);
    let mut added = Vec::new();
    for on in on {
        text = manifest::add_dependency(&text, &on.name)?;
        added.push(on.name.as_str());
    }
    let mut exported = None;
    let mut after = workspace.clone();
    let starts = |on: &&&Member| workspace.app(&on.name).is_some_and(App::exports_application);
    let application = after.apps.iter_mut().find(|app| app.name.as_str() == from.name);
    if let Some(app) = application {
        app.dependencies.extend(
            on.iter().filter(|on| workspace.app(&on.name).is_some()).map(|on| AppName::of_package(&on.name)),
        );
        let source_path = from.path.join("src/lib.rs");
        let source = sources.get(&source_path).unwrap_or_default();
        if on.iter().any(|on| starts(&on)) && !library::exports_application(source) {
            app.uses_runtime = true;
            text = manifest::add_dependency(&text, "umbrella")?;
            added.push("umbrella");
            let items = "// Exports `application()`: this application and what it depends on, as Cargo.toml says.\n\
                         umbrella::application!();\n";
            exported = Some((source_path, library::with_items(source, items)));
        }
    }
    draft.write_manifest(path, text, format!("dependencies += {}", added.join(", ")));
    if let Some((path, source)) = exported {
        draft.write(path, source, Some("umbrella::application!()".to_owned()));
    }
    after.apps = crate::workspace::in_dependency_order(after.apps);
    draft.add_release(&after, &ReleaseContents::whole(&after))?;
    Ok(draft.into_plan())
}
