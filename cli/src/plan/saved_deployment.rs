//! Saves a placement expression in the root manifest, under `[workspace.metadata.umbrella.deployments]`.

use miette::Diagnostic;
use thiserror::Error;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::deployment::Deployment;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{NameError, ReleaseName};

/// Why a deployment cannot be saved.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum SaveError {
    /// The name is none.
    #[error("a deployment cannot be saved as `{name}`: {}", reason.fault)]
    #[diagnostic(help("try `{}`", reason.suggestion))]
    Name {
        /// What was asked for.
        name: String,
        /// What is wrong with it. Boxed to keep the error small.
        reason: Box<NameError>,
    },
    /// The name is that of the umbrella.
    #[error(
        "a deployment cannot be saved as `{name}`: `umbrella release {name}` releases every application in one node"
    )]
    #[diagnostic(help("choose another name, such as `prod`"))]
    Umbrella {
        /// The umbrella.
        name: String,
    },
    /// The manifest is not what it was when cargo read it.
    #[error("`{key}` in Cargo.toml is not a table")]
    NoTable {
        /// The key.
        key: &'static str,
    },
}

impl Failure for SaveError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Name { .. } | Self::Umbrella { .. } => ExitCode::Usage,
            Self::NoTable { .. } => ExitCode::MetadataFailed,
        }
    }
}

/// Checks the name that a deployment is to be saved under.
///
/// # Errors
/// [`SaveError`].
pub fn check_name(name: &str, umbrella: &ReleaseName) -> Result<(), SaveError> {
    if let Err(reason) = ReleaseName::parse(name) {
        return Err(SaveError::Name { name: name.to_owned(), reason: Box::new(reason) });
    }
    if name == umbrella.as_str() {
        return Err(SaveError::Umbrella { name: name.to_owned() });
    }
    Ok(())
}

/// The manifest with the deployment `name = "expression"`; comments and everything else stay as they are.
///
/// # Errors
/// [`SaveError::NoTable`].
pub fn save(manifest: &str, name: &str, expression: &str) -> Result<String, SaveError> {
    let mut document: DocumentMut = manifest.parse().map_err(|_| SaveError::NoTable { key: "workspace" })?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in ["workspace", "metadata", "umbrella", "deployments"] {
        let item = table.entry(key).or_insert_with(|| {
            let mut new = Table::new();
            // `[workspace.metadata]` need not be written for `[workspace.metadata.umbrella]` to be there.
            new.set_implicit(key != "deployments");
            Item::Table(new)
        });
        table = item.as_table_like_mut().ok_or(SaveError::NoTable { key })?;
    }
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(saved) => {
            let decor = saved.decor().clone();
            *saved = expression.into();
            *saved.decor_mut() = decor;
        }
        None => _ = table.insert(name, value(expression)),
    }
    Ok(document.to_string())
}

/// The manifest without `application` in its deployments. One that held nothing else goes; one that cannot be read stays, as
/// does everything else.
#[must_use]
pub fn forget(manifest: &str, application: &str) -> String {
    let Ok(mut document) = manifest.parse::<DocumentMut>() else { return manifest.to_owned() };
    let mut item = Some(document.as_item_mut());
    for key in ["workspace", "metadata", "umbrella", "deployments"] {
        item = item.and_then(|item| item.get_mut(key));
    }
    let Some(saved) = item.and_then(Item::as_table_like_mut) else { return manifest.to_owned() };
    let names: Vec<String> = saved.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let Some(expression) = saved.get_mut(&name).and_then(Item::as_value_mut) else { continue };
        let parsed = expression.as_str().and_then(|text| Deployment::parse(text).ok());
        let Some(before) = parsed else { continue };
        match before.clone().without(application) {
            Some(left) if left == before => {}
            Some(left) => {
                let decor = expression.decor().clone();
                *expression = left.to_string().into();
                *expression.decor_mut() = decor;
            }
            None => _ = saved.remove(&name),
        }
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::{SaveError, check_name, forget, save};
    use crate::workspace::ReleaseName;

    const UMBRELLA: &str = "\
[workspace]
members = [\"apps/a\"] # explicit

[workspace.metadata.umbrella]
name = \"abc\"   # the name

# The end.
";

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(save(before, "prod", "[a,b]+[c]").unwrap(), after);
        assert_eq!(save(after, "prod", "[a,b]+[c]").unwrap(), after);
    }

    #[test]
    fn the_first_one_makes_the_table() {
        let table = "\n[workspace.metadata.umbrella.deployments]\nprod = \"[a,b]+[c]\"\n";
        let (before, end) = UMBRELLA.split_at(UMBRELLA.find("\n# The end.").unwrap());
        check(UMBRELLA, &format!("{before}{table}{end}"));
    }

    #[test]
    fn the_next_one_joins_it_and_an_old_one_is_replaced() {
        let with =
            |deployments: &str| format!("{UMBRELLA}[workspace.metadata.umbrella.deployments]\n{deployments}");
        let stage = "stage = \"[a]\" # try\n";
        check(&with(stage), &with(&format!("{stage}prod = \"[a,b]+[c]\"\n")));
        check(&with("prod = '[a]' # live\n"), &with("prod = \"[a,b]+[c]\" # live\n"));
    }

    #[test]
    fn a_table_may_be_written_in_any_way() {
        let inline =
            "[workspace.metadata]\numbrella = { name = \"abc\", deployments = { prod = \"[a]\" } }\n";
        check(
            inline,
            "[workspace.metadata]\numbrella = { name = \"abc\", deployments = { prod = \"[a,b]+[c]\" } }\n",
        );
        let error = save("[workspace]\nmetadata = 3\n", "prod", "[a]").unwrap_err();
        assert_eq!(error.to_string(), "`metadata` in Cargo.toml is not a table");
    }

    #[test]
    fn deployments_forget_an_application_and_go_if_it_was_all() {
        let with =
            |deployments: &str| format!("{UMBRELLA}[workspace.metadata.umbrella.deployments]\n{deployments}");
        assert_eq!(
            forget(
                &with("prod = '[a, b]+[c]' # live\nlone = \"[b]\"\nstage = \"[a] +[c]\"\nodd = \"[b\"\n"),
                "b"
            ),
            with("prod = \"[a]+[c]\" # live\nstage = \"[a] +[c]\"\nodd = \"[b\"\n")
        );
        assert_eq!(forget(UMBRELLA, "b"), UMBRELLA);
    }

    #[test]
    fn the_name_is_checked() {
        let umbrella = ReleaseName::existing("abc");
        check_name("prod", &umbrella).unwrap();
        assert!(matches!(check_name("abc", &umbrella), Err(SaveError::Umbrella { .. })));
        let error = check_name("Prod", &umbrella).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a deployment cannot be saved as `Prod`: `P` is not allowed, only a-z, 0-9 and `_`"
        );
    }
}
