//! What an application is made of.

use umbrella_templates::{Application, FileSet, Rendered, render};

use super::{Entry, PlanError};
use crate::workspace::{App, AppKind, AppName, StartType};

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

/// The configuration of a fresh supervised application: the table named after it.
pub(super) const CONFIG_BODY: &str = "# The count a fresh counter starts with.\nstart = 0\n";

impl AppRequest {
    /// The folder in an umbrella, relative to its root.
    pub(super) fn member(&self) -> String {
        format!("apps/{}", self.name)
    }

    /// Its files in an umbrella, relative to its folder.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, PlanError> {
        let app = self.context();
        let rendered = [render(FileSet::Application(&app))?, self.sources(&app)?];
        Ok(rendered.into_iter().flatten().map(Entry::from).collect())
    }

    /// Its manifest and its code when it is the root of its own project.
    pub(super) fn root_files(&self) -> Result<Vec<Rendered>, PlanError> {
        let app = self.context();
        let mut files = render(FileSet::Manifest(&app))?;
        files.extend(self.sources(&app)?);
        Ok(files)
    }

    /// The model of what will be there.
    pub(super) fn model(&self, path: std::path::PathBuf) -> App {
        let kind = if self.supervised {
            let callback = format!("{}::{}", self.name.crate_name(), self.name.type_name());
            AppKind::Supervised { callback, start_type: StartType::default() }
        } else {
            AppKind::Library
        };
        App {
            name: self.name.clone(),
            path,
            kind,
            dependencies: self.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
            uses_runtime: self.supervised || !self.dependencies.is_empty(),
            version: "0.1.0".to_owned(),
        }
    }

    fn context(&self) -> Application {
        let app = Application::new(self.name.as_str(), &self.name.type_name(), self.supervised);
        let depend = |app: Application, on: &AppDependency| app.depends_on(on.name.as_str(), on.has_counter);
        self.dependencies.iter().fold(app, depend)
    }

    fn sources(&self, app: &Application) -> Result<Vec<Rendered>, PlanError> {
        let set =
            if self.supervised { FileSet::SupervisedSources(app) } else { FileSet::LibrarySources(app) };
        Ok(render(set)?)
    }
}

impl From<Rendered> for Entry {
    fn from(file: Rendered) -> Self {
        Self::File { path: file.path.into(), contents: file.contents }
    }
}
