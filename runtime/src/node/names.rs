//! PURE: what nodes are called.
//!
//! `<release>@<host>`, or `<release>-<n>@<host>` for the instances of a release that runs in several nodes. No release has a
//! `-` in its name.
//!
//! Source: Mix, `RELEASE_NODE` of a release, `<release>@<host>`.

use std::collections::BTreeMap;

/// What says which instance a process becomes.
const INSTANCE: &str = "UMBRELLA_INSTANCE";

/// Which instance a process becomes is not said, or wrongly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InstanceError {
    #[error("{release} runs in {count} nodes\nhelp: say which one this is: `{INSTANCE}`, from 1 to {count}")]
    NotSaid { release: String, count: u32 },
    #[error(
        "{release} runs in {count} nodes, and `{INSTANCE}` is `{value}`\nhelp: it is a number from 1 to {count}"
    )]
    NoSuch { release: String, count: u32, value: String },
    #[error(
        "{release} runs in one node, and `{INSTANCE}` is `{value}`\n\
         help: unset it, or place `{release}` in several nodes: `*3` after its bracket"
    )]
    OnlyOne { release: String, value: String },
}

/// Which of the `count` instances of `release` a process becomes; nothing if there is only one.
pub(crate) fn instance(release: &str, count: u32, value: Option<&str>) -> Result<Option<u32>, InstanceError> {
    let release = || release.to_owned();
    match (count, value) {
        (0 | 1, None) => Ok(None),
        (0 | 1, Some(value)) => Err(InstanceError::OnlyOne { release: release(), value: value.to_owned() }),
        (_, None) => Err(InstanceError::NotSaid { release: release(), count }),
        (_, Some(value)) => match value.parse() {
            Ok(number) if (1..=count).contains(&number) => Ok(Some(number)),
            Ok(_) | Err(_) => {
                Err(InstanceError::NoSuch { release: release(), count, value: value.to_owned() })
            }
        },
    }
}

/// The name of a node on its host: `c`, or `c-2`.
pub(crate) fn short_name(release: &str, instance: Option<u32>) -> String {
    instance.map_or_else(|| release.to_owned(), |number| format!("{release}-{number}"))
}

/// The full names of the nodes of `release`: those with a fixed address, or else its instances on `host`.
pub(crate) fn nodes_of<'a>(
    release: &str,
    count: u32,
    host: &str,
    fixed: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let mut nodes: Vec<(Option<u32>, &str)> =
        fixed.into_iter().filter_map(|name| Some((instance_in(release, name)?, name))).collect();
    if !nodes.is_empty() {
        nodes.sort_unstable();
        // A file may say once more what is said already.
        nodes.dedup();
        return nodes.into_iter().map(|(_, name)| name.to_owned()).collect();
    }
    let on_host = |instance| format!("{}@{host}", short_name(release, instance));
    if count > 1 { (1..=count).map(|number| on_host(Some(number))).collect() } else { vec![on_host(None)] }
}

/// The full names of the nodes that run each application of a deployment.
pub(crate) fn placement(
    here: impl IntoIterator<Item = &'static str>,
    elsewhere: &BTreeMap<&'static str, &'static str>,
    nodes_of: impl Fn(&str) -> Vec<String>,
    release: &'static str,
) -> BTreeMap<&'static str, Vec<String>> {
    let here = here.into_iter().map(|application| (application, release));
    let elsewhere = elsewhere.iter().map(|(application, release)| (*application, *release));
    here.chain(elsewhere).map(|(application, release)| (application, nodes_of(release))).collect()
}

/// Whether the full name is of a node of `release`.
pub(crate) fn is_of(release: &str, name: &str) -> bool {
    instance_in(release, name).is_some()
}

/// Which instance of `release` the full name is of; nothing if it is of another one.
fn instance_in(release: &str, name: &str) -> Option<Option<u32>> {
    let (short, _host) = name.split_once('@')?;
    match short.strip_prefix(release)? {
        "" => Some(None),
        number => number.strip_prefix('-')?.parse().ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_said_where_there_are_several_and_only_there() {
        assert_eq!(instance("c", 1, None), Ok(None));
        assert_eq!(instance("c", 3, Some("3")), Ok(Some(3)));
        let help = |count, value| match instance("c", count, value) {
            Err(error) => error.to_string(),
            Ok(instance) => panic!("{instance:?}"),
        };
        assert!(help(1, Some("1")).contains("`*3` after its bracket"));
        assert!(help(3, None).contains("`UMBRELLA_INSTANCE`, from 1 to 3"));
        for wrong in ["0", "4", "-1", "two", ""] {
            assert!(help(3, Some(wrong)).contains("a number from 1 to 3"), "{wrong}");
        }
    }

    #[test]
    fn nodes_are_called_after_their_release_and_their_number() {
        let none = [];
        assert_eq!(nodes_of("c", 1, "127.0.0.1", none), ["c@127.0.0.1"]);
        assert_eq!(nodes_of("c", 2, "h", none), ["c-1@h", "c-2@h"]);
        let fixed = ["c-10@x", "a_c@x", "c-2@y", "cc@x", "c-b@x", "c"];
        assert_eq!(nodes_of("c", 1, "h", fixed), ["c-2@y", "c-10@x"]);
        assert_eq!(nodes_of("cc", 3, "h", fixed), ["cc@x"]);
    }

    #[test]
    fn every_application_has_its_nodes() {
        let elsewhere = [("c", "c")].into();
        let placed = placement(["a", "b"], &elsewhere, |release| nodes_of(release, 2, "h", []), "a_b");
        assert_eq!(placed["a"], ["a_b-1@h", "a_b-2@h"]);
        assert_eq!(placed["c"], ["c-1@h", "c-2@h"]);
    }
}
