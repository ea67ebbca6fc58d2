//! Templates of users, as they are on the disk.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;
use umbrella_templates::{Contents, Kind, Own, OwnFile};
use walkdir::WalkDir;

use crate::error::Failure;

/// Where an umbrella has its own templates, a folder for each kind; committed with the rest.
pub const TEMPLATES_FOLDER: &str = ".umbrella/templates";

/// Why a template cannot be read.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum TemplateFolderError {
    /// There is no such folder.
    #[error("there is no folder `{folder}` to take a template from")]
    #[diagnostic(help("`umbrella templates copy {kind} --to {folder}` writes one to begin with"))]
    NoFolder {
        /// What was named.
        folder: String,
        /// What it was to be a template of.
        kind: Kind,
    },
    /// There is nothing in it.
    #[error("the template `{folder}` has no files")]
    #[diagnostic(help("`umbrella templates show {kind}` says what it must make"))]
    Empty {
        /// The template.
        folder: String,
        /// What it was to be a template of.
        kind: Kind,
    },
    /// A file of it cannot be read.
    #[error("cannot read `{file}`")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A link leads out of it.
    #[error("`{file}` is a link out of the template, to `{}`", to.display())]
    #[diagnostic(help("a template is a folder that can be copied: put the file itself there"))]
    Outside {
        /// The link.
        file: String,
        /// Where it leads.
        to: PathBuf,
    },
    /// A link leads to a folder of it.
    #[error("`{file}` is a link to a folder")]
    #[diagnostic(help("a template is a folder of files: put them there"))]
    LinkedFolder {
        /// The link.
        file: String,
    },
    /// It is to be rendered, and is no text.
    #[error("`{file}` is no text, and cannot be rendered")]
    #[diagnostic(help("without `.hbs` at its end it is copied as it is"))]
    NotText {
        /// The file.
        file: String,
    },
}

impl Failure for TemplateFolderError {}

/// Reads the template of a kind in `folder`, of which people are told as `shown`.
///
/// # Errors
/// [`TemplateFolderError`].
pub fn read_template(folder: &Path, shown: &str, kind: Kind) -> Result<Own, TemplateFolderError> {
    let own = || shown.to_owned();
    let root = match folder.canonicalize() {
        Ok(root) if root.is_dir() => root,
        _ => return Err(TemplateFolderError::NoFolder { folder: own(), kind }),
    };
    let mut files = Vec::new();
    let entries = WalkDir::new(&root).sort_by_file_name().into_iter();
    // A template may be a repository; that is not part of it.
    for entry in entries.filter_entry(|entry| entry.file_name() != ".git") {
        let entry = entry.map_err(|error| {
            let file = error.path().unwrap_or(&root).display().to_string();
            TemplateFolderError::Unreadable { file, source: error.into() }
        })?;
        if !entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let path = path.to_string_lossy().into_owned();
            let contents = read_file(&root, entry.path(), &format!("{shown}/{path}"))?;
            files.push(OwnFile { path, contents });
        }
    }
    if files.is_empty() {
        return Err(TemplateFolderError::Empty { folder: own(), kind });
    }
    Ok(Own { folder: own(), files })
}

fn read_file(root: &Path, path: &Path, shown: &str) -> Result<Contents, TemplateFolderError> {
    let file = || shown.to_owned();
    let unreadable = |source| TemplateFolderError::Unreadable { file: file(), source };
    let to = path.canonicalize().map_err(unreadable)?;
    if !to.starts_with(root) {
        return Err(TemplateFolderError::Outside { file: file(), to });
    }
    if to.is_dir() {
        return Err(TemplateFolderError::LinkedFolder { file: file() });
    }
    let is = |kind: &str| path.extension().is_some_and(|extension| extension == kind);
    if !["hbs", "rs", "toml"].into_iter().any(is) {
        return Ok(Contents::CopyOf(to));
    }
    let bytes = fs::read(&to).map_err(unreadable)?;
    let mode = fs::metadata(&to).map_err(unreadable)?.permissions().mode();
    match String::from_utf8(bytes) {
        Ok(text) if mode & 0o111 != 0 => Ok(Contents::Script(text)),
        Ok(text) => Ok(Contents::Text(text)),
        Err(_) if is("hbs") => Err(TemplateFolderError::NotText { file: file() }),
        Err(_) => Ok(Contents::CopyOf(to)),
    }
}

/// The names of the folders in which an umbrella has its own templates.
#[must_use]
pub fn template_folders(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(TEMPLATES_FOLDER)).into_iter().flatten().filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use umbrella_templates::{Contents, Kind};

    use super::{TemplateFolderError, read_template};

    #[test]
    fn texts_are_read_and_the_rest_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (path, bytes) in [
            ("src/{{module}}.rs.hbs", &b"{{app}}"[..]),
            ("logo.png", &[0xff, 0xfe]),
            ("odd.toml", &[0xff]),
            ("run.sh.hbs", b"#!/bin/sh"),
            (".git/config", b"no"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::set_permissions(root.join("run.sh.hbs"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("logo.png", root.join("linked.png")).unwrap();
        let own = read_template(&root, "mine", Kind::Server).unwrap();
        let files: Vec<_> =
            own.files.iter().map(|file| (file.path.as_str(), file.contents.clone())).collect();
        let copy = |path: &str| Contents::CopyOf(root.join(path));
        let expected = [
            ("linked.png", copy("logo.png")),
            ("logo.png", copy("logo.png")),
            ("odd.toml", copy("odd.toml")),
            ("run.sh.hbs", Contents::Script("#!/bin/sh".into())),
            ("src/{{module}}.rs.hbs", "{{app}}".into()),
        ];
        assert_eq!(files, expected);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("mine");
        let read = || read_template(&root, "mine", Kind::Server).unwrap_err();
        assert!(matches!(read(), TemplateFolderError::NoFolder { .. }));
        fs::create_dir(&root).unwrap();
        assert!(matches!(read(), TemplateFolderError::Empty { .. }));
        fs::write(folder.path().join("secret"), "").unwrap();
        symlink("../secret", root.join("a")).unwrap();
        assert!(matches!(read(), TemplateFolderError::Outside { .. }));
        fs::remove_file(root.join("a")).unwrap();
        symlink("nowhere", root.join("a")).unwrap();
        assert!(matches!(read(), TemplateFolderError::Unreadable { .. }));
        fs::remove_file(root.join("a")).unwrap();
        fs::write(root.join("a.hbs"), [0xff]).unwrap();
        assert!(matches!(read(), TemplateFolderError::NotText { .. }));
        fs::remove_file(root.join("a.hbs")).unwrap();
        symlink(".", root.join("a")).unwrap();
        assert!(matches!(read(), TemplateFolderError::LinkedFolder { .. }));
    }
}
