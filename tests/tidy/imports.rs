//! Which module may know which: imports run downward only.

use crate::findings::{Exception, Exceptions, Findings};
use crate::rust::{self, Mention, RustFile};
use crate::source;

/// A module of a crate, with the modules of the same crate that it may know.
type Layer = (&'static str, &'static [&'static str]);

/// The runtime, from the bottom. `lib.rs` is the map above all.
pub(crate) const RUNTIME: &[Layer] = &[
    // What crosses between nodes: bytes and values, which know of no process.
    ("term", &[]),
    ("process", &["term"]),
    ("registry", &["term", "process"]),
    ("gen_server", &["term", "process", "registry"]),
    // State machines, each of which is a server.
    ("gen_statem", &["term", "process", "registry", "gen_server"]),
    // Managers of events, each of which is a server.
    ("gen_event", &["term", "process", "registry", "gen_server"]),
    ("supervisor", &["term", "process", "registry", "gen_server", "gen_statem"]),
    ("task", &["term", "process", "registry", "gen_server", "supervisor"]),
    // Layered TOML; knows applications by name only.
    ("config", &[]),
    (
        "application",
        &["term", "process", "registry", "gen_server", "gen_statem", "supervisor", "task", "config"],
    ),
    // What nodes of Erlang ask of any node.
    (
        "beam",
        &[
            "term",
            "process",
            "registry",
            "gen_server",
            "gen_statem",
            "supervisor",
            "task",
            "config",
            "application",
        ],
    ),
    // Plugged into `process` by `node`, through the trait that `process` owns.
    ("dist", &["term", "process", "registry"]),
    (
        "node",
        &[
            "term",
            "process",
            "registry",
            "gen_server",
            "gen_statem",
            "supervisor",
            "task",
            "config",
            "application",
            "beam",
            "dist",
        ],
    ),
    (
        "testing",
        &[
            "term",
            "process",
            "registry",
            "gen_server",
            "gen_statem",
            "supervisor",
            "task",
            "config",
            "application",
            "beam",
            "dist",
            "node",
        ],
    ),
    ("manual", &[]),
];

/// The command line, from the bottom.
const CLI: &[Layer] = &[
    ("exit", &[]),
    ("error", &["exit"]),
    ("shell", &["error", "exit"]),
    ("cargo", &["error", "exit", "shell"]),
    ("git", &["error", "exit"]),
    ("workspace", &["error", "exit", "cargo"]),
    ("deployment", &["error", "exit", "workspace"]),
    // What is configured, from the files and variables that it is given.
    ("config", &[]),
    // Who depends on whom, and the pictures of it.
    ("graph", &["error", "exit", "workspace", "deployment"]),
    // Sources, as far as edits of a line need to know them.
    ("rust", &[]),
    ("plan", &["error", "exit", "workspace", "deployment", "graph", "rust"]),
    // What is wrong with an umbrella, from what was gathered of it.
    ("doctor", &["error", "exit", "workspace", "deployment", "graph", "rust", "plan"]),
    // What releases say of themselves, compared.
    ("contract", &[]),
    ("emit", &["error", "exit", "plan"]),
    ("session", &["error", "exit", "shell", "cargo", "workspace", "emit"]),
    ("run", &["error", "exit", "shell", "session", "workspace"]),
    (
        "commands",
        &[
            "error",
            "exit",
            "shell",
            "cargo",
            "git",
            "workspace",
            "deployment",
            "config",
            "graph",
            "rust",
            "plan",
            "doctor",
            "contract",
            "emit",
            "session",
            "run",
        ],
    ),
];

/// Files that know a module above them, and why.
const EXCEPTIONS: &[Exception] = &[
    ("cli/src/cargo/test/verdict.rs knows plan", "names the units that were tested as the plan names them"),
    ("cli/src/plan/scale.rs knows run", "decides on the status of the running nodes, which is plain data"),
    ("cli/src/plan/start.rs knows run", "decides on the status of the running nodes, which is plain data"),
    ("cli/src/plan/stop.rs knows run", "decides on the status of the running nodes, which is plain data"),
];

#[test]
fn imports_of_the_runtime_run_downward() {
    let mut findings = Findings::new(
        "process <- registry <- gen_server <- supervisor <- application <- node, and nothing imports upward",
        "move the item down, or let the upper layer pass it in; a new module gets a line in tests/tidy/imports.rs",
    );
    check_layers(RUNTIME, "runtime/src", &["lib.rs"], &[], &mut findings);
    findings.none();
}

#[test]
fn imports_of_the_command_line_run_downward() {
    let mut findings = Findings::new(
        "a command loads, plans, then prints or executes: commands -> plan -> {workspace, deployment}, and nothing \
         imports commands",
        "move the item down, or let the command pass it in; a new module gets a line in tests/tidy/imports.rs",
    );
    check_layers(CLI, "cli/src", &["lib.rs", "main.rs", "cargo_umbrella.rs"], EXCEPTIONS, &mut findings);
    findings.none();
}

#[test]
fn the_workspace_calls_cargo_only_to_load_itself() {
    let mut findings = Findings::new(
        "the model of a workspace is plain data: only cli/src/workspace/load.rs calls cargo",
        "take what is needed as an argument, and let load.rs ask cargo for it",
    );
    for file in rust::files_in("cli/src/workspace") {
        if file.path != "cli/src/workspace/load.rs" {
            for mention in file.shipped().filter(|mention| mention.is("crate::cargo")) {
                findings.line(file.path, mention.line, &mention.what);
            }
        }
    }
    findings.none();
}

fn check_layers(
    layers: &[Layer],
    src: &str,
    above: &[&str],
    exceptions: &[Exception],
    findings: &mut Findings,
) {
    let mut exceptions = Exceptions::new(exceptions);
    for file in rust::files_in(src) {
        let inside = &file.path[src.len() + 1..];
        let name = inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs");
        match layers.iter().find(|(layer, _)| *layer == name) {
            _ if above.contains(&inside) => {}
            None => findings.file(file.path, format_args!("`{name}` is not among the layers")),
            Some(layer) => check_layer(layer, layers, file, &mut exceptions, findings),
        }
    }
    exceptions.report_stale(findings);
}

fn check_layer(
    (name, below): &Layer,
    layers: &[Layer],
    file: &RustFile,
    exceptions: &mut Exceptions,
    findings: &mut Findings,
) {
    for mention in file.shipped() {
        let Some(other) = imported(mention) else { continue };
        if other == *name
            || below.contains(&other)
            || exceptions.cover(&format!("{} knows {other}", file.path))
        {
            continue;
        }
        if layers.iter().any(|(layer, _)| *layer == other) {
            findings.line(file.path, mention.line, format_args!("`{name}` may not know `{other}`"));
        } else {
            findings.line(file.path, mention.line, format_args!("name the module that owns `{other}`"));
        }
    }
}

/// The module of the same crate that is mentioned. The runtime also knows itself by the name its users know.
fn imported(mention: &Mention) -> Option<&str> {
    let path = mention.what.strip_prefix("crate::").or_else(|| mention.what.strip_prefix("umbrella::"))?;
    path.split("::").next()
}

/// Layers whose place is decided, and which are not built yet.
const DECIDED: &[&str] = &[];

#[test]
fn every_layer_exists() {
    let mut findings =
        Findings::new("the layers are those there are", "remove the line from tests/tidy/imports.rs");
    for (layers, src) in [(RUNTIME, "runtime/src"), (CLI, "cli/src")] {
        for (layer, _) in layers.iter().filter(|(layer, _)| !DECIDED.contains(layer)) {
            let module = format!("{src}/{layer}");
            if source::file(&format!("{module}.rs")).is_none()
                && source::file(&format!("{module}/mod.rs")).is_none()
            {
                findings.file(&module, "there is no such module");
            }
        }
    }
    findings.none();
}
