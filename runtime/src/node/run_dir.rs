//! The run folder: where a running node can be found.
//!
//! Per node it holds `<release>.json`, or `<release>-<n>.json` for an instance of several (written when the control socket listens, removed at an orderly exit),
//! `<release>.lock` (locked for the life of the node: of two starts one wins), `<release>.sock` and `<release>.log`; and after an end
//! that was a failure `<release>.crashes`, what went wrong.
//! A node is alive if one can connect to its socket; a json file without that is the trace of a crash.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The longest path a socket may have here.
///
/// The system's limit is 108 bytes on Linux and 104 on macOS, the closing zero included.
const LONGEST_SOCKET_PATH: usize = 100;

/// What `<release>.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunFile {
    /// Of the format: 1.
    pub version: u32,
    pub release: String,
    /// The full name of the node.
    #[serde(default)]
    pub node: String,
    /// Where other nodes find it, over TCP; nothing if it speaks to none.
    #[serde(default)]
    pub address: Option<SocketAddr>,
    /// Where other nodes of this machine find it, and nobody else can.
    #[serde(default)]
    pub distribution_socket: Option<PathBuf>,
    pub release_version: String,
    pub pid: u32,
    pub socket: PathBuf,
    /// Where the output goes; nothing in the foreground.
    pub log: Option<PathBuf>,
    pub env: String,
    pub started_unix_ms: u64,
}

/// The places of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunDir {
    folder: PathBuf,
    name: String,
}

/// The exclusive right to run the release; given back when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Why the lock was not to be had.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another process runs the release; its id if it has written it yet.
    Taken(Option<u32>),
    Io(io::Error),
}

impl RunDir {
    /// The places of the node that is called `name` on its host; nothing is touched yet.
    pub(crate) fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned() }
    }

    /// Makes the folder, closed to others.
    pub(crate) fn create(&self) -> io::Result<()> {
        private_folder(&self.folder)
    }

    /// What the node is called on its host.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the output of a daemon goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.file("log")
    }

    /// Where the control socket listens.
    pub(crate) fn socket(&self) -> PathBuf {
        short(self.file("sock"))
    }

    /// Where other nodes of this machine are listened to.
    pub(crate) fn distribution_socket(&self) -> PathBuf {
        short(self.file("dist"))
    }

    /// Makes the folder of the socket, if that is another one.
    pub(crate) fn create_socket_folder(&self) -> io::Result<()> {
        match self.socket().parent() {
            Some(folder) if folder != self.folder => private_folder(folder),
            _ => Ok(()),
        }
    }

    /// Locks the release for this process, and notes its id in the lock file.
    pub(crate) fn lock(&self) -> Result<Lock, LockError> {
        let mut file = self.open_lock().map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let read = file.read_to_string(&mut pid);
                return Err(LockError::Taken(read.ok().and_then(|_| pid.trim().parse().ok())));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())
        };
        write(&mut file).map_err(LockError::Io)?;
        Ok(Lock { _file: file })
    }

    fn open_lock(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.file("lock"))
    }

    /// Says to others where the node is; they see all of it or nothing.
    pub(crate) fn write(&self, run_file: &RunFile) -> io::Result<()> {
        let temporary = self.file("json.new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(serde_json::to_string(run_file)?.as_bytes())?;
        file.write_all(b"\n")?;
        fs::rename(&temporary, self.file("json"))
    }

    /// What a node said about itself, which may be gone by now.
    pub(crate) fn read(&self) -> io::Result<Option<RunFile>> {
        match fs::read_to_string(self.file("json")) {
            Ok(text) => Ok(serde_json::from_str(&text).map(Some)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes what says that a node runs. Only for who holds the lock.
    pub(crate) fn clear(&self, _: &Lock) -> io::Result<()> {
        for path in [self.file("json"), self.socket(), self.distribution_socket()] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps what went wrong in a node that ends because of it; whoever comes next removes it.
    pub(crate) fn write_crashes(&self, crashes: &impl Serialize) -> io::Result<()> {
        let temporary = self.file("crashes.new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(serde_json::to_string(crashes)?.as_bytes())?;
        file.write_all(b"\n")?;
        fs::rename(&temporary, self.file("crashes"))
    }

    /// Forgets what went wrong in the node before. Only for who holds the lock.
    pub(crate) fn forget_crashes(&self, _: &Lock) -> io::Result<()> {
        match fs::remove_file(self.file("crashes")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }
}

/// The path of a socket, or a shorter one in its place.
fn short(socket: PathBuf) -> PathBuf {
    if socket.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return socket;
    }
    let hash = fnv1a(socket.as_os_str().as_encoded_bytes());
    short_socket_folder().join(format!("{hash:016x}.sock"))
}

/// Where sockets with too long a path go.
fn short_socket_folder() -> PathBuf {
    // Not the temporary folder of the environment: node and client must find the same place, and it may be long itself.
    Path::new("/tmp").join(format!("umbrella-{}", rustix::process::getuid().as_raw()))
}

/// A folder that is ours and closed to others.
fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() || found.uid() != rustix::process::getuid().as_raw() {
        let message = format!("{} belongs to somebody else", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// FNV-1a, 64 bits: the same in every build, which std's hashers do not promise.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it exists").mode() & 0o777
    }

    fn run_dir() -> (tempfile::TempDir, RunDir) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let run_dir = RunDir::new(&folder.path().join("run"), "abc");
        run_dir.create().expect("created");
        (folder, run_dir)
    }

    fn run_file() -> RunFile {
        RunFile {
            version: 1,
            release: "abc".into(),
            node: "abc@127.0.0.1".into(),
            address: Some(SocketAddr::from(([127, 0, 0, 1], 9100))),
            distribution_socket: Some("run/abc.dist".into()),
            release_version: "0.1.0".into(),
            pid: 4242,
            socket: "run/abc.sock".into(),
            log: None,
            env: "dev".into(),
            started_unix_ms: 1,
        }
    }

    #[test]
    fn the_folder_and_its_files_are_closed_to_others() {
        let (_root, run_dir) = run_dir();
        let _lock = run_dir.lock().expect("free");
        run_dir.write(&run_file()).expect("written");
        assert_eq!(mode(run_dir.folder()), 0o700);
        assert_eq!(mode(&run_dir.file("json")), 0o600);
        assert_eq!(mode(&run_dir.file("lock")), 0o600);
        fs::set_permissions(run_dir.folder(), fs::Permissions::from_mode(0o755)).expect("opened");
        run_dir.create().expect("there already");
        assert_eq!(mode(run_dir.folder()), 0o700, "closed again");
    }

    #[test]
    fn of_two_who_lock_one_wins_and_the_other_learns_who() {
        let (_root, run_dir) = run_dir();
        let lock = run_dir.lock().expect("free");
        match run_dir.lock() {
            Err(LockError::Taken(pid)) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(lock);
        run_dir.lock().expect("free again");
    }

    #[test]
    fn what_was_written_is_read_and_cleared() {
        let (_root, run_dir) = run_dir();
        assert_eq!(run_dir.read().expect("readable"), None);
        let lock = run_dir.lock().expect("free");
        run_dir.write(&run_file()).expect("written");
        assert_eq!(run_dir.read().expect("readable"), Some(run_file()));
        run_dir.clear(&lock).expect("cleared");
        run_dir.clear(&lock).expect("nothing to clear is fine");
        assert_eq!(run_dir.read().expect("readable"), None);
    }

    #[test]
    fn the_json_has_the_agreed_keys() {
        let json = serde_json::to_string(&run_file()).expect("plain data");
        assert_eq!(
            json,
            r#"{"version":1,"release":"abc","node":"abc@127.0.0.1","address":"127.0.0.1:9100","distribution_socket":"run/abc.dist","release_version":"0.1.0","pid":4242,"socket":"run/abc.sock","log":null,"env":"dev","started_unix_ms":1}"#
        );
    }

    #[test]
    fn a_socket_path_that_is_too_long_moves_to_a_short_folder() {
        let short = RunDir::new(Path::new("/x"), "abc").socket();
        assert_eq!(short, Path::new("/x/abc.sock"));
        let exact = format!("/{}", "x".repeat(LONGEST_SOCKET_PATH - "/".len() - "/abc.sock".len()));
        assert_eq!(RunDir::new(Path::new(&exact), "abc").socket().parent(), Some(Path::new(&exact)));
        let folder = format!("{exact}x");
        let long = RunDir::new(Path::new(&folder), "abc").socket();
        assert_eq!(long.parent(), Some(&*short_socket_folder()));
        assert!(long.as_os_str().len() < LONGEST_SOCKET_PATH);
        assert_ne!(long, RunDir::new(Path::new(&folder), "abd").socket());
    }
}
