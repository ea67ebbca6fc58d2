//! The order in which the applications of a release start.

use std::collections::HashSet;

use super::Members;

/// `applications`, dependencies first; otherwise by name, as the node itself orders them.
///
/// A dependency that is not in the release still orders those around it: if `a` needs the library `x` of another
/// release and `x` needs `b`, then `b` starts before `a`.
pub(super) fn start_order(applications: &[String], members: &Members) -> Vec<String> {
    let mut walk = Walk { members, contained: applications, seen: HashSet::new(), order: Vec::new() };
    let mut sorted: Vec<&String> = applications.iter().collect();
    sorted.sort();
    for app in sorted {
        walk.visit(app);
    }
    walk.order
}

struct Walk<'a> {
    members: &'a Members,
    contained: &'a [String],
    seen: HashSet<&'a str>,
    order: Vec<String>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, name: &'a str) {
        // Cargo's graph has no cycle; should the input have one, each application is still visited once.
        if !self.seen.insert(name) {
            return;
        }
        let members = self.members;
        let mut dependencies: Vec<&String> =
            members.get(name).iter().flat_map(|member| &member.depends_on).collect();
        dependencies.sort();
        for dependency in dependencies {
            self.visit(dependency);
        }
        if self.contained.iter().any(|app| app == name) {
            self.order.push(name.to_owned());
        }
    }
}
