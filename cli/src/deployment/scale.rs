//! In how many nodes a release runs, said beside the expression: `--scale c=3`.

use std::str::FromStr;

use miette::Diagnostic;
use thiserror::Error;

use super::Deployment;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::did_you_mean;

/// The most instances of one release: more than one deployment of this kind has nodes, and a typing error is seen.
pub(super) const MOST_INSTANCES: u32 = 1000;

/// `c=3`: the release `c` runs in three nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// The release.
    pub release: String,
    /// In how many nodes it runs.
    pub instances: u32,
}

/// A release that cannot be scaled.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[non_exhaustive]
pub enum ScaleError {
    /// The deployment has no release of that name.
    #[error("`--scale` names the release `{release}`, which this deployment does not have")]
    #[diagnostic(help("{help}"))]
    Unknown {
        /// What was asked for.
        release: String,
        /// What there is.
        help: String,
    },
}

impl Failure for ScaleError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((release, count)) = text.split_once('=') else {
            return Err("write it as RELEASE=COUNT, as in c=3".to_owned());
        };
        let count = count.parse().ok().filter(|count| (1..=MOST_INSTANCES).contains(count));
        let instances = count.ok_or(format!("the count is a number from 1 to {MOST_INSTANCES}"))?;
        Ok(Self { release: release.to_owned(), instances })
    }
}

impl Deployment {
    /// The same placement with other numbers of instances.
    ///
    /// # Errors
    /// [`ScaleError`] for a name that is none of its releases.
    pub fn scaled(mut self, scales: &[Scale]) -> Result<Self, ScaleError> {
        for Scale { release, instances } in scales {
            let found = self.brackets_mut().iter_mut().find(|bracket| bracket.release_name() == *release);
            match found {
                Some(bracket) => bracket.instances = *instances,
                None => return Err(self.unknown(release)),
            }
        }
        Ok(self)
    }

    /// The same placement with one node for each release.
    pub(crate) fn once_each(mut self) -> Self {
        self.brackets_mut().iter_mut().for_each(|bracket| bracket.instances = 1);
        self
    }

    /// An application is probably meant as the release that holds it.
    fn unknown(&self, name: &str) -> ScaleError {
        let names: Vec<String> = self.brackets().iter().map(super::Bracket::release_name).collect();
        let home =
            self.brackets().iter().find(|bracket| bracket.applications.iter().any(|app| app.value == name));
        let closest = did_you_mean(name, names.iter().map(String::as_str));
        let mut help = match (home, closest) {
            (Some(home), _) => format!("`{name}` runs in the release `{}`\n", home.release_name()),
            (None, Some(closest)) => format!("did you mean `{closest}`?\n"),
            (None, None) => String::new(),
        };
        help.push_str(&format!("releases: {}", names.join(", ")));
        ScaleError::Unknown { release: name.to_owned(), help }
    }
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;

    use super::{Deployment, Scale, ScaleError};

    fn scaled(expression: &str, scales: &[&str]) -> Result<String, ScaleError> {
        let scales: Vec<Scale> = scales.iter().map(|text| text.parse().unwrap()).collect();
        Deployment::parse(expression).unwrap().scaled(&scales).map(|deployment| deployment.to_string())
    }

    #[test]
    fn a_scale_is_another_way_to_write_the_count() {
        assert_eq!(scaled("[a,b]+[c]", &["c=3", "a_b=2"]), Ok("[a,b]*2+[c]*3".to_owned()));
        assert_eq!(scaled("web=[a]*4", &["web=1"]), Ok("web=[a]".to_owned()));
    }

    #[test]
    fn the_release_must_be_there() {
        let help = |name| match scaled("web=[a,b]+[c]", &[name]) {
            Err(error) => error.help().unwrap().to_string(),
            Ok(scaled) => panic!("{scaled}"),
        };
        assert_eq!(help("a=2"), "`a` runs in the release `web`\nreleases: web, c");
        assert_eq!(help("wed=2"), "did you mean `web`?\nreleases: web, c");
        assert_eq!(help("observer=2"), "releases: web, c");
    }

    #[test]
    fn what_is_no_scale_is_refused() {
        for text in ["c", "c=", "c=0", "c=-1", "c=x", "c=1001", "c=3=4"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
