//! Which releases of one version serve and call a protocol.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Application, Protocol, Release};

/// The releases of one version, or those that are known of it.
#[derive(Debug, Default)]
pub(crate) struct Side {
    releases: BTreeMap<String, Release>,
}

impl Side {
    /// Of two releases with one name the last counts.
    pub(crate) fn new(releases: impl IntoIterator<Item = Release>) -> Self {
        Self { releases: releases.into_iter().map(|release| (release.release.clone(), release)).collect() }
    }

    /// The releases that are known.
    pub(super) fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.values()
    }

    /// The releases that the known ones name, and of which nothing else is known.
    pub(super) fn missing(&self) -> BTreeSet<&str> {
        let named = self.releases().flat_map(|release| release.elsewhere.values()).map(String::as_str);
        named.filter(|name| !self.releases.contains_key(*name)).collect()
    }

    /// Every protocol, by name.
    pub(super) fn protocols(&self) -> BTreeMap<&str, &Protocol> {
        let all = self.releases().flat_map(|release| &release.protocols);
        all.map(|protocol| (protocol.protocol.as_str(), protocol)).collect()
    }

    /// A protocol as `release` has it; if that is not known, as any has it.
    pub(super) fn protocol(&self, name: &str, release: &str) -> Option<&Protocol> {
        let own = self.releases.get(release).into_iter();
        let all = own.chain(self.releases()).flat_map(|release| &release.protocols);
        all.into_iter().find(|protocol| protocol.protocol == name)
    }

    /// In how many nodes a release runs.
    pub(super) fn instances(&self, release: &str) -> u32 {
        self.releases().find_map(|known| known.instances.get(release).copied()).unwrap_or(1)
    }

    /// The releases in which servers of `protocol` run.
    pub(super) fn servers<'a>(&'a self, protocol: &str) -> BTreeSet<&'a str> {
        let mut servers = BTreeSet::new();
        for release in self.releases() {
            let known = release.protocols.iter().filter(|known| known.protocol == protocol);
            for server in known.flat_map(|known| &known.servers) {
                let application = crate_of(server);
                let elsewhere = release.elsewhere.get(application).filter(|_| {
                    // What a library serves runs in the trees of those that need it.
                    !release.applications.get(application).is_some_and(|application| application.library)
                });
                servers.insert(elsewhere.unwrap_or(&release.release).as_str());
            }
        }
        servers
    }

    /// The releases that can call `protocol`: it is part of their program, or may be.
    pub(super) fn callers<'a>(&'a self, protocol: &str) -> BTreeSet<&'a str> {
        let has = |release: &&Release| release.protocols.iter().any(|known| known.protocol == protocol);
        let known = self.releases().filter(has).map(|release| release.release.as_str());
        let missing = self.missing();
        known
            .chain(missing.into_iter().filter(|release| self.may_reach(release, crate_of(protocol))))
            .collect()
    }

    /// Whether an application of a release that is not known may depend on `crate_name`, or is it.
    fn may_reach(&self, release: &str, crate_name: &str) -> bool {
        let applications: BTreeMap<&str, &Application> = self
            .releases()
            .flat_map(|known| &known.applications)
            .map(|(name, application)| (name.as_str(), application))
            .collect();
        if !applications.contains_key(crate_name) {
            // An ordinary crate, of which it is not written down who depends on it.
            return true;
        }
        let placed =
            self.releases().flat_map(|known| &known.elsewhere).filter(|(_, place)| *place == release);
        let mut open: Vec<&str> = placed.map(|(name, _)| name.as_str()).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(application) = applications.get(name) else { return true };
            if name == crate_name {
                return true;
            }
            if seen.insert(name) {
                open.extend(application.needs.iter().map(String::as_str));
            }
        }
        false
    }
}

/// The crate of a full name.
fn crate_of(name: &str) -> &str {
    name.split_once("::").map_or(name, |(crate_name, _)| crate_name)
}
