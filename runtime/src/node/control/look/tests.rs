//! Looks into a node with a server in it that takes all kinds of types.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::call;
use super::{Look, Refusal, orders, processes, servers};
use crate::gen_server::Start;
use crate::prelude::*;
use crate::process::{GroupLeader, Pid};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    id: u32,
    note: Option<String>,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Line {
    Free,
    Item(String),
    Moved(i8, i8),
    Priced { name: String, price: f64 },
}

#[derive(Debug)]
struct Echo {
    count: i64,
}

#[gen_server]
impl Echo {
    fn init() -> Self {
        Self { count: 0 }
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    #[call]
    fn order(&self, order: Order) -> Order {
        order
    }

    #[call]
    fn result(&self, result: Result<(), String>) -> Result<(), String> {
        result
    }

    #[call]
    fn found(&self, result: Result<u64, Line>) -> Result<u64, Line> {
        result
    }

    #[call]
    fn map(&self, map: BTreeMap<u16, (bool, char)>) -> BTreeMap<u16, (bool, char)> {
        map
    }

    #[call]
    fn grouped(&self, names: BTreeMap<String, u64>, of: Option<Pid>) -> (BTreeMap<String, u64>, Option<Pid>) {
        (names, of)
    }

    #[call]
    async fn never(&mut self) -> u8 {
        std::future::pending().await
    }

    #[cast]
    fn reset(&mut self) {
        self.count = 0;
    }
}

struct Hermit;

#[gen_server(local)]
impl Hermit {
    fn init() -> Self {
        Self
    }

    #[call]
    fn knock(&self) -> u8 {
        1
    }
}

async fn node() -> Node {
    let node = Node::new("abc");
    node.scope(async {
        Start::<Echo>::new(()).registered_as("echo").start().await.expect("started");
        let app = Arc::new(GroupLeader::new("app"));
        Start::<Hermit>::new(()).registered_as("hermit").group_leader(app).start().await.expect("started");
    })
    .await;
    node
}

const SOON: Duration = Duration::from_secs(5);

async fn reply(node: &Node, method: &str, arguments: Value) -> Result<Value, Refusal> {
    let arguments = arguments.as_array().cloned().unwrap_or_default();
    let called = call(node, "echo", method, &arguments, SOON).await?;
    Ok(serde_json::to_value(called).expect("JSON")["reply"].take())
}

#[tokio::test]
async fn what_is_given_as_json_comes_back_as_the_same_json() {
    let node = node().await;
    let pid = node.whereis("echo").expect("it runs").to_string();
    let order = json!({
        "id": 7, "note": null,
        "lines": ["Free", { "Item": "ä" }, { "Moved": [-1, 2] }, { "Priced": { "name": "x", "price": 1.5 } }],
    });
    let table = [
        ("add", json!([-5]), json!(-5)),
        ("order", json!([order]), order),
        ("result", json!([{ "Ok": null }]), json!({ "Ok": null })),
        ("result", json!([{ "Err": "full" }]), json!({ "Err": "full" })),
        ("found", json!([{ "Ok": u64::MAX }]), json!({ "Ok": u64::MAX })),
        ("found", json!([{ "Err": "Free" }]), json!({ "Err": "Free" })),
        ("map", json!([{ "7": [true, "x"] }]), json!({ "7": [true, "x"] })),
        ("grouped", json!([{ "a": 1 }, pid]), json!([{ "a": 1 }, pid])),
        ("grouped", json!([{}, "echo"]), json!([{}, pid])),
        // What is optional at the end may be missing.
        ("grouped", json!([{}]), json!([{}, null])),
    ];
    for (method, arguments, expected) in table {
        assert_eq!(reply(&node, method, arguments.clone()).await, Ok(expected), "{method} {arguments}");
    }
    assert_eq!(reply(&node, "reset", json!([])).await, Ok(Value::Null), "a cast has no reply");
    assert_eq!(reply(&node, "add", json!([1])).await, Ok(json!(1)), "and was taken before what came later");
}

#[tokio::test]
async fn wrong_arguments_are_named_with_what_was_expected_and_what_was_given() {
    let node = node().await;
    let table = [
        ("add", json!(["x"]), "argument `by: i64` of `add`: expected i64, found \"x\" (text)"),
        ("add", json!([]), "`add` takes 1 argument, and none was given; `by: i64` is missing"),
        ("add", json!([1, 2]), "`add` takes 1 argument, and 2 were given"),
        (
            "order",
            json!([{ "id": 1, "lines": [{ "Moved": [1, 300] }] }]),
            "argument `order: Order` of `order`: at `.lines[0].Moved[1]`: expected i8, found 300 (a number)",
        ),
        (
            "order",
            json!([{ "id": 1 }]),
            "argument `order: Order` of `order`: the field `lines: Vec<Line>` of Order is missing",
        ),
        (
            "order",
            json!([{ "id": 1, "line": [] }]),
            "argument `order: Order` of `order`: Order has no field `line`; its fields: `id`, `note`, `lines`",
        ),
        (
            "order",
            json!([{ "id": 1, "lines": ["Fre"] }]),
            "argument `order: Order` of `order`: at `.lines[0]`: Line has no variant `Fre`; its variants: `Free`, \
             `Item`, `Moved`, `Priced`",
        ),
        (
            "result",
            json!([{ "Err": 1 }]),
            "argument `result: Result<(), String>` of `result`: at `.Err`: expected String, found 1 (a number); text \
             is written '\"1\"'",
        ),
    ];
    for (method, arguments, expected) in table {
        let refusal = reply(&node, method, arguments).await.expect_err(expected);
        assert_eq!((refusal.kind.as_str(), refusal.message.as_str()), ("bad_arguments", expected));
    }
}

#[tokio::test]
async fn who_is_not_there_and_who_cannot_be_called_is_said() {
    let node = node().await;
    let refused = |server: &'static str, method: &'static str, wait| {
        let node = node.clone();
        async move { call(&node, server, method, &[], wait).await.expect_err("refused") }
    };
    let nobody = refused("ecco", "add", SOON).await;
    assert_eq!(
        (nobody.kind.as_str(), &nobody.facts["known"]),
        // Those that belong to no application are not offered.
        ("unknown_server", &json!(["hermit"]))
    );
    let nothing = refused("echo", "ad", SOON).await;
    assert_eq!((nothing.kind.as_str(), &nothing.facts["known"][0]), ("unknown_method", &json!("add")));
    assert_eq!(refused("hermit", "knock", SOON).await.kind, "local_server");
    assert_eq!(refused("echo", "never", Duration::from_millis(1)).await.kind, "timed_out");
    assert_eq!(
        super::find(&node, "<0.999.0>").err().map(|refusal| refusal.kind),
        Some("unknown_server".into())
    );
}

#[tokio::test]
async fn servers_are_listed_with_what_they_can_be_called_with() {
    let node = node().await;
    let servers = serde_json::to_value(servers::all(&node)).expect("JSON");
    let methods = servers["servers"][0]["methods"].as_array().expect("a list");
    assert_eq!(methods[0], json!({ "name": "add", "kind": "call", "signature": "add(by: i64) -> i64" }));
    let signatures: Vec<_> =
        methods.iter().map(|method| method["signature"].as_str().expect("text")).collect();
    assert!(signatures.contains(&"found(result: Result<u64, Line>) -> Result<u64, Line>"), "{signatures:?}");
    assert!(signatures.contains(&"reset()"), "{signatures:?}");
    assert_eq!(servers["servers"][1]["methods"], json!([]), "the hermit's messages stay");
}

#[tokio::test]
async fn a_process_is_seen_suspended_resumed_and_killed() {
    let node = node().await;
    let of = |name: &'static str| {
        let all = serde_json::to_value(processes::all(&node)).expect("JSON");
        let all = all["processes"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|process| process["name"] == name)
    };
    reply(&node, "add", json!([1])).await.expect("added");
    let echo = of("echo").expect("it runs");
    assert_eq!(
        (&echo["state"], &echo["handled"], &echo["queued"]),
        (&json!("waiting"), &json!(1), &json!(0))
    );
    assert!(echo["memory_bytes"].as_u64() > Some(0));
    orders::suspend(&node, "echo").await.expect("suspended");
    assert_eq!(of("echo").expect("it runs")["state"], "suspended");
    orders::resume(&node, "echo").await.expect("resumed");
    assert_eq!(of("echo").expect("it runs")["state"], "waiting");
    let state = orders::state(&node, "echo", SOON).await.expect("a state");
    assert_eq!(state["state"], "Echo { count: 1 }");
    assert_eq!(orders::state(&node, "hermit", SOON).await.expect_err("not `Debug`").kind, "not_debug");
    let pid = node.whereis("echo").expect("it runs");
    orders::kill(&node, "echo").expect("killed");
    node.wait_exit(pid).await;
    assert!(of("echo").is_none());
}

#[test]
fn a_look_is_written_as_agreed() {
    let line = r#"{"request":"call","server":"b","method":"add","arguments":[1],"timeout_ms":null}"#;
    let look =
        Look::Call { server: "b".into(), method: "add".into(), arguments: vec![json!(1)], timeout_ms: None };
    assert_eq!(serde_json::to_string(&look).expect("JSON"), line);
}
