//! Has the runtime built with TLS: one word in the root manifest. PURE.

use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use super::Plan;
use crate::workspace::{Sources, Workspace};

/// The feature of the runtime.
const FEATURE: &str = "tls";

/// Adds the feature to `umbrella` in `[workspace.dependencies]`; nothing to do if it is there, and none if there is no such
/// dependency.
#[must_use]
pub fn with_tls(workspace: &Workspace, sources: &Sources) -> Option<Plan> {
    let path = workspace.manifest_path();
    let old = sources.get(&path)?;
    let new = edited(old)?;
    let mut plan = Plan::default();
    plan.replace(path, old, new, Some(format!("umbrella.features += {FEATURE}")));
    Some(plan)
}

fn edited(manifest: &str) -> Option<String> {
    let mut document: DocumentMut = manifest.parse().ok()?;
    let dependency = document.get_mut("workspace")?.get_mut("dependencies")?.get_mut("umbrella")?;
    if let Some(version) = dependency.as_str().map(str::to_owned) {
        let mut table = toml_edit::InlineTable::new();
        table.insert("version", version.into());
        *dependency = Item::Value(Value::InlineTable(table));
    }
    let table: &mut dyn TableLike = dependency.as_table_like_mut()?;
    let features = table.entry("features").or_insert(Item::Value(Array::new().into())).as_array_mut()?;
    if !features.iter().any(|feature| feature.as_str() == Some(FEATURE)) {
        features.push(FEATURE);
    }
    if let Some(table) = dependency.as_inline_table_mut() {
        table.fmt();
    }
    Some(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::edited;

    #[track_caller]
    fn check(before: &str, after: &str) {
        let around =
            |line: &str| format!("[workspace.dependencies]\nc = {{ path = \"c\" }}\n{line}\n# The end.\n");
        let done = edited(&around(before)).unwrap();
        assert_eq!(done, around(after));
        assert_eq!(edited(&done).unwrap(), done);
    }

    #[test]
    fn the_feature_is_added_once_however_the_dependency_is_written() {
        check("umbrella = \"1\"", "umbrella = { version = \"1\", features = [\"tls\"] }");
        let path = "umbrella = { package = \"umbrella-runtime\", path = \"../runtime\"";
        check(&format!("{path} }}"), &format!("{path}, features = [\"tls\"] }}"));
        check(&format!("{path}, features = [\"x\"] }}"), &format!("{path}, features = [\"x\", \"tls\"] }}"));
    }

    #[test]
    fn without_the_dependency_there_is_nothing_to_tell() {
        assert_eq!(edited("[workspace]\n"), None);
        assert_eq!(edited("[workspace.dependencies]\numbrella = 3\n"), None);
    }
}
