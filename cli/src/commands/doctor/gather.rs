//! Everything that is known of an umbrella, broken or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use clap::CommandFactory;
use umbrella_templates::Kind;

use crate::cargo::Compiler;
use crate::commands::Cli;
use crate::commands::external::plugins;
use crate::commands::new::own_runtime;
use crate::doctor::{Facts, Machine, Own, StaleNode, Tool, Words, named_folders, open_folders, refused};
use crate::git;
use crate::run::place::{Env, Place};
use crate::run::state::{RunDir, StateError};
use crate::session::Session;
use crate::workspace::{
    LoadError, MemberRole, Sources, TEMPLATES_FOLDER, Workspace, aliases, read_template, template_folders,
};

/// What comes with the toolchain, or could, by its command of cargo.
const COMPONENTS: [(&str, Tool); 2] = [
    ("fmt", Tool { name: "rustfmt", used_by: "umbrella check", install: "rustup component add rustfmt" }),
    ("clippy", Tool { name: "clippy", used_by: "umbrella check", install: "rustup component add clippy" }),
];

const DENY: Tool =
    Tool { name: "cargo-deny", used_by: "umbrella check", install: "cargo install cargo-deny" };

/// What is installed as a program of this name.
const PROGRAMS: [Tool; 2] = [
    Tool {
        name: "cargo-llvm-cov",
        used_by: "umbrella test --cover",
        install: "cargo install cargo-llvm-cov",
    },
    Tool {
        name: "cargo-nextest",
        used_by: "umbrella test --runner nextest",
        install: "cargo install cargo-nextest",
    },
];

const GIT: Tool =
    Tool { name: "git", used_by: "umbrella test --affected", install: "install it as your system does" };

/// Where the run files of an environment are that belong to this umbrella.
pub(super) fn run_folders(session: &Session, root: &Path) -> Vec<RunDir> {
    let mut folders: Vec<RunDir> = Vec::new();
    for env in [Env::Dev, Env::Test, Env::Prod] {
        let dir = Place::of(session, root, env).dir;
        if folders.iter().all(|known| known.path() != dir.path()) {
            folders.push(dir);
        }
    }
    folders
}

/// What is installed, which nothing that is mended changes.
pub(super) struct Installed {
    missing: Vec<Tool>,
    toolchain: Option<String>,
}

/// Looks at everything once.
pub(super) fn gather(session: &Session, root: &Path, installed: &Installed) -> Result<Facts, StateError> {
    // From the root: what cargo says names files from where it runs.
    let cargo = session.cargo.at(root.to_owned());
    let workspace = Workspace::load(&cargo, root);
    let mut sources = Sources::default();
    let mut read = |path: PathBuf| {
        // What is no text is nothing that we could judge.
        if let Ok(text) = fs::read_to_string(&path) {
            sources.set(path, text);
        }
    };
    let manifests = crates_below(root);
    manifests.iter().for_each(|folder| read(root.join(folder.trim_start_matches('.')).join("Cargo.toml")));
    ["Cargo.lock", ".gitignore"].into_iter().for_each(|file| read(root.join(file)));
    let configuration = names_in(&root.join("config"), |name| name.ends_with(".toml"));
    configuration.iter().for_each(|name| read(root.join("config").join(name)));
    let code = workspace.as_ref().map(|workspace| code_of(workspace, &mut read)).unwrap_or_default();
    let top = sources.get(&root.join("Cargo.toml")).unwrap_or_default();
    let is_bare = |folder: &String| !root.join(folder).join("Cargo.toml").is_file();
    let open = open_folders(top).into_iter();
    let inside = open.flat_map(|open| {
        names_in(&root.join(&open), |_| true).into_iter().map(move |name| format!("{open}/{name}"))
    });
    let bare_folders = inside.filter(|folder| root.join(folder).is_dir() && is_bare(folder)).collect();
    let missing = named_folders(&sources, root, &manifests).into_iter().filter(is_bare).collect();
    Ok(Facts {
        root: root.to_owned(),
        workspace: workspace.map_err(|error: LoadError| Box::new(refused(&error, root))),
        missing,
        bare_folders,
        manifests,
        code,
        configuration,
        templates: templates(root),
        words: words(session, root),
        machine: machine(session, root, installed)?,
        own: Own {
            version: env!("CARGO_PKG_VERSION"),
            rust_version: env!("CARGO_PKG_RUST_VERSION"),
            runtime: own_runtime(root).to_string(),
        },
        sources,
    })
}

/// The folders with a manifest, relative to `root`, without hidden ones, what was built, and workspaces of their own.
fn crates_below(root: &Path) -> BTreeSet<String> {
    fn visit(root: &Path, relative: &str, found: &mut BTreeSet<String>) {
        let folder = root.join(relative);
        let manifest = folder.join("Cargo.toml");
        if let Ok(text) = fs::read_to_string(&manifest) {
            let is_own = !relative.is_empty()
                && toml_edit::Document::parse(text).is_ok_and(|document| document.contains_key("workspace"));
            if is_own {
                return;
            }
            found.insert(if relative.is_empty() { ".".to_owned() } else { relative.to_owned() });
        }
        for name in
            names_in(&folder, |name| !name.starts_with('.') && !["target", "node_modules"].contains(&name))
        {
            let below = folder.join(&name);
            let is_ours = fs::symlink_metadata(&below).is_ok_and(|meta| meta.is_dir());
            let is_other =
                ["CACHEDIR.TAG", ".cargo-checksum.json"].iter().any(|tag| below.join(tag).is_file());
            if is_ours && !is_other {
                visit(root, &[relative, if relative.is_empty() { "" } else { "/" }, &name].concat(), found);
            }
        }
    }
    let mut found = BTreeSet::new();
    visit(root, "", &mut found);
    found
}

/// What is in a folder, by name; nothing if it cannot be read.
fn names_in(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| is_wanted(name));
    names.sort();
    names
}

/// Reads the release crates and what applications are written in; of other crates no more than is needed to see that they
/// are none.
fn code_of(workspace: &Workspace, read: &mut impl FnMut(PathBuf)) -> BTreeMap<String, Vec<PathBuf>> {
    let mut code = BTreeMap::new();
    for member in &workspace.members {
        if member.role == MemberRole::Release {
            read(member.path.join("src/main.rs"));
            continue;
        }
        let library = member.path.join("src/lib.rs");
        let may_be_one = member.role != MemberRole::Crate
            || fs::read_to_string(&library).is_ok_and(|text| text.contains("application!"));
        if may_be_one {
            let files = rust_files(&member.path.join("src"));
            files.iter().cloned().for_each(&mut *read);
            code.insert(workspace.folder_of(member), files);
        }
    }
    code
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let paths = entries.map(walkdir::DirEntry::into_path);
    paths.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect()
}

/// The umbrella's own templates, and what is wrong with those that are of a kind.
fn templates(root: &Path) -> BTreeMap<String, Option<String>> {
    let read = |name: String| {
        let shown = format!("{TEMPLATES_FOLDER}/{name}");
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let wrong = kind.and_then(|kind| read_template(&root.join(&shown), &shown, kind).err());
        (name, wrong.map(|wrong| wrong.to_string()))
    };
    template_folders(root).into_iter().map(read).collect()
}

fn words(session: &Session, root: &Path) -> Words {
    let names = Cli::command();
    Words {
        verbs: names.get_subcommands().map(|verb| verb.get_name().to_owned()).collect(),
        plugins: plugins(session).into_keys().collect(),
        aliases: aliases(root),
    }
}

fn machine(session: &Session, root: &Path, installed: &Installed) -> Result<Machine, StateError> {
    let stale = |(path, record): (PathBuf, Option<crate::run::state::Record>)| StaleNode {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        pid: record.map(|record| record.pid),
        path,
    };
    let mut stale_nodes = Vec::new();
    for folder in run_folders(session, root) {
        stale_nodes.extend(folder.left_behind()?.into_iter().map(stale));
    }
    let is_left = |name: &str| {
        name.strip_prefix(".umbrella-")
            .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    Ok(Machine {
        toolchain: installed.toolchain.clone(),
        missing_tools: installed.missing.clone(),
        ignores_target: git::is_in_repository(root).then(|| git::ignores(root, "target")).flatten(),
        stale_nodes,
        leftovers: names_in(root, is_left),
    })
}

/// What is not installed, and the compiler.
pub(super) fn installed(session: &Session, root: &Path) -> Installed {
    let cargo_home = session.var("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(PathBuf::from(session.var("HOME")?).join(".cargo")));
    let folders = [session.path(), cargo_home.map(|home| home.join("bin")).into_iter().collect()].concat();
    let is_there = |tool: &&Tool| folders.iter().any(|folder| folder.join(tool.name).is_file());
    // Who has no deny.toml does not miss it.
    let deny = root.join("deny.toml").is_file().then_some(&DENY);
    let programs = [&GIT].into_iter().chain(deny).chain(&PROGRAMS);
    let mut missing: Vec<Tool> = programs.filter(|tool| !is_there(tool)).copied().collect();
    // A program of rustup's stands for what may not be installed; it has to be asked. Both at once, for they take a moment.
    let (cargo, rustc) = (&session.cargo, session.var("RUSTC"));
    thread::scope(|scope| {
        let ask = |(name, tool)| (tool, scope.spawn(move || cargo.has_subcommand(name)));
        let asked = COMPONENTS.map(ask);
        let toolchain = Compiler::of_workspace(root, rustc).map(|compiler| compiler.version);
        let absent = asked.into_iter().filter_map(|(tool, there)| (!there.join().ok()?).then_some(tool));
        missing.extend(absent);
        Installed { missing, toolchain }
    })
}
