//! Documentation tests: rustdoc compiles them each time, which takes longer than all else together, so only the packages
//! that have some are given to it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use walkdir::WalkDir;

use super::super::{Cargo, select};
use super::flags::BuildFlags;
use super::is_end_of_build;
use super::libtest::Libtest;
use super::processes::{Processes, Reach};
use super::report::{Reader, Report};

/// What came of documentation tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Documented {
    /// By the name of the library, as rustdoc says it.
    pub reports: BTreeMap<String, Report>,
    /// What there is to see.
    pub lines: Vec<String>,
}

/// Documentation tests to run.
#[derive(Clone, Copy, Debug)]
pub struct Doctests<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The packages whose documentation it is.
    pub packages: &'a [&'a str],
    /// How they are built.
    pub flags: &'a BuildFlags,
    /// What narrows them, for libtest.
    pub args: &'a [String],
    /// What they find in their environment.
    pub variables: &'a [(String, String)],
    /// Where they run.
    pub processes: &'a Processes,
    /// Whether what they print is coloured.
    pub colour: bool,
}

impl Cargo {
    /// Runs documentation tests.
    ///
    /// # Errors
    /// What the system says if cargo cannot be run.
    pub fn run_doctests(&self, doctests: &Doctests<'_>) -> io::Result<Documented> {
        let mut documented = Documented::default();
        if doctests.packages.is_empty() {
            return Ok(documented);
        }
        let mut command = self.command_in(doctests.root);
        command.args(["test", "--doc", "--no-fail-fast"]).args(doctests.flags.for_doctests());
        command.args(select(doctests.packages.iter().copied()));
        let colour = if doctests.colour { "always" } else { "never" };
        command.args(["--color", colour, "--", &format!("--color={colour}")]);
        command.args(doctests.args);
        command.env("UMBRELLA_ENV", "test");
        command.envs(doctests.variables.iter().map(|(name, value)| (name, value)));
        let (output, input) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
        let running = doctests.processes.spawn(&mut command, Reach::Group)?;
        // It holds the writing end: as long as it lives here, the pipe has no end.
        drop(command);
        let mut reader = Box::new(Libtest::default());
        // What cargo says of the build is of interest if it does not come to an end.
        let mut of_build = Some(Vec::new());
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).trim_end_matches('\r').to_owned();
            if is_end_of_build(&line) {
                of_build = None;
            }
            match &mut of_build {
                Some(lines) => lines.push(line),
                None => reader.line(&line, &mut documented.lines),
            }
        }
        documented.lines.extend(of_build.unwrap_or_default());
        let success = running.end()?.success();
        documented.reports = reader.by_target();
        if !success && documented.reports.values().all(|report| report.failures.is_empty()) {
            let last = doctests.packages[doctests.packages.len() - 1].replace('-', "_");
            documented.reports.entry(last).or_default().fail_as_a_whole(None, None);
        }
        Ok(documented)
    }
}

/// Whether the library whose source begins at `root` may have documentation tests. When in doubt it may.
#[must_use]
pub fn may_have_doctests(root: &Path) -> bool {
    let folder = root.parent().unwrap_or(root);
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let mut sources =
        files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    sources.any(|entry| fs::read_to_string(entry.path()).map_or(true, |source| has_code_in_docs(&source)))
}

/// Whether there is code in the documentation of a source file: fenced, indented, or brought from somewhere else.
fn has_code_in_docs(source: &str) -> bool {
    let mut in_block = false;
    source.lines().any(|line| {
        let line = line.trim_start();
        let was_in_block = in_block;
        if line.starts_with("/**") || line.starts_with("/*!") {
            in_block = true;
        }
        let is_in_block = in_block;
        if line.contains("*/") {
            in_block = false;
        }
        if line.starts_with("#[doc") || line.starts_with("#![doc") || line.contains(", doc =") {
            return !line.contains("(hidden)") && !line.contains("(html") && !line.contains("(cfg");
        }
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        match doc {
            Some(text) => text.contains("```") || text.contains("~~~") || text.starts_with("     "),
            None if is_in_block || was_in_block => true,
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_documentation_is_found_however_it_is_written() {
        for source in [
            "/// ```\n/// a();\n/// ```",
            "    //! ~~~\n",
            "//!     indented();\n",
            "#![doc = include_str!(\"../README.md\")]",
            "#[cfg_attr(docsrs, doc = \"x\")]",
            "/** text\n```\n*/",
        ] {
            assert!(has_code_in_docs(source), "{source}");
        }
        for source in [
            "/// Adds.\npub fn add() {}",
            "//! Text.\n// ```\n",
            "#[doc(hidden)]",
            "let x = \"```\";",
            "/* ``` */",
        ] {
            assert!(!has_code_in_docs(source), "{source}");
        }
    }
}
