//! From a [`Deployment`] to a [`ResolvedDeployment`]: does the expression fit the workspace?

use super::note::crossing_dependencies;
use super::start_order::start_order;
use super::{
    Bracket, Deployment, Elsewhere, MemberKind, Members, Release, ResolveError, ResolveErrorKind,
    ResolveErrors, ResolvedDeployment, Span, Spanned, Taken,
};
use crate::workspace::{LONGEST, did_you_mean};

/// Whether applications may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partial {
    /// An application in no bracket is meant.
    Yes,
    /// An application in no bracket is forgotten.
    No,
}

impl Deployment {
    /// Fits the expression to a workspace.
    ///
    /// # Errors
    /// Everything that does not fit, in the order of the expression.
    pub fn resolve(&self, members: &Members, partial: Partial) -> Result<ResolvedDeployment, ResolveErrors> {
        let mut kinds = self.application_errors(members);
        kinds.extend(self.name_errors(members));
        let unplaced = self.unplaced(members);
        // With a name misspelt, the application that was meant would be reported a second time as forgotten.
        if kinds.is_empty() && partial == Partial::No && !unplaced.is_empty() {
            let completed = format!("{self}+[{}]", unplaced.join(","));
            kinds.push(ResolveErrorKind::NotPlaced { names: unplaced.clone(), completed });
        }
        if !kinds.is_empty() {
            let errors = kinds.into_iter().map(|kind| ResolveError::new(self.text(), kind)).collect();
            return Err(ResolveErrors(errors));
        }
        let releases = self.releases(members, &unplaced);
        let notes = crossing_dependencies(&releases, members);
        Ok(ResolvedDeployment { expression: self.to_string(), releases, unplaced, notes })
    }

    /// Names that are no application, and applications with more than one place.
    fn application_errors(&self, members: &Members) -> Vec<ResolveErrorKind> {
        let mut errors = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for app in self.brackets().iter().flat_map(|bracket| &bracket.applications) {
            let name = app.value.as_str();
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let places = self.places(name);
            match members.get(name).map(|member| member.kind) {
                Some(MemberKind::Supervised | MemberKind::Library) => {}
                Some(MemberKind::Ordinary | MemberKind::Release) => {
                    errors.push(ResolveErrorKind::NotAnApplication { name: name.to_owned(), span: app.span });
                }
                None => errors.push(unknown_application(name, app.span, members)),
            }
            if let [first, again @ ..] = places.as_slice()
                && !again.is_empty()
            {
                let (name, first, again) = (name.to_owned(), *first, again.to_vec());
                errors.push(ResolveErrorKind::PlacedTwice { name, first, again });
            }
        }
        errors
    }

    /// Every place of an application.
    fn places(&self, name: &str) -> Vec<Span> {
        let applications = self.brackets().iter().flat_map(|bracket| &bracket.applications);
        applications.filter(|app| app.value == name).map(|app| app.span).collect()
    }

    fn name_errors(&self, members: &Members) -> Vec<ResolveErrorKind> {
        let mut errors = Vec::new();
        for (at, bracket) in self.brackets().iter().enumerate() {
            let name = bracket.release_name();
            let span = bracket.name_span();
            let is_application = |app: &Spanned<String>| members.application(&app.value).is_some();
            // Its name is made of names that are wrong and reported already.
            if bracket.name.is_none() && !bracket.applications.iter().all(is_application) {
                continue;
            }
            let before = &self.brackets()[..at];
            if let Some(first) = before.iter().find(|other| other.release_name() == name) {
                errors.push(ResolveErrorKind::DuplicateRelease {
                    name,
                    first: first.name_span(),
                    again: span,
                });
            } else if name.len() > LONGEST {
                errors.push(ResolveErrorKind::LongDefaultName { length: name.len(), span });
            } else if let Some(taken) = self.taken(at, members) {
                errors.push(ResolveErrorKind::NameTaken { name, span, taken });
            }
        }
        errors
    }

    /// Who has the name of this bracket's release, or of its package, already.
    fn taken(&self, at: usize, members: &Members) -> Option<Taken> {
        let bracket = &self.brackets()[at];
        let name = bracket.release_name();
        let package = package_name(&name, members);
        let ordinary = |member: &str| members.get(member).is_some_and(|m| m.kind == MemberKind::Ordinary);
        if ordinary(&name) {
            return Some(Taken::Member(name));
        }
        if package != name && members.get(&package).is_some_and(|member| member.kind != MemberKind::Release) {
            return Some(Taken::Member(package));
        }
        // `cargo run -p <umbrella>` starts everything, whatever was deployed last.
        if name == members.umbrella && !self.is_whole(bracket, members) {
            return Some(Taken::DefaultRelease);
        }
        let same_package = |other: &&Bracket| package_name(&other.release_name(), members) == package;
        self.brackets()[..at].iter().find(same_package).map(|other| Taken::Package(other.release_name()))
    }

    /// Whether this bracket is the only one and holds every application.
    fn is_whole(&self, bracket: &Bracket, members: &Members) -> bool {
        let contained = |name: &str| bracket.applications.iter().any(|app| app.value == name);
        self.brackets().len() == 1 && members.applications().all(|member| contained(&member.name))
    }

    fn unplaced(&self, members: &Members) -> Vec<String> {
        let forgotten = |name: &&str| self.places(name).is_empty();
        let names = members.applications().map(|member| member.name.as_str());
        let mut unplaced: Vec<String> = names.filter(forgotten).map(str::to_owned).collect();
        unplaced.sort();
        unplaced
    }

    fn releases(&self, members: &Members, unplaced: &[String]) -> Vec<Release> {
        let release = |(at, bracket): (usize, &Bracket)| {
            let name = bracket.release_name();
            let applications: Vec<String> =
                bracket.applications.iter().map(|app| app.value.clone()).collect();
            Release {
                package: package_name(&name, members),
                name,
                applications: start_order(&applications, members),
                elsewhere: self.elsewhere(at, unplaced),
                instances: bracket.instances,
            }
        };
        self.brackets().iter().enumerate().map(release).collect()
    }

    /// What does not run in the release at `at`. An application that a partial deployment leaves out counts as one in
    /// a release of its own, which is not built.
    fn elsewhere(&self, at: usize, unplaced: &[String]) -> Vec<Elsewhere> {
        let others = self.brackets().iter().enumerate().filter(|(other, _)| *other != at);
        let mut elsewhere: Vec<Elsewhere> = others
            .flat_map(|(_, bracket)| {
                let release = bracket.release_name();
                let place = move |app: &Spanned<String>| Elsewhere {
                    application: app.value.clone(),
                    release: release.clone(),
                    instances: bracket.instances,
                };
                bracket.applications.iter().map(place)
            })
            .collect();
        let alone =
            |name: &String| Elsewhere { application: name.clone(), release: name.clone(), instances: 1 };
        elsewhere.extend(unplaced.iter().map(alone));
        elsewhere.sort();
        elsewhere
    }
}

/// The package of a release. Cargo allows one package of a name in a workspace, and an application was there first.
fn package_name(release: &str, members: &Members) -> String {
    match members.application(release) {
        Some(_) => format!("{release}_release"),
        None => release.to_owned(),
    }
}

fn unknown_application(name: &str, span: Span, members: &Members) -> ResolveErrorKind {
    let mut known: Vec<String> = members.applications().map(|member| member.name.clone()).collect();
    known.sort();
    let closest = did_you_mean(name, known.iter().map(String::as_str)).map(str::to_owned);
    ResolveErrorKind::UnknownApplication { name: name.to_owned(), span, closest, known }
}

#[cfg(test)]
mod tests;
