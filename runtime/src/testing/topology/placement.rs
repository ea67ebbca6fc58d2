//! Which applications run in which node of a test.

use std::collections::{BTreeMap, BTreeSet};

use super::Elsewhere;
use crate::application::Spec;

/// Releases, each with its applications.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Placement(Vec<(&'static str, Vec<String>)>);

/// What one node runs.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) release: &'static str,
    /// The applications of the test that run here.
    pub(super) specs: Vec<Spec>,
    /// The others, each with where it runs.
    pub(super) elsewhere: Elsewhere,
}

impl Placement {
    /// Reads `a_b=a,b;c=c`.
    pub(super) fn parse(text: &str) -> Self {
        let release = |text: &str| {
            let (name, applications) = text.split_once('=')?;
            // Nodes keep the names of releases for good, as a program does that is one of them.
            let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
            Some((name, applications.split(',').map(str::to_owned).collect()))
        };
        Self(text.split(';').filter_map(release).collect())
    }

    /// The release that an application runs in.
    pub(super) fn release_of(&self, application: &str) -> Option<&'static str> {
        let holds = |(_, applications): &&(&'static str, Vec<String>)| {
            applications.iter().any(|name| name == application)
        };
        self.0.iter().find(holds).map(|(release, _)| *release)
    }

    /// What of a test's applications runs in `release`, and what does not.
    pub(super) fn part(&self, release: &str, applications: &[Spec]) -> Part {
        let all = all(applications);
        let mut elsewhere = BTreeMap::new();
        let mut specs = Vec::new();
        for (name, spec) in all {
            match self.release_of(name) {
                Some(other) if other != release => drop(elsewhere.insert(name, other)),
                Some(_) => specs.push(spec.clone()),
                None => {}
            }
        }
        let known = self.0.iter().map(|(known, _)| *known).find(|known| *known == release);
        Part { release: known.unwrap_or("test"), specs, elsewhere }
    }

    /// The other releases that run something of a test's applications, those first that others need.
    pub(super) fn others(&self, home: &str, applications: &[Spec]) -> Vec<&'static str> {
        let mut others = Vec::new();
        let mut seen = BTreeSet::new();
        applications.iter().for_each(|spec| self.visit(spec, home, &mut seen, &mut others));
        others
    }

    fn visit(
        &self,
        spec: &Spec,
        home: &str,
        seen: &mut BTreeSet<&'static str>,
        others: &mut Vec<&'static str>,
    ) {
        if !seen.insert(spec.name()) {
            return;
        }
        spec.dependencies().iter().for_each(|below| self.visit(below, home, seen, others));
        if let Some(release) = self.release_of(spec.name()).filter(|release| *release != home)
            && !others.contains(&release)
        {
            others.push(release);
        }
    }
}

/// Every application of a test, each once.
fn all(applications: &[Spec]) -> BTreeMap<&'static str, &Spec> {
    let mut found = BTreeMap::new();
    let mut open: Vec<&Spec> = applications.iter().collect();
    while let Some(spec) = open.pop() {
        if found.insert(spec.name(), spec).is_none() {
            open.extend(spec.dependencies());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &'static str) -> Spec {
        Spec::library(name, "0.1.0")
    }

    #[test]
    fn a_test_is_placed_as_its_applications_are() {
        let c = || library("c");
        let a = library("a").depends_on(library("b").depends_on(c())).depends_on(c());
        let placement = Placement::parse("a_b=a,b;c=c;d=d");
        assert_eq!(placement.release_of("b"), Some("a_b"));
        assert_eq!(placement.release_of("z"), None);
        let applications = [a];
        assert_eq!(placement.others("a_b", &applications), ["c"], "nobody needs d");
        let part = placement.part("a_b", &applications);
        assert_eq!(part.specs.iter().map(Spec::name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(part.elsewhere, [("c", "c")].into());
        let part = placement.part("c", &applications);
        assert_eq!(part.elsewhere, [("a", "a_b"), ("b", "a_b")].into());
        let each = Placement::parse("a=a;b=b;c=c");
        assert_eq!(each.others("a", &applications), ["c", "b"], "what b needs comes first");
    }
}
