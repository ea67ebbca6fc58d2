//! What was found, for people and for programs.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use crate::doctor::{Facts, Finding, Level, Mended};
use crate::plan::{Change, relative_path};
use crate::session::Session;
use crate::shell::style;

/// One line of what was done.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    change: &'static str,
    path: String,
    summary: Option<String>,
}

/// What was changed, relative to the root.
pub(super) fn changed(mended: &Mended, root: &Path) -> Vec<Changed> {
    let lines = mended.plan.lines().into_iter().map(|line| Changed {
        change: match line.change {
            Change::Create => "create",
            Change::Update => "update",
            Change::Move => "move",
            Change::Remove => "remove",
        },
        path: relative_path(root, &line.path),
        summary: line.summary.map(str::to_owned),
    });
    let gone = mended.forgotten.iter();
    let gone = gone.map(|path| Changed { change: "remove", path: relative_path(root, path), summary: None });
    lines.chain(gone).collect()
}

pub(super) fn forgotten(session: &Session, path: &Path, dry_run: bool) {
    let verb = if dry_run { "would remove" } else { "removing" };
    session.shell.star(verb, relative_path(&session.cwd, path));
}

pub(super) fn print(session: &Session, facts: &Facts, findings: &[Finding], dry_run: bool) {
    let shell = &session.shell;
    let faults: Vec<&Finding> =
        findings.iter().filter(|finding| finding.kind.level() == Level::Fault).collect();
    let notes = findings.iter().filter(|finding| finding.kind.level() == Level::Note);
    for finding in &faults {
        fault(session, finding);
    }
    let (cyan, dim) = (style::NOTE, style::DIM);
    if facts.workspace.is_err() {
        shell
            .say(format_args!("{cyan}note{cyan:#}: the rest is looked at when cargo can read the workspace"));
    }
    for finding in notes {
        let place = finding.place.as_ref().map(|place| format!("  {dim}{}{dim:#}", place.file));
        shell.say(format_args!("{cyan}note{cyan:#}: {}{}", finding.what, place.unwrap_or_default()));
        shell.say(format_args!("  = help: {}", finding.help));
    }
    let (good, bad) = (style::GOOD, style::ERROR);
    if faults.is_empty() {
        shell.line(format_args!("{good}Healthy{good:#}: {}", healthy(facts)));
        return;
    }
    let mendable = faults.iter().filter(|finding| finding.mend.is_some()).count();
    let mended = match mendable {
        0 => String::new(),
        _ if dry_run => format!(", {mendable} of which `--fix` mends"),
        count => format!(", {count} of which `umbrella doctor --fix` mends"),
    };
    let plural = if faults.len() == 1 { "" } else { "s" };
    shell.line(format_args!("{bad}{} fault{plural}{bad:#}{mended}", faults.len()));
}

fn fault(session: &Session, finding: &Finding) {
    let shell = &session.shell;
    let (red, frame) = (style::ERROR, style::FRAME);
    shell.line(format_args!("{red}fault{red:#}: {}", finding.what));
    if let Some(place) = &finding.place {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        shell.line(format_args!(" {frame}-->{frame:#} {}{line}", place.file));
    }
    for line in finding.detail.iter().flat_map(|detail| detail.lines()) {
        shell.line(format_args!("  {frame}|{frame:#} {line}"));
    }
    shell.line(format_args!("  {frame}={frame:#} why: {}", finding.kind.why()));
    for line in finding.help.lines() {
        shell.line(format_args!("  {frame}={frame:#} help: {line}"));
    }
    if finding.mend.is_some() {
        shell.line(format_args!("  {frame}={frame:#} fix: `umbrella doctor --fix`"));
    }
    shell.line("");
}

fn healthy(facts: &Facts) -> String {
    let Ok(workspace) = &facts.workspace else { return String::new() };
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    [
        count(workspace.apps.len(), "application"),
        count(workspace.crates.len(), "crate"),
        count(workspace.releases.len(), "release crate"),
        count(workspace.deployments.len(), "saved deployment"),
    ]
    .join(", ")
}

pub(super) fn json(session: &Session, facts: &Facts, findings: &[Finding], changed: &[Changed]) {
    let finding = |finding: &Finding| {
        json!({
            "kind": finding.kind,
            "level": finding.kind.level(),
            "what": finding.what,
            "where": finding.place,
            "detail": finding.detail,
            "why": finding.kind.why(),
            "help": finding.help,
            "fixable": finding.mend.is_some(),
        })
    };
    session.shell.json(&json!({
        "version": 1,
        "root": facts.root,
        "healthy": findings.iter().all(|finding| finding.kind.level() == Level::Note),
        "readable": facts.workspace.is_ok(),
        "findings": findings.iter().map(finding).collect::<Vec<Value>>(),
        "changes": changed,
    }));
}
