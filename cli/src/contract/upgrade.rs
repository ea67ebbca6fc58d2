//! What an upgrade changes, and the order in which it is safe.

use std::collections::BTreeSet;

use serde::Serialize;

use super::changes::{Change, changes};
use super::compatibility::{Direction, Incompatibility, compare};
use super::placement::Side;
use super::rollout::{Before, Fails, Order, Reason, order};
use super::schema::{Contract, Protocol};

/// What an upgrade does.
#[derive(Debug, Serialize)]
pub(crate) struct Upgrade {
    /// Those that changed, were added, or removed.
    pub(crate) protocols: Vec<ProtocolUpgrade>,
    /// How many did not.
    pub(crate) unchanged: usize,
    #[serde(flatten)]
    pub(crate) order: Order,
    /// What the order follows from.
    pub(crate) because: Vec<Before>,
    pub(crate) notes: Vec<String>,
}

/// What an upgrade does to a protocol.
#[derive(Debug, Serialize)]
pub(crate) struct ProtocolUpgrade {
    pub(crate) protocol: String,
    pub(crate) servers: BTreeSet<String>,
    pub(crate) callers: BTreeSet<String>,
    pub(crate) changes: Vec<Change>,
    /// What fails when a node of the old version calls one of the new.
    pub(crate) old_calls_new: Vec<Incompatibility>,
    /// What fails when a node of the new version calls one of the old.
    pub(crate) new_calls_old: Vec<Incompatibility>,
}

/// Compares two versions.
pub(crate) fn check(old: &Side, new: &Side) -> Upgrade {
    let (before, after) = (old.protocols(), new.protocols());
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let (mut protocols, mut because, mut unchanged) = (Vec::new(), Vec::new(), 0);
    for name in &names {
        let nothing = Contract::default();
        let contract = |protocol: Option<&&Protocol>| protocol.map_or(&nothing, |it| &it.contract).clone();
        let (was, is) = (contract(before.get(name)), contract(after.get(name)));
        constrain(old, new, name, &mut because);
        let changes = changes(&was, &is);
        if changes.is_empty() {
            unchanged += 1;
            continue;
        }
        let both = |of: fn(&Side, &str) -> BTreeSet<String>| &of(old, name) | &of(new, name);
        protocols.push(ProtocolUpgrade {
            protocol: (*name).to_owned(),
            servers: both(|side, name| owned(side.servers(name))),
            callers: both(|side, name| owned(side.callers(name))),
            changes,
            old_calls_new: compare(&was, &is),
            new_calls_old: compare(&is, &was),
        });
    }
    let releases = old.releases().chain(new.releases()).map(|release| release.release.clone()).collect();
    let order = order(&releases, &because);
    let notes = notes(old, new, &protocols);
    Upgrade { protocols, unchanged, order, because, notes }
}

fn owned(names: BTreeSet<&str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// Adds which releases must come before which, so that no call of the protocol `name` fails.
///
/// A release calls itself only within one node, so within one version.
fn constrain(old: &Side, new: &Side, name: &str, to: &mut Vec<Before>) {
    for (direction, calls, called) in [(Direction::OldCallsNew, old, new), (Direction::NewCallsOld, new, old)]
    {
        let serve = called.servers(name);
        for callee in calls.servers(name) {
            for caller in calls.callers(name).into_iter().filter(|caller| *caller != callee) {
                let fails = match (calls.protocol(name, caller), called.protocol(name, callee)) {
                    (Some(sent), Some(taken)) if serve.contains(callee) => {
                        Fails::Messages(compare(&sent.contract, &taken.contract))
                    }
                    (_, _) => Fails::NotServed,
                };
                if fails == Fails::Messages(Vec::new()) {
                    continue;
                }
                let (first, then) = match direction {
                    Direction::OldCallsNew => (caller, callee),
                    Direction::NewCallsOld => (callee, caller),
                };
                let (caller, callee) = (caller.to_owned(), callee.to_owned());
                let reason = Reason { protocol: name.to_owned(), caller, callee, direction, fails };
                match to.iter_mut().find(|known| known.first == first && known.then == then) {
                    Some(known) => known.reasons.push(reason),
                    None => {
                        let (first, then) = (first.to_owned(), then.to_owned());
                        to.push(Before { first, then, reasons: vec![reason] });
                    }
                }
            }
        }
    }
}

/// What cannot be said for certain.
fn notes(old: &Side, new: &Side, protocols: &[ProtocolUpgrade]) -> Vec<String> {
    let mut notes = Vec::new();
    let missing = &owned(old.missing()) | &owned(new.missing());
    for release in missing {
        notes.push(format!(
            "the contracts of `{release}` are not among what was compared: it is taken to call whatever it could"
        ));
    }
    let generic: BTreeSet<&String> =
        [old, new].iter().flat_map(|side| side.releases()).flat_map(|it| &it.generic).collect();
    for server in generic {
        notes.push(format!("`{server}` is generic: what its messages are is not known before it runs"));
    }
    for changed in protocols {
        let fails = !changed.old_calls_new.is_empty() || !changed.new_calls_old.is_empty();
        for server in changed.servers.iter().filter(|_| fails) {
            let count = old.instances(server).max(new.instances(server));
            if count > 1 {
                notes.push(format!(
                    "`{server}` runs in {count} nodes: while some are old and some new, {} fails between them where they \
                     call each other, as through process groups",
                    changed.protocol
                ));
            }
        }
    }
    notes
}
