//! What is wrong in `config/`.
//!
//! Which keys an application reads only the application knows: its `Config` type, when it boots.

use toml_edit::Document;

use super::finding::{Finding, Kind};
use super::{Facts, Place};
use crate::workspace::{Workspace, did_you_mean};

/// The table of the umbrella itself, and what is in it.
const UMBRELLA: &str = "umbrella";
const NODE: &str = "node";

/// The files that are read.
const READ: [&str; 4] = ["config.toml", "dev.toml", "test.toml", "prod.toml"];

/// What people call the environments elsewhere.
const ELSEWHERE: [(&str, &str); 6] = [
    ("default.toml", "config.toml"),
    ("development.toml", "dev.toml"),
    ("tests.toml", "test.toml"),
    ("testing.toml", "test.toml"),
    ("production.toml", "prod.toml"),
    ("runtime.toml", "config.toml"),
];

pub(super) fn examine(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let names = facts.configuration.iter();
    names
        .flat_map(
            |name| if READ.contains(&name.as_str()) { tables(facts, workspace, name) } else { file(name) },
        )
        .collect()
}

fn tables(facts: &Facts, workspace: &Workspace, name: &str) -> Vec<Finding> {
    let file = format!("config/{name}");
    let text = facts.text(&file).unwrap_or_default();
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let stranger = |table: &str| {
        if table == UMBRELLA || workspace.app(table).is_some() {
            return None;
        }
        let what = format!("`[{table}]` in {file} belongs to no application");
        let known = workspace.app_names().chain([UMBRELLA]);
        let help = match did_you_mean(table, known) {
            Some(near) => format!("did you mean `[{near}]`?"),
            None if workspace.member(table).is_some() => {
                format!(
                    "`{table}` is no application, and only those are configured: `umbrella adopt {table}`"
                )
            }
            None => "take it out, or correct its name: `umbrella list` shows the applications".to_owned(),
        };
        Some(Finding::new(Kind::TableOfNobody, what, help).at(Place::key(file.clone(), text, &[table])))
    };
    let of_umbrella = |key: &str| {
        if key == NODE {
            return None;
        }
        let what = format!("`[{UMBRELLA}.{key}]` in {file} is read by nobody");
        let help = "the node's own table is `[umbrella.node]`";
        Some(Finding::new(Kind::TableOfNobody, what, help).at(Place::key(
            file.clone(),
            text,
            &[UMBRELLA, key],
        )))
    };
    let own = document.get(UMBRELLA).and_then(|table| table.as_table_like());
    let own = own.into_iter().flat_map(|table| table.iter()).filter_map(|(key, _)| of_umbrella(key));
    document.iter().filter_map(|(table, _)| stranger(table)).chain(own).collect()
}

/// A file of another name may be one that somebody names; it is worth a word only if it looks like one of ours.
fn file(name: &str) -> Vec<Finding> {
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours);
    let Some(ours) = elsewhere.or_else(|| did_you_mean(name, READ)) else { return Vec::new() };
    let what = format!("config/{name} is of no environment: they are dev, test and prod");
    let help = format!("is it meant to be config/{ours}?");
    vec![Finding::new(Kind::FileOfNobody, what, help).at(Place::file(format!("config/{name}")))]
}
