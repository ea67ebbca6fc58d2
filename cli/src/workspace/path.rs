//! Paths by their text.

use std::path::{Component, Path, PathBuf};

/// The path without `.` and `..`, by its text: nothing has to be there.
///
/// Source: cargo's `normalize_path`.
#[must_use]
pub fn normalize_path(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = parts.pop(),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::normalize_path;

    #[test]
    fn dots_go_and_the_root_stays() {
        for (path, normalized) in [("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/..", "")] {
            assert_eq!(normalize_path(Path::new(path)), Path::new(normalized));
        }
    }
}
