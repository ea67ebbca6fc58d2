//! What the bundle of a release holds. Pure: `emit` assembles it.
//!
//! ```text
//! bin/<release>                     the program, which is also its own command line
//! config/config.toml prod.toml ...  the tables of its applications, see [`release_config`](super::release_config)
//! releases/<version>/release.json   what was built, from what
//! releases/<version>/contracts.json what other nodes may say to it, as its program prints it
//! releases/COOKIE                   the secret that the releases of one deployment share
//! ```

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::deployment::{Elsewhere, Release};

/// A file that anybody may read.
const READABLE: u32 = 0o644;
/// A file that only its owner may read.
const SECRET: u32 = 0o600;
/// A program.
const EXECUTABLE: u32 = 0o755;

/// The secret by which the releases of a deployment know each other. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie(String);

impl Cookie {
    /// A cookie of this text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the file it is kept in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(..)")
    }
}

/// The files of one release's bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The release.
    pub release: String,
    /// Its version.
    pub version: String,
    /// Everything in it.
    pub files: Vec<BundleFile>,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFile {
    /// Where, relative to the bundle.
    pub path: String,
    /// What.
    pub contents: Contents,
    /// Who may read or run it.
    pub mode: u32,
}

/// What a file of a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A copy of a file that exists.
    CopyOf(PathBuf),
    /// This text.
    Text(String),
    /// The deployment's cookie.
    Cookie(Cookie),
}

/// What all releases of one build have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFacts {
    /// The canonical placement expression.
    pub deployment: String,
    /// What its releases know each other by: the name it is saved under, or the placement.
    pub identity: String,
    /// The compiler: `1.95.0`. None if it did not say.
    pub rustc: Option<String>,
    /// What was compiled for: `x86_64-unknown-linux-gnu`.
    pub target: Option<String>,
    /// The commit of the workspace, if it has one.
    pub git_revision: Option<String>,
    /// When, in seconds since 1970.
    pub built_unix_s: u64,
}

/// An application of a release, as `release.json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationVersion {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A configuration file of a bundle: its name and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// As in the workspace: `prod.toml`.
    pub name: String,
    /// The reduced text.
    pub text: String,
}

/// `releases/<version>/release.json`.
#[derive(Debug, Serialize)]
struct ReleaseJson<'a> {
    /// Of this format.
    version: u32,
    release: &'a str,
    release_version: &'a str,
    deployment: &'a str,
    identity: &'a str,
    applications: &'a [ApplicationVersion],
    elsewhere: &'a [Elsewhere],
    /// In how many nodes it runs.
    instances: u32,
    rustc: Option<&'a str>,
    target: Option<&'a str>,
    git_revision: Option<&'a str>,
    built_unix_s: u64,
}

impl Bundle {
    /// The bundle of `release` at `version`, around the program at `executable`. `applications` are in start order.
    #[must_use]
    pub fn new(
        release: &Release,
        version: &str,
        applications: &[ApplicationVersion],
        executable: PathBuf,
        facts: &BuildFacts,
    ) -> Self {
        let program = BundleFile {
            path: format!("bin/{}", release.name),
            contents: Contents::CopyOf(executable),
            mode: EXECUTABLE,
        };
        let json = BundleFile {
            path: format!("releases/{version}/release.json"),
            contents: Contents::Text(release_json(release, version, applications, facts)),
            mode: READABLE,
        };
        Self { release: release.name.clone(), version: version.to_owned(), files: vec![program, json] }
    }

    /// Adds the configuration.
    #[must_use]
    pub fn with_config(mut self, files: impl IntoIterator<Item = ConfigFile>) -> Self {
        self.files.extend(files.into_iter().map(|file| BundleFile {
            path: format!("config/{}", file.name),
            contents: Contents::Text(file.text),
            mode: READABLE,
        }));
        self
    }

    /// Adds what its program says that other nodes may say to it.
    #[must_use]
    pub fn with_contracts(mut self, text: String) -> Self {
        let path = format!("releases/{}/contracts.json", self.version);
        self.files.push(BundleFile { path, contents: Contents::Text(text), mode: READABLE });
        self
    }

    /// Adds the secret of the deployment.
    #[must_use]
    pub fn with_cookie(mut self, cookie: Cookie) -> Self {
        let contents = Contents::Cookie(cookie);
        self.files.push(BundleFile { path: "releases/COOKIE".to_owned(), contents, mode: SECRET });
        self
    }
}

/// Whether a file of `config/` is shipped: those of development and of tests stay at home.
#[must_use]
pub fn is_shipped(config_file: &str) -> bool {
    config_file.ends_with(".toml") && !matches!(config_file, "dev.toml" | "test.toml")
}

fn release_json(
    release: &Release,
    version: &str,
    applications: &[ApplicationVersion],
    facts: &BuildFacts,
) -> String {
    let json = ReleaseJson {
        version: 1,
        release: &release.name,
        release_version: version,
        deployment: &facts.deployment,
        identity: &facts.identity,
        applications,
        elsewhere: &release.elsewhere,
        instances: release.instances,
        rustc: facts.rustc.as_deref(),
        target: facts.target.as_deref(),
        git_revision: facts.git_revision.as_deref(),
        built_unix_s: facts.built_unix_s,
    };
    let mut text = serde_json::to_string_pretty(&json).expect("strings and numbers are always JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::{ApplicationVersion, BuildFacts, Bundle, ConfigFile, Contents, Cookie, is_shipped};
    use crate::deployment::{Elsewhere, Release};

    fn bundle() -> Bundle {
        let release = Release {
            name: "a_b".into(),
            package: "a_b".into(),
            applications: vec!["a".into()],
            instances: 1,
            elsewhere: vec![Elsewhere { application: "c".into(), release: "c".into(), instances: 1 }],
        };
        let facts = BuildFacts {
            deployment: "[a,b]+[c]".into(),
            identity: "prod".into(),
            rustc: Some("1.95.0".into()),
            target: Some("x86_64-unknown-linux-gnu".into()),
            git_revision: None,
            built_unix_s: 1_700_000_000,
        };
        let applications = [ApplicationVersion { name: "a".into(), version: "0.2.0".into() }];
        Bundle::new(&release, "0.1.0", &applications, "target/release/a_b".into(), &facts)
    }

    #[test]
    fn each_file_has_its_place_and_its_mode() {
        let config = ConfigFile { name: "prod.toml".into(), text: String::new() };
        let bundle = bundle().with_config([config]).with_cookie(Cookie::new("secret".into()));
        let bundle = bundle.with_contracts("{}".into());
        let files: Vec<(&str, u32)> =
            bundle.files.iter().map(|file| (file.path.as_str(), file.mode)).collect();
        let expected = [
            ("bin/a_b", 0o755),
            ("releases/0.1.0/release.json", 0o644),
            ("config/prod.toml", 0o644),
            ("releases/COOKIE", 0o600),
            ("releases/0.1.0/contracts.json", 0o644),
        ];
        assert_eq!(files, expected);
        assert!(!format!("{bundle:?}").contains("secret"));
    }

    #[test]
    fn release_json_says_what_was_built_from_what() {
        let Contents::Text(text) = &bundle().files[1].contents.clone() else { panic!("text") };
        let expected = r#"{
  "version": 1,
  "release": "a_b",
  "release_version": "0.1.0",
  "deployment": "[a,b]+[c]",
  "identity": "prod",
  "applications": [
    {
      "name": "a",
      "version": "0.2.0"
    }
  ],
  "elsewhere": [
    {
      "application": "c",
      "release": "c"
    }
  ],
  "instances": 1,
  "rustc": "1.95.0",
  "target": "x86_64-unknown-linux-gnu",
  "git_revision": null,
  "built_unix_s": 1700000000
}
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn development_and_test_configuration_stay_at_home() {
        let shipped = ["config.toml", "dev.toml", "test.toml", "prod.toml", "staging.toml", "README.md"];
        let shipped: Vec<&str> = shipped.into_iter().filter(|name| is_shipped(name)).collect();
        assert_eq!(shipped, ["config.toml", "prod.toml", "staging.toml"]);
    }
}
