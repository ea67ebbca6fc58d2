//! Rust as rustfmt writes it, where it is installed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Cargo;

impl Cargo {
    /// The text as rustfmt writes it in `folder`, which need not exist; none if rustfmt is not there or refuses it.
    #[must_use]
    pub fn rustfmt(&self, folder: &Path, text: &str) -> Option<String> {
        // Its configuration is looked for from there upward.
        let folder = folder.ancestors().find(|folder| folder.is_dir())?;
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--quiet"]).current_dir(folder);
        rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = rustfmt.spawn().ok()?;
        // It reads everything before it writes anything. Dropped, so that it sees the end.
        let written = child.stdin.take()?.write_all(text.as_bytes());
        let output = child.wait_with_output().ok()?;
        (written.is_ok() && output.status.success()).then(|| String::from_utf8(output.stdout).ok())?
    }
}
