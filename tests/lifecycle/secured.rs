//! Nodes that speak TLS, with the certificates that `umbrella gen certs` makes.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use umbrella_tests::{Sandbox, succeed, watch};

use crate::abc::{Said, eventually, signal_process};

/// The first byte of an alert of TLS.
const ALERT: u8 = 0x15;

/// Makes the certificates, and the authority if there is none.
const CERTS: [&str; 5] = ["gen", "certs", "calling@127.0.0.1", "called@127.0.0.1", "other@127.0.0.1"];

/// The umbrella `secured`, in which `calling` calls `called` over TLS, at this port.
struct Secured {
    sandbox: Sandbox,
    port: u16,
}

fn secured() -> &'static Secured {
    static SECURED: OnceLock<Secured> = OnceLock::new();
    SECURED.get_or_init(|| {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "secured");
        let apps = ["--app", "calling:sup", "--app", "called:sup", "--dep", "calling:called"];
        succeed(&mut sandbox.umbrella("", ["new", "secured", "--umbrella"].iter().chain(&apps)));
        let path = sandbox.path().join("secured/apps/calling/src/application.rs");
        let code = fs::read_to_string(&path).expect("it was generated");
        let code = code.replace("            .start_link", "            .child(Watch::child_spec(()))\n            .start_link");
        fs::write(&path, code + &watch("called::COUNTER.add(1)")).expect("it can be changed");
        succeed(&mut sandbox.umbrella("secured", CERTS));
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let config = format!(
            "[umbrella.node]\ntls = \"certs\"\n[umbrella.node.nodes]\n\"called@127.0.0.1\" = \"127.0.0.1:{port}\"\n"
        );
        fs::write(sandbox.path().join("secured/config/dev.toml"), config).expect("it can be changed");
        // Its lock file comes with it.
        succeed(&mut sandbox.cargo("secured", ["metadata", "--no-deps", "--format-version", "1"]));
        Secured { sandbox, port }
    })
}

struct Run(TempDir);

impl Run {
    fn umbrella(&self, args: &[&str]) -> Said {
        let secured = secured();
        let mut command = secured.sandbox.umbrella("secured", args);
        command.env("UMBRELLA_RUN_DIR", self.0.path());
        command.env("CALLED__UMBRELLA__NODE__LISTEN", format!("127.0.0.1:{}", secured.port));
        command.output().expect("umbrella runs").into()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.0.path().join("calling.log")).unwrap_or_default()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.umbrella(&["stop", "--timeout", "1"]);
    }
}

/// What a node of Erlang says that connects over OTP's `inet_tls` and calls a server.
fn said_by_erlang() -> String {
    let Secured { sandbox, port } = secured();
    let root = sandbox.path().join("secured");
    let options = root.join("ssl_dist.conf");
    let certs = |file: &str| root.join("certs").join(file).display().to_string();
    let both = format!(
        "{{certfile, \"{}\"}}, {{keyfile, \"{}\"}}, {{cacertfile, \"{}\"}}, {{verify, verify_peer}}",
        certs("other@127.0.0.1.pem"),
        certs("other@127.0.0.1.key"),
        certs("ca.pem")
    );
    let text = format!("[{{server, [{{fail_if_no_peer_cert, true}}, {both}]}}, {{client, [{both}]}}].");
    fs::write(&options, text).expect("it can be written");
    let cookie = fs::read_to_string(root.join("target/umbrella/COOKIE")).expect("the nodes have made it");
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-hidden", "-name", "other@127.0.0.1", "-setcookie", cookie.trim()]);
    erl.args(["-proto_dist", "inet_tls", "-ssl_dist_optfile"]).arg(&options);
    erl.args(["-start_epmd", "false", "-dist_listen", "false", "-erl_epmd_port", &port.to_string()]);
    erl.args([
        "-eval",
        "N = 'called@127.0.0.1', Pong = net_adm:ping(N), \
        io:format(\"~0p\", [[Pong, is_integer(gen_server:call({called_counter, N}, get))]]), halt().",
    ]);
    let said = succeed(erl.env("ERL_CRASH_DUMP_SECONDS", "0"));
    String::from_utf8_lossy(&said.stdout).into_owned()
}

#[test]
fn nodes_of_ours_and_of_otp_call_each_other_over_tls_and_speak_nothing_else() {
    let run = Run(tempfile::Builder::new().prefix("tls").tempdir().expect("a temporary folder"));
    let start = ["start", "--group", "[calling]+[called]", "--detach"];
    run.umbrella(&start).ended(0);
    eventually(|| run.log().contains("said: a count"));

    let mut plain = TcpStream::connect(("127.0.0.1", secured().port)).expect("it listens");
    plain.write_all(b"\0\x10N a plain greeting").expect("it can be written");
    let mut first = [0];
    plain.read_exact(&mut first).expect("it answers");
    assert_eq!(first, [ALERT], "who does not speak TLS is told so");

    assert_eq!(said_by_erlang(), "[pong,true]");

    // A new authority, and new certificates of it: who runs uses them for the next connection.
    let certs = secured().sandbox.path().join("secured/certs");
    fs::remove_dir_all(&certs).expect("it can be removed");
    succeed(&mut secured().sandbox.umbrella("secured", CERTS));
    let nodes: Value = serde_json::from_str(&run.umbrella(&["status", "--json"]).out).expect("JSON");
    let all = nodes["nodes"].as_array().expect("a list of nodes");
    let called = all.iter().find(|node| node["release"] == "called").expect("it runs");
    let calling = all.iter().find(|node| node["release"] == "calling").expect("it runs")["pid"].clone();
    signal_process("-KILL", called["pid"].as_u64().expect("a process id"));
    eventually(|| run.log().contains("said: NoConnection("));
    let counted = || run.log().matches("said: a count").count();
    let before = counted();
    run.umbrella(&start).ended(0);
    eventually(|| counted() > before);
    let nodes: Value = serde_json::from_str(&run.umbrella(&["status", "--json"]).out).expect("JSON");
    assert!(nodes["nodes"].as_array().expect("a list").iter().any(|node| node["pid"] == calling), "{nodes}");

    // The certificate of another node of the same authority is no good for this one.
    for kind in ["pem", "key"] {
        fs::rename(
            certs.join(format!("other@127.0.0.1.{kind}")),
            certs.join(format!("called@127.0.0.1.{kind}")),
        )
        .expect("it can be replaced");
    }
    run.umbrella(&["stop"]).ended(0);
    run.umbrella(&start).ended(0);
    eventually(|| run.log().contains("its certificate is not that of `called@127.0.0.1`"));
}
