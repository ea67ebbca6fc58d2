//! Reading Cargo manifests while compiling: which applications a crate depends on.

use std::path::{Path, PathBuf};

use proc_macro2::Span;
use toml::{Table, Value};

/// A package of the workspace, as its manifest describes it.
pub(crate) struct Package {
    folder: PathBuf,
    manifest: Table,
    /// `[workspace.dependencies]` of the root, with the root's folder.
    workspace: Option<(PathBuf, Table)>,
}

/// What a package is to the applications that depend on it.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Exports {
    /// `application()`, because it has something to start.
    Supervised { callback: String, start_type: StartType },
    /// `application()`, because it depends on applications.
    Library,
    /// Nothing: an ordinary crate, or a library application that depends on no application.
    Nothing,
}

/// `[package.metadata.umbrella] start`.
#[derive(PartialEq, Eq, Debug, Clone, Copy)]
pub(crate) enum StartType {
    Permanent,
    Transient,
    Temporary,
}

/// A dependency that lives in the same workspace.
pub(crate) struct Dependency {
    /// The name by which code refers to it.
    pub(crate) name: String,
    pub(crate) package: Package,
}

fn error(message: impl std::fmt::Display) -> syn::Error {
    syn::Error::new(Span::call_site(), message)
}

fn read(path: &Path) -> syn::Result<Table> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| error(format!("failed to read `{}`: {e}", path.display())))?;
    text.parse().map_err(|e| error(format!("failed to parse `{}`: {e}", path.display())))
}

impl Package {
    /// The package that is being compiled.
    pub(crate) fn under_compilation() -> syn::Result<Self> {
        let folder =
            std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| error("CARGO_MANIFEST_DIR is not set"))?;
        Self::open(PathBuf::from(folder))
    }

    fn open(folder: PathBuf) -> syn::Result<Self> {
        let manifest = read(&folder.join("Cargo.toml"))?;
        let workspace = find_workspace(&folder)?;
        Ok(Self { folder, manifest, workspace })
    }

    /// The name of the package.
    pub(crate) fn name(&self) -> &str {
        table(&self.manifest, "package").and_then(|package| package.get("name")?.as_str()).unwrap_or_default()
    }

    /// The name by which code refers to the library.
    pub(crate) fn library_name(&self) -> String {
        let named = table(&self.manifest, "lib").and_then(|library| library.get("name")?.as_str());
        named.unwrap_or(self.name()).replace('-', "_")
    }

    /// The manifests that this package's application depends on, for Cargo to watch.
    pub(crate) fn manifest_path(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    /// `[package.metadata.umbrella]`.
    fn metadata(&self) -> Option<&Table> {
        table(table(table(&self.manifest, "package")?, "metadata")?, "umbrella")
    }

    pub(crate) fn exports(&self) -> syn::Result<Exports> {
        let Some(metadata) = self.metadata() else { return Ok(Exports::Nothing) };
        if let Some(callback) = metadata.get("application").and_then(Value::as_str) {
            let start_type = self.start_type(metadata)?;
            return Ok(Exports::Supervised { callback: callback.to_owned(), start_type });
        }
        Ok(if self.application_dependencies()?.is_empty() { Exports::Nothing } else { Exports::Library })
    }

    fn start_type(&self, metadata: &Table) -> syn::Result<StartType> {
        match metadata.get("start").map(|start| start.as_str().unwrap_or_default()) {
            None | Some("permanent") => Ok(StartType::Permanent),
            Some("transient") => Ok(StartType::Transient),
            Some("temporary") => Ok(StartType::Temporary),
            Some(other) => Err(error(format!(
                "`{}`: unknown start type `{other}` in [package.metadata.umbrella]; it is `permanent`, `transient`, or \
                 `temporary`",
                self.manifest_path().display()
            ))),
        }
    }

    /// The dependencies that are applications with an `application()` of their own.
    ///
    /// # Errors
    /// When an application is reached only through an ordinary crate, which cannot pass it on.
    pub(crate) fn application_dependencies(&self) -> syn::Result<Vec<Dependency>> {
        let mut applications = Vec::new();
        let mut hidden = Vec::new();
        for dependency in self.workspace_dependencies()? {
            if dependency.package.metadata().is_none() {
                let behind = dependency.package.application_dependencies()?;
                hidden.extend(behind.into_iter().map(|inner| (inner.name, dependency.name.clone())));
            } else if dependency.package.exports()? != Exports::Nothing {
                applications.push(dependency);
            }
        }
        match hidden.iter().find(|(inner, _)| !applications.iter().any(|known| known.name == *inner)) {
            None => Ok(applications),
            Some((inner, through)) => Err(error(format!(
                "`{}` reaches the application `{inner}` only through `{through}`, which is not an application; \
                 add `{inner}` to its [dependencies], or [package.metadata.umbrella] `library = true` and \
                 `umbrella::application!();` to `{through}`",
                self.name()
            ))),
        }
    }

    /// `[dependencies]` with a path, directly or through the workspace.
    fn workspace_dependencies(&self) -> syn::Result<Vec<Dependency>> {
        let Some(dependencies) = table(&self.manifest, "dependencies") else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (name, value) in dependencies {
            if let Some(folder) = self.dependency_folder(name, value) {
                let package = Self::open(folder)?;
                // The runtime itself comes by path in a checkout; it is not part of the umbrella.
                if package.name() != "umbrella-runtime" {
                    found.push(Dependency { name: name.replace('-', "_"), package });
                }
            }
        }
        Ok(found)
    }

    fn dependency_folder(&self, name: &str, value: &Value) -> Option<PathBuf> {
        if let Some(path) = value.get("path").and_then(Value::as_str) {
            return Some(self.folder.join(path));
        }
        let inherited = value.get("workspace").and_then(Value::as_bool).unwrap_or(false);
        let (root, shared) = self.workspace.as_ref().filter(|_| inherited)?;
        shared.get(name)?.get("path")?.as_str().map(|path| root.join(path))
    }
}

/// The nearest folder upward whose manifest has a `[workspace]`, and its `[workspace.dependencies]`.
fn find_workspace(folder: &Path) -> syn::Result<Option<(PathBuf, Table)>> {
    for candidate in folder.ancestors() {
        let path = candidate.join("Cargo.toml");
        if !path.is_file() {
            continue;
        }
        if let Some(workspace) = table(&read(&path)?, "workspace") {
            let dependencies = table(workspace, "dependencies").cloned().unwrap_or_default();
            return Ok(Some((candidate.to_owned(), dependencies)));
        }
    }
    Ok(None)
}

fn table<'a>(within: &'a Table, key: &str) -> Option<&'a Table> {
    within.get(key)?.as_table()
}
