//! `umbrella release --check-upgrade OLD NEW`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::contract::{Before, Order, ProtocolUpgrade, Release, Side, Upgrade, What, check};
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::session::Session;

/// Why the contracts of a version are not known.
#[derive(Debug, Error, Diagnostic)]
enum ReadError {
    #[error("`{}` is not a release", path.display())]
    #[diagnostic(help(
        "name what `umbrella release` made, such as target/umbrella/rel or target/umbrella/rel/abc, or a file with what \
         `bin/abc contracts --json` prints"
    ))]
    NoRelease { path: PathBuf },
    #[error("the release in `{}` does not say what its contracts are", path.display())]
    #[diagnostic(help(
        "it was assembled by an older umbrella, or for another machine; there, type\n\
         `bin/{release} contracts --json > releases/{version}/contracts.json` in its folder"
    ))]
    NoContracts { path: PathBuf, release: String, version: String },
    #[error("`{}` holds several versions of its release", path.display())]
    #[diagnostic(help("name the file of one: {}", files.join(", ")))]
    Several { path: PathBuf, files: Vec<String> },
    #[error("could not read `{}`", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{}` is not what `contracts --json` prints", path.display())]
    Json {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("`{}` is written in format {version}, which this umbrella does not read", path.display())]
    #[diagnostic(help("use the umbrella that the newer of the two releases was made with"))]
    Format { path: PathBuf, version: u64 },
}

impl Failure for ReadError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRelease { .. } | Self::Several { .. } => ExitCode::Usage,
            Self::NoContracts { .. } | Self::Io { .. } | Self::Json { .. } | Self::Format { .. } => {
                ExitCode::Failed
            }
        }
    }
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Json<'a> {
    /// Of this format.
    version: u32,
    safe: bool,
    #[serde(flatten)]
    upgrade: &'a Upgrade,
}

pub(super) fn run(old: &Path, new: &Path, json: bool, session: &Session) -> Result<ExitCode, CommandError> {
    let [old, new] = [old, new].map(|path| read(&session.cwd.join(path)));
    let upgrade = check(&old?, &new?);
    let safe = !matches!(upgrade.order, Order::None { .. });
    if json {
        session.shell.json(&Json { version: 1, safe, upgrade: &upgrade });
    } else {
        say(&upgrade, session);
    }
    Ok(if safe { ExitCode::Done } else { ExitCode::Failed })
}

/// The releases at `path`: one, or each that lies in the folder.
fn read(path: &Path) -> Result<Side, ReadError> {
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_file() {
        return Ok(Side::new([read_file(path)?]));
    }
    if let Some(release) = read_bundle(path)? {
        return Ok(Side::new([release]));
    }
    let mut releases = Vec::new();
    for folder in entries(path)? {
        if folder.is_dir() {
            releases.extend(read_bundle(&folder)?);
        }
    }
    match releases.is_empty() {
        true => Err(ReadError::NoRelease { path: path.to_owned() }),
        false => Ok(Side::new(releases)),
    }
}

/// The release in a folder; nothing if it is none.
fn read_bundle(folder: &Path) -> Result<Option<Release>, ReadError> {
    let releases = folder.join("releases");
    if !releases.is_dir() {
        return Ok(None);
    }
    let versions: Vec<PathBuf> =
        entries(&releases)?.into_iter().filter(|version| version.join("release.json").is_file()).collect();
    let path = folder.to_owned();
    match versions.as_slice() {
        [] => Ok(None),
        [version] => {
            let contracts = version.join("contracts.json");
            if !contracts.is_file() {
                let [release, version] = [folder, version].map(last_word);
                return Err(ReadError::NoContracts { path, release, version });
            }
            read_file(&contracts).map(Some)
        }
        all => {
            let files = all.iter().map(|version| version.join("contracts.json").display().to_string());
            Err(ReadError::Several { path, files: files.collect() })
        }
    }
}

fn last_word(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What is in a folder, sorted, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let failed = |source| ReadError::Io { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !last_word(&path).starts_with('.') {
            entries.push(path);
        }
    }
    entries.sort();
    Ok(entries)
}

fn read_file(path: &Path) -> Result<Release, ReadError> {
    let path = path.to_owned();
    let text = fs::read_to_string(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
    let parsed = serde_json::from_str::<serde_json::Value>(&text);
    let version = parsed.as_ref().ok().and_then(|value| value.get("version")?.as_u64());
    match version {
        Some(version) if !Release::reads(version) => Err(ReadError::Format { path, version }),
        _ => parsed.and_then(serde_json::from_value).map_err(|source| ReadError::Json { path, source }),
    }
}

/// What an upgrade does, for people.
fn say(upgrade: &Upgrade, session: &Session) {
    let shell = &session.shell;
    for protocol in &upgrade.protocols {
        say_protocol(protocol, session);
    }
    match upgrade.unchanged {
        0 => {}
        1 => shell.line("1 protocol is unchanged"),
        count => shell.line(format_args!("{count} protocols are unchanged")),
    }
    shell.line("");
    match &upgrade.order {
        Order::Any => shell.line("The nodes can be upgraded in any order."),
        Order::Steps { steps } => {
            shell.line("Upgrade the nodes in this order:");
            for (number, step) in (1..).zip(steps) {
                shell.line(format_args!("  {number}. {}", step.join(", ")));
            }
            say_because(upgrade, |_| true, session);
        }
        Order::None { circle } => {
            shell.line(
                "No order is safe: stop all nodes before the new ones are started, or upgrade in two steps,",
            );
            shell.line("of which the first only adds and the second only removes.");
            let next = |name: &str| {
                let at = circle.iter().position(|known| known == name)?;
                circle.get((at + 1) % circle.len())
            };
            say_because(upgrade, |it| next(&it.first).is_some_and(|next| *next == it.then), session);
        }
    }
    for note in &upgrade.notes {
        shell.note(note);
    }
}

fn say_protocol(protocol: &ProtocolUpgrade, session: &Session) {
    let shell = &session.shell;
    let callers: Vec<&str> = protocol.callers.difference(&protocol.servers).map(String::as_str).collect();
    let served = protocol.servers.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let (served, called) = match (served.as_str(), callers.is_empty()) {
        ("", _) => ("no release".to_owned(), callers.join(", ")),
        (_, true) => (served, "nobody else".to_owned()),
        (_, false) => (served, callers.join(", ")),
    };
    shell.line(format_args!("{}, in {served}, called by {called}", protocol.protocol));
    for change in &protocol.changes {
        let sign = match change.what {
            What::Added { .. } => '+',
            What::Removed { .. } => '-',
            What::Changed { .. } => '~',
        };
        shell.line(format_args!("  {sign} {change}"));
    }
    for (calls, fails) in
        [("old calls new", &protocol.old_calls_new), ("new calls old", &protocol.new_calls_old)]
    {
        match fails.as_slice() {
            [] => shell.line(format_args!("  {calls}: works")),
            fails => fails.iter().for_each(|fails| shell.line(format_args!("  {calls}: fails: {fails}"))),
        }
    }
}

/// Why the order is what it is, one line for each pair of releases and protocol.
fn say_because(upgrade: &Upgrade, of: impl Fn(&Before) -> bool, session: &Session) {
    session.shell.line("because");
    for before in upgrade.because.iter().filter(|before| of(before)) {
        for reason in &before.reasons {
            session.shell.line(format_args!("  {} before {}: {reason}", before.first, before.then));
        }
    }
}
