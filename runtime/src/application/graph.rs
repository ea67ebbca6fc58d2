//! PURE: which application needs which, and the one order that follows from it.
//!
//! The order is computed once, from names alone, so that the same applications always start in the same order,
//! whatever order they were listed in. What is to be started is a part of this order; what is to be stopped stops in the
//! reverse of the order in which it was started.
//!
//! Source: OTP `app(4)`, `applications`. Differs: what an application needs starts in the order of the names; OTP goes by the
//! order of the list.

use std::collections::{BTreeMap, BTreeSet};

/// Applications and their direct dependencies, free of cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Graph {
    /// Every application, dependencies before dependents; ties are broken by name.
    order: Vec<&'static str>,
    depends_on: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// Applications that need each other.
///
/// Cargo refuses this between crates; it can only be written by building a `Spec` by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("applications depend on each other in a circle: {}", .0.join(" -> "))]
pub struct DependencyCycle(pub Vec<&'static str>);

impl Graph {
    /// Orders the applications; one that is only named as a dependency is part of the graph too.
    pub(crate) fn new(
        mut depends_on: BTreeMap<&'static str, BTreeSet<&'static str>>,
    ) -> Result<Self, DependencyCycle> {
        let named: BTreeSet<_> = depends_on.values().flatten().copied().collect();
        for name in named {
            depends_on.entry(name).or_default();
        }
        let mut visit = Visit { depends_on: &depends_on, order: Vec::new(), path: Vec::new() };
        for name in depends_on.keys() {
            visit.application(name)?;
        }
        Ok(Self { order: visit.order, depends_on })
    }

    /// Every application in start order.
    pub(crate) fn order(&self) -> &[&'static str] {
        &self.order
    }

    /// What an application needs directly, by name.
    pub(crate) fn depends_on(&self, name: &str) -> impl Iterator<Item = &'static str> + '_ {
        self.depends_on.get(name).into_iter().flatten().copied()
    }

    /// The applications and all they need, directly or not, in start order.
    pub(crate) fn with_dependencies(&self, names: &[&'static str]) -> Vec<&'static str> {
        let mut wanted: BTreeSet<_> = names.iter().copied().collect();
        for name in self.order.iter().rev() {
            if wanted.contains(name) {
                wanted.extend(self.depends_on(name));
            }
        }
        self.in_order(&wanted)
    }

    /// The applications that need one of these, directly or not, without these, in start order.
    pub(crate) fn dependents(&self, names: &[&'static str]) -> Vec<&'static str> {
        let mut reached: BTreeSet<_> = names.iter().copied().collect();
        for name in &self.order {
            if self.depends_on(name).any(|dependency| reached.contains(dependency)) {
                reached.insert(name);
            }
        }
        reached.retain(|name| !names.contains(name));
        self.in_order(&reached)
    }

    /// A set of applications in start order.
    pub(crate) fn in_order(&self, names: &BTreeSet<&'static str>) -> Vec<&'static str> {
        self.order.iter().copied().filter(|name| names.contains(name)).collect()
    }
}

/// Depth first, as `application:ensure_all_started/1` goes.
struct Visit<'a> {
    depends_on: &'a BTreeMap<&'static str, BTreeSet<&'static str>>,
    order: Vec<&'static str>,
    path: Vec<&'static str>,
}

impl Visit<'_> {
    fn application(&mut self, name: &'static str) -> Result<(), DependencyCycle> {
        if self.order.contains(&name) {
            return Ok(());
        }
        if let Some(first) = self.path.iter().position(|visited| *visited == name) {
            let mut circle = self.path.split_off(first);
            circle.push(name);
            return Err(DependencyCycle(circle));
        }
        self.path.push(name);
        for dependency in self.depends_on.get(name).into_iter().flatten() {
            self.application(dependency)?;
        }
        self.path.pop();
        self.order.push(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &[&'static str])]) -> Result<Graph, DependencyCycle> {
        Graph::new(edges.iter().map(|(name, needs)| (*name, needs.iter().copied().collect())).collect())
    }

    #[test]
    fn dependencies_come_first_and_ties_are_broken_by_name() {
        let graph = graph(&[("z", &[]), ("a", &["m"]), ("m", &["x"]), ("b", &[])]).expect("no cycle");
        assert_eq!(graph.order(), ["x", "m", "a", "b", "z"]);
    }

    #[test]
    fn a_circle_is_named_from_its_first_application_back_to_it() {
        let circle =
            graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]).expect_err("b and c need each other");
        assert_eq!(circle.to_string(), "applications depend on each other in a circle: b -> c -> b");
    }

    #[test]
    fn closures_follow_the_graph_both_ways() {
        let graph = graph(&[("a", &["b"]), ("b", &["c"]), ("d", &["c"]), ("e", &[])]).expect("no cycle");
        assert_eq!(graph.with_dependencies(&["a"]), ["c", "b", "a"]);
        assert_eq!(graph.dependents(&["c"]), ["b", "a", "d"]);
        assert_eq!(graph.dependents(&["c", "b"]), ["a", "d"]);
        assert_eq!(graph.dependents(&["e"]), [""; 0]);
    }
}
