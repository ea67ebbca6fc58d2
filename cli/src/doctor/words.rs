//! Rules, aliases and names of templates: words that mean something else, or nothing.

use umbrella_templates::Kind as Kinds;

use super::finding::{Finding, Kind};
use super::{Facts, Place};
use crate::graph::{Misrule, judge};
use crate::workspace::{TEMPLATES_FOLDER, Workspace, did_you_mean};

const RULES: [&str; 4] = ["workspace", "metadata", "umbrella", "rules"];
const ALIASES: [&str; 4] = ["workspace", "metadata", "umbrella", "aliases"];

pub(super) fn rules(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let found = |misrule: Misrule| {
        let place = |word: &str| Place::element("Cargo.toml", facts.manifest(), &RULES, word);
        match misrule {
            Misrule::UnknownName { name, suggestion } => {
                let help = match suggestion {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "take it out, or correct it: `umbrella list` shows the members".to_owned(),
                };
                let what = format!("a rule names `{name}`, and no member is called so");
                Finding::new(Kind::Rule, what, help).at(place(&name))
            }
            Misrule::StaleException { exception } => {
                let what = format!("the exception `{exception}` from the rules is not needed");
                Finding::new(Kind::Rule, what, "take it out").at(place(&exception))
            }
        }
    };
    judge(workspace).misrules.into_iter().map(found).collect()
}

pub(super) fn aliases(facts: &Facts) -> Vec<Finding> {
    let words = &facts.words;
    let found = |(name, meaning): (&String, &Vec<String>)| {
        let place = Place::key("Cargo.toml", facts.manifest(), &[&ALIASES[..], &[name]].concat());
        if words.verbs.contains(name) {
            let what = format!("the alias `{name}` has the name of a command");
            let help = format!("call it something else: `umbrella {name}` is that command");
            return Some(Finding::new(Kind::AliasShadowed, what, help).at(place));
        }
        let Some(first) = meaning.first() else {
            let what = format!("the alias `{name}` says nothing");
            return Some(
                Finding::new(Kind::AliasUnknown, what, "write what it stands for, or take it out").at(place),
            );
        };
        if let Some(circle) = circle(facts, name) {
            let what = format!("the alias `{name}` ends in itself: {}", circle.join(" -> "));
            return Some(
                Finding::new(Kind::AliasUnknown, what, "write a command at its beginning").at(place),
            );
        }
        let known = words.verbs.iter().chain(&words.plugins).chain(words.aliases.keys());
        let mut known = known.map(String::as_str);
        // Flags before the command: which word is the command is clap's to know.
        if first.starts_with('-') || known.clone().any(|known| known == first) {
            return None;
        }
        let what = format!("the alias `{name}` stands for `{first}`, which is no command");
        let help = match did_you_mean(first, known.by_ref()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`umbrella help` lists the commands".to_owned(),
        };
        Some(Finding::new(Kind::AliasUnknown, what, help).at(place))
    };
    words.aliases.iter().filter_map(found).collect()
}

pub(super) fn templates(facts: &Facts) -> Vec<Finding> {
    let kinds = Kinds::ALL.map(Kinds::name);
    let found = |(name, wrong): (&String, &Option<String>)| {
        let folder = format!("{TEMPLATES_FOLDER}/{name}");
        let place = Place::file(folder.clone());
        if let Some(wrong) = wrong {
            let help = format!("correct it, or begin again with `umbrella templates copy {name}`");
            return Some(Finding::new(Kind::Template, wrong.clone(), help).at(place));
        }
        if kinds.contains(&name.as_str()) {
            return None;
        }
        let help = match did_you_mean(name, kinds) {
            Some(near) => format!("did you mean `{TEMPLATES_FOLDER}/{near}`?"),
            None => "`umbrella templates` lists the kinds; move it elsewhere, and say `--template PATH`"
                .to_owned(),
        };
        Some(Finding::new(Kind::Template, format!("`{folder}` is a template of nothing"), help).at(place))
    };
    facts.templates.iter().filter_map(found).collect()
}

/// The aliases that lead from `name` back to it.
fn circle<'a>(facts: &'a Facts, name: &'a str) -> Option<Vec<&'a str>> {
    let mut way = vec![name];
    while let Some(next) = facts.words.aliases.get(*way.last()?).and_then(|words| words.first()) {
        if next == name {
            way.push(name);
            return Some(way);
        }
        if way.contains(&next.as_str()) {
            return None;
        }
        way.push(next);
    }
    None
}
