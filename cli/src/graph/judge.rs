//! Whether a workspace keeps the rules that it has given itself.

use std::fmt;

use serde::Serialize;

use crate::workspace::{DependencyKind, Member, MemberRole, Pattern, Rules, Workspace, did_you_mean};

/// A dependency that a rule forbids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Who depends.
    pub from: String,
    /// On what.
    pub to: String,
    /// Why it may not.
    pub why: String,
    /// The manifest that says so, relative to the root.
    pub manifest: String,
}

/// Something wrong with the rules themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Misrule {
    /// A name that is no member's.
    UnknownName {
        /// The name.
        name: String,
        /// What was meant, if it is a slip.
        suggestion: Option<String>,
    },
    /// An exception from no rule: it was mended, or never was.
    StaleException {
        /// As it was written.
        exception: String,
    },
}

/// What came of looking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// By who depends, then by what on.
    pub violations: Vec<Violation>,
    /// What is wrong with the rules.
    pub misrules: Vec<Misrule>,
}

impl Judgement {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.misrules.is_empty()
    }
}

impl fmt::Display for Misrule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName { name, suggestion: Some(near) } => {
                write!(f, "no member is called `{name}`: did you mean `{near}`?")
            }
            Self::UnknownName { name, suggestion: None } => write!(f, "no member is called `{name}`"),
            Self::StaleException { exception } => {
                write!(f, "the exception `{exception}` is not needed: take it out")
            }
        }
    }
}

/// Holds every dependency of applications and crates against the rules; dev-dependencies are free.
#[must_use]
pub fn judge(workspace: &Workspace) -> Judgement {
    let rules = &workspace.rules;
    let members = || workspace.members.iter().filter(|member| member.role != MemberRole::Release);
    let mut violations: Vec<Violation> =
        members().flat_map(|member| violations_of(workspace, rules, member)).collect();
    let pair = |violation: &Violation| format!("{}->{}", violation.from, violation.to);
    let written = |exception: &String| exception.split_whitespace().collect::<String>();
    let is_stale =
        |exception: &&String| !violations.iter().any(|violation| pair(violation) == written(exception));
    let stale = rules.except.iter().filter(is_stale);
    let stale: Vec<Misrule> =
        stale.map(|exception| Misrule::StaleException { exception: exception.clone() }).collect();
    violations
        .retain(|violation| !rules.except.iter().any(|exception| written(exception) == pair(violation)));
    let names: Vec<&str> = members().map(|member| member.name.as_str()).collect();
    let mut misrules = unknown(rules, &names);
    misrules.extend(stale);
    Judgement { violations, misrules }
}

fn violations_of(workspace: &Workspace, rules: &Rules, member: &Member) -> Vec<Violation> {
    let below = member.members_below(&[DependencyKind::Normal, DependencyKind::Build]);
    let violation = |to: &str| {
        let why = forbidden(rules, &member.name, to)?;
        let folder = workspace.folder_of(member);
        let manifest = if folder == "." { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
        Some(Violation { from: member.name.clone(), to: to.to_owned(), why, manifest })
    };
    below.into_iter().filter_map(violation).collect()
}

/// Why `from` may not depend on `to`, if it may not.
#[must_use]
pub fn forbidden(rules: &Rules, from: &str, to: &str) -> Option<String> {
    let layer = |name: &str| rules.layers.iter().position(|layer| any(layer, name));
    if let (Some(above), Some(below)) = (layer(from), layer(to))
        && above > below
    {
        let (above, below) = (above + 1, below + 1);
        return Some(format!("`{from}` is in layer {above}, and `{to}` above it, in layer {below}"));
    }
    if let Some((who, _)) = rules.deny.iter().find(|(who, whom)| who.matches(from) && any(whom, to)) {
        return Some(format!("`deny.{}` names it", who.as_str()));
    }
    let mut allowing = rules.allow.iter().filter(|(who, _)| who.matches(from)).peekable();
    let who = allowing.peek()?.0.as_str();
    if allowing.any(|(_, whom)| any(whom, to)) {
        return None;
    }
    Some(format!("`allow.{who}` does not name it"))
}

fn any(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

fn unknown(rules: &Rules, names: &[&str]) -> Vec<Misrule> {
    let tables = [&rules.allow, &rules.deny];
    let sides = tables.into_iter().flatten().flat_map(|(who, whom)| std::iter::once(who).chain(whom));
    let mut unknown: Vec<Misrule> = Vec::new();
    for pattern in rules.layers.iter().flatten().chain(sides) {
        if names.iter().any(|name| pattern.matches(name)) {
            continue;
        }
        let name = pattern.as_str().to_owned();
        let suggestion = did_you_mean(&name, names.iter().copied()).map(str::to_owned);
        let misrule = Misrule::UnknownName { name, suggestion };
        if !unknown.contains(&misrule) {
            unknown.push(misrule);
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workspace::fixture::umbrella;

    fn judged(rules: serde_json::Value) -> Vec<String> {
        let apps: [(&str, &[&str]); 4] =
            [("web", &["billing", "db"]), ("billing", &["db"]), ("db", &["log"]), ("log", &["web"])];
        let mut workspace = umbrella(&apps);
        workspace.rules = serde_json::from_value(rules).unwrap();
        let Judgement { violations, misrules } = judge(&workspace);
        let violations =
            violations.into_iter().map(|found| format!("{} -> {}: {}", found.from, found.to, found.why));
        violations.chain(misrules.iter().map(Misrule::to_string)).collect()
    }

    #[test]
    fn without_rules_everything_is_allowed() {
        assert!(judged(json!({})).is_empty());
    }

    #[test]
    fn a_layer_knows_those_below_and_itself() {
        let found = judged(json!({ "layers": [["web"], ["billing", "db"], ["log"]] }));
        assert_eq!(found, ["log -> web: `log` is in layer 3, and `web` above it, in layer 1"]);
        assert!(judged(json!({ "layers": [["web"], ["b*"]] })).is_empty(), "log is in no layer");
    }

    #[test]
    fn who_is_allowed_some_is_denied_all_others() {
        assert_eq!(
            judged(json!({ "allow": { "web": ["billing"] } })),
            ["web -> db: `allow.web` does not name it"]
        );
        assert!(judged(json!({ "allow": { "web": ["billing"], "w*": ["db"] } })).is_empty());
        assert_eq!(judged(json!({ "deny": { "*": ["db"] } })).len(), 2);
    }

    #[test]
    fn an_exception_hides_what_is_there_and_is_stale_when_it_is_not() {
        let rules = json!({ "deny": { "billing": ["db"] }, "except": ["billing -> db", "web->log"] });
        assert_eq!(judged(rules), ["the exception `web->log` is not needed: take it out"]);
    }

    #[test]
    fn a_rule_about_nobody_is_a_mistake() {
        let found = judged(json!({ "layers": [["wbe"], ["x_*"]] }));
        assert_eq!(found, ["no member is called `wbe`: did you mean `web`?", "no member is called `x_*`"]);
    }
}
