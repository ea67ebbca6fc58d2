//! Manifests of ours in workspaces of others: what a root does not say cannot be inherited.

use toml_edit::{Document, Item};

/// The manifest of a generated crate, where `key.workspace = true` stands only for what the root manifest has.
///
/// What it lacks is said instead (version, edition) or left out (rust-version, lints).
#[must_use]
pub fn fitted(manifest: &str, root: &str) -> String {
    let Ok(document) = Document::parse(root) else { return manifest.to_owned() };
    let workspace = document.get("workspace");
    let has = |path: &[&str]| {
        let found = path.iter().try_fold(workspace?, |item: &Item, key| item.get(key));
        found.map(|_| ())
    };
    let lacks = |key: &str| has(&["package", key]).is_none();
    let line = |line: &str| match line.trim_end().strip_suffix(".workspace = true") {
        Some("version") if lacks("version") => "version = \"0.1.0\"\n".to_owned(),
        Some("edition") if lacks("edition") => "edition = \"2024\"\n".to_owned(),
        Some("rust-version") if lacks("rust-version") => String::new(),
        _ => line.to_owned(),
    };
    let mut fitted: String = manifest.split_inclusive('\n').map(line).collect();
    if has(&["lints"]).is_none() {
        fitted = fitted.replace("\n[lints]\nworkspace = true\n", "");
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::fitted;

    const CRATE: &str = "[package]\nname = \"b\"\nversion.workspace = true\nedition.workspace = true\n\
                         rust-version.workspace = true\n\n[dependencies]\n\n[lints]\nworkspace = true\n";

    #[test]
    fn only_what_is_there_is_inherited() {
        let root = "[workspace.package]\nversion = \"1\"\nedition = \"2021\"\nrust-version = \"1\"\n[workspace.lints.rust]\n";
        assert_eq!(fitted(CRATE, root), CRATE);
        let alone = "[package]\nname = \"b\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
        assert_eq!(fitted(CRATE, "[workspace]\nmembers = []\n"), alone);
        let half = fitted(CRATE, "[workspace.package]\nedition = \"2021\"\n");
        assert!(half.contains("version = \"0.1.0\"\nedition.workspace = true\n\n"), "{half}");
    }
}
