//! `[workspace.metadata.umbrella.rules]`: who may depend on whom, as the manifest says it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rules between members. None of them is there by default.
///
/// A name may hold `*`, for any part of a name: `billing_*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// From the top to the bottom: a member may depend on its own layer and on those below. Who is in none may do as it
    /// likes, and may be depended on by all.
    #[serde(default)]
    pub layers: Vec<Vec<Pattern>>,
    /// Whom these may depend on; nobody else then.
    #[serde(default)]
    pub allow: BTreeMap<Pattern, Vec<Pattern>>,
    /// Whom these may not depend on.
    #[serde(default)]
    pub deny: BTreeMap<Pattern, Vec<Pattern>>,
    /// Dependencies that are there although a rule forbids them, as `"a -> b"`: what is still to be mended.
    #[serde(default)]
    pub except: Vec<String>,
}

/// The name of a member, or a pattern for several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

impl Rules {
    /// Whether there is no rule at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Pattern {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means the member `name`.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        matches(&self.0, name)
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, rest)) => name.strip_prefix(before).is_some_and(|name| {
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| matches(rest, &name[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_is_any_part_of_a_name() {
        let is = |pattern: &str, name| Pattern(pattern.to_owned()).matches(name);
        assert!(is("billing", "billing") && !is("billing", "billing_api"));
        assert!(is("billing*", "billing") && is("billing_*", "billing_api"));
        assert!(is("*_api", "billing_api") && !is("*_api", "billing"));
        assert!(is("*", "") && is("a*b*c", "a_b_b_c") && !is("a*b*c", "acb"));
    }
}
