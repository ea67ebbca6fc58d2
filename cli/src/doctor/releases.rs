//! Release crates and saved deployments, held against what would be generated today.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::manifest_in;
use super::finding::{Finding, Kind, Mend};
use super::root::GENERATED;
use super::{Facts, Place};
use crate::deployment::{Partial, ResolveErrors};
use crate::error::Failure;
use crate::plan::chosen_deployment::{Choice, ChosenDeployment};
use crate::plan::{ReleaseContents, release_crates};
use crate::workspace::{AppName, ReleaseCrate, ReleaseName, Workspace};

/// Where deployments are saved.
const SAVED: [&str; 4] = ["workspace", "metadata", "umbrella", "deployments"];

pub(super) fn examine(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let (saved, mut findings) = deployments(facts, workspace);
    let whole = ReleaseContents::whole(workspace);
    for release in &workspace.releases {
        let here = Release { facts, workspace, release };
        let known = saved.iter().filter(|(_, known)| known.name == release.name);
        let mut known: Vec<&ReleaseContents> = known.map(|(_, known)| known).collect();
        if release.name == workspace.name {
            known.insert(0, &whole);
        }
        findings.extend(here.differs(&known));
        if known.is_empty() {
            findings.push(here.unsaved());
        }
    }
    let empty = workspace.apps.is_empty();
    let wanted = saved.iter().map(|(name, wanted)| (Some(name.as_str()), wanted));
    let wanted = wanted.chain((!empty).then_some((None, &whole)));
    let mut named = BTreeSet::new();
    for (deployment, wanted) in wanted {
        if named.insert(&wanted.name) {
            findings.extend(missing(facts, workspace, deployment, wanted));
        }
    }
    findings
}

/// What the saved deployments come to, each release with its deployment, and what is wrong with them.
fn deployments(facts: &Facts, workspace: &Workspace) -> (Vec<(String, ReleaseContents)>, Vec<Finding>) {
    let (mut releases, mut findings) = (Vec::new(), Vec::new());
    for name in workspace.deployments.keys() {
        let place = Place::key("Cargo.toml", facts.manifest(), &[&SAVED[..], &[name]].concat());
        let wrong = |error: &dyn Failure| {
            let what = format!("the saved deployment `{name}` cannot be released: {error}");
            let help = error.help().map_or_else(
                || format!("correct it in Cargo.toml, line {:?}", place.line),
                |help| help.to_string(),
            );
            let place = Place::of(error).unwrap_or_else(|| place.clone());
            Finding::new(Kind::DeploymentWrong, what, help).at(place)
        };
        let chosen = match ChosenDeployment::find(Choice::Named(name), workspace, facts.manifest()) {
            Ok(chosen) => chosen,
            Err(error) => {
                findings.push(wrong(&error));
                continue;
            }
        };
        match chosen.resolve(workspace, Partial::Yes) {
            Ok(resolved) => {
                if !resolved.unplaced.is_empty() {
                    let what =
                        format!("the saved deployment `{name}` leaves out {}", listed(&resolved.unplaced));
                    let help = format!(
                        "place it in Cargo.toml, or release with `umbrella release {name} --partial`"
                    );
                    findings.push(Finding::new(Kind::DeploymentPartial, what, help).at(place));
                }
                let contents = resolved.releases.into_iter().map(ReleaseContents::from);
                releases.extend(contents.map(|contents| (name.clone(), contents)));
            }
            Err(ResolveErrors(errors)) => findings.extend(errors.iter().map(|error| wrong(error))),
        }
    }
    (releases, findings)
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn missing(
    facts: &Facts,
    workspace: &Workspace,
    deployment: Option<&str>,
    wanted: &ReleaseContents,
) -> Option<Finding> {
    let folder = format!("releases/{}", wanted.name);
    if workspace.release(wanted.name.as_str()).is_some() || facts.manifests.contains(&folder) {
        return None;
    }
    let (what, help) = match deployment {
        Some(deployment) => (
            format!(
                "the release crate `{}` of the saved deployment `{deployment}` is not there",
                wanted.name
            ),
            format!("`umbrella release {deployment}` makes it"),
        ),
        None => (
            format!("the release crate `{}`, with every application, is not there", wanted.name),
            "`umbrella start` makes it".to_owned(),
        ),
    };
    let mend = Mend::Release(wanted.clone());
    Some(Finding::new(Kind::ReleaseMissing, what, help).at(Place::file(folder)).mended(mend))
}

/// A release crate that is there.
struct Release<'a> {
    facts: &'a Facts,
    workspace: &'a Workspace,
    release: &'a ReleaseCrate,
}

impl Release<'_> {
    fn folder(&self) -> String {
        self.facts.shown(&self.release.path)
    }

    /// Held against what is known of it; if that is nothing, against what it says of itself.
    ///
    /// Several deployments can have a release of one name, and a group that was only typed too: then it may be any of them.
    fn differs(&self, known: &[&ReleaseContents]) -> Option<Finding> {
        let said = self.says();
        let is_as = |wanted: &ReleaseContents| self.is_as(wanted);
        let of_a_group = |said: &&ReleaseContents| {
            let here =
                |contents: &ReleaseContents| contents.applications.iter().cloned().collect::<BTreeSet<_>>();
            said.name != self.workspace.name && known.iter().any(|known| here(known) == here(said))
        };
        let wanted = match (known, &said) {
            ([], Some(said)) => said,
            ([], None) => return None,
            ([first, ..], said) => {
                if known.iter().any(|known| is_as(&self.as_scaled(known)))
                    || said.as_ref().filter(of_a_group).is_some_and(is_as)
                {
                    return None;
                }
                &self.as_scaled(first)
            }
        };
        let (file, line) = self.first_difference(wanted)?;
        let what = format!("the release crate `{}` is not what would be generated today", self.release.name);
        let help = "`umbrella doctor --fix` writes it anew, as `umbrella start` and `umbrella release` would";
        let place = Place { file: format!("{}/{file}", self.folder()), line };
        Some(Finding::new(Kind::ReleaseDiffers, what, help).at(place).mended(Mend::Release(wanted.clone())))
    }

    fn unsaved(&self) -> Finding {
        let name = &self.release.name;
        let what = format!("no saved deployment has the release `{name}`");
        let folder = self.folder();
        let help = format!(
            "`umbrella release --group ... --save NAME` keeps its deployment; or remove {folder} and its line in `members`"
        );
        Finding::new(Kind::ReleaseUnsaved, what, help).at(Place::file(manifest_in(&folder)))
    }

    fn is_as(&self, wanted: &ReleaseContents) -> bool {
        self.first_difference(wanted).is_none()
    }

    /// The first file, relative to the crate, and line that are not as they would be generated.
    fn first_difference(&self, wanted: &ReleaseContents) -> Option<(&'static str, Option<usize>)> {
        let plan = release_crates(self.workspace, &self.facts.sources, std::slice::from_ref(wanted)).ok()?;
        for file in ["Cargo.toml", "src/main.rs"] {
            let path = self.release.path.join(file);
            if let Some(new) = plan.text_of(&path) {
                let old = self.facts.sources.get(&path);
                let same =
                    old.map(|old| old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count() + 1);
                return Some((file, same));
            }
        }
        None
    }

    /// In as many nodes as it runs now: `umbrella scale` writes that, and it is of the moment. So is its version.
    fn as_scaled(&self, wanted: &ReleaseContents) -> ReleaseContents {
        let said = self.says();
        let (instances, version) = said.map(|said| (said.instances, said.version)).unwrap_or_default();
        let instances = if instances.is_empty() { wanted.instances.clone() } else { instances };
        ReleaseContents { instances, version, ..wanted.clone() }
    }

    /// What the crate says that it is, without applications that are gone. Nothing if it is not generated.
    fn says(&self) -> Option<ReleaseContents> {
        let text = |file: &str| self.facts.sources.get(&self.release.path.join(file));
        let manifest = text("Cargo.toml").filter(|text| text.starts_with(GENERATED))?;
        let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
        let has_root_version = crate::plan::release::workspace_version(self.facts.manifest()).is_some();
        let (mut applications, mut elsewhere, mut instances) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (method, args) in links(text("src/main.rs")?) {
            match (method.as_str(), args.as_slice()) {
                ("application" | "library", [first, ..]) => {
                    let krate = first.split("::").next().unwrap_or(first);
                    let app = self
                        .workspace
                        .apps
                        .iter()
                        .find(|app| app.name.crate_name() == krate.replace('-', "_"));
                    applications.extend(app.map(|app| app.name.clone()));
                }
                ("elsewhere", [app, release]) if self.workspace.app(app).is_some() => {
                    elsewhere.push((AppName::of_package(app), ReleaseName::existing(release)));
                }
                ("instances", [release, count]) => {
                    instances.insert(ReleaseName::existing(release), count.parse().ok()?);
                }
                _ => {}
            }
        }
        (!applications.is_empty()).then(|| ReleaseContents {
            name: self.release.name.clone(),
            package: self.release.package.clone(),
            version: version.filter(|_| has_root_version).map(str::to_owned),
            applications,
            elsewhere,
            instances,
        })
    }
}

/// The methods of the chain in a generated program, with their arguments.
fn links(main: &str) -> Vec<(String, Vec<String>)> {
    // Without white space a call is on one line, however it was broken.
    let code: String = main.split_whitespace().collect();
    let chain = code.split("CARGO_PKG_VERSION\")").nth(1).unwrap_or_default();
    let calls = chain.split(".run()").next().unwrap_or_default().split(").");
    let call = |call: &str| {
        let (method, args) = call.trim_start_matches([')', '.', ',']).split_once('(')?;
        let args = args.trim_end_matches([')', '(', ',']).split(',');
        let args = args.map(|arg| arg.trim_matches('"').trim_end_matches("()").to_owned());
        Some((method.to_owned(), args.collect()))
    };
    calls.filter_map(call).collect()
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn a_generated_program_says_what_it_starts() {
        let main = "fn main() -> ExitCode {\n    umbrella::node::Boot::new(\"x\", env!(\"CARGO_PKG_VERSION\"))\n        \
                    .umbrella(\"abc\")\n        .application(my_b::application())\n        .library(\"a\", \"0.1.0\")\n        \
                    .elsewhere(\n            \"c\",\n            \"c\",\n        )\n        .instances(\"c\", 3)\n        .run()\n}\n";
        let found: Vec<String> =
            links(main).into_iter().map(|(method, args)| format!("{method} {}", args.join(" "))).collect();
        assert_eq!(
            found,
            [
                "umbrella abc",
                "application my_b::application",
                "library a 0.1.0",
                "elsewhere c c",
                "instances c 3"
            ]
        );
    }
}
