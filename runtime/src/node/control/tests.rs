//! The control socket of a real node, asked over a real socket.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::answers::{Answers, Facts, ShutdownRequest};
use super::protocol::{NodeState, Ready, Refusal};
use super::server::{LONGEST_REQUEST, Server};
use crate::application::{Application, Controller, Loaded, Spec, StartContext, StartType};
use crate::config::{Config, Source};
use crate::gen_server::StartError;
use crate::node::config_files::ConfigFiles;
use crate::process::Node;
use crate::registry::Ref;
use crate::supervisor::{Strategy, Supervisor};

/// An application with nothing but its supervisor, which does not start if it is told so.
struct Empty {
    fails: bool,
}

impl Application for Empty {
    type Config = ();

    async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        if self.fails {
            return Err(StartError::failed("no disk"));
        }
        Supervisor::new(Strategy::OneForOne).start_link().await
    }
}

/// a needs b, b needs c; f fails; e is elsewhere.
fn specs() -> Vec<Spec> {
    let spec = |name, fails| Spec::supervised(name, "0.1.0", Empty { fails }, StartType::Permanent);
    let b = spec("b", false).depends_on(spec("c", false));
    vec![spec("a", false).depends_on(b), spec("f", true), Spec::library("e", "0.1.0")]
}

struct Served {
    folder: tempfile::TempDir,
    answers: Arc<Answers>,
    server: Arc<Server>,
}

impl Served {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut loaded = Loaded::new(specs(), BTreeMap::from([("e", "other")])).expect("no cycle");
        let source = Source { root: folder.path(), env: "test", prefixes: &[], variables: &[] };
        let known = loaded.applications().known();
        loaded.configure(&known, Config::load(&source).expect("no files")).expect("nothing to configure");
        let controller = Controller::new(Node::new("abc"), loaded).await.expect("started");
        let facts = Facts {
            release: "abc".into(),
            node: "abc@127.0.0.1".into(),
            instance: None,
            instances: BTreeMap::new(),
            release_version: "0.1.0".into(),
            deployment: None,
            env: "test".into(),
            started: Instant::now(),
            started_at: SystemTime::now(),
        };
        let answers = Arc::new(Answers::new(facts, ConfigFiles::default(), controller, None));
        let server = Server::bind(&folder.path().join("abc.sock")).expect("a socket");
        tokio::spawn(Arc::clone(&server).serve(Arc::clone(&answers)));
        Self { folder, answers, server }
    }

    async fn connect(&self) -> Connection {
        let stream = UnixStream::connect(self.folder.path().join("abc.sock")).await;
        Connection(BufReader::new(stream.expect("it listens")))
    }

    async fn finish(self) {
        self.answers.controller.shut_down().await;
        self.answers.controller.close().await;
    }
}

struct Connection(BufReader<UnixStream>);

impl Connection {
    async fn send(&mut self, line: &str) {
        self.0.get_mut().write_all(line.as_bytes()).await.expect("it listens");
    }

    async fn reply(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).await.expect("it answers");
        let mut reply: Value = serde_json::from_str(&line).expect("JSON");
        // How long it took is different every time.
        if let Some(ok) = reply.get_mut("ok").and_then(Value::as_object_mut) {
            ok.remove("duration_ms");
        }
        reply
    }

    async fn ask(&mut self, mut request: Value) -> Value {
        request["version"] = json!(1);
        self.send(&format!("{request}\n")).await;
        self.reply().await
    }
}

#[tokio::test]
async fn applications_are_started_stopped_and_restarted_over_one_connection() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    let conversation = [
        (
            json!({ "request": "start", "applications": ["b"] }),
            json!({ "version": 1, "ok": { "started": ["c", "b"], "already": [] } }),
        ),
        (
            json!({ "request": "start", "applications": ["a", "b"] }),
            json!({ "version": 1, "ok": { "started": ["a"], "already": ["b"] } }),
        ),
        (
            json!({ "request": "stop", "applications": ["b"], "with_dependents": false }),
            json!({ "version": 1, "error": {
                "kind": "has_dependents",
                "message": "application `b` is needed by `a`",
                "application": "b",
                "dependents": ["a"],
            } }),
        ),
        (
            json!({ "request": "restart", "applications": ["b"], "with_dependents": true }),
            json!({ "version": 1, "ok": { "stopped": ["a", "b"], "started": ["b", "a"] } }),
        ),
        (
            json!({ "request": "stop", "applications": ["b"], "with_dependents": true }),
            json!({ "version": 1, "ok": { "stopped": ["a", "b"], "already": [] } }),
        ),
        (
            json!({ "request": "stop", "applications": ["b"] }),
            json!({ "version": 1, "ok": { "stopped": [], "already": ["b"] } }),
        ),
        (
            json!({ "request": "start", "applications": ["z"] }),
            json!({ "version": 1, "error": {
                "kind": "unknown_application",
                "message": "no application `z` in this node",
                "application": "z",
                "known": ["a", "b", "c", "f"],
            } }),
        ),
        (
            json!({ "request": "start", "applications": ["e"] }),
            json!({ "version": 1, "error": {
                "kind": "elsewhere",
                "message": "application `e` runs in release `other`",
                "application": "e",
                "release": "other",
            } }),
        ),
        (
            json!({ "request": "start", "applications": ["f"] }),
            json!({ "version": 1, "error": {
                "kind": "start_failed",
                "message": "application `f` failed to start: no disk",
                "application": "f",
                "reason": "no disk",
            } }),
        ),
    ];
    for (request, reply) in conversation {
        assert_eq!(node.ask(request.clone()).await, reply, "{request}");
    }
    served.finish().await;
}

#[tokio::test]
async fn the_status_tells_of_every_application_in_start_order() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    node.ask(json!({ "request": "start", "applications": ["b"] })).await;
    let status = node.ask(json!({ "request": "status" })).await["ok"].take();
    assert_eq!(status["release"], "abc");
    assert_eq!(status["state"], "starting");
    assert_eq!(status["pid"], std::process::id());
    let applications = status["applications"].as_array().expect("a list");
    let told: Vec<_> = applications.iter().map(|app| (app["name"].clone(), app["state"].clone())).collect();
    let expected = [("c", "running"), ("b", "running"), ("a", "loaded"), ("e", "elsewhere"), ("f", "loaded")];
    assert_eq!(told, expected.map(|(name, state)| (json!(name), json!(state))));
    let mut b = applications[1].clone();
    assert!(b["uptime_ms"].take().is_u64());
    let processes = b["processes"].take().as_u64().expect("a number");
    assert!(processes >= 1, "its supervisor at least");
    let expected = json!({
        "name": "b", "version": "0.1.0", "kind": "supervised", "state": "running", "release": null,
        "start_type": "permanent", "depends_on": ["c"], "uptime_ms": null, "restarts": 0, "processes": null,
        "last_crash": null,
    });
    assert_eq!(b, expected);
    assert_eq!(applications[3]["release"], "other");
    served.finish().await;
}

#[tokio::test]
async fn ready_is_answered_when_the_boot_is_done_and_status_meanwhile() {
    let served = Served::new().await;
    let (mut waiting, mut other) = (served.connect().await, served.connect().await);
    waiting.send("{\"version\":1,\"request\":\"ready\"}\n").await;
    assert_eq!(other.ask(json!({ "request": "status" })).await["ok"]["state"], "starting");
    let ready = Ready { applications: vec!["c".into(), "b".into()] };
    served.answers.state.send_replace(NodeState::Running);
    served.answers.booted.send_replace(Some(Ok(ready)));
    assert_eq!(waiting.reply().await, json!({ "version": 1, "ok": { "applications": ["c", "b"] } }));
    assert_eq!(other.ask(json!({ "request": "status" })).await["ok"]["state"], "running");
    served.finish().await;
}

#[tokio::test]
async fn a_failed_boot_is_told_to_whoever_waits_for_it() {
    let served = Served::new().await;
    let mut waiting = served.connect().await;
    waiting.send("{\"version\":1,\"request\":\"ready\"}\n").await;
    served.answers.booted.send_replace(Some(Err(Refusal::new("boot_failed", "no disk"))));
    let refused = json!({ "version": 1, "error": { "kind": "boot_failed", "message": "no disk" } });
    assert_eq!(waiting.reply().await, refused);
    served.finish().await;
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_refused() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    // No environment is called "".
    assert_eq!(node.ask(json!({ "request": "reload" })).await["error"]["kind"], "bad_config");
    served.finish().await;
}

#[tokio::test]
async fn a_shutdown_is_confirmed_and_passed_on() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    let mut shutdown = served.answers.shutdown.subscribe();
    let confirmed = node.ask(json!({ "request": "shutdown" })).await;
    assert_eq!(confirmed, json!({ "version": 1, "ok": { "state": "stopping" } }));
    let request = *shutdown.wait_for(Option::is_some).await.expect("it is there");
    assert_eq!(request, Some(ShutdownRequest { restart: false }));
    served.server.finish_answers().await;
    served.finish().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_goes_on() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    node.send("what?\n").await;
    assert_eq!(node.reply().await["error"]["kind"], "bad_request");
    node.send("{\"version\":7,\"request\":\"status\"}\n").await;
    let refused = node.reply().await["error"].take();
    assert_eq!((&refused["kind"], &refused["supported"]), (&json!("unsupported_version"), &json!([1])));
    assert_eq!(node.ask(json!({ "request": "status" })).await["ok"]["release"], "abc");
    served.finish().await;
}

#[tokio::test]
async fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    node.send(&"x".repeat(LONGEST_REQUEST as usize)).await;
    assert_eq!(node.reply().await["error"]["kind"], "bad_request");
    let mut rest = Vec::new();
    node.0.read_to_end(&mut rest).await.expect("closed in order");
    assert_eq!(rest, b"", "and the connection ends");
    served.finish().await;
}

#[tokio::test]
async fn the_socket_is_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let served = Served::new().await;
    let mode =
        std::fs::metadata(served.folder.path().join("abc.sock")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    served.finish().await;
}

#[tokio::test]
async fn the_tree_names_every_process_of_an_application_below_who_started_it() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    node.ask(json!({ "request": "start", "applications": ["b"] })).await;
    let trees =
        node.ask(json!({ "request": "tree", "applications": ["b"] })).await["ok"]["applications"].take();
    let b = &trees[0];
    assert_eq!((&b["name"], &b["state"], &b["restarts"]), (&json!("b"), &json!("running"), &json!(0)));
    assert_eq!((&b["tree"]["kind"], &b["tree"]["life"]), (&json!("application"), &json!("running")));
    let top = &b["tree"]["children"][0];
    assert_eq!(
        (&top["kind"], &top["type"], &top["children"]),
        (&json!("supervisor"), &json!("Supervisor"), &json!([]))
    );
    let refused = node.ask(json!({ "request": "tree", "applications": ["x"] })).await["error"].take();
    assert_eq!((&refused["kind"], &refused["known"][0]), (&json!("unknown_application"), &json!("c")));
    served.finish().await;
}

#[tokio::test]
async fn a_trace_is_told_line_by_line_until_the_other_side_speaks() {
    let served = Served::new().await;
    let mut node = served.connect().await;
    node.ask(json!({ "request": "start", "applications": ["b"] })).await;
    let trees = node.ask(json!({ "request": "tree", "applications": ["b"] })).await;
    let top = trees["ok"]["applications"][0]["tree"]["children"][0]["pid"].clone();
    let trace =
        json!({ "version": 1, "request": "trace", "process": top, "messages": 1, "timeout_ms": null });
    node.send(&format!("{trace}\n")).await;
    let mut other = served.connect().await;
    // Whose answer says that the supervisor was asked for its children. Until the trace has begun it goes unseen.
    let asks = async {
        loop {
            other.ask(json!({ "request": "tree", "applications": ["b"] })).await;
        }
    };
    let event = tokio::select! {
        event = node.reply() => event,
        () = asks => unreachable!("it asks for ever"),
    };
    assert_eq!(event["event"]["direction"], "in");
    assert_eq!(node.reply().await["ok"], json!({ "messages": 1, "ended": "messages" }));
    let trace =
        json!({ "version": 1, "request": "trace", "process": top, "messages": null, "timeout_ms": null });
    node.send(&format!("{trace}\n{{\"version\":1,\"request\":\"status\"}}\n")).await;
    // The last of the questions above may have come in between.
    let mut last = node.reply().await;
    while last["ok"].is_null() {
        assert!(last["event"].is_object(), "{last}");
        last = node.reply().await;
    }
    assert_eq!(last["ok"]["ended"], "client");
    assert_eq!(node.reply().await["ok"]["release"], "abc", "what ended it is answered, too");
    served.finish().await;
}
