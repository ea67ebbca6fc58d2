//! Nodes of Erlang and Elixir, each a program of its own: whatever `erl`, `elixir`, and `iex` are on the path.

use std::process::Command;

use crate::COOKIE;
use crate::program::Program;

/// How a node finds others.
pub(crate) enum Find {
    /// All listen on this port.
    Port(u16),
    /// Through the port mapper on this port.
    Epmd(u16),
}

impl Find {
    /// What `erl` is told of it.
    fn tell(&self, command: &mut Command) -> String {
        match self {
            Self::Port(port) => format!("-start_epmd false -dist_listen false -erl_epmd_port {port}"),
            Self::Epmd(port) => {
                command.env("ERL_EPMD_PORT", port.to_string());
                "-start_epmd false".to_owned()
            }
        }
    }
}

/// A file of these tests.
pub(crate) fn file(name: &str) -> String {
    format!("{}/interop/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// An Erlang node that runs a script.
pub(crate) struct Erl;

impl Erl {
    /// Starts a hidden node called `name`. In its script `N` is our node, and `counter.erl` is loaded.
    pub(crate) fn start(name: &str, find: &Find, script: &str) -> Program {
        Self::with(name, find, &["-hidden"], script)
    }

    /// As [`start`](Self::start), with other arguments than `-hidden`.
    pub(crate) fn with(name: &str, find: &Find, arguments: &[&str], script: &str) -> Program {
        let module = file("counter.erl");
        let eval = format!(
            "{{ok, Mod, Bin}} = compile:file(\"{module}\", [binary]), {{module, Mod}} = code:load_binary(Mod, \"\", Bin), \
             N = '{}', P = fun(X) -> io:format(\"~0p~n\", [X]) end, {script}, halt().",
            crate::NAME
        );
        let mut command = Command::new("erl");
        command.args(["-noshell", "-noinput", "-name", name, "-setcookie", COOKIE]).args(arguments);
        command.args(["-kernel", "logger_level", "emergency"]);
        let find = find.tell(&mut command);
        command.args(find.split(' ')).args(["-eval", &eval]);
        Program::start(&mut command)
    }
}

/// An Elixir node.
pub(crate) struct Elixir;

impl Elixir {
    /// Starts a hidden node called `name` that runs the script in the folder `elixir`.
    pub(crate) fn start(name: &str, find: &Find, script: &str) -> Program {
        let mut command = Self::command("elixir", name, find);
        Program::start(command.arg(file(&format!("elixir/{script}"))))
    }

    /// Starts `iex` and types the lines into it.
    pub(crate) fn typed(name: &str, find: &Find, lines: &str) -> Program {
        let mut command = Self::command("iex", name, find);
        Program::typed(command.env("TERM", "dumb").args(["--dot-iex", ""]), lines)
    }

    fn command(program: &str, name: &str, find: &Find) -> Command {
        let mut command = Command::new(program);
        let erl = find.tell(&mut command);
        command.args(["--name", name, "--hidden", "--cookie", COOKIE, "--erl"]);
        command.arg(format!("{erl} -kernel logger_level emergency"));
        command
    }
}
