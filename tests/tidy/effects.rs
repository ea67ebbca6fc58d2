//! Who may touch the world: one mouth, one hand, one place that spawns. Pure modules may not at all.

use crate::findings::{Exception, Exceptions, Findings};
use crate::rust;

/// Something that only some places may do.
struct Effect {
    rule: &'static str,
    instead: &'static str,
    /// Where the rule holds.
    scope: &'static [&'static str],
    /// What it looks like.
    paths: &'static [&'static str],
    /// Who may do it, and why.
    owners: &'static [Exception],
}

const SHIPPED: &[&str] = &["cli/src", "runtime/src", "runtime/macros/src", "templates/src"];

const PRINTS: Effect = Effect {
    rule: "only `shell` prints",
    instead: "give it to `Session::shell`; in the runtime, use `tracing`",
    scope: SHIPPED,
    paths: &["print!", "println!", "eprint!", "eprintln!", "dbg!", "std::io::stdout", "std::io::stderr"],
    owners: &[
        ("cli/src/shell", "the one mouth of the command line"),
        ("runtime/src/node/console.rs", "the one mouth of a release's own command line"),
        ("runtime/src/node/log.rs", "where the logs of a node go"),
    ],
};

const WRITES: Effect = Effect {
    rule: "only `emit` writes files",
    instead: "return what is to be written as a plan, and let `emit` write it, atomically",
    scope: SHIPPED,
    paths: &[
        "std::fs::write",
        "std::fs::create_dir",
        "std::fs::create_dir_all",
        "std::fs::remove_file",
        "std::fs::remove_dir",
        "std::fs::remove_dir_all",
        "std::fs::rename",
        "std::fs::copy",
        "std::fs::hard_link",
        "std::fs::set_permissions",
        "std::fs::DirBuilder",
        "std::fs::OpenOptions",
        "std::fs::File::create",
        "std::fs::File::create_new",
        "std::fs::File::options",
        "std::os::unix::fs::symlink",
        "rustix::fs",
        "tempfile",
    ],
    owners: &[
        ("cli/src/emit", "the one hand of the command line"),
        ("cli/src/run/state.rs", "removes what a node that was killed left in its run folder"),
        ("runtime/src/node", "keeps the run folder of a node"),
    ],
};

const SPAWNS: Effect = Effect {
    rule: "only `cargo` spawns cargo, only `git` spawns git, and only `run` spawns releases",
    instead: "add what is missing to `Cargo` or to `run::program`, and call that",
    scope: SHIPPED,
    paths: &["std::process::Command"],
    owners: &[
        ("cli/src/cargo", "spawns cargo"),
        ("cli/src/git.rs", "spawns git"),
        ("cli/src/run", "spawns releases"),
        ("runtime/src/node/daemon.rs", "a release starts itself in the background"),
        ("runtime/src/node/foreground.rs", "a release that restarts becomes its new self"),
        ("runtime/src/testing/conformance/mod.rs", "a test runs its own program again, alone"),
        ("runtime/src/testing/topology/peer.rs", "a test runs its own program again, as another node"),
    ],
};

const ENVIRONMENT: Effect = Effect {
    rule: "only `session` reads the environment of the command line",
    instead: "ask the session: `Session::var`, `Session::cwd`",
    scope: &["cli/src"],
    paths: &[
        "std::env::args",
        "std::env::args_os",
        "std::env::current_dir",
        "std::env::current_exe",
        "std::env::home_dir",
        "std::env::set_current_dir",
        "std::env::temp_dir",
        "std::env::var",
        "std::env::var_os",
        "std::env::vars",
        "std::env::vars_os",
    ],
    owners: &[
        ("cli/src/session.rs", "what every command is given"),
        ("cli/src/main.rs", "the arguments"),
        ("cli/src/run/step.rs", "a demo step runs this very program, wherever it lies"),
        ("cli/src/cargo_umbrella.rs", "the arguments, without the one that cargo adds"),
    ],
};

const WORLD: Effect = Effect {
    rule: "nothing below `node` but `dist` reads the environment, opens a file or a socket, or takes a signal",
    instead: "let `node` do it and pass on what it found",
    scope: &["runtime/src"],
    paths: &[
        "rustix",
        "std::env",
        "std::fs",
        "std::net",
        "std::os::unix::net",
        "std::process",
        "tokio::net",
        "tokio::process",
        "tokio::signal",
    ],
    owners: &[
        ("runtime/src/config", "reads the layers of configuration"),
        ("runtime/src/process/clock.rs", "reads the clock, as all others do through tokio"),
        ("runtime/src/dist/carrier/names.rs", "compares addresses in certificates"),
        ("runtime/src/dist/carrier/socket.rs", "sockets carry connections"),
        ("runtime/src/dist/carrier/tls.rs", "sockets carry connections"),
        ("runtime/src/dist/epmd", "speaks to the port mapper, and is it"),
        ("runtime/src/dist/listener.rs", "listens for other nodes"),
        ("runtime/src/dist/mod.rs", "names the loopback interface"),
        ("runtime/src/dist/resolver.rs", "finds other nodes and connects to them"),
        ("runtime/src/node", "wires everything to the machine it runs on"),
        ("runtime/src/testing/run.rs", "a test has no `node::Boot` to read the environment for it"),
        ("runtime/src/testing/conformance", "looks what a process holds that has started an application"),
        ("runtime/src/testing/topology", "a test that is run again as another node of itself"),
    ],
};

const CLOCK: Effect = Effect {
    rule: "what applications stand on uses tokio's clock, which tests can stop",
    instead: "use `tokio::time::Instant`, and await instead of sleeping",
    // Not `node`: its commands talk to other programs, whose clock nobody stops.
    scope: &[
        "runtime/src/application",
        "runtime/src/dist",
        "runtime/src/gen_server",
        "runtime/src/process",
        "runtime/src/registry",
        "runtime/src/supervisor",
        "runtime/src/task",
        "runtime/src/testing",
    ],
    paths: &["std::time::Instant::now", "std::thread::sleep"],
    owners: &[(
        "runtime/src/process/long_schedule",
        "whoever does not give way holds a real thread for a real time, also in a test that has stopped the clock",
    )],
};

const GLOBALS: Effect = Effect {
    rule: "a node is a value: the runtime has no state that all nodes of a program share",
    instead: "keep it in `Node`, or in what `Node` owns",
    scope: &["runtime/src"],
    paths: &["static", "thread_local!"],
    owners: &[
        (
            "runtime/src/dist/scratch.rs",
            "an empty buffer of each thread, which nobody can tell from a new one",
        ),
        ("runtime/src/process/current.rs", "which process a thread is running"),
        ("runtime/src/process/node.rs", "counts nodes, so that no two have pids that are equal"),
        ("runtime/src/process/panic.rs", "the panic hook is the program's"),
        ("runtime/src/process/sync/modelled.rs", "the same as current.rs, on loom"),
    ],
};

const TASKS: Effect = Effect {
    rule: "every task is a process: only `process::spawn` and `process::timer` create tasks",
    instead: "spawn a process: it has a pid, an owner, and a reason when it ends",
    scope: &["runtime/src"],
    paths: &[
        "tokio::spawn",
        "crate::process::sync::spawn",
        "tokio::task::spawn",
        "tokio::task::spawn_blocking",
        "tokio::task::JoinSet",
    ],
    owners: &[
        ("runtime/src/process/spawn.rs", "the task of a process"),
        ("runtime/src/process/sync.rs", "the same, for spawn.rs, on tokio or on loom"),
        ("runtime/src/process/timer.rs", "the timer of a node, which serves all its processes"),
        (
            "runtime/src/process/waits/watch.rs",
            "looks into processes that wait for each other, and waits for none of them",
        ),
        (
            "runtime/src/node/control/server.rs",
            "a connection of the control socket answers also when no process does",
        ),
        (
            "runtime/src/dist/carrier/tls.rs",
            "writes what a socket did not take, when nobody else comes to write",
        ),
        ("runtime/src/dist/epmd/server.rs", "a connection of the port mapper, which no process waits for"),
        ("runtime/src/node/life.rs", "the control socket, which outlives every process of its node"),
    ],
};

/// Modules that decide and do not act.
const PURE: Effect = Effect {
    rule: "pure modules use no clock, no task, no file, no process, no environment",
    instead: "take the fact as an argument, return the decision, and act in the module that calls this one",
    scope: &[
        "cli/src/config",
        "cli/src/deployment",
        "cli/src/doctor",
        "cli/src/graph",
        "cli/src/rust",
        "cli/src/plan",
        "runtime/src/application/graph.rs",
        "runtime/src/application/state.rs",
        "runtime/src/config/difference.rs",
        "runtime/src/dist/control",
        "runtime/src/dist/epmd/protocol.rs",
        "runtime/src/dist/flags.rs",
        "runtime/src/dist/frame.rs",
        "runtime/src/dist/handshake",
        "runtime/src/supervisor/intensity.rs",
        "runtime/src/supervisor/strategy",
        "runtime/src/term",
        "templates/src",
    ],
    paths: &[
        "std::env",
        "std::fs",
        "std::net",
        "std::process",
        "std::thread",
        "std::time::Instant::now",
        "std::time::SystemTime::now",
        "tokio",
    ],
    owners: &[],
};

#[test]
fn only_the_shell_prints() {
    check(&PRINTS);
}

#[test]
fn only_emit_writes_files() {
    check(&WRITES);
}

#[test]
fn only_cargo_and_run_spawn_programs() {
    check(&SPAWNS);
}

#[test]
fn only_the_session_reads_the_environment() {
    check(&ENVIRONMENT);
}

#[test]
fn only_the_node_touches_the_machine() {
    check(&WORLD);
}

#[test]
fn only_clocks_that_can_be_stopped_are_read() {
    check(&CLOCK);
}

#[test]
fn nodes_share_nothing() {
    check(&GLOBALS);
}

#[test]
fn only_processes_and_timers_are_tasks() {
    check(&TASKS);
}

#[test]
fn pure_modules_do_not_touch_the_world() {
    check(&PURE);
}

fn check(effect: &Effect) {
    let mut findings = Findings::new(effect.rule, effect.instead);
    let mut owners = Exceptions::new(effect.owners);
    for scope in effect.scope {
        let mut files = rust::files_in(scope).peekable();
        if files.peek().is_none() {
            findings.file(scope, "there is no such place: correct tests/tidy/effects.rs");
        }
        for file in files {
            for mention in file.shipped().filter(|mention| effect.paths.iter().any(|path| mention.is(path))) {
                if !owners.cover(file.path) {
                    findings.line(file.path, mention.line, &mention.what);
                }
            }
        }
    }
    owners.report_stale(&mut findings);
    findings.none();
}
