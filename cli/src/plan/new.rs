//! `umbrella new`: a new umbrella, a project of one application, or one more application.

use std::path::PathBuf;

use umbrella_templates::{FileSet, Readme, Rendered, Root, Runtime, render};

use super::application::{AppRequest, CONFIG_BODY};
use super::draft::Draft;
use super::release_crate::ReleaseContents;
use super::{Entry, Plan, PlanError, Step};
use crate::workspace::{ReleaseName, Sources, Workspace, manifest};

const SERDE: &str = r#"{ version = "1", features = ["derive"] }"#;

/// A new umbrella, with these applications, in `folder`.
///
/// It is one tree, which becomes visible whole.
///
/// # Errors
/// [`PlanError`] only for a defect in a template.
pub fn new_umbrella(
    folder: PathBuf,
    name: &ReleaseName,
    apps: &[AppRequest],
    runtime: &Runtime,
) -> Result<Plan, PlanError> {
    let mut files = render(FileSet::Root(&Root::umbrella(name.as_str(), runtime)))?;
    let made_by = format!("umbrella new {name} --umbrella{}", flags(apps));
    files.extend(render(FileSet::UmbrellaReadme(&Readme::new(name.as_str(), false, &made_by)))?);
    let mut entries = Vec::new();
    let mut workspace = empty(folder, name.clone());
    for app in apps {
        edit(&mut files, "Cargo.toml", |text| {
            let text = manifest::add_member(text, &app.member())?;
            manifest::add_workspace_dependency(&text, app.name.as_str(), &path_dependency(&app.member()))
        })?;
        configure(&mut files, app)?;
        entries.extend(app.entries()?.into_iter().map(|entry| entry.under(app.member())));
        let path = workspace.root.join(app.member());
        workspace = workspace.with_app(app.model(path));
    }
    if apps.is_empty() {
        entries.push(Entry::Folder("apps".into()));
    }
    whole(&workspace, files, entries)
}

/// A project that is one application, in `folder`.
///
/// # Errors
/// [`PlanError`] only for a defect in a template.
pub fn new_standalone(folder: PathBuf, app: &AppRequest, runtime: &Runtime) -> Result<Plan, PlanError> {
    let root = Root::standalone(app.name.as_str(), runtime);
    let made_by = format!("umbrella new {}{}", app.name, if app.supervised { " --sup" } else { "" });
    let readme = Readme::new(app.name.as_str(), app.supervised, &made_by);
    let mut files = app.root_files()?;
    files.extend(render(FileSet::StandaloneReadme(&readme))?);
    for file in render(FileSet::Root(&root))? {
        match files.iter_mut().find(|known| known.path == file.path) {
            // One manifest: the tables of the package, then those of the workspace.
            Some(manifest) => manifest.contents = [&manifest.contents, "\n", &file.contents].concat(),
            None => files.push(file),
        }
    }
    edit(&mut files, "Cargo.toml", |text| {
        manifest::add_workspace_dependency(text, app.name.as_str(), &path_dependency("."))
    })?;
    configure(&mut files, app)?;
    let name = ReleaseName::existing(app.name.as_str());
    let path = folder.clone();
    let workspace = empty(folder, name).with_app(app.model(path));
    whole(&workspace, files, Vec::new())
}

/// One more application in an umbrella.
///
/// # Errors
/// [`PlanError`] if a manifest cannot be edited.
pub fn new_application(
    workspace: &Workspace,
    sources: &Sources,
    app: &AppRequest,
    runtime: &Runtime,
) -> Result<Plan, PlanError> {
    let folder = workspace.root.join(app.member());
    let after = workspace.clone().with_app(app.model(folder.clone()));
    let mut draft = Draft::new(workspace, sources);
    draft.add_tree(folder, app.entries()?);
    draft.add_member(&app.member())?;
    draft.add_dependency(app.name.as_str(), &path_dependency(&app.member()))?;
    // An adopted workspace may have neither.
    draft.add_dependency("serde", SERDE)?;
    draft.add_dependency("umbrella", &runtime.to_string())?;
    if app.supervised {
        let path = workspace.config_path();
        let old = sources.get(&path).unwrap_or_default();
        let config = manifest::add_table("config/config.toml", old, app.name.as_str(), CONFIG_BODY)?;
        if sources.get(&path).is_some() {
            draft.write(path, config, Some(format!("[{}]", app.name)));
        } else {
            let file = Entry::File { path: "config.toml".into(), contents: config };
            draft.add_tree(workspace.root.join("config"), vec![file]);
        }
    }
    draft.add_release(&after, &ReleaseContents::whole(&after))?;
    Ok(draft.into_plan())
}

/// The flags of `umbrella new` that ask for these applications.
fn flags(apps: &[AppRequest]) -> String {
    let app = |app: &AppRequest| format!(" --app {}{}", app.name, if app.supervised { ":sup" } else { "" });
    let dep = |app: &AppRequest| {
        let flags = app.dependencies.iter().map(|on| format!(" --dep {}:{}", app.name, on.name));
        flags.collect::<String>()
    };
    apps.iter().map(app).chain(apps.iter().map(dep)).collect()
}

/// An umbrella of which nothing is there yet.
fn empty(root: PathBuf, name: ReleaseName) -> Workspace {
    let target_directory = root.join("target");
    let (apps, crates, members, releases) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (deployments, rules) = Default::default();
    Workspace { root, name, apps, crates, members, releases, deployments, rules, target_directory }
}

/// Files of the root, then the applications, then the release of all of them.
fn whole(workspace: &Workspace, root: Vec<Rendered>, apps: Vec<Entry>) -> Result<Plan, PlanError> {
    let mut entries: Vec<Entry> = root.into_iter().map(Entry::from).collect();
    entries.extend(apps);
    let release = ReleaseContents::whole(workspace);
    let below = release.entries(workspace)?.into_iter();
    entries.extend(below.map(|entry| entry.under(format!("releases/{}", release.name))));
    Ok(Plan { steps: vec![Step::NewTree { folder: workspace.root.clone(), entries }] })
}

fn configure(files: &mut [Rendered], app: &AppRequest) -> Result<(), PlanError> {
    if !app.supervised {
        return Ok(());
    }
    edit(files, "config/config.toml", |text| {
        manifest::add_table("config/config.toml", text, app.name.as_str(), CONFIG_BODY)
    })
}

fn edit(
    files: &mut [Rendered],
    path: &str,
    change: impl FnOnce(&str) -> Result<String, manifest::ManifestError>,
) -> Result<(), PlanError> {
    if let Some(file) = files.iter_mut().find(|file| file.path == path) {
        file.contents = change(&file.contents)?;
    }
    Ok(())
}

fn path_dependency(path: &str) -> String {
    format!("{{ path = \"{path}\" }}")
}
