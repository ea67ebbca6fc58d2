//! Building the test programs of several packages in one go of cargo's, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Artifact, BuildScript, Message, TargetKind};

use super::super::build::{BuildError, is_library, package_name};
use super::super::{Cargo, select};
use super::flags::BuildFlags;
use super::processes::{Processes, Reach};
use super::surroundings::{configured, has_own_harness, of_version};
use crate::shell::Shell;

/// Where programs look for libraries first.
pub(super) const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// A test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The package whose tests these are.
    pub package: String,
    /// The root of its source, absolute: `<...>/apps/b/tests/b.rs`.
    pub source: PathBuf,
    /// The program.
    pub path: PathBuf,
    /// The folder of the package, in which it runs.
    pub folder: PathBuf,
    /// What it finds in its environment, besides our own.
    pub(super) variables: Vec<(OsString, OsString)>,
    /// Where it finds the libraries that it loads.
    pub(super) library_folders: Vec<PathBuf>,
    /// Whether it has a harness of its own, which may know nothing of lists and names.
    pub(super) has_own_harness: bool,
}

/// What was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// The programs, in the order of their packages' names.
    pub programs: Vec<Program>,
    /// The packages in which something does not compile.
    pub broken: BTreeSet<String>,
    /// Those of them without a library, so that nothing that stands on them could be built.
    pub without_library: BTreeSet<String>,
    /// Whether all that was asked for was built.
    pub complete: bool,
    /// Whether there are tests of macros, which load the compiler's own libraries.
    macros: bool,
    /// The packages with a library that may have documentation tests, and where its source begins.
    pub libraries: BTreeMap<String, PathBuf>,
}

impl Cargo {
    /// Builds the tests of `packages`. What does not build keeps nothing else from being built; cargo speaks for itself
    /// on stderr.
    ///
    /// # Errors
    /// [`BuildError::NotRun`].
    pub fn build_tests(
        &self,
        shell: &Shell,
        processes: &Processes,
        root: &Path,
        packages: &[&str],
        flags: &BuildFlags,
        variables: &[(String, String)],
    ) -> Result<Programs, BuildError> {
        let mut command = self.command_in(root);
        // What `cargo test --no-run` builds, which stops at the first package that does not compile.
        command.args(["build", "--tests", "--keep-going"]).args(flags.for_build());
        command.args(["--message-format", "json-render-diagnostics"]);
        command.args(["--color", if shell.err_has_colour() { "always" } else { "never" }]);
        command.args(select(packages.iter().copied()));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = processes.spawn(&mut command, Reach::Alone).map_err(BuildError::NotRun)?;
        let mut built = running.child().stdout.take().map(Programs::read).unwrap_or_default();
        built.complete = running.end().map_err(BuildError::NotRun)?.success();
        let libraries = built.macros.then(|| self.libraries_of_the_compiler(root)).flatten();
        let configured = configured(root, &self.environment);
        let inherited = self.environment.get(&OsString::from(LIBRARY_PATH));
        for program in &mut built.programs {
            program.variables.push(("CARGO".into(), self.program.clone()));
            let configured = configured.iter().map(|(name, value)| (name.into(), value.clone()));
            program.variables.extend(configured);
            // Also when it is asked for its tests: one that is measured would leave what it measured where it runs.
            program.variables.extend(variables.iter().map(|(name, value)| (name.into(), value.into())));
            program.library_folders.extend(libraries.clone());
            program.library_folders.extend(inherited.iter().flat_map(std::env::split_paths));
        }
        Ok(built)
    }

    /// Where the compiler's own libraries are.
    fn libraries_of_the_compiler(&self, root: &Path) -> Option<PathBuf> {
        let mut rustc = std::process::Command::new("rustc");
        let output = rustc.args(["--print", "target-libdir"]).current_dir(root).output().ok()?;
        String::from_utf8(output.stdout).ok().map(|path| path.trim().into())
    }
}

impl Programs {
    /// Adds what another build made.
    pub fn merge(&mut self, other: Self) {
        self.programs.extend(other.programs);
        self.programs.sort_by(|a, b| (&a.package, &a.source).cmp(&(&b.package, &b.source)));
        self.programs.dedup_by(|a, b| a.package == b.package && a.source == b.source && a.path == b.path);
        self.broken.extend(other.broken);
        self.without_library.extend(other.without_library);
        self.libraries.extend(other.libraries);
        self.complete &= other.complete;
    }

    fn read(messages: impl Read) -> Self {
        let mut reading = Reading::default();
        for message in Message::parse_stream(BufReader::new(messages)).map_while(Result::ok) {
            reading.message(message);
        }
        reading.finish()
    }
}

/// The messages of a build, so far.
#[derive(Default)]
struct Reading {
    built: Programs,
    /// The packages whose library was built.
    libraries: BTreeSet<String>,
    /// Where the libraries are that programs load when they start.
    library_folders: BTreeSet<PathBuf>,
    /// What the tests of a package find in their environment because of its build script, by the whole name of the
    /// package: a published one below may be called the same.
    said: BTreeMap<String, Vec<(OsString, OsString)>>,
    /// What integration tests find there: the programs of their package.
    binaries: BTreeMap<String, Vec<(OsString, OsString)>>,
    /// The packages of the test programs, by their whole names, in the order of the programs.
    packages: Vec<(String, bool)>,
}

impl Reading {
    fn message(&mut self, message: Message) {
        if let Message::CompilerArtifact(artifact) = message {
            self.artifact(artifact);
        } else if let Message::CompilerMessage(message) = message {
            if matches!(message.message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice) {
                self.built.broken.insert(package_name(&message.package_id.repr).to_owned());
            }
        } else if let Message::BuildScriptExecuted(script) = message {
            self.script(script);
        }
    }

    fn script(&mut self, script: BuildScript) {
        // `native=/w/target/debug/build/x/out`.
        let folders = script.linked_paths.iter().map(|path| {
            let path = path.as_str();
            PathBuf::from(path.split_once('=').map_or(path, |(_kind, folder)| folder))
        });
        self.library_folders.extend(folders);
        let said = script.env.into_iter().map(|(name, value)| (name.into(), value.into()));
        let out_dir = ("OUT_DIR".into(), script.out_dir.into_std_path_buf().into_os_string());
        self.said.insert(script.package_id.repr, said.chain([out_dir]).collect());
    }

    fn artifact(&mut self, artifact: Artifact) {
        let package = package_name(&artifact.package_id.repr);
        let target = &artifact.target;
        // What comes from elsewhere may be called as a member is.
        let is_local = artifact.package_id.repr.starts_with("path+");
        if is_local && target.kind.iter().any(is_library) {
            if target.doctest {
                let source = target.src_path.clone().into_std_path_buf();
                self.built.libraries.insert(package.to_owned(), source);
            }
            if !artifact.profile.test {
                self.libraries.insert(package.to_owned());
            }
        }
        // Not those of dependencies, such as serde's: asking the compiler where its libraries are takes its time.
        self.built.macros |= artifact.profile.test && target.kind.contains(&TargetKind::ProcMacro);
        let Some(path) = artifact.executable else { return };
        let path = path.into_std_path_buf();
        if !artifact.profile.test {
            let variable = format!("CARGO_BIN_EXE_{}", target.name).into();
            let binaries = self.binaries.entry(artifact.package_id.repr).or_default();
            return binaries.extend(target.is_bin().then(|| (variable, path.into_os_string())));
        }
        let folder = artifact.manifest_path.parent().map(|folder| folder.as_std_path().to_owned());
        let folder = folder.unwrap_or_default();
        self.library_folders.extend(path.ancestors().skip(1).take(2).map(Path::to_owned));
        let version = artifact.package_id.repr.rsplit(['#', '@']).next().unwrap_or_default();
        let manifest = artifact.manifest_path.as_std_path();
        let mut variables = vec![
            ("CARGO_MANIFEST_DIR".into(), folder.clone().into()),
            ("CARGO_MANIFEST_PATH".into(), manifest.into()),
            ("CARGO_PKG_NAME".into(), package.into()),
            ("CARGO_PKG_VERSION".into(), version.into()),
        ];
        variables.extend(of_version(version));
        self.packages.push((artifact.package_id.repr.clone(), target.is_test()));
        let has_own_harness = fs::read_to_string(manifest).is_ok_and(|text| has_own_harness(&text, target));
        let source = target.src_path.clone().into_std_path_buf();
        self.built.programs.push(Program {
            package: package.to_owned(),
            source,
            path,
            folder,
            variables,
            library_folders: Vec::new(),
            has_own_harness,
        });
    }

    fn finish(self) -> Programs {
        let Self { mut built, libraries, library_folders, said, binaries, packages } = self;
        for (program, (package, is_integration_test)) in built.programs.iter_mut().zip(packages) {
            program.library_folders = library_folders.iter().cloned().collect();
            let binaries = binaries.get(&package).filter(|_| is_integration_test);
            program.variables.extend(said.get(&package).into_iter().chain(binaries).flatten().cloned());
        }
        built.programs.sort_by(|a, b| (&a.package, &a.source).cmp(&(&b.package, &b.source)));
        built.without_library =
            built.broken.iter().filter(|package| !libraries.contains(*package)).cloned().collect();
        built
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(package: &str, kind: &str, source: &str, test: bool) -> String {
        let executable = if test { format!(r#""/w/target/debug/deps/{package}-1""#) } else { "null".into() };
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/apps/{package}#0.1.0","manifest_path":"/w/apps/{package}/Cargo.toml","target":{{"kind":["{kind}"],"crate_types":["{kind}"],"name":"{package}","src_path":"/w/apps/{package}/{source}","edition":"2024","doc":true,"doctest":true,"test":true}},"profile":{{"opt_level":"0","debuginfo":2,"debug_assertions":true,"overflow_checks":true,"test":{test}}},"features":[],"filenames":["/w/x"],"executable":{executable},"fresh":true}}"#
        )
    }

    fn error(package: &str) -> String {
        format!(
            r#"{{"reason":"compiler-message","package_id":"path+file:///w/apps/{package}#0.1.0","manifest_path":"/w/apps/{package}/Cargo.toml","target":{{"kind":["lib"],"crate_types":["lib"],"name":"{package}","src_path":"/w/apps/{package}/src/lib.rs","edition":"2024","doc":true,"doctest":true,"test":true}},"message":{{"message":"no","code":null,"level":"error","spans":[],"children":[],"rendered":null}}}}"#
        )
    }

    #[test]
    fn a_package_may_be_broken_and_its_library_fine() {
        let lines = [
            artifact("b", "lib", "src/lib.rs", false),
            artifact("b", "lib", "src/lib.rs", true),
            artifact("c", "lib", "src/lib.rs", false),
            error("c"),
            error("d"),
        ];
        let built = Programs::read(lines.join("\n").as_bytes());
        assert_eq!(built.programs.len(), 1);
        assert_eq!(built.programs[0].folder, Path::new("/w/apps/b"));
        assert_eq!(built.broken.iter().collect::<Vec<_>>(), ["c", "d"]);
        assert_eq!(built.without_library.iter().collect::<Vec<_>>(), ["d"]);
        assert_eq!(built.libraries.keys().collect::<Vec<_>>(), ["b", "c"]);
    }
}
