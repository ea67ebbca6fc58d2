//! What `umbrella release` is going to do: which crates it writes, which packages it builds, what goes into each bundle.

use std::path::PathBuf;

use cargo_metadata::semver;
use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{Document, TomlError};

use super::bundle::{ApplicationVersion, BuildFacts, Bundle, ConfigFile, is_shipped};
use super::chosen_deployment::ChosenDeployment;
use super::release_config::reduce;
use super::saved_deployment::{SaveError, check_name, save};
use super::{Plan, PlanError, ReleaseContents, release_crates};
use crate::deployment::{Partial, Release, ResolveErrors, ResolvedDeployment};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{Sources, Workspace};

/// What was asked for, beside the deployment.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseRequest<'a> {
    /// Whether applications may be left out.
    pub partial: Partial,
    /// The name to save the deployment under.
    pub save: Option<&'a str>,
    /// The version of the releases; that of the workspace otherwise.
    pub version: Option<&'a str>,
}

/// What `umbrella release` is going to do.
#[derive(Debug, Clone)]
pub struct ReleasePlan {
    /// The releases.
    pub deployment: ResolvedDeployment,
    /// What the deployment's cookie is kept under.
    pub identity: String,
    /// The version of every release.
    pub version: String,
    /// The release crates, and the root manifest that knows them.
    pub files: Plan,
}

/// Why there is no plan.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The expression does not fit the workspace.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Resolve(#[from] ResolveErrors),
    /// A manifest or a template cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// The deployment cannot be saved.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Save(#[from] SaveError),
    /// `--version` is none.
    #[error("invalid version `{version}`: {reason}")]
    #[diagnostic(help("a version has three numbers, as in `1.2.0` or `1.2.0-rc.1`"))]
    Version {
        /// What was asked for.
        version: String,
        /// What is wrong with it.
        reason: semver::Error,
    },
    /// The workspace has no version.
    #[error("this workspace has no version")]
    #[diagnostic(help(
        "add `version = \"0.1.0\"` to `[workspace.package]` in Cargo.toml, or pass `--version`"
    ))]
    NoVersion,
    /// A file of the configuration is not TOML.
    #[error("`config/{file}` is not valid TOML")]
    Config {
        /// The file.
        file: String,
        /// What is wrong with it. Boxed to keep the error small.
        #[source]
        source: Box<TomlError>,
    },
}

impl Failure for ReleaseError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Resolve(errors) => errors.exit_code(),
            Self::Plan(error) => error.exit_code(),
            Self::Save(error) => error.exit_code(),
            Self::Version { .. } => ExitCode::Usage,
            Self::NoVersion => ExitCode::MetadataFailed,
            Self::Config { .. } => ExitCode::Failed,
        }
    }
}

/// Plans the releases of the deployment that was chosen.
///
/// # Errors
/// [`ReleaseError`].
pub fn plan_release(
    workspace: &Workspace,
    sources: &Sources,
    chosen: &ChosenDeployment,
    request: ReleaseRequest<'_>,
) -> Result<ReleasePlan, ReleaseError> {
    let deployment = chosen.resolve(workspace, request.partial)?;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    let version = match request.version {
        Some(version) => checked(version)?,
        None => workspace_version(manifest).ok_or(ReleaseError::NoVersion)?,
    };
    let contents: Vec<ReleaseContents> =
        deployment.releases.iter().map(|release| contents(release, request.version)).collect();
    let mut files = release_crates(workspace, sources, &contents)?;
    if let Some(name) = request.save {
        check_name(name, &workspace.name)?;
        let path = workspace.manifest_path();
        let saved = save(files.text_of(&path).unwrap_or(manifest), name, &deployment.expression)?;
        let summary = format!("deployments.{name} = \"{}\"", deployment.expression);
        files.replace(path, manifest, saved, Some(summary));
    }
    let identity = request.save.map_or_else(|| chosen.identity(), str::to_owned);
    Ok(ReleasePlan { deployment, identity, version, files })
}

impl ReleasePlan {
    /// The packages to build, in the order of the releases.
    #[must_use]
    pub fn packages(&self) -> Vec<&str> {
        self.deployment.releases.iter().map(|release| release.package.as_str()).collect()
    }

    /// The bundle of `release`, around the program at `executable`, without configuration and cookie.
    #[must_use]
    pub fn bundle(
        &self,
        release: &Release,
        workspace: &Workspace,
        executable: PathBuf,
        facts: &BuildFacts,
    ) -> Bundle {
        let version_of = |name: &String| ApplicationVersion {
            name: name.clone(),
            version: workspace.app(name).map(|app| app.version.clone()).unwrap_or_default(),
        };
        let applications: Vec<ApplicationVersion> = release.applications.iter().map(version_of).collect();
        Bundle::new(release, &self.version, &applications, executable, facts)
    }
}

/// The configuration of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseConfigs {
    /// What each release carries, in their order.
    pub per_release: Vec<Vec<ConfigFile>>,
    /// What none carries, because it belongs to no application.
    pub strangers: Vec<Stranger>,
}

/// A key of the configuration that belongs to no application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// The file in `config/`.
    pub file: String,
    /// The key.
    pub key: String,
}

/// Splits the files of `config/` among the releases of `deployment`.
///
/// # Errors
/// [`ReleaseError::Config`].
pub fn release_configs(
    deployment: &ResolvedDeployment,
    workspace: &Workspace,
    files: &[ConfigFile],
) -> Result<ReleaseConfigs, ReleaseError> {
    let all: Vec<String> = workspace.app_names().map(str::to_owned).collect();
    let mut strangers = Vec::new();
    let mut reduced = vec![Vec::new(); deployment.releases.len()];
    for file in files.iter().filter(|file| is_shipped(&file.name)) {
        let mut found = Vec::new();
        for (release, configs) in deployment.releases.iter().zip(&mut reduced) {
            let config = reduce(&file.text, &release.applications, &all)
                .map_err(|error| ReleaseError::Config { file: file.name.clone(), source: Box::new(error) })?;
            configs.push(ConfigFile { name: file.name.clone(), text: config.text });
            found = config.strangers;
        }
        strangers.extend(found.into_iter().map(|key| Stranger { file: file.name.clone(), key }));
    }
    Ok(ReleaseConfigs { per_release: reduced, strangers })
}

fn contents(release: &Release, version: Option<&str>) -> ReleaseContents {
    ReleaseContents { version: version.map(str::to_owned), ..release.clone().into() }
}

fn checked(version: &str) -> Result<String, ReleaseError> {
    let parsed = semver::Version::parse(version);
    let failed = |reason| ReleaseError::Version { version: version.to_owned(), reason };
    parsed.map(|version| version.to_string()).map_err(failed)
}

/// The version that release crates inherit.
pub(crate) fn workspace_version(manifest: &str) -> Option<String> {
    let document = Document::parse(manifest).ok()?;
    document.get("workspace")?.get("package")?.get("version")?.as_str().map(str::to_owned)
}
