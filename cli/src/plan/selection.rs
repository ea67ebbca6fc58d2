//! The applications that a command names, checked against the umbrella.

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::{MemberRole, Workspace, did_you_mean};

/// A name that is no application.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[error("unknown application `{name}`")]
pub struct UnknownApplication {
    /// What was typed.
    pub name: String,
    #[help]
    help: String,
}

impl Failure for UnknownApplication {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl UnknownApplication {
    /// The error for `name` where `known` are the names there are.
    pub fn new<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let list = known.join(", ");
        let help = match did_you_mean(name, known.iter().copied()) {
            Some(closest) => format!("did you mean `{closest}`? applications: {list}"),
            None if known.is_empty() => {
                "this umbrella has no application yet; make one with `umbrella new <name> --sup`".to_owned()
            }
            None => format!("applications: {list}"),
        };
        Self { name: name.to_owned(), help }
    }
}

impl UnknownApplication {
    /// The error for `name`, which is no application of `workspace`: it may be a crate of it.
    #[must_use]
    pub fn of(workspace: &Workspace, name: &str) -> Self {
        let member = workspace.member(name).filter(|member| member.role == MemberRole::Crate);
        match member {
            None => Self::new(name, workspace.app_names()),
            Some(member) => {
                let folder = workspace.folder_of(member);
                let help = format!(
                    "it is a crate; make an application of it, in the root: `umbrella adopt {folder}`"
                );
                Self { name: name.to_owned(), help }
            }
        }
    }
}

/// Checks that each of `names` is an application of `workspace`; the names, each once.
///
/// # Errors
/// [`UnknownApplication`] for the first that is not.
pub fn select_applications(
    workspace: &Workspace,
    names: &[String],
) -> Result<Vec<String>, UnknownApplication> {
    let mut selected: Vec<String> = Vec::new();
    for name in names {
        if workspace.app(name).is_none() {
            return Err(UnknownApplication::of(workspace, name));
        }
        if !selected.contains(name) {
            selected.push(name.clone());
        }
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_told_how_to_become_an_application() {
        let mut workspace = crate::workspace::fixture::umbrella(&[("a", &[])]);
        workspace.members[0].role = MemberRole::Crate;
        workspace.apps.clear();
        let error = select_applications(&workspace, &["a".to_owned()]).unwrap_err();
        assert!(error.help.ends_with("`umbrella adopt apps/a`"), "{}", error.help);
    }

    fn help(name: &str, known: &[&str]) -> String {
        UnknownApplication::new(name, known.iter().copied()).help
    }

    #[test]
    fn a_slip_is_corrected_and_a_stranger_is_shown_the_names() {
        assert_eq!(
            help("billin", &["billing", "cart"]),
            "did you mean `billing`? applications: billing, cart"
        );
        assert_eq!(help("zoo", &["billing", "cart"]), "applications: billing, cart");
        assert!(help("zoo", &[]).contains("umbrella new <name> --sup"));
    }
}
