//! `umbrella rm APP`: an application with all that refers to it. PURE.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{DocumentMut, Item, Value};

use super::release_crate::rewrite_whole_release;
use super::{Plan, PlanError, Step, saved_deployment};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{App, Member, MemberRole, Sources, Workspace};

/// Why an application stays.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum RemoveError {
    /// Others need it.
    #[error("`{app}` is needed by {}", quoted(dependents))]
    #[diagnostic(help("take it out of their Cargo.toml first, or remove them too"))]
    Needed {
        /// The application.
        app: String,
        /// Who needs it.
        dependents: Vec<String>,
    },
    /// The root of a project.
    #[error("`{app}` is this project itself")]
    #[diagnostic(help("remove the folder, if that is what you want"))]
    Root {
        /// The application.
        app: String,
    },
    /// The plan cannot be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
}

impl Failure for RemoveError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Plans the removal in the files that were read: the root manifest, the configuration, the release of all applications.
///
/// # Errors
/// [`RemoveError`].
pub fn remove(workspace: &Workspace, sources: &Sources, app: &App) -> Result<Plan, RemoveError> {
    let name = app.name.as_str();
    refuse_if_needed(workspace, app)?;
    let mut after = workspace.clone();
    after.apps.retain(|other| other.name != app.name);
    let mut plan = Plan::default();
    // First who uses it, then who knows it, then itself: cargo accepts the tree after each.
    rewrite_whole_release(&mut plan, workspace, sources, &after)?;
    for (path, text) in sources.iter() {
        let in_config = path.parent() == Some(&workspace.root.join("config"));
        if in_config && let Some(without) = without_table(text, name) {
            plan.replace(path.to_owned(), text, without, Some(format!("-[{name}]")));
        }
    }
    let path = workspace.manifest_path();
    let text = sources.get(&path).unwrap_or_default();
    let mut without = without_application(text, name);
    let folders: Vec<&PathBuf> =
        releases_of(workspace, app).map(|release| &release.path).chain([&app.path]).collect();
    let members: Vec<String> =
        folders.iter().map(|folder| super::relative_path(&workspace.root, folder)).collect();
    for member in &members {
        without = without_member(&without, member);
    }
    let placed = if saved_deployment::forget(text, name) == text { "" } else { "; deployments" };
    plan.replace(path, text, without, Some(format!("members -= {}{placed}", members.join(", "))));
    plan.steps.extend(folders.into_iter().map(|folder| Step::Remove { folder: folder.clone() }));
    Ok(plan)
}

fn refuse_if_needed(workspace: &Workspace, app: &App) -> Result<(), RemoveError> {
    let app_name = || app.name.to_string();
    if app.path == workspace.root {
        return Err(RemoveError::Root { app: app_name() });
    }
    let dependents = users(workspace, app).filter(|member| member.role != MemberRole::Release);
    let dependents: Vec<String> = dependents.map(|member| member.name.clone()).collect();
    if dependents.is_empty() { Ok(()) } else { Err(RemoveError::Needed { app: app_name(), dependents }) }
}

/// The members that stand on the application.
fn users<'a>(workspace: &'a Workspace, app: &App) -> impl Iterator<Item = &'a Member> {
    let name = app.name.as_str();
    let others = workspace.members.iter().filter(move |member| member.name != name);
    others.filter(move |member| {
        member.dependencies.iter().any(|below| below.is_member && below.package == name)
    })
}

/// The releases that run it, but for the one of all: they are generated, and made again when they are asked for.
fn releases_of<'a>(workspace: &'a Workspace, app: &App) -> impl Iterator<Item = &'a Member> {
    let whole = workspace.release(workspace.name.as_str()).map(|release| release.package.as_str());
    users(workspace, app)
        .filter(move |member| member.role == MemberRole::Release && Some(member.name.as_str()) != whole)
}

/// The configuration without the application's table; none if it has none.
fn without_table(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    document.remove(name)?;
    Some(document.to_string())
}

/// The root manifest without a member.
pub(crate) fn without_member(text: &str, member: &str) -> String {
    // A line of its own goes whole: to toml_edit its comment would be that of the next one.
    let is_member = |line: &&str| {
        let rest = line.trim().strip_prefix(&format!("\"{member}\""));
        rest.is_some_and(|rest| {
            matches!(rest.trim_start_matches(',').trim_start().chars().next(), None | Some('#'))
        })
    };
    let text: String = text.split_inclusive('\n').filter(|line| !is_member(line)).collect();
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text };
    let Some(workspace) = document.get_mut("workspace").and_then(Item::as_table_like_mut) else {
        return text;
    };
    for key in ["members", "default-members"] {
        if let Some(list) = workspace.get_mut(key).and_then(Item::as_array_mut) {
            let is_it = |one: &str| one.trim_start_matches("./").trim_end_matches('/') == member;
            list.retain(|one| !one.as_str().is_some_and(is_it));
        }
    }
    document.to_string()
}

/// The root manifest without the application's dependency, its place in the rules, and in the deployments.
fn without_application(text: &str, name: &str) -> String {
    let text = saved_deployment::forget(text, name);
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text };
    let Some(workspace) = document.get_mut("workspace").and_then(Item::as_table_like_mut) else {
        return text;
    };
    if let Some(dependencies) = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut) {
        dependencies.remove(name);
    }
    let umbrella = workspace.get_mut("metadata").and_then(|metadata| metadata.get_mut("umbrella"));
    if let Some(rules) =
        umbrella.and_then(|umbrella| umbrella.get_mut("rules")).and_then(Item::as_table_like_mut)
    {
        for (_, rule) in rules.iter_mut() {
            if let Some(table) = rule.as_table_like_mut() {
                table.remove(name);
                table
                    .iter_mut()
                    .filter_map(|(_, item)| item.as_value_mut())
                    .for_each(|value| without(value, name));
            } else if let Some(value) = rule.as_value_mut() {
                without(value, name);
            }
        }
    }
    document.to_string()
}

fn without(value: &mut Value, name: &str) {
    if let Some(list) = value.as_array_mut() {
        list.retain(|one| one.as_str() != Some(name));
        list.iter_mut().for_each(|one| without(one, name));
    }
}

#[cfg(test)]
mod tests {
    use super::{RemoveError, remove, without_application, without_member, without_table};
    use crate::plan::Change;
    use crate::workspace::fixture::umbrella;
    use crate::workspace::{MemberRole, Sources};
    use std::path::PathBuf;

    #[test]
    fn what_others_need_stays() {
        let mut workspace = umbrella(&[("a", &["c"]), ("b", &[]), ("c", &[])]);
        let refused = |workspace: &crate::workspace::Workspace, name: &str| {
            remove(workspace, &Sources::default(), workspace.app(name).unwrap())
                .map(drop)
                .map_err(|error| error.to_string())
        };
        assert_eq!(refused(&workspace, "c"), Err("`c` is needed by `a`".into()));
        assert_eq!(refused(&workspace, "b"), Ok(()));
        workspace.apps[0].path = workspace.root.clone();
        let root = workspace.apps[0].clone();
        assert!(matches!(remove(&workspace, &Sources::default(), &root), Err(RemoveError::Root { .. })));
    }

    #[test]
    fn the_releases_that_run_it_go_with_it_and_those_that_do_not_stay() {
        let mut workspace = umbrella(&[("a", &[]), ("b", &[]), ("a_b", &["a", "b"]), ("a_release", &["a"])]);
        workspace.apps.retain(|app| app.name.as_str().len() == 1);
        for release in &mut workspace.members[2..] {
            release.role = MemberRole::Release;
            release.path = workspace.root.join("releases").join(&release.name);
        }
        let plan = remove(&workspace, &Sources::default(), workspace.app("b").unwrap()).unwrap();
        let removed =
            plan.lines().into_iter().filter(|line| line.change == Change::Remove).map(|line| line.path);
        assert_eq!(removed.collect::<Vec<_>>(), ["/abc/releases/a_b", "/abc/apps/b"].map(PathBuf::from));
    }

    #[test]
    fn manifests_forget_it_and_keep_everything_else() {
        let text = "# top\n[workspace]\nmembers = [\n    \"apps/a\", # first\n    \"apps/b\",\n    \"releases/abc\",\n]\n\n\
                    [workspace.dependencies]\na = { path = \"apps/a\" }\nb = { path = \"apps/b\" } # b\nserde = \"1\"\n\n\
                    [workspace.metadata.umbrella.rules]\nlayers = [[\"a\"], [\"b\", \"c\"]]\n\n\
                    [workspace.metadata.umbrella.rules.allow]\nb = [\"c\"]\nc = [\"b\", \"d\"]\n";
        let without = without_member(&without_application(text, "b"), "apps/b");
        let expected = text
            .replace("    \"apps/b\",\n", "")
            .replace("b = { path = \"apps/b\" } # b\n", "")
            .replace("[\"b\", \"c\"]", "[ \"c\"]")
            .replace("\nb = [\"c\"]", "")
            .replace("[\"b\", \"d\"]", "[ \"d\"]");
        assert_eq!(without, expected);
    }

    #[test]
    fn configuration_forgets_its_table() {
        let text = "# All.\n\n[a]\nx = 1\n\n[b]\ny = 2\n\n[c]\nz = 3\n";
        assert_eq!(without_table(text, "b").unwrap(), "# All.\n\n[a]\nx = 1\n\n[c]\nz = 3\n");
        assert_eq!(without_table(text, "d"), None);
    }
}
