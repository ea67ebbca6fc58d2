//! Where the new thing goes, and what it is called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::NewError;
use crate::workspace::{AppName, enclosing_umbrella, normalize_path};

/// A destination.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The folder that will be made, absolute.
    pub(super) folder: PathBuf,
    /// Its last part: the name, not checked yet.
    pub(super) name: String,
    /// Whether more than a name was given.
    pub(super) is_path: bool,
    base: PathBuf,
}

impl Place {
    /// Reads what was typed, in the folder `base`.
    pub(super) fn find(typed: &OsStr, base: &Path) -> Result<Self, NewError> {
        let typed = typed.to_str().ok_or_else(|| NewError::NotText { typed: typed.to_owned() })?;
        // A shell that completes `abc/` means `abc`.
        let path = typed.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(typed);
        let folder = normalize_path(&base.join(path));
        let name = match path {
            "." => folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            path => path.rsplit('/').next().unwrap_or_default().to_owned(),
        };
        Ok(Self { folder, name, is_path: path == "." || path.contains('/'), base: base.to_owned() })
    }

    /// The folder from which an umbrella around the destination is looked for.
    ///
    /// A name alone goes into the umbrella one stands in.
    pub(super) fn above(&self) -> &Path {
        if self.is_path { self.folder.parent().unwrap_or(&self.folder) } else { &self.base }
    }

    /// A path was given for something that belongs into `apps/`.
    pub(super) fn not_in_umbrella(&self) -> NewError {
        let outer = enclosing_umbrella(self.above()).unwrap_or_default();
        let there =
            if self.base.starts_with(&outer) { String::new() } else { format!(" -C {}", outer.display()) };
        // `umbrella new .` in the umbrella's own folders.
        let name = AppName::parse(&self.name).map_or("NAME".to_owned(), |name| name.to_string());
        NewError::PathInUmbrella { command: format!("umbrella{there} new {name}"), outer }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Place;

    fn found(typed: &str) -> (String, String, bool) {
        let place = Place::find(typed.as_ref(), Path::new("/w/here")).unwrap();
        (place.folder.display().to_string(), place.name, place.is_path)
    }

    #[test]
    fn the_last_part_is_the_name() {
        let place = |folder: &str, name: &str, is_path| (folder.to_owned(), name.to_owned(), is_path);
        assert_eq!(found("abc"), place("/w/here/abc", "abc", false));
        assert_eq!(found("abc/"), place("/w/here/abc", "abc", false));
        assert_eq!(found("."), place("/w/here", "here", true));
        assert_eq!(found("x/y/z"), place("/w/here/x/y/z", "z", true));
        assert_eq!(found("../abc"), place("/w/abc", "abc", true));
        assert_eq!(found("/abs/abc"), place("/abs/abc", "abc", true));
        assert_eq!(found("./abc"), place("/w/here/abc", "abc", true));
        assert_eq!(found(""), place("/w/here", "", false));
    }
}
