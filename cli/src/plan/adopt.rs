//! Making a crate that is there an application. PURE.

use umbrella_templates::{Adopted, FileSet, Runtime, render};

use super::draft::Draft;
use super::{Plan, PlanError, ReleaseContents, Step};
use crate::workspace::{App, AppKind, AppName, Member, Sources, StartType, Workspace, library, manifest};

/// What is to become of a crate.
#[derive(Debug, Clone, Copy)]
pub struct Adoption<'a> {
    /// The crate, which need not be a member of the workspace yet.
    pub member: &'a Member,
    /// Whether it gets a supervision tree.
    pub supervised: bool,
    /// The applications it depends on.
    pub dependencies: &'a [AppName],
}

/// Marks a crate as an application; nothing in it is changed but the lines of the plan.
///
/// # Errors
/// [`PlanError`] if a manifest cannot be edited.
pub fn adopt(
    workspace: &Workspace,
    sources: &Sources,
    adoption: Adoption<'_>,
    runtime: &Runtime,
) -> Result<Plan, PlanError> {
    let Adoption { member, supervised, dependencies } = adoption;
    let name = AppName::of_package(&member.name);
    let folder = workspace.folder_of(member);
    let callback = format!("{}::{}", name.crate_name(), name.type_name());
    let app = App {
        name: name.clone(),
        path: member.path.clone(),
        kind: match supervised {
            true => AppKind::Supervised { callback: callback.clone(), start_type: StartType::default() },
            false => AppKind::Library,
        },
        dependencies: dependencies.to_vec(),
        uses_runtime: supervised
            || member.dependencies.iter().any(|below| below.package == "umbrella-runtime"),
        version: member.version.clone(),
    };
    let mut after = workspace.clone().with_app(app);
    after.crates.retain(|krate| *krate != member.name);

    let mut draft = Draft::new(workspace, sources);
    if workspace.member(&member.name).is_none() {
        draft.add_member(&folder)?;
    }
    draft.announce_dependency(name.as_str(), &format!("{{ path = \"{folder}\" }}"))?;
    draft.announce_dependency("umbrella", &runtime.to_string())?;
    let path = member.path.join("Cargo.toml");
    let mut text = draft.manifest_of(&path);
    if supervised {
        text = manifest::add_dependency(&text, "umbrella")?;
    }
    let body =
        if supervised { format!("application = \"{callback}\"\n") } else { "library = true\n".to_owned() };
    text = manifest::append_table(&text, "package.metadata.umbrella", &body);
    draft.write_manifest(path, text, "[package.metadata.umbrella]".to_owned());
    if supervised {
        let path = member.path.join("src/lib.rs");
        let items = format!(
            "mod application;\npub use application::{};\numbrella::application!();\n",
            name.type_name()
        );
        let source = library::with_items(sources.get(&path).unwrap_or_default(), &items);
        draft.write(path, source, Some("mod application".to_owned()));
        let adopted = Adopted::new(name.as_str(), &name.type_name());
        for file in render(FileSet::Adopted(&adopted))? {
            draft.write(
                member.path.join(&file.path),
                file.contents.text().unwrap_or_default().to_owned(),
                None,
            );
        }
    }
    draft.add_release(&after, &ReleaseContents::whole(&after))?;
    Ok(draft.into_plan())
}

/// The lines that a plan adds to files that are there, generated ones and blank lines aside.
#[must_use]
pub fn added_lines(plan: &Plan) -> usize {
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let added = plan.steps.iter().map(|step| match step {
        Step::Replace { path, old, new, .. }
            if !path.components().any(|part| part.as_os_str() == "releases") =>
        {
            lines(new).saturating_sub(lines(old))
        }
        Step::Replace { .. }
        | Step::NewTree { .. }
        | Step::NewFile { .. }
        | Step::Move { .. }
        | Step::Remove { .. } => 0,
    });
    added.sum()
}
