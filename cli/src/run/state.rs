//! The run folder: which nodes were started here, and which of them are alive.
//!
//! A node writes `<release>.json` (`<release>-<n>.json` if the release runs several times) when its control socket listens and removes it when it goes in order. So a file
//! whose socket refuses is a node that crashed. The command line only reads here; the one exception is
//! [`RunDir::forget`], for a node that could not clean up after itself.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::{Deserialize, Serialize};

use super::control::{Control, ControlError};
use super::look::Crashes;
use super::status::NodeStatus;
use crate::error::Failure;

/// The folder of one environment's sockets, logs and run files.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

/// `<release>.json`: what a node left on disk for others to find it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Record {
    /// The release.
    pub release: String,
    /// The full name of the node, `c-2@127.0.0.1`; empty if it was started by an older program.
    #[serde(default)]
    pub node: String,
    /// Its version.
    #[serde(default)]
    pub release_version: String,
    /// The process it said it was.
    pub pid: u32,
    /// Where its control socket is.
    pub socket: PathBuf,
    /// Where it logs, if it runs in the background.
    #[serde(default)]
    pub log: Option<PathBuf>,
    /// `dev`, `test` or `prod`.
    pub env: String,
    /// When it started, in milliseconds since 1970.
    pub started_unix_ms: u64,
}

impl Record {
    /// What its files are called: `c`, or `c-2` for the second instance of `c`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.node.split_once('@') {
            Some((name, _host)) => name,
            None => &self.release,
        }
    }
}

/// `<release>.crashes`: what went wrong in a node that ended because of it.
#[derive(Debug, Deserialize)]
pub struct LastCrashes {
    /// When it ended, in milliseconds since 1970.
    pub ended_unix_ms: u64,
    /// What went wrong before.
    pub crashes: Crashes,
}

/// A node as it was found.
#[derive(Debug)]
pub enum Found {
    /// It answers.
    Alive(Record, NodeStatus),
    /// It has its socket and does not answer on it.
    Silent(Record, ControlError),
    /// It is gone and did not say good-bye.
    Crashed(Record),
}

/// Why the run folder could not be read.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum StateError {
    /// The operating system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not a run file of this version.
    #[error("{} is not a run file: {source}", path.display())]
    #[diagnostic(help("remove it if no node of that release is running"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl Failure for StateError {}

impl Found {
    /// The run file.
    #[must_use]
    pub fn record(&self) -> &Record {
        match self {
            Self::Alive(record, _) | Self::Silent(record, _) | Self::Crashed(record) => record,
        }
    }
}

impl RunDir {
    /// The run folder at `path`, which need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The run folder of environment `env` in the workspace at `root`.
    #[must_use]
    pub fn of_workspace(root: &Path, env: &str) -> Self {
        Self::new(root.join("target/umbrella/run").join(env))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run files, by release.
    ///
    /// # Errors
    /// [`StateError`]. A folder that does not exist holds no run files.
    pub fn records(&self) -> Result<Vec<Record>, StateError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StateError::Io { path: self.path.clone(), source }),
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| StateError::Io { path: self.path.clone(), source })?.path();
            if path.extension() == Some(OsStr::new("json")) {
                records.extend(read(&path)?);
            }
        }
        records.sort_by(|one: &Record, other| one.name().cmp(other.name()));
        Ok(records)
    }

    /// The logs that nodes have written here, by the names of the nodes.
    ///
    /// # Errors
    /// [`StateError`]. A folder that does not exist holds none.
    pub fn logs(&self) -> Result<Vec<(String, PathBuf)>, StateError> {
        let named = |path: PathBuf| Some((path.file_stem()?.to_str()?.to_owned(), path));
        let mut logs: Vec<_> = self.files("log")?.into_iter().filter_map(named).collect();
        logs.sort();
        Ok(logs)
    }

    /// What went wrong in the node `name` before it ended because of that; nothing if it did not.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn last_crashes(&self, name: &str) -> Result<Option<LastCrashes>, StateError> {
        let path = self.path.join(format!("{name}.crashes"));
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| StateError::Malformed { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StateError::Io { path, source }),
        }
    }

    /// The names of the nodes that left behind what went wrong in them.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn failed_nodes(&self) -> Result<Vec<String>, StateError> {
        let left = self.files("crashes")?.into_iter();
        let mut names: Vec<_> =
            left.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    /// The files with this extension. A folder that does not exist holds none.
    fn files(&self, extension: &str) -> Result<Vec<PathBuf>, StateError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StateError::Io { path: self.path.clone(), source }),
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        Ok(paths.filter(|path| path.extension() == Some(OsStr::new(extension))).collect())
    }

    /// The run file of the node `name`: a release, or an instance of one.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn record(&self, name: &str) -> Result<Option<Record>, StateError> {
        read(&self.path.join(format!("{name}.json")))
    }

    /// Every node with a run file, by release, asked how it is.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn nodes(&self) -> Result<Vec<Found>, StateError> {
        Ok(self.records()?.into_iter().filter_map(|record| self.look(record)).collect())
    }

    /// The node `name`, if it has a run file.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn node(&self, name: &str) -> Result<Option<Found>, StateError> {
        Ok(self.record(name)?.and_then(|record| self.look(record)))
    }

    /// What nodes left that are gone: each run file, with its record if it can be read.
    ///
    /// # Errors
    /// [`StateError`] if the folder cannot be read.
    pub fn left_behind(&self) -> Result<Vec<(PathBuf, Option<Record>)>, StateError> {
        let mut left = Vec::new();
        for path in self.files("json")? {
            match read(&path) {
                Ok(Some(record)) => {
                    if let Some(Found::Crashed(record)) = self.look(record) {
                        left.push((path, Some(record)));
                    }
                }
                Ok(None) => {}
                Err(StateError::Malformed { .. }) => left.push((path, None)),
                Err(error) => return Err(error),
            }
        }
        left.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(left)
    }

    /// Removes what a node left that is gone, unless another one is just taking its place.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn forget(&self, record: &Record) -> Result<(), StateError> {
        self.remove(record.name(), &record.socket)
    }

    /// Removes a run file that was [left behind](Self::left_behind), with its socket.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn forget_file(&self, path: &Path) -> Result<(), StateError> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match read(path) {
            Ok(Some(record)) => self.remove(&name, &record.socket),
            Ok(None) => Ok(()),
            Err(_) => self.remove(&name, &self.path.join(format!("{name}.sock"))),
        }
    }

    fn remove(&self, name: &str, socket: &Path) -> Result<(), StateError> {
        let lock = self.path.join(format!("{name}.lock"));
        let held = match File::open(&lock).map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => Some(file),
            Ok((Err(TryLockError::WouldBlock), _)) => return Ok(()),
            Ok((Err(TryLockError::Error(source)), _)) => return Err(StateError::Io { path: lock, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(StateError::Io { path: lock, source }),
        };
        for path in [socket, &self.path.join(format!("{name}.json"))] {
            match fs::remove_file(path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(StateError::Io { path: path.to_owned(), source });
                }
                _ => {}
            }
        }
        drop(held);
        Ok(())
    }

    /// Asks the node behind `record`; nothing if it went in order between the two looks.
    fn look(&self, record: Record) -> Option<Found> {
        match Control::connect(&record.socket).and_then(|mut control| control.status()) {
            Ok(status) => Some(Found::Alive(record, status)),
            Err(ControlError::NotRunning | ControlError::Closed) => {
                let still_there = self.record(record.name()).ok().flatten();
                still_there.filter(|again| *again == record).map(Found::Crashed)
            }
            Err(error) => Some(Found::Silent(record, error)),
        }
    }
}

/// One run file; nothing if it is not there.
fn read(path: &Path) -> Result<Option<Record>, StateError> {
    match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(record) => Ok(Some(record)),
            Err(source) => Err(StateError::Malformed { path: path.to_owned(), source }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateError::Io { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn folder_with(release: &str) -> (tempfile::TempDir, RunDir, Record) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let record = Record {
            release: release.to_owned(),
            node: format!("{release}@127.0.0.1"),
            release_version: "0.1.0".to_owned(),
            pid: 4242,
            socket: folder.path().join(format!("{release}.sock")),
            log: None,
            env: "dev".to_owned(),
            started_unix_ms: 1,
        };
        let json = serde_json::to_string(&record).expect("JSON");
        fs::write(folder.path().join(format!("{release}.json")), json).expect("a run file");
        let dir = RunDir::new(folder.path().to_owned());
        (folder, dir, record)
    }

    #[test]
    fn a_folder_that_does_not_exist_holds_no_nodes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = RunDir::of_workspace(folder.path(), "dev");
        assert!(dir.path().ends_with("target/umbrella/run/dev"));
        assert!(dir.nodes().expect("readable").is_empty());
        assert!(dir.record("abc").expect("readable").is_none());
    }

    #[test]
    fn a_run_file_whose_socket_refuses_is_a_crashed_node() {
        let (_folder, dir, record) = folder_with("abc");
        drop(UnixListener::bind(&record.socket).expect("a socket"));
        assert!(
            matches!(dir.nodes().expect("readable").as_slice(), [Found::Crashed(found)] if *found == record)
        );
    }

    #[test]
    fn forgetting_removes_what_was_left_and_is_idempotent() {
        let (_folder, dir, record) = folder_with("abc");
        drop(UnixListener::bind(&record.socket).expect("a socket"));
        dir.forget(&record).expect("forgotten");
        assert!(!record.socket.exists());
        assert!(dir.node("abc").expect("readable").is_none());
        dir.forget(&record).expect("nothing to do");
    }

    #[test]
    fn what_belongs_to_a_living_node_is_not_forgotten() {
        let (folder, dir, record) = folder_with("abc");
        let lock = File::create(folder.path().join("abc.lock")).expect("a lock file");
        lock.try_lock().expect("the lock");
        dir.forget(&record).expect("left alone");
        assert_eq!(dir.record("abc").expect("readable"), Some(record));
    }

    #[test]
    fn a_broken_run_file_is_named() {
        let (folder, dir, _record) = folder_with("abc");
        fs::write(folder.path().join("abc.json"), "{").expect("a run file");
        let error = dir.records().expect_err("broken");
        assert!(error.to_string().contains("abc.json is not a run file"), "{error}");
    }
}
