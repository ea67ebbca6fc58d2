//! Erlang nodes, each a program of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::COOKIE;

/// How an Erlang node finds others.
pub(crate) enum Find {
    /// All listen on this port.
    Port(u16),
    /// Through the port mapper on this port.
    Epmd(u16),
}

/// An Erlang node that runs a script; it is killed when this is dropped.
pub(crate) struct Erl {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Erl {
    /// Starts a hidden node called `name`. In its script `N` is our node, and `counter.erl` is loaded.
    pub(crate) fn start(name: &str, find: &Find, script: &str) -> Self {
        let module = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/counter.erl");
        let eval = format!(
            "{{ok, Mod, Bin}} = compile:file(\"{module}\", [binary]), {{module, Mod}} = code:load_binary(Mod, \"\", Bin), \
             N = '{}', P = fun(X) -> io:format(\"~0p~n\", [X]) end, {script}, halt().",
            crate::NAME
        );
        let mut command = Command::new("erl");
        command.args(["-noshell", "-noinput", "-hidden", "-name", name, "-setcookie", COOKIE]);
        command.args(["-kernel", "logger_level", "emergency"]);
        match find {
            Find::Port(port) => command
                .args(["-start_epmd", "false", "-dist_listen", "false"])
                .args(["-erl_epmd_port", &port.to_string()]),
            Find::Epmd(port) => command.args(["-start_epmd", "false"]).env("ERL_EPMD_PORT", port.to_string()),
        };
        command.args(["-eval", &eval]).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().expect("erl is installed; see .ci/run");
        let (sender, lines) = unbounded_channel();
        let (output, mut errors) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let _left = sender.send(line.expect("text"));
            }
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("text");
            if !text.is_empty() {
                let _left = sender.send(text);
            }
        });
        Self { child, lines }
    }

    /// The next line that it prints; nothing once it has ended.
    pub(crate) async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// All lines until it ends.
    pub(crate) async fn lines(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            lines.push(line);
        }
        lines
    }
}

impl Drop for Erl {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
