//! What an application is made of.

use std::path::PathBuf;

use toml_edit::{Document, Item};
use umbrella_templates::{Application, FileSet, Kind, Own, Rendered, Templates};

use super::own::{Need, OwnTemplateError, key, lacks, rendered};
use super::{Entry, PlanError};
use crate::rust::exports;
use crate::workspace::{App, AppKind, AppName, StartType, library};

/// An application that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRequest {
    /// Its name, checked.
    pub name: AppName,
    /// Whether it has a supervision tree.
    pub supervised: bool,
    /// The applications it depends on.
    pub dependencies: Vec<AppDependency>,
}

/// An application that a new one depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppDependency {
    /// Its name.
    pub name: AppName,
    /// Whether it exports a `COUNTER`, which the new application then calls as an example.
    pub has_counter: bool,
}

/// An application as it will be.
pub(super) struct MadeApp {
    /// Its files, relative to its folder.
    pub(super) files: Vec<Rendered>,
    /// Its table in the configuration, without the header.
    pub(super) config: Option<String>,
    /// What the rest of the umbrella has to know of it.
    pub(super) app: App,
}

impl AppRequest {
    /// The folder in an umbrella, relative to its root.
    pub(super) fn member(&self) -> String {
        format!("apps/{}", self.name)
    }

    pub(super) fn kind(&self) -> Kind {
        if self.supervised { Kind::Supervised } else { Kind::Library }
    }

    /// The application, in the folder `path`.
    pub(super) fn make(&self, templates: &Templates, path: PathBuf) -> Result<MadeApp, PlanError> {
        let app = Application::new(self.name.as_str(), &self.name.type_name(), self.supervised);
        let depend = |app: Application, on: &AppDependency| app.depends_on(on.name.as_str(), on.has_counter);
        let context = self.dependencies.iter().fold(app, depend);
        let set = if self.supervised { FileSet::Supervised(&context) } else { FileSet::Library(&context) };
        let mut files = rendered(templates, set, &needs())?;
        let app = match templates.own_for(set) {
            Some(own) => self.model(path, &Found::read(own, &files))?,
            None => self.built_in(path),
        };
        let config = files.iter().position(|file| file.pattern == "config.toml");
        let config = config.and_then(|at| files.remove(at).contents.text().map(str::to_owned));
        Ok(MadeApp { files, config, app })
    }

    fn built_in(&self, path: PathBuf) -> App {
        let kind = if self.supervised {
            let callback = format!("{}::{}", self.name.crate_name(), self.name.type_name());
            AppKind::Supervised { callback, start_type: StartType::default() }
        } else {
            AppKind::Library
        };
        self.app(path, kind, self.supervised || !self.dependencies.is_empty())
    }

    fn app(&self, path: PathBuf, kind: AppKind, uses_runtime: bool) -> App {
        App {
            name: self.name.clone(),
            path,
            kind,
            dependencies: self.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
            uses_runtime,
            version: "0.1.0".to_owned(),
        }
    }

    /// What a template of the user's makes, if that is what was asked for.
    fn model(&self, path: PathBuf, found: &Found<'_>) -> Result<App, Box<OwnTemplateError>> {
        let name = self.name.as_str();
        found.manifest("package.name", &format!("`name = \"{name}\"` in `[package]`"), |item| {
            item.as_str() == Some(name)
        })?;
        for on in &self.dependencies {
            let what = format!("dependency on `{}`", on.name);
            found.manifest(&format!("dependencies.{}", on.name), &what, |_| true)?;
        }
        let uses_runtime = found.manifest("dependencies.umbrella", "", |_| true).is_ok();
        let table = "package.metadata.umbrella";
        let kind = if self.supervised {
            let callback = format!("{}::{}", self.name.crate_name(), self.name.type_name());
            let what = format!("`application = \"{callback}\"` in `[{table}]`");
            let item = found.manifest(&format!("{table}.application"), &what, |item| {
                item.as_str().is_some_and(|path| path.starts_with(&format!("{}::", self.name.crate_name())))
            })?;
            let callback = item.as_str().unwrap_or_default().to_owned();
            found.manifest("dependencies.umbrella", "dependency on `umbrella`", |_| true)?;
            found.exports(&callback)?;
            AppKind::Supervised { callback, start_type: StartType::default() }
        } else {
            let what = format!("`library = true` in `[{table}]`");
            found.manifest(&format!("{table}.library"), &what, |item| item.as_bool() == Some(true))?;
            AppKind::Library
        };
        let app = self.app(path, kind, uses_runtime);
        if app.exports_application() && !library::exports_application(found.library) {
            let help = "the releases of the umbrella start it through `application()`, which that makes";
            let what = "`umbrella::application!();`".to_owned();
            return Err(Box::new(lacks(found.own, "src/lib.rs", what, help.to_owned())));
        }
        Ok(app)
    }
}

/// What every application has.
fn needs() -> [Need; 2] {
    let need = |pattern, why: &str| Need { pattern, names: Vec::new(), why: why.to_owned() };
    [
        need("Cargo.toml", "an application is a crate, whose Cargo.toml says what it is to umbrella"),
        need("src/lib.rs", "others use an application through its library"),
    ]
}

/// What a template of the user's has made, as far as it is looked at.
struct Found<'a> {
    own: &'a Own,
    manifest: Option<Document<&'a str>>,
    library: &'a str,
}

impl<'a> Found<'a> {
    fn read(own: &'a Own, files: &'a [Rendered]) -> Self {
        let text = |pattern: &str| {
            let file = files.iter().find(|file| file.pattern == pattern);
            file.and_then(|file| file.contents.text()).unwrap_or_default()
        };
        Self { own, manifest: Document::parse(text("Cargo.toml")).ok(), library: text("src/lib.rs") }
    }

    /// What the manifest says at `path`, if it is right.
    fn manifest(
        &self,
        path: &str,
        what: &str,
        is_right: impl FnOnce(&Item) -> bool,
    ) -> Result<&Item, Box<OwnTemplateError>> {
        let parts: Vec<&str> = path.split('.').collect();
        let item = self.manifest.as_ref().and_then(|manifest| key(manifest, &parts));
        item.filter(|item| is_right(item)).ok_or_else(|| {
            let help = "the umbrella knows its applications, and what they depend on, by their manifests";
            Box::new(lacks(self.own, "Cargo.toml", what.to_owned(), help.to_owned()))
        })
    }

    /// The library must have the callback `b::B`; a deeper path is the compiler's to find.
    fn exports(&self, callback: &str) -> Result<(), Box<OwnTemplateError>> {
        let Some((_, name)) = callback.split_once("::").filter(|(_, name)| !name.contains("::")) else {
            return Ok(());
        };
        if exports(self.library).is_ok_and(|exports| exports.has(name)) {
            return Ok(());
        }
        let help = format!("Cargo.toml says that `{callback}` starts the application");
        Err(Box::new(lacks(self.own, "src/lib.rs", format!("`pub use application::{name};`"), help)))
    }
}

/// Whether an application that these templates make has a counter that others can call as an example.
pub(super) fn makes_counter(templates: &Templates, name: &AppName) -> Result<bool, PlanError> {
    let request = AppRequest { name: name.clone(), supervised: true, dependencies: Vec::new() };
    let files = request.make(templates, PathBuf::new())?.files;
    let holds = |path: &str, text: &str| {
        let file = files.iter().find(|file| file.path == path);
        file.and_then(|file| file.contents.text()).is_some_and(|source| source.contains(text))
    };
    Ok(library::has_counter(holds))
}

impl From<Rendered> for Entry {
    fn from(file: Rendered) -> Self {
        Self::File { path: file.path.into(), contents: file.contents }
    }
}
