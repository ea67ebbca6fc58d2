//! The cookie: the secret by which the nodes of a deployment know each other.
//!
//! `UMBRELLA_COOKIE` wins, then `cookie_file`, then the bundle's `releases/COOKIE`. In a workspace the first node to boot
//! makes `target/umbrella/COOKIE`, for all nodes of the umbrella on this machine.
//!
//! Source: OTP `auth`, `~/.erlang.cookie`; Mix `RELEASE_COOKIE`.
//! Differs: OTP makes cookies from 36 bits of the time of day; here each has 256 of the system's randomness.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The longest cookie: it is an atom in Erlang.
const LONGEST: usize = 255;

/// Why there is no cookie.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CookieError {
    #[error("failed to {action} the cookie {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "others may read the cookie {} (mode {mode:o})\nhelp: chmod 600 {}",
        path.display(), path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the cookie of {0} is unusable\nhelp: a cookie is one word of at most {LONGEST} visible ASCII characters"
    )]
    Malformed(String),
}

/// Where a node looks for its cookie.
#[derive(Debug)]
pub(crate) enum Place {
    /// A file that must be there.
    Given(PathBuf),
    /// A file that is made if it is not there.
    Made(PathBuf),
}

/// The text of the cookie: that of the variable, or else that of the file.
pub(crate) fn read(variable: Option<&str>, place: &Place) -> Result<String, CookieError> {
    if let Some(text) = variable {
        return checked(text, || "`UMBRELLA_COOKIE`".to_owned());
    }
    let path = match place {
        Place::Given(path) => path,
        Place::Made(path) => {
            make(path).map_err(|source| CookieError::Io { action: "make", path: path.clone(), source })?;
            path
        }
    };
    let failed = |source| CookieError::Io { action: "read", path: path.clone(), source };
    let mut file = File::open(path).map_err(failed)?;
    // Of the file that is open: what the path names may change in between.
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CookieError::Exposed { path: path.clone(), mode });
    }
    let mut text = String::new();
    (&mut file).take(LONGEST as u64 + 2).read_to_string(&mut text).map_err(failed)?;
    checked(text.trim_end_matches(['\r', '\n']), || path.display().to_string())
}

fn checked(text: &str, whose: impl FnOnce() -> String) -> Result<String, CookieError> {
    let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err(CookieError::Malformed(whose())) }
}

/// Makes the file, unless it is there: whole and closed to others from its first moment, and of two who make it at once
/// both find the same.
fn make(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".COOKIE-{}-{:?}", std::process::id(), std::thread::current().id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(random()?.as_bytes())?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// 256 bits of the system's randomness, in hexadecimal.
fn random() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn the_first_node_makes_it_and_all_read_the_same() {
        let folder = folder();
        let place = Place::Made(folder.path().join("umbrella/COOKIE"));
        let cookie = read(None, &place).expect("made");
        assert_eq!(cookie.len(), 64);
        assert_eq!(read(None, &place).expect("there"), cookie);
        let Place::Made(path) = &place else { panic!("a path") };
        assert_eq!(fs::metadata(path).expect("there").mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("readable").count(), 1);
    }

    #[test]
    fn of_many_who_make_it_at_once_all_have_the_same() {
        let folder = folder();
        let path = folder.path().join("COOKIE");
        let cookies: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| read(None, &Place::Made(path.clone())))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic").expect("a cookie")).collect()
        });
        assert!(cookies.iter().all(|cookie| *cookie == cookies[0]));
    }

    #[test]
    fn one_that_others_may_read_is_refused() {
        let folder = folder();
        let path = folder.path().join("COOKIE");
        fs::write(&path, "secret\n").expect("written");
        for mode in [0o640, 0o604, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("changed");
            let refused =
                read(None, &Place::Given(path.clone())).expect_err("others may read it").to_string();
            assert!(refused.contains("chmod 600"), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("changed");
        assert_eq!(read(None, &Place::Given(path.clone())).expect("ours alone"), "secret");
        assert_eq!(read(Some("other"), &Place::Given(path)).expect("the variable wins"), "other");
    }

    #[test]
    fn what_is_no_word_is_no_cookie() {
        let nowhere = Place::Given("/nonexistent/COOKIE".into());
        assert!(matches!(read(None, &nowhere), Err(CookieError::Io { .. })));
        for text in ["a b", "", "é", &"x".repeat(256)] {
            let refused = read(Some(text), &nowhere).expect_err("no cookie").to_string();
            assert!(
                refused.contains("`UMBRELLA_COOKIE`") && !refused.contains(&format!("`{text}`")),
                "{refused}"
            );
        }
    }
}
