//! Puts a bundle where it belongs, all of it at once.
//!
//! A bundle is built beside its place, under a name with a dot, and then exchanged with what was there: at any moment
//! the place holds a whole bundle. A node that runs from the old one keeps the bundle until it stops: the run folder's
//! lock, which a node holds for its life, is taken during the exchange, so that none starts in the middle of it.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use tempfile::TempDir;
use thiserror::Error;

use crate::error::Failure;
use crate::plan::bundle::{Bundle, BundleFile, Contents};

/// Why a bundle was not assembled. What was there before still is.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum AssembleError {
    /// A node runs from the bundle that would be replaced.
    #[error("release `{release}` is running from its bundle")]
    #[diagnostic(help("stop it first: {stop}"))]
    Running {
        /// The release.
        release: String,
        /// The command that stops it.
        stop: String,
    },
    /// The operating system said no.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
}

impl Failure for AssembleError {}

/// The folder that holds the bundles of a workspace, one folder each.
#[derive(Debug, Clone, Copy)]
pub struct Bundles<'a> {
    /// `target/umbrella/rel`.
    pub folder: &'a Path,
}

impl Bundles<'_> {
    /// Where the bundle of `release` is, or will be.
    #[must_use]
    pub fn place(&self, release: &str) -> PathBuf {
        self.folder.join(release)
    }

    /// Whether the bundle of `release` can be replaced.
    ///
    /// # Errors
    /// [`AssembleError::Running`] if a node runs from it.
    pub fn check_idle(&self, release: &str) -> Result<(), AssembleError> {
        self.hold(release).map(drop)
    }

    /// Assembles `bundles` and puts them in their places, in the same order; none before all are complete. The log and
    /// other traces of earlier runs stay.
    ///
    /// # Errors
    /// [`AssembleError`]; the places then hold what they held before.
    pub fn assemble(&self, bundles: &[Bundle]) -> Result<Vec<PathBuf>, AssembleError> {
        fs::create_dir_all(self.folder).map_err(failed("create", self.folder))?;
        let staged = bundles.iter().map(|bundle| self.stage(bundle)).collect::<Result<Vec<_>, _>>()?;
        let idle = bundles.iter().map(|bundle| self.hold(&bundle.release)).collect::<Result<Vec<_>, _>>()?;
        let mut places = Vec::new();
        for (new, bundle) in staged.into_iter().zip(bundles) {
            let place = self.place(&bundle.release);
            put(new, &place)?;
            places.push(place);
        }
        drop(idle);
        Ok(places)
    }

    /// Builds a bundle beside its place.
    fn stage(&self, bundle: &Bundle) -> Result<TempDir, AssembleError> {
        let prefix = format!(".{}-", bundle.release);
        let new = tempfile::Builder::new().prefix(&prefix).tempdir_in(self.folder);
        let new = new.map_err(failed("create a folder in", self.folder))?;
        for file in &bundle.files {
            write(new.path(), file)?;
        }
        // A temporary folder is its owner's alone; a bundle may be read by the user that runs it.
        let open = fs::set_permissions(new.path(), Permissions::from_mode(0o755));
        open.map_err(failed("open up", new.path()))?;
        Ok(new)
    }

    /// Removes what an earlier, killed run left. Only for who holds the lock of the workspace's releases.
    pub fn sweep(&self) {
        let entries = fs::read_dir(self.folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')) {
            // What cannot be removed now is tried again next time; it is in nobody's way.
            let _left = fs::remove_dir_all(entry.path());
        }
    }

    /// Keeps nodes from starting in the bundle of `release` until the files are dropped: one for each that ever ran in it.
    fn hold(&self, release: &str) -> Result<Vec<File>, AssembleError> {
        let run = self.place(release).join("run");
        let entries = match fs::read_dir(&run) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(AssembleError::Io { action: "read", path: run, source }),
        };
        let mut held = Vec::new();
        for entry in entries {
            let lock = entry.map_err(failed("read", &run))?.path();
            if lock.extension().is_some_and(|extension| extension == "lock") {
                held.push(self.hold_node(release, &lock)?);
            }
        }
        Ok(held)
    }

    fn hold_node(&self, release: &str, lock: &Path) -> Result<File, AssembleError> {
        let file = File::open(lock).map_err(failed("open", lock))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let program = self.place(release).join("bin").join(release);
                // `c-2.lock` is of the second instance.
                let node = lock.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let instance =
                    node.rsplit_once('-').map(|(_, number)| format!("UMBRELLA_INSTANCE={number} "));
                let stop = format!("{}{} stop", instance.unwrap_or_default(), program.display());
                Err(AssembleError::Running { release: node, stop })
            }
            Err(TryLockError::Error(source)) => {
                Err(AssembleError::Io { action: "lock", path: lock.to_owned(), source })
            }
        }
    }
}

/// Writes one file of a bundle under `root`.
fn write(root: &Path, file: &BundleFile) -> Result<(), AssembleError> {
    let path = root.join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
    }
    let text = match &file.contents {
        Contents::CopyOf(source) => {
            fs::copy(source, &path).map_err(failed("copy", source))?;
            None
        }
        Contents::Text(text) => Some(text.as_str()),
        Contents::Cookie(cookie) => Some(cookie.expose()),
    };
    if let Some(text) = text {
        // A secret must not be readable even for a moment: the mode is that of the creation.
        let created = File::options().write(true).create_new(true).mode(file.mode).open(&path);
        let mut created = created.map_err(failed("create", &path))?;
        io::Write::write_all(&mut created, text.as_bytes()).map_err(failed("write", &path))?;
    }
    fs::set_permissions(&path, Permissions::from_mode(file.mode)).map_err(failed("set the mode of", &path))
}

/// Moves the new bundle to its place; the old one, if any, goes where the new one was, and away with it.
fn put(new: TempDir, place: &Path) -> Result<(), AssembleError> {
    if place.symlink_metadata().is_err() {
        fs::rename(new.path(), place).map_err(failed("create", place))?;
        // Its folder has gone to its place: there is nothing left to remove.
        let _moved = new.keep();
        return Ok(());
    }
    exchange(new.path(), place).map_err(failed("replace", place))?;
    let old_run = new.path().join("run");
    if old_run.exists() {
        fs::rename(&old_run, place.join("run")).map_err(failed("keep", &old_run))?;
    }
    // What is left of the old bundle is in nobody's way; the next run sweeps it up.
    let _swept_later = new.close();
    Ok(())
}

/// Exchanges two folders in one step where the system can do that.
fn exchange(new: &Path, place: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, place, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            // Some file systems cannot.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    exchange_in_steps(new, place)
}

/// Exchanges two folders; for a moment `place` is empty.
fn exchange_in_steps(new: &Path, place: &Path) -> io::Result<()> {
    let mut aside = new.as_os_str().to_owned();
    aside.push("-old");
    let aside = PathBuf::from(aside);
    fs::rename(place, &aside)?;
    if let Err(error) = fs::rename(new, place) {
        fs::rename(&aside, place)?;
        return Err(error);
    }
    fs::rename(&aside, new)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> AssembleError {
    let path = path.to_owned();
    move |source| AssembleError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{AssembleError, Bundles, exchange_in_steps};
    use crate::plan::bundle::{Bundle, BundleFile, Contents, Cookie};

    fn bundle(text: &str, executable: &Path) -> Bundle {
        let file = |path: &str, contents, mode| BundleFile { path: path.into(), contents, mode };
        let files = vec![
            file("bin/ab", Contents::CopyOf(executable.to_owned()), 0o755),
            file("config/prod.toml", Contents::Text(text.into()), 0o644),
            file("releases/COOKIE", Contents::Cookie(Cookie::new("secret".into())), 0o600),
        ];
        Bundle { release: "ab".into(), version: "0.1.0".into(), files }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    /// A folder for bundles, and a program beside it.
    fn sandbox() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
        let sandbox = tempfile::tempdir().unwrap();
        let executable = sandbox.path().join("built");
        fs::write(&executable, "ELF").unwrap();
        let folder = sandbox.path().join("rel");
        (sandbox, folder, executable)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.into_string().unwrap()).collect()
    }

    fn assemble(bundles: Bundles<'_>, bundle: Bundle) -> Result<std::path::PathBuf, AssembleError> {
        bundles.assemble(&[bundle]).map(|mut places| places.remove(0))
    }

    #[test]
    fn every_file_has_its_mode_and_nothing_else_is_left() {
        let (_sandbox, folder, executable) = sandbox();
        let place = assemble(Bundles { folder: &folder }, bundle("x = 1", &executable)).unwrap();
        assert_eq!(fs::read_to_string(place.join("bin/ab")).unwrap(), "ELF");
        assert_eq!(mode(&place), 0o755);
        assert_eq!(mode(&place.join("bin/ab")), 0o755);
        assert_eq!(mode(&place.join("config/prod.toml")), 0o644);
        assert_eq!(mode(&place.join("releases/COOKIE")), 0o600);
        assert_eq!(names(&folder), ["ab"]);
    }

    #[test]
    fn a_bundle_is_replaced_whole_and_the_traces_of_its_runs_stay() {
        let (_sandbox, folder, executable) = sandbox();
        let bundles = Bundles { folder: &folder };
        let place = assemble(bundles, bundle("x = 1", &executable)).unwrap();
        fs::create_dir(place.join("run")).unwrap();
        fs::write(place.join("run/ab.log"), "started").unwrap();
        fs::write(place.join("run/ab.lock"), "").unwrap();
        fs::write(place.join("config/extra.toml"), "").unwrap();
        assemble(bundles, bundle("x = 2", &executable)).unwrap();
        assert_eq!(fs::read_to_string(place.join("config/prod.toml")).unwrap(), "x = 2");
        assert_eq!(fs::read_to_string(place.join("run/ab.log")).unwrap(), "started");
        assert!(!place.join("config/extra.toml").exists());
        assert_eq!(names(&folder), ["ab"]);
    }

    #[test]
    fn a_running_bundle_is_left_alone() {
        let (_sandbox, folder, executable) = sandbox();
        let bundles = Bundles { folder: &folder };
        let place = assemble(bundles, bundle("x = 1", &executable)).unwrap();
        fs::create_dir(place.join("run")).unwrap();
        let node = File::create(place.join("run/ab.lock")).unwrap();
        node.lock().unwrap();
        assert!(matches!(bundles.check_idle("ab"), Err(AssembleError::Running { .. })));
        let error = assemble(bundles, bundle("x = 2", &executable)).unwrap_err();
        assert!(matches!(error, AssembleError::Running { .. }), "{error}");
        assert_eq!(fs::read_to_string(place.join("config/prod.toml")).unwrap(), "x = 1");
        assert_eq!(names(&folder), ["ab"]);
        drop(node);
        bundles.check_idle("ab").unwrap();
    }

    #[test]
    fn a_bundle_that_cannot_be_built_changes_nothing() {
        let (_sandbox, folder, executable) = sandbox();
        let bundles = Bundles { folder: &folder };
        let place = assemble(bundles, bundle("x = 1", &executable)).unwrap();
        fs::remove_file(&executable).unwrap();
        assemble(bundles, bundle("x = 2", &executable)).unwrap_err();
        assert_eq!(fs::read_to_string(place.join("config/prod.toml")).unwrap(), "x = 1");
        assert_eq!(names(&folder), ["ab"]);
    }

    #[test]
    fn of_two_bundles_none_is_replaced_before_both_can_be() {
        let (_sandbox, folder, executable) = sandbox();
        let bundles = Bundles { folder: &folder };
        let place = assemble(bundles, bundle("x = 1", &executable)).unwrap();
        let broken = Bundle { release: "c".into(), ..bundle("x = 2", &folder.join("missing")) };
        bundles.assemble(&[bundle("x = 2", &executable), broken]).unwrap_err();
        assert_eq!(fs::read_to_string(place.join("config/prod.toml")).unwrap(), "x = 1");
        assert_eq!(names(&folder), ["ab"]);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_away() {
        let (_sandbox, folder, executable) = sandbox();
        let bundles = Bundles { folder: &folder };
        bundles.sweep();
        assemble(bundles, bundle("x = 1", &executable)).unwrap();
        fs::create_dir_all(folder.join(".ab-x1y2z3/bin")).unwrap();
        bundles.sweep();
        assert_eq!(names(&folder), ["ab"]);
    }

    #[test]
    fn folders_are_exchanged_where_the_system_cannot_do_it_in_one_step() {
        let sandbox = tempfile::tempdir().unwrap();
        let (new, place) = (sandbox.path().join("new"), sandbox.path().join("place"));
        fs::create_dir(&new).unwrap();
        fs::create_dir(&place).unwrap();
        fs::write(new.join("a"), "").unwrap();
        exchange_in_steps(&new, &place).unwrap();
        assert!(place.join("a").exists());
        assert_eq!(names(&new), Vec::<String>::new());
    }
}
