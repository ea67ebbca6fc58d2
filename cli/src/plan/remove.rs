//! `umbrella rm APP`: an application with all that refers to it. PURE.

use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{DocumentMut, Item, Value};

use super::release_crate::rewrite_whole_release;
use super::{Plan, PlanError, Step};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{App, MemberRole, Sources, Workspace};

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
    /// Placements name it.
    #[error("`{app}` is placed by the saved deployment{} {}", if names.len() > 1 { "s" } else { "" }, quoted(names))]
    #[diagnostic(help("take it out of [workspace.metadata.umbrella.deployments] in Cargo.toml first"))]
    Placed {
        /// The application.
        app: String,
        /// The deployments.
        names: Vec<String>,
    },
    /// Another release than that of all applications is made of it.
    #[error("`{app}` runs in the release{} {}", if names.len() > 1 { "s" } else { "" }, quoted(names))]
    #[diagnostic(help(
        "remove the release's folder from releases/ and from `members` in Cargo.toml first: it is generated"
    ))]
    Released {
        /// The application.
        app: String,
        /// The releases.
        names: Vec<String>,
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
    let member = super::relative_path(&workspace.root, &app.path);
    let text = sources.get(&path).unwrap_or_default();
    plan.replace(path, text, without_member(text, &member, name), Some(format!("members -= {member}")));
    plan.steps.push(Step::Remove { folder: app.path.clone() });
    Ok(plan)
}

fn refuse_if_needed(workspace: &Workspace, app: &App) -> Result<(), RemoveError> {
    let name = app.name.as_str();
    let app_name = || name.to_owned();
    if app.path == workspace.root {
        return Err(RemoveError::Root { app: app_name() });
    }
    let needs = |role: bool| {
        let users =
            workspace.members.iter().filter(move |member| (member.role == MemberRole::Release) == role);
        let users = users.filter(|member| member.name != name);
        users
            .filter(|member| member.dependencies.iter().any(|below| below.is_member && below.package == name))
    };
    let dependents: Vec<String> = needs(false).map(|member| member.name.clone()).collect();
    if !dependents.is_empty() {
        return Err(RemoveError::Needed { app: app_name(), dependents });
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let placed = workspace.deployments.iter();
    let placed = placed.filter(|(_, expression)| expression.split(|c| !is_part(c)).any(|word| word == name));
    let names: Vec<String> = placed.map(|(name, _)| name.clone()).collect();
    if !names.is_empty() {
        return Err(RemoveError::Placed { app: app_name(), names });
    }
    let whole = workspace.release(workspace.name.as_str()).map(|release| release.package.as_str());
    let names: Vec<String> = needs(true)
        .map(|member| member.name.clone())
        .filter(|package| Some(package.as_str()) != whole)
        .collect();
    if names.is_empty() { Ok(()) } else { Err(RemoveError::Released { app: app_name(), names }) }
}

/// The configuration without the application's table; none if it has none.
fn without_table(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    document.remove(name)?;
    Some(document.to_string())
}

/// The root manifest without the application: its member, its dependency, its place in the rules.
fn without_member(text: &str, member: &str, name: &str) -> String {
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
            list.retain(|one| one.as_str().is_none_or(|one| one.trim_end_matches('/') != member));
        }
    }
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
    use super::{RemoveError, remove, without_member, without_table};
    use crate::workspace::Sources;
    use crate::workspace::fixture::umbrella;

    #[test]
    fn what_others_need_or_place_stays() {
        let mut workspace = umbrella(&[("a", &["c"]), ("b", &[]), ("c", &[])]);
        let refused = |workspace: &crate::workspace::Workspace, name: &str| {
            remove(workspace, &Sources::default(), workspace.app(name).unwrap())
                .map(drop)
                .map_err(|error| error.to_string())
        };
        assert_eq!(refused(&workspace, "c"), Err("`c` is needed by `a`".into()));
        assert_eq!(refused(&workspace, "b"), Ok(()));
        workspace.deployments.insert("prod".into(), "[a,b]+[c]".into());
        assert_eq!(refused(&workspace, "b"), Err("`b` is placed by the saved deployment `prod`".into()));
        workspace.apps[0].path = workspace.root.clone();
        let root = workspace.apps[0].clone();
        assert!(matches!(remove(&workspace, &Sources::default(), &root), Err(RemoveError::Root { .. })));
    }

    #[test]
    fn manifests_forget_it_and_keep_everything_else() {
        let text = "# top\n[workspace]\nmembers = [\n    \"apps/a\", # first\n    \"apps/b\",\n    \"releases/abc\",\n]\n\n\
                    [workspace.dependencies]\na = { path = \"apps/a\" }\nb = { path = \"apps/b\" } # b\nserde = \"1\"\n\n\
                    [workspace.metadata.umbrella.rules]\nlayers = [[\"a\"], [\"b\", \"c\"]]\n\n\
                    [workspace.metadata.umbrella.rules.allow]\nb = [\"c\"]\nc = [\"b\", \"d\"]\n";
        let without = without_member(text, "apps/b", "b");
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
