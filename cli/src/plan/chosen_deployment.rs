//! Which deployment was asked for: one on the command line, a saved one, or everything in one release.

use miette::Diagnostic;
use thiserror::Error;
use toml_edit::Document;

use crate::deployment::{
    Deployment, InExpression, Members, ParseError, Partial, ResolveErrors, ResolvedDeployment, Scale,
    ScaleError,
};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{Workspace, did_you_mean};

/// The table of saved deployments.
const SAVED: [&str; 4] = ["workspace", "metadata", "umbrella", "deployments"];

/// How a deployment is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice<'a> {
    /// Every application in one release, named as the umbrella.
    Whole,
    /// By name: a saved deployment, or the umbrella.
    Named(&'a str),
    /// By its expression.
    Expression(&'a str),
}

/// A deployment, and what its releases know each other by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenDeployment {
    /// What was asked for.
    pub deployment: Deployment,
    /// The name it is saved under, if it is.
    pub saved_as: Option<String>,
    /// Where it was read from, if from the manifest.
    place: Option<Place>,
}

/// Where an expression stands in the root manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    manifest: String,
    offset: usize,
}

/// Why there is no such deployment.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ChooseError {
    /// The umbrella has no application.
    #[error("the umbrella `{umbrella}` has no application to release")]
    #[diagnostic(help("make one with `umbrella new b --sup`"))]
    NoApplication {
        /// The umbrella.
        umbrella: String,
    },
    /// No deployment is saved under this name.
    #[error("unknown deployment `{name}`")]
    #[diagnostic(help("{help}"))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        help: String,
    },
    /// The expression is not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Parse(#[from] ParseError),
}

impl Failure for ChooseError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoApplication { .. } => ExitCode::Failed,
            Self::Unknown { .. } | Self::Parse(_) => ExitCode::Usage,
        }
    }
}

impl ChosenDeployment {
    /// Finds the deployment; `manifest` is the text of the root manifest, for errors in a saved one.
    ///
    /// # Errors
    /// [`ChooseError`].
    pub fn find(choice: Choice<'_>, workspace: &Workspace, manifest: &str) -> Result<Self, ChooseError> {
        if workspace.apps.is_empty() {
            return Err(ChooseError::NoApplication { umbrella: workspace.name.to_string() });
        }
        match choice {
            Choice::Expression(text) => {
                Ok(Self { deployment: Deployment::parse(text)?, saved_as: None, place: None })
            }
            Choice::Named(name) if workspace.deployments.contains_key(name) => {
                Self::saved(name, workspace, manifest)
            }
            Choice::Named(name) if name != workspace.name.as_str() => Err(unknown(name, workspace)),
            Choice::Named(_) | Choice::Whole => {
                let mut names: Vec<&str> = workspace.app_names().collect();
                names.sort_unstable();
                let deployment = Deployment::of_one_release(workspace.name.as_str(), names);
                Ok(Self { deployment, saved_as: Some(workspace.name.to_string()), place: None })
            }
        }
    }

    fn saved(name: &str, workspace: &Workspace, manifest: &str) -> Result<Self, ChooseError> {
        let text = workspace.deployments.get(name).map(String::as_str).unwrap_or_default();
        let place = place_of(name, text, manifest);
        let deployment = Deployment::parse(text).map_err(|error| located(error, place.as_ref()))?;
        Ok(Self { deployment, saved_as: Some(name.to_owned()), place })
    }

    /// The same deployment with other numbers of instances; it keeps its identity.
    ///
    /// # Errors
    /// [`ScaleError`].
    pub fn scaled(self, scales: &[Scale]) -> Result<Self, ScaleError> {
        Ok(Self { deployment: self.deployment.scaled(scales)?, ..self })
    }

    /// Fits the deployment to its workspace.
    ///
    /// # Errors
    /// [`ResolveErrors`], shown where the expression was written.
    pub fn resolve(
        &self,
        workspace: &Workspace,
        partial: Partial,
    ) -> Result<ResolvedDeployment, ResolveErrors> {
        self.deployment.resolve(&Members::from(workspace), partial).map_err(|errors| {
            ResolveErrors(errors.0.into_iter().map(|error| located(error, self.place.as_ref())).collect())
        })
    }

    /// What this deployment keeps its cookie under: its name, so that it may change and still be trusted, or else its
    /// canonical expression without the numbers of instances.
    #[must_use]
    pub fn identity(&self) -> String {
        self.saved_as.clone().unwrap_or_else(|| self.deployment.clone().once_each().to_string())
    }
}

fn located<K>(error: InExpression<K>, place: Option<&Place>) -> InExpression<K> {
    match place {
        Some(place) => error.in_file("Cargo.toml", &place.manifest, place.offset),
        None => error,
    }
}

/// Where the saved expression `text` stands; nothing if it is written with escapes, where bytes do not correspond.
fn place_of(name: &str, text: &str, manifest: &str) -> Option<Place> {
    let document = Document::parse(manifest).ok()?;
    let mut item = document.as_item();
    for key in SAVED.into_iter().chain([name]) {
        item = item.get(key)?;
    }
    let offset = item.span()?.start + 1;
    let written = manifest.get(offset..)?.starts_with(text);
    written.then(|| Place { manifest: manifest.to_owned(), offset })
}

fn unknown(name: &str, workspace: &Workspace) -> ChooseError {
    let umbrella = workspace.name.as_str();
    let names = || workspace.deployments.keys().map(String::as_str).chain([umbrella]);
    let known: Vec<&str> = names().collect();
    let mut help = match (did_you_mean(name, names()), deployment_of(name, workspace)) {
        (_, Some(deployment)) => {
            format!(
                "`{name}` is a release of the deployment `{deployment}`: `umbrella release {deployment}`\n"
            )
        }
        (Some(closest), None) => format!("did you mean `{closest}`?\n"),
        (None, None) => String::new(),
    };
    help.push_str(&format!("deployments: {}", known.join(", ")));
    ChooseError::Unknown { name: name.to_owned(), help }
}

/// The saved deployment that has a release called `name`.
fn deployment_of<'a>(name: &str, workspace: &'a Workspace) -> Option<&'a str> {
    let holds = |text: &str| {
        let deployment = Deployment::parse(text).ok()?;
        deployment.brackets().iter().any(|bracket| bracket.release_name() == name).then_some(())
    };
    workspace.deployments.iter().find(|(_, text)| holds(text).is_some()).map(|(saved, _)| saved.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use miette::Diagnostic;

    use super::{Choice, ChooseError, ChosenDeployment};
    use crate::deployment::Partial;
    use crate::workspace::{App, AppKind, AppName, ReleaseName, Workspace};

    fn workspace(saved: &[(&str, &str)]) -> Workspace {
        let app = |name: &str| App {
            name: AppName::of_package(name),
            path: PathBuf::from("apps").join(name),
            kind: AppKind::Library,
            dependencies: Vec::new(),
            uses_runtime: false,
            version: "0.1.0".into(),
        };
        Workspace {
            root: PathBuf::from("abc"),
            name: ReleaseName::existing("abc"),
            apps: vec![app("b"), app("a")],
            crates: Vec::new(),
            members: Vec::new(),
            rules: Default::default(),
            releases: Vec::new(),
            deployments: saved.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect(),
            target_directory: PathBuf::from("target"),
        }
    }

    const MANIFEST: &str = "[workspace.metadata.umbrella.deployments]\nprod = \"[a]+[z]\"\n";

    fn find(choice: Choice<'_>) -> Result<ChosenDeployment, ChooseError> {
        ChosenDeployment::find(choice, &workspace(&[("prod", "[a]+[z]"), ("stage", "web=[a,b]")]), MANIFEST)
    }

    #[test]
    fn without_a_name_every_application_is_in_one_release() {
        let whole = find(Choice::Whole).unwrap();
        assert_eq!(whole.deployment.to_string(), "abc=[a,b]");
        assert_eq!(whole, find(Choice::Named("abc")).unwrap());
    }

    #[test]
    fn a_saved_deployment_is_found_by_its_name_which_is_its_identity() {
        let saved = find(Choice::Named("stage")).unwrap();
        assert_eq!((saved.deployment.to_string(), saved.identity()), ("web=[a,b]".into(), "stage".into()));
        let typed = find(Choice::Expression("[a] + [b]")).unwrap();
        assert_eq!(typed.identity(), "[a]+[b]");
        let scaled =
            find(Choice::Expression("[a]*2+[b]")).unwrap().scaled(&["b=3".parse().unwrap()]).unwrap();
        assert_eq!(
            (scaled.deployment.to_string(), scaled.identity()),
            ("[a]*2+[b]*3".into(), "[a]+[b]".into())
        );
    }

    #[test]
    fn an_unknown_name_is_guessed() {
        let help = |name| find(Choice::Named(name)).unwrap_err().help().unwrap().to_string();
        assert_eq!(help("prdo"), "did you mean `prod`?\ndeployments: prod, stage, abc");
        assert_eq!(help("observer"), "deployments: prod, stage, abc");
        let release = "`web` is a release of the deployment `stage`: `umbrella release stage`";
        assert_eq!(help("web"), format!("{release}\ndeployments: prod, stage, abc"));
    }

    #[test]
    fn what_is_wrong_with_a_saved_one_is_shown_in_the_manifest() {
        let workspace = workspace(&[("prod", "[a]+[z]")]);
        let chosen = ChosenDeployment::find(Choice::Named("prod"), &workspace, MANIFEST).unwrap();
        let errors = chosen.resolve(&workspace, Partial::Yes).unwrap_err();
        let label = errors.labels().unwrap().next().unwrap();
        assert_eq!(label.offset(), MANIFEST.find('z').unwrap());
        let source = errors.source_code().unwrap().read_span(label.inner(), 0, 0).unwrap();
        assert_eq!((source.name(), source.line()), (Some("Cargo.toml"), 1));
    }

    #[test]
    fn an_umbrella_without_applications_has_nothing_to_release() {
        let mut empty = workspace(&[]);
        empty.apps.clear();
        empty.deployments = BTreeMap::new();
        let error = ChosenDeployment::find(Choice::Whole, &empty, "").unwrap_err();
        assert_eq!(error.to_string(), "the umbrella `abc` has no application to release");
    }
}
