//! What `umbrella release` says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Planned;
use crate::deployment::{Elsewhere, Release};
use crate::plan::bundle::Bundle;
use crate::plan::relative_path;
use crate::plan::release::Stranger;
use crate::session::Session;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Json<'a> {
    /// Of this format.
    version: u32,
    dry_run: bool,
    deployment: &'a str,
    release_version: &'a str,
    releases: Vec<ReleaseJson<'a>>,
    unplaced: &'a [String],
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ReleaseJson<'a> {
    name: &'a str,
    package: &'a str,
    bundle: PathBuf,
    program: PathBuf,
    applications: &'a [String],
    elsewhere: &'a [Elsewhere],
    instances: u32,
}

/// What the user should know although it is no error.
pub(super) fn notes(session: &Session, planned: &Planned) {
    for note in &planned.plan.deployment.notes {
        session.shell.note(note);
    }
    for Stranger { file, key } in &planned.configs.strangers {
        session.shell.warn(format_args!("config/{file}: `{key}` belongs to no application and is left out"));
    }
}

/// What `--dry-run` prints after the files.
pub(super) fn planned(json: bool, session: &Session, planned: &Planned) {
    if json {
        return print_json(true, session, planned);
    }
    let packages: String = planned.plan.packages().iter().fold(String::new(), |mut packages, package| {
        let _infallible = write!(packages, " -p {package}");
        packages
    });
    session.shell.star("would run", format_args!("cargo build --release{packages}"));
    let bundles = &planned.places.bundles;
    for release in &planned.plan.deployment.releases {
        let place = relative_path(&session.cwd, &bundles.join(&release.name));
        let applications = release.applications.join(", ");
        session.shell.star("would assemble", format_args!("{place} with {applications}"));
    }
}

/// Which bundles are being put together.
pub(super) fn assembling(json: bool, session: &Session, bundles: &[Bundle]) {
    if json {
        return;
    }
    for bundle in bundles {
        session.shell.star("assembling", format_args!("{}-{}", bundle.release, bundle.version));
    }
}

/// What to type next.
pub(super) fn done(json: bool, session: &Session, planned: &Planned) {
    if json {
        return print_json(false, session, planned);
    }
    let shell = &session.shell;
    let releases = &planned.plan.deployment.releases;
    let bundles = &planned.places.bundles;
    let folder = relative_path(&session.cwd, bundles);
    let (was, them, their) = match releases.as_slice() {
        [_] => ("release was", "it", "its"),
        _ => ("releases were", "them", "their"),
    };
    shell.say(format_args!("\nYour {was} assembled in {folder}."));
    let paragraphs = [
        (
            format!("Start {them} in the background; the command returns when {their} applications run:"),
            "daemon",
        ),
        (format!("Ask {them} for {their} status:"), "status"),
        (format!("Stop {them}:"), "stop"),
    ];
    for (sentence, verb) in paragraphs {
        shell.say(format_args!("{sentence}\n"));
        for release in releases {
            let program = relative_path(&session.cwd, &program(bundles, release));
            let program = pasteable(&program);
            match release.instances {
                1 => shell.say(format_args!("    {program} {verb}")),
                count => (1..=count).for_each(|number| {
                    shell.say(format_args!("    UMBRELLA_INSTANCE={number} {program} {verb}"))
                }),
            }
        }
        shell.say("");
    }
}

fn print_json(dry_run: bool, session: &Session, planned: &Planned) {
    let Planned { plan, places, .. } = planned;
    let bundles = &places.bundles;
    let releases = plan.deployment.releases.iter().map(|release| ReleaseJson {
        name: &release.name,
        package: &release.package,
        bundle: bundles.join(&release.name),
        program: program(bundles, release),
        applications: &release.applications,
        elsewhere: &release.elsewhere,
        instances: release.instances,
    });
    session.shell.json(&Json {
        version: 1,
        dry_run,
        deployment: &plan.deployment.expression,
        release_version: &plan.version,
        releases: releases.collect(),
        unplaced: &plan.deployment.unplaced,
        notes: plan.deployment.notes.iter().map(ToString::to_string).collect(),
    });
}

fn program(bundles: &Path, release: &Release) -> PathBuf {
    bundles.join(&release.name).join("bin").join(&release.name)
}

/// A path that a shell takes for one word.
fn pasteable(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    match path.chars().all(plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::pasteable;

    #[test]
    fn what_is_printed_can_be_pasted() {
        assert_eq!(pasteable("target/umbrella/rel/ab/bin/ab"), "target/umbrella/rel/ab/bin/ab");
        assert_eq!(pasteable("my work/bin/ab"), "'my work/bin/ab'");
        assert_eq!(pasteable("it's/bin/ab"), "'it'\\''s/bin/ab'");
    }
}
