//! One writer at a time in an umbrella.

use std::fs::File;
use std::path::Path;

/// Held from reading the manifests to the last rename, so that two `umbrella new` at once both succeed, one after the
/// other. Given back when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct RootLock {
    _folder: Option<File>,
}

impl RootLock {
    /// Waits until nobody else writes below `root`.
    ///
    /// Where a folder cannot be locked (not every file system can), this is no lock: that a file is not overwritten
    /// after somebody else changed it is checked again when it is replaced.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        let folder = File::open(root).ok();
        Self { _folder: folder.filter(|folder| folder.lock().is_ok()) }
    }
}
