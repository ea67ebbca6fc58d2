//! `umbrella gen server b Cart`: one more module of an application, declared, exported and started by it. PURE.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;
use umbrella_templates::{FileSet, Module, Rendered, Templates};

use super::draft::Draft;
use super::own::{Need, rendered};
use super::release_crate::ReleaseContents;
use super::{Entry, Plan, PlanError, Step};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::rust::{add_child, add_import, add_module, has_module, has_name};
use crate::workspace::{App, AppKind, AppName, ModuleName, Sources, Workspace, manifest};

/// What can be generated into an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// A process that answers calls.
    Server,
    /// A branch of the tree.
    Supervisor,
    /// A process whose state says what it does with an event.
    Statem,
    /// Tasks under a supervisor.
    Task,
    /// A server of a protocol that is in a crate of its own.
    Api,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleRequest<'a> {
    /// The application.
    pub app: &'a App,
    /// What.
    pub kind: ModuleKind,
    /// How it is called.
    pub name: ModuleName,
    /// The folders that are there in the crates that are written to, absolute.
    pub folders: BTreeSet<PathBuf>,
    /// What it is made from.
    pub templates: &'a Templates,
}

/// A plan, and what it leaves to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// What is written.
    pub plan: Plan,
    /// What cannot be added where the tree is built, because its shape is not the usual one.
    pub by_hand: Option<Wiring>,
    /// The file in which the tree is built.
    pub tree: PathBuf,
}

/// What starts a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The paths that are imported.
    pub imports: Vec<String>,
    /// What is given to `.child(..)`.
    pub child: String,
}

/// Why nothing is generated.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum GenerateError {
    /// A library application has no tree.
    #[error("`{app}` is a library application: it has no supervision tree to start anything in")]
    #[diagnostic(help(
        "make a supervised application with `umbrella new NAME --sup`, or give `{app}` a callback: `application = \"{callback}\"` \
         instead of `library = true` in its Cargo.toml"
    ))]
    NoTree {
        /// The application.
        app: String,
        /// What its callback would be called.
        callback: String,
    },
    /// The application has no `src/lib.rs`.
    #[error("`{}` is not there", path.display())]
    #[diagnostic(help("others use an application through its library: move its code there"))]
    NoLibrary {
        /// Where it would be.
        path: PathBuf,
    },
    /// Something has one of the names.
    #[error("`{name}` is taken in `{app}`: {by}")]
    #[diagnostic(help("choose another name"))]
    Taken {
        /// The name.
        name: String,
        /// The application.
        app: String,
        /// By what.
        by: String,
    },
    /// The plan cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
}

impl Failure for GenerateError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Plan(error) => error.exit_code(),
            Self::NoTree { .. } | Self::Taken { .. } => ExitCode::Usage,
            Self::NoLibrary { .. } => ExitCode::Failed,
        }
    }
}

impl ModuleRequest<'_> {
    /// The files that are read before anything is planned.
    #[must_use]
    pub fn reads(&self, workspace: &Workspace) -> Vec<PathBuf> {
        let own = ["Cargo.toml", "src/lib.rs", "src/application.rs"].map(|file| self.app.path.join(file));
        let api = workspace.app(&self.api()).map(|api| api.path.join("src/lib.rs"));
        own.into_iter().chain(api).collect()
    }

    fn api(&self) -> String {
        format!("{}_api", self.app.name)
    }

    fn context(&self) -> Module {
        Module::new(self.app.name.as_str(), self.name.module(), self.name.type_name())
    }

    fn files(&self) -> Result<Vec<Rendered>, PlanError> {
        let module = self.context();
        let set = match self.kind {
            ModuleKind::Server => FileSet::Server(&module),
            ModuleKind::Supervisor => FileSet::Supervisor(&module),
            ModuleKind::Statem => FileSet::Statem(&module),
            ModuleKind::Task => FileSet::Task(&module),
            ModuleKind::Api => FileSet::Api(&module),
        };
        rendered(self.templates, set, &self.needs())
    }

    /// What a template must make, so that what is added to the application's files fits it.
    fn needs(&self) -> Vec<Need> {
        let (module, constant, type_name) = (self.name.module(), self.name.constant(), self.name.type_name());
        let name = |name: &str, written: String| (name.to_owned(), written);
        let a_const = || name(&constant, format!("pub const {constant}"));
        let a_struct = |suffix: &str| {
            let type_name = format!("{type_name}{suffix}");
            (type_name.clone(), format!("pub struct {type_name}"))
        };
        let child = format!("the application starts it with `.child({})`", self.wiring().child);
        let need = |pattern, names| Need { pattern, names, why: child.clone() };
        const MODULE: &str = "src/{{module}}.rs";
        match self.kind {
            ModuleKind::Server => vec![need(MODULE, vec![a_const(), a_struct("")])],
            ModuleKind::Statem => vec![need(MODULE, vec![a_const(), a_struct(""), a_struct("State")])],
            ModuleKind::Supervisor => {
                let function = name("supervisor", "pub(crate) fn supervisor".to_owned());
                vec![need(MODULE, vec![a_const(), function])]
            }
            ModuleKind::Task => {
                let start = format!("start_{module}");
                let function = (start.clone(), format!("pub async fn {start}"));
                vec![need(MODULE, vec![a_const(), function])]
            }
            ModuleKind::Api => {
                let protocol = name(type_name, format!("pub trait {type_name}"));
                let why = format!("callers use it through the crate `{}`", self.api());
                let part = |pattern, names| Need { pattern, names, why: why.clone() };
                vec![
                    part("protocol/Cargo.toml", Vec::new()),
                    part("protocol/src/lib.rs", Vec::new()),
                    part("protocol/src/{{module}}.rs", vec![a_const(), protocol]),
                    need("server/src/{{module}}.rs", vec![a_struct("Server")]),
                ]
            }
        }
    }

    /// What `lib.rs` exports of the module.
    fn exports(&self) -> Option<String> {
        let (module, constant, type_name) = (self.name.module(), self.name.constant(), self.name.type_name());
        match self.kind {
            ModuleKind::Server => Some(format!("{{{constant}, {type_name}}}")),
            ModuleKind::Statem => Some(format!("{{{constant}, {type_name}, {type_name}State}}")),
            ModuleKind::Supervisor => Some(constant),
            ModuleKind::Task => Some(format!("{{{constant}, start_{module}}}")),
            ModuleKind::Api => None,
        }
    }

    fn wiring(&self) -> Wiring {
        let (module, constant, type_name) = (self.name.module(), self.name.constant(), self.name.type_name());
        let (imports, child) = match self.kind {
            ModuleKind::Server | ModuleKind::Statem => (
                vec![format!("crate::{module}::{{{constant}, {type_name}}}")],
                format!("{type_name}::child_spec(()).name({constant})"),
            ),
            ModuleKind::Supervisor => (vec![format!("crate::{module}")], format!("{module}::supervisor()")),
            ModuleKind::Task => (
                vec![format!("crate::{module}::{constant}")],
                format!("TaskSupervisor::new().name({constant})"),
            ),
            ModuleKind::Api => (
                vec![
                    format!("{}::{constant}", self.api().replace('-', "_")),
                    format!("crate::{module}::{type_name}Server"),
                ],
                format!("{type_name}Server::child_spec(()).name({constant})"),
            ),
        };
        Wiring { imports, child }
    }

    /// Refuses names that the application uses already.
    fn check_free(&self, library: &str, workspace: &Workspace) -> Result<(), GenerateError> {
        let taken = |name: &str, by: &str| {
            let (name, app, by) = (name.to_owned(), self.app.name.to_string(), by.to_owned());
            Err(GenerateError::Taken { name, app, by })
        };
        let module = self.name.module();
        let is_module = |package: &str| package.replace('-', "_") == *module;
        let member = workspace.member(self.app.name.as_str());
        let crates = member.into_iter().flat_map(|member| &member.dependencies);
        if crates.into_iter().any(|dependency| is_module(&dependency.package)) {
            return taken(module, "it depends on a crate of this name");
        }
        if has_module(library, module) {
            return taken(module, "src/lib.rs has a module of this name");
        }
        for name in [self.name.type_name(), &self.name.constant()] {
            if has_name(library, name) {
                return taken(name, "src/lib.rs uses it");
            }
        }
        Ok(())
    }
}

/// Plans the module: its files first, then what declares it, then what starts it.
///
/// # Errors
/// [`GenerateError`].
pub fn generate(
    workspace: &Workspace,
    sources: &Sources,
    request: &ModuleRequest<'_>,
) -> Result<Generated, GenerateError> {
    let app = request.app;
    if let AppKind::Library = app.kind {
        let callback = format!("{}::{}", app.name.crate_name(), app.name.type_name());
        return Err(GenerateError::NoTree { app: app.name.to_string(), callback });
    }
    let path = app.path.join("src/lib.rs");
    let library = sources.get(&path).ok_or_else(|| GenerateError::NoLibrary { path: path.clone() })?;
    request.check_free(library, workspace)?;
    let mut draft = Draft::new(workspace, sources);
    let mut files = request.files()?;
    if request.kind == ModuleKind::Api {
        let (protocol, server) = parts(files);
        add_api(&mut draft, workspace, request, protocol)?;
        files = server;
    }
    draft.add_files(&app.path, files, &request.folders);
    let module = request.name.module();
    let declared = add_module(library, module, request.exports().as_deref());
    draft.write(path, declared, Some(format!("mod {module}")));
    let (tree, wiring) = (app.path.join("src/application.rs"), request.wiring());
    let wired = sources.get(&tree).and_then(|source| add_child(source, &wiring.child));
    let by_hand = match wired {
        None => Some(wiring),
        Some(wired) => {
            let imported = wiring.imports.iter().fold(wired, |source, path| add_import(&source, path));
            draft.write(tree.clone(), imported, Some(format!(".child({})", wiring.child)));
            None
        }
    };
    Ok(Generated { plan: draft.into_plan(), by_hand, tree })
}

/// What goes into the crate of the protocol, and what into that of the server.
fn parts(files: Vec<Rendered>) -> (Vec<Rendered>, Vec<Rendered>) {
    let part = |folder: &str| {
        let below = |file: &Rendered| {
            let (path, pattern) = (file.path.strip_prefix(folder)?, file.pattern.strip_prefix(folder)?);
            let (path, pattern) = (path.to_owned(), pattern.to_owned());
            Some(Rendered { path, contents: file.contents.clone(), pattern })
        };
        files.iter().filter_map(below).collect()
    };
    (part("protocol/"), part("server/"))
}

/// The crate of the protocol, or one more protocol in it; the application depends on it.
fn add_api(
    draft: &mut Draft<'_>,
    workspace: &Workspace,
    request: &ModuleRequest<'_>,
    files: Vec<Rendered>,
) -> Result<(), GenerateError> {
    let (api, app) = (request.api(), request.app);
    let (name, constant) = (request.name.type_name(), request.name.constant());
    if let Some(there) = workspace.app(&api) {
        let path = there.path.join("src/lib.rs");
        let library =
            draft.sources.get(&path).ok_or_else(|| GenerateError::NoLibrary { path: path.clone() })?;
        if has_module(library, request.name.module()) || has_name(library, name) {
            let (name, by) = (name.to_owned(), "src/lib.rs uses it".to_owned());
            return Err(GenerateError::Taken { name, app: api, by });
        }
        let exports = format!("{{{constant}, {name}, {name}Protocol}}");
        let edited = add_module(library, request.name.module(), Some(&exports));
        // What is named after the module is what the crate does not have yet.
        let more = files.into_iter().filter(|file| file.pattern.contains("{{module}}")).collect();
        draft.add_files(&there.path, more, &request.folders);
        draft.write(path, edited, Some(format!("mod {}", request.name.module())));
    } else {
        let member = format!("apps/{api}");
        draft.add_tree(workspace.root.join(&member), files.into_iter().map(Entry::from).collect());
        draft.add_member(&member)?;
        draft.add_dependency(&api, &format!("{{ path = \"{member}\" }}"))?;
        let after = workspace.clone().with_app(App {
            name: AppName::of_package(api.as_str()),
            path: workspace.root.join(&member),
            kind: AppKind::Library,
            dependencies: Vec::new(),
            uses_runtime: true,
            version: "0.1.0".to_owned(),
        });
        draft.add_release(&after, &ReleaseContents::whole(&after))?;
    }
    let path = app.path.join("Cargo.toml");
    let old = draft.manifest_of(&path);
    let new = manifest::add_dependency(&old, &api).map_err(PlanError::from)?;
    if new != old {
        draft.write_manifest(path, new, format!("dependencies += {api}"));
    }
    Ok(())
}

impl Draft<'_> {
    /// Files that are not there yet. Nobody refers to them until later steps do.
    fn add_files(&mut self, root: &Path, files: Vec<Rendered>, folders: &BTreeSet<PathBuf>) {
        let mut new: BTreeMap<PathBuf, Vec<Entry>> = BTreeMap::new();
        for file in files {
            let path = root.join(&file.path);
            let above = path.ancestors().skip(1).take_while(|folder| *folder != root);
            // The highest one that is missing comes whole.
            match above.filter(|folder| !folders.contains(*folder)).last() {
                None => self.trees.push(Step::NewFile { path, contents: file.contents }),
                Some(folder) => {
                    let inside = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                    let entry = Entry::File { path: inside, contents: file.contents };
                    new.entry(folder.to_owned()).or_default().push(entry);
                }
            }
        }
        for (folder, entries) in new {
            self.add_tree(folder, entries);
        }
    }
}
