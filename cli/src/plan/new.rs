//! `umbrella new`: a new umbrella, a project of one application, or one more application.

use std::path::PathBuf;

use toml_edit::Document;
use umbrella_templates::{
    Contents, FileSet, Kind, Own, Rendered, Runtime, Standalone, Templates, Umbrella, render,
};

use super::application::{AppRequest, MadeApp, makes_counter};
use super::draft::{Draft, fitted};
use super::own::{Need, OwnTemplateError, key, lacks, rendered};
use super::release_crate::ReleaseContents;
use super::{Entry, Plan, PlanError, Step};
use crate::workspace::{App, AppKind, AppName, ReleaseName, Sources, StartType, Workspace, manifest};

const SERDE: &str = r#"{ version = "1", features = ["derive"] }"#;

/// A new umbrella.
#[derive(Debug, Clone)]
pub struct UmbrellaRequest<'a> {
    /// Where.
    pub folder: PathBuf,
    /// Its name, checked.
    pub name: &'a ReleaseName,
    /// The applications in it.
    pub apps: &'a [AppRequest],
    /// Where it finds the runtime.
    pub runtime: &'a Runtime,
    /// `--template PATH`, as it was typed.
    pub template: Option<&'a str>,
}

/// A new umbrella, which becomes visible whole.
///
/// # Errors
/// [`PlanError`] if a template of the user's cannot be used.
pub fn new_umbrella(request: UmbrellaRequest<'_>, templates: &Templates) -> Result<Plan, PlanError> {
    let UmbrellaRequest { folder, name, apps, runtime, template } = request;
    let template = template.map(|path| format!(" --template {path}")).unwrap_or_default();
    let made_by = format!("umbrella new {name} --umbrella{}{template}", flags(apps));
    let context = Umbrella::new(name.as_str(), runtime, &made_by);
    let set = FileSet::Umbrella(&context);
    let why = "an umbrella is a Cargo workspace".to_owned();
    let needs = [Need { pattern: "Cargo.toml", names: Vec::new(), why }];
    let mut files = rendered(templates, set, &needs)?;
    let mut workspace = empty(folder, name.clone());
    if let Some(own) = templates.own_for(set) {
        check_root(own, &files, name)?;
        complete_root(&mut files, name, runtime)?;
        workspace = apps_in(&files).into_iter().fold(workspace, |umbrella, mut app| {
            app.path = umbrella.root.join(&app.path);
            umbrella.with_app(app)
        });
    }
    let mut entries = Vec::new();
    for app in &with_counters(apps, templates)? {
        if let (Some(own), Some(_)) = (templates.own_for(set), workspace.app(app.name.as_str())) {
            let (folder, name) = (own.folder.clone(), app.name.to_string());
            return Err(Box::new(OwnTemplateError::Brings { folder, name }).into());
        }
        edit(&mut files, "Cargo.toml", |text| {
            let text = manifest::add_member(text, &app.member())?;
            manifest::add_workspace_dependency(&text, app.name.as_str(), &path_dependency(&app.member()))
        })?;
        let made = app.make(templates, workspace.root.join(app.member()))?;
        configure(&mut files, &made)?;
        entries.extend(made.files.into_iter().map(|file| Entry::from(file).under(app.member())));
        workspace = workspace.with_app(made.app);
    }
    if workspace.apps.is_empty() {
        entries.push(Entry::Folder("apps".into()));
    }
    whole(&workspace, files, entries)
}

/// A project that is one application, in `folder`.
///
/// # Errors
/// [`PlanError`] if a template of the user's cannot be used.
pub fn new_standalone(
    folder: PathBuf,
    app: &AppRequest,
    runtime: &Runtime,
    templates: &Templates,
    template: Option<&str>,
) -> Result<Plan, PlanError> {
    let sup = if app.supervised { " --sup" } else { "" };
    let template = template.map(|path| format!(" --template {path}")).unwrap_or_default();
    let made_by = format!("umbrella new {}{sup}{template}", app.name);
    let made = app.make(templates, folder.clone())?;
    let is_ours = templates.own(app.kind()).is_none();
    let root = Standalone::new(app.name.as_str(), app.supervised, runtime, &made_by);
    // That of an application in an umbrella says less.
    let is_replaced = |file: &Rendered| is_ours && file.path == "README.md";
    let (config, app_model) = (made.config, made.app);
    let mut files: Vec<Rendered> = made.files.into_iter().filter(|file| !is_replaced(file)).collect();
    for file in render(FileSet::Standalone(&root))? {
        match files.iter_mut().find(|known| known.path == file.path) {
            // One manifest: the tables of the package, then those of the workspace.
            Some(known) if file.path == "Cargo.toml" => {
                let workspace = file.contents.text().unwrap_or_default();
                let workspace = manifest::with_default_members(workspace, &format!("releases/{}", app.name));
                known.contents = known.contents.clone().map(|package| [package, "\n", &workspace].concat());
            }
            Some(_) => {}
            None => files.push(file),
        }
    }
    edit(&mut files, "Cargo.toml", |text| {
        manifest::add_workspace_dependency(text, app.name.as_str(), &path_dependency("."))
    })?;
    configure(&mut files, &MadeApp { files: Vec::new(), config, app: app_model.clone() })?;
    let name = ReleaseName::existing(app.name.as_str());
    whole(&empty(folder, name).with_app(app_model), files, Vec::new())
}

/// One more application in an umbrella.
///
/// # Errors
/// [`PlanError`] if a manifest cannot be edited, or a template of the user's cannot be used.
pub fn new_application(
    workspace: &Workspace,
    sources: &Sources,
    app: &AppRequest,
    runtime: &Runtime,
    templates: &Templates,
) -> Result<Plan, PlanError> {
    let folder = workspace.root.join(app.member());
    let made = app.make(templates, folder.clone())?;
    let after = workspace.clone().with_app(made.app);
    let mut draft = Draft::new(workspace, sources);
    draft.add_tree(folder, made.files.into_iter().map(Entry::from).collect());
    draft.add_member(&app.member())?;
    draft.add_dependency(app.name.as_str(), &path_dependency(&app.member()))?;
    // An adopted workspace may have neither.
    draft.add_dependency("serde", SERDE)?;
    draft.add_dependency("umbrella", &runtime.to_string())?;
    if let Some(body) = made.config {
        let path = workspace.config_path();
        let old = sources.get(&path).unwrap_or_default();
        let config = manifest::add_table("config/config.toml", old, app.name.as_str(), &body)?;
        if sources.get(&path).is_some() {
            draft.write(path, config, Some(format!("[{}]", app.name)));
        } else {
            let file = Entry::File { path: "config.toml".into(), contents: config.into() };
            draft.add_tree(workspace.root.join("config"), vec![file]);
        }
    }
    draft.add_release(&after, &ReleaseContents::whole(&after))?;
    Ok(draft.into_plan())
}

/// The root that a template of the user's makes must be that of this umbrella.
fn check_root(own: &Own, files: &[Rendered], name: &ReleaseName) -> Result<(), Box<OwnTemplateError>> {
    let text = text_of(files, "Cargo.toml");
    let document = Document::parse(text).ok();
    let said = document.as_ref().and_then(|root| key(root, &["workspace", "metadata", "umbrella", "name"]));
    if said.and_then(toml_edit::Item::as_str) == Some(name.as_str()) {
        return Ok(());
    }
    let what = format!("`name = \"{name}\"` in `[workspace.metadata.umbrella]`");
    let help = "the table makes an umbrella of a Cargo workspace: `name = \"{{name}}\"`".to_owned();
    Err(Box::new(lacks(own, "Cargo.toml", what, help)))
}

/// What the release and the applications stand on.
fn complete_root(files: &mut [Rendered], name: &ReleaseName, runtime: &Runtime) -> Result<(), PlanError> {
    edit(files, "Cargo.toml", |text| {
        let text = manifest::add_member(text, &format!("releases/{name}"))?;
        let text = manifest::add_workspace_dependency(&text, "serde", SERDE)?;
        manifest::add_workspace_dependency(&text, "umbrella", &runtime.to_string())
    })
}

/// The applications that a template of an umbrella brings along.
fn apps_in(files: &[Rendered]) -> Vec<App> {
    let app = |file: &Rendered| {
        let folder = file.path.strip_suffix("/Cargo.toml")?;
        let manifest = Document::parse(file.contents.text()?).ok()?;
        let of = |path: &[&str]| key(&manifest, path).and_then(toml_edit::Item::as_str).map(str::to_owned);
        let below = key(&manifest, &["dependencies"]).and_then(|table| table.as_table_like());
        let below: Vec<String> =
            below.map(|table| table.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default();
        let kind = match of(&["package", "metadata", "umbrella", "application"]) {
            Some(callback) => AppKind::Supervised { callback, start_type: StartType::default() },
            None => {
                key(&manifest, &["package", "metadata", "umbrella", "library"]).map(|_| AppKind::Library)?
            }
        };
        Some(App {
            name: AppName::of_package(of(&["package", "name"])?),
            path: folder.into(),
            kind,
            uses_runtime: below.iter().any(|name| name == "umbrella"),
            dependencies: below.into_iter().map(AppName::of_package).collect(),
            version: of(&["package", "version"]).unwrap_or_else(|| "0.1.0".to_owned()),
        })
    };
    let mut apps: Vec<App> = files.iter().filter_map(app).collect();
    let names: Vec<AppName> = apps.iter().map(|app| app.name.clone()).collect();
    for app in &mut apps {
        app.dependencies.retain(|name| names.contains(name));
    }
    apps
}

/// The same wishes, where a counter is called only if the templates make one.
fn with_counters(apps: &[AppRequest], templates: &Templates) -> Result<Vec<AppRequest>, PlanError> {
    let mut apps = apps.to_vec();
    if templates.own(Kind::Supervised).is_some() {
        for on in apps.iter_mut().flat_map(|app| &mut app.dependencies) {
            on.has_counter = on.has_counter && makes_counter(templates, &on.name)?;
        }
    }
    Ok(apps)
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
    let release = ReleaseContents::whole(workspace);
    let below = release.entries(workspace)?.into_iter();
    let below = below.map(|entry| entry.under(format!("releases/{}", release.name)));
    // Another's root may not say what ours says.
    let below = fitted(apps.into_iter().chain(below).collect(), text_of(&root, "Cargo.toml"));
    let entries = root.into_iter().map(Entry::from).chain(below).collect();
    Ok(Plan { steps: vec![Step::NewTree { folder: workspace.root.clone(), entries }] })
}

/// Gives the application its table in the configuration.
fn configure(files: &mut Vec<Rendered>, made: &MadeApp) -> Result<(), PlanError> {
    const CONFIG: &str = "config/config.toml";
    let Some(body) = &made.config else { return Ok(()) };
    if files.iter().all(|file| file.path != CONFIG) {
        let (path, pattern) = (CONFIG.to_owned(), CONFIG.to_owned());
        files.push(Rendered { path, contents: Contents::Text(String::new()), pattern });
    }
    edit(files, CONFIG, |text| manifest::add_table(CONFIG, text, made.app.name.as_str(), body))
}

fn text_of<'a>(files: &'a [Rendered], path: &str) -> &'a str {
    let file = files.iter().find(|file| file.path == path);
    file.and_then(|file| file.contents.text()).unwrap_or_default()
}

fn edit(
    files: &mut [Rendered],
    path: &str,
    change: impl FnOnce(&str) -> Result<String, manifest::ManifestError>,
) -> Result<(), PlanError> {
    if let Some(file) = files.iter_mut().find(|file| file.path == path) {
        file.contents = file.contents.clone().try_map(change)?;
    }
    Ok(())
}

fn path_dependency(path: &str) -> String {
    format!("{{ path = \"{path}\" }}")
}
