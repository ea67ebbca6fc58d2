//! What a command keeps below `target/umbrella/`, or where it was told to: one file, replaced as a whole.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use tempfile::Builder;

use super::error::{EmitError, at};

/// Writes `text` to `path`; readers see what was there before or all of it. Folders above it that are missing are made.
///
/// # Errors
/// [`EmitError`].
pub fn keep(path: &Path, text: &str) -> Result<(), EmitError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at("create", folder))?;
    let file = Builder::new().prefix(".umbrella-").tempfile_in(folder);
    let mut file = file.map_err(at("write into", folder))?;
    file.write_all(text.as_bytes()).map_err(at("write", path))?;
    file.persist(path).map_err(|error| error.error).map_err(at("write", path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_folders_are_made() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("umbrella/tests.json");
        for text in ["one", "other"] {
            keep(&path, text).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("there"), text);
        }
        let entries = fs::read_dir(path.parent().expect("a folder")).expect("there").count();
        assert_eq!(entries, 1, "nothing is left beside it");
    }
}
