//! What is wrong with an umbrella, and what of it can be mended. Pure: [`Facts`] in, [`Finding`]s and a [`Mended`] out.
//!
//! Manifests are judged as texts first, so that something is found also where cargo reads nothing; then, if cargo can read
//! the workspace, the model of it is.

mod configuration;
mod facts;
mod finding;
mod machine;
mod manifests;
mod members;
mod mend;
mod place;
mod releases;
mod root;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path;

use miette::Diagnostic;

pub use facts::{Facts, Machine, Own, StaleNode, Tool, Words};
pub use finding::{Finding, Kind, Level, Mend};
pub use mend::{Mended, mend};
pub use place::Place;
pub use root::{named_folders, open_folders};

/// Everything that is found, what stands in the way of the rest first.
#[must_use]
pub fn examine(facts: &Facts) -> Vec<Finding> {
    let mut findings = manifests::examine(facts);
    match &facts.workspace {
        // Cargo cannot be more precise about what was found already.
        Err(_) if findings.iter().any(|finding| finding.kind.blocks()) => {}
        Err(refused) => findings.push(refused.as_ref().clone()),
        Ok(workspace) => {
            findings.extend(members::examine(facts, workspace));
            findings.extend(releases::examine(facts, workspace));
            // Whoever depends on the wrong one depends on none: all that comes of it is not for itself.
            if machine::wrong_runtime(facts).is_some() {
                let follows = [Kind::NoRuntime, Kind::NoExport, Kind::ReleaseDiffers];
                findings.retain(|finding| !follows.contains(&finding.kind));
            }
            findings.extend(words::rules(facts, workspace));
            findings.extend(configuration::examine(facts, workspace));
            findings.extend(machine::compiler(facts, workspace));
        }
    }
    findings.extend(words::aliases(facts));
    findings.extend(words::templates(facts));
    findings.extend(machine::examine(facts));
    findings.sort_by(|a, b| (a.kind.level(), a.kind, &a.place).cmp(&(b.kind.level(), b.kind, &b.place)));
    findings
}

/// Why the workspace at `root` cannot be loaded, as a finding.
#[must_use]
pub fn refused(error: &dyn Diagnostic, root: &Path) -> Finding {
    let message = error.to_string();
    let (what, detail) = message.split_once('\n').unwrap_or((&message, ""));
    let help = error.help().map_or_else(
        || "correct what cargo names, then `umbrella doctor` again".to_owned(),
        |help| help.to_string(),
    );
    let place = Place::of(error).or_else(|| Place::in_message(detail, root));
    let detail = Some(detail.trim_matches('\n').to_owned()).filter(|detail| !detail.is_empty());
    Finding { detail, ..Finding::new(Kind::Refused, what, help).at(place) }
}
