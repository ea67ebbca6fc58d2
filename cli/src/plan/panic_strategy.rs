//! `panic = "abort"` takes supervision away, so it is refused before anything is built.

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;
use toml_edit::Document;

use crate::error::Failure;

/// A profile under which a crash of one process would end the whole node.
#[derive(Debug, Error, Diagnostic)]
#[error("the profile `{profile}` aborts when a process panics")]
#[diagnostic(help(
    "a supervisor restarts a process that panicked, and an aborted node has nobody left to do it: {}",
    remedy(manifest.is_some())
))]
pub struct PanicAborts {
    /// `release` or `dev`.
    pub profile: &'static str,
    #[source_code]
    manifest: Option<NamedSource<String>>,
    #[label]
    at: Option<SourceSpan>,
}

impl Failure for PanicAborts {}

/// Checks the profiles of the root manifest; `variable` is `CARGO_PROFILE_RELEASE_PANIC`.
///
/// # Errors
/// [`PanicAborts`] if one of the two everyday profiles does not unwind.
pub fn check_panic_strategy(manifest: &str, variable: Option<&str>) -> Result<(), PanicAborts> {
    if variable.is_some_and(aborts) {
        return Err(PanicAborts { profile: "release", manifest: None, at: None });
    }
    // A manifest that is no TOML was refused by cargo before.
    let Ok(document) = Document::parse(manifest) else { return Ok(()) };
    for profile in ["release", "dev"] {
        let panic =
            document.as_item().get("profile").and_then(|profiles| profiles.get(profile)?.get("panic"));
        if panic.and_then(|panic| panic.as_str()).is_some_and(aborts) {
            let at = panic.and_then(|panic| panic.span()).map(SourceSpan::from);
            let manifest = Some(NamedSource::new("Cargo.toml", manifest.to_owned()));
            return Err(PanicAborts { profile, manifest, at });
        }
    }
    Ok(())
}

fn remedy(in_manifest: bool) -> &'static str {
    if in_manifest { "remove this line" } else { "unset CARGO_PROFILE_RELEASE_PANIC" }
}

fn aborts(strategy: &str) -> bool {
    // Also `immediate-abort`.
    strategy.ends_with("abort")
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;

    use super::check_panic_strategy;

    #[test]
    fn a_profile_that_unwinds_is_fine() {
        for manifest in ["", "[profile.release]\nlto = true\n", "[profile.release]\npanic = \"unwind\"\n"] {
            check_panic_strategy(manifest, None).unwrap();
        }
        check_panic_strategy("[profile.bench]\npanic = \"abort\"\n", Some("unwind")).unwrap();
    }

    #[test]
    fn a_profile_that_aborts_is_pointed_at() {
        let manifest = "[profile.release]\nlto = true\npanic = \"abort\"\n";
        let error = check_panic_strategy(manifest, None).unwrap_err();
        assert_eq!(error.to_string(), "the profile `release` aborts when a process panics");
        let label = error.labels().unwrap().next().unwrap();
        assert_eq!(&manifest[label.offset()..label.offset() + label.len()], "\"abort\"");
        assert_eq!(check_panic_strategy("profile.dev.panic = 'abort'", None).unwrap_err().profile, "dev");
    }

    #[test]
    fn the_environment_can_make_it_abort_too() {
        assert!(check_panic_strategy("", Some("abort")).is_err());
    }
}
