//! `--template PATH`, and the templates that an umbrella has of its own.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use umbrella_templates::{Kind, Templates};

use crate::session::Session;
use crate::workspace::{TEMPLATES_FOLDER, TemplateFolderError, read_template, template_folders};

/// Which template is used.
#[derive(Debug, clap::Args)]
pub(super) struct TemplateArgs {
    /// Make it from the template in this folder: `umbrella templates` says more
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath)]
    template: Option<PathBuf>,
}

impl TemplateArgs {
    /// What was typed.
    pub(super) fn typed(&self) -> Option<&str> {
        self.template.as_deref().and_then(Path::to_str)
    }

    /// The template of a kind: that of `--template`, else that of the umbrella at `root`, else ours.
    pub(super) fn load(
        &self,
        kind: Kind,
        root: Option<&Path>,
        session: &Session,
    ) -> Result<Templates, TemplateFolderError> {
        match (&self.template, root) {
            (Some(path), _) => {
                let own = read_template(&session.cwd.join(path), &path.display().to_string(), kind)?;
                Ok(Templates::default().with(kind, own))
            }
            (None, Some(root)) => of_umbrella(root, &[kind], session),
            (None, None) => Ok(Templates::default()),
        }
    }

    /// The template of an umbrella, with those for applications that it brings along.
    pub(super) fn load_umbrella(&self, session: &Session) -> Result<Templates, TemplateFolderError> {
        let Some(path) = &self.template else { return Ok(Templates::default()) };
        let folder = session.cwd.join(path);
        let own = read_template(&folder, &path.display().to_string(), Kind::Umbrella)?;
        let templates = of_umbrella(&folder, &[Kind::Library, Kind::Supervised], session)?;
        Ok(templates.with(Kind::Umbrella, own))
    }
}

/// The templates of these kinds that the umbrella at `root` has of its own.
pub(super) fn of_umbrella(
    root: &Path,
    kinds: &[Kind],
    session: &Session,
) -> Result<Templates, TemplateFolderError> {
    let there = template_folders(root);
    let mut templates = Templates::default();
    for kind in kinds.iter().filter(|kind| there.iter().any(|name| name == kind.name())) {
        let folder = root.join(TEMPLATES_FOLDER).join(kind.name());
        let shown = crate::plan::relative_path(&session.cwd, &folder);
        session.shell.note(format_args!("made from the template `{shown}`"));
        templates = templates.with(*kind, read_template(&folder, &shown, *kind)?);
    }
    Ok(templates)
}
