//! Finding each other through a port mapper: Erlang's, or ours.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use umbrella::dist::{Epmd, Options};
use umbrella::prelude::*;

use crate::erl::{Erl, Find};
use crate::{COUNTER, Counter, Member, block_on};

/// A port that nobody has.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("has one").port()
}

pub(crate) fn through(port: u16) -> impl FnOnce(Options) -> Options {
    move |options| Options { epmd: Some(port), resolver: Arc::new(Epmd { port }), ..options }
}

/// Waits until the port mapper knows exactly these.
pub(crate) async fn until_known(port: u16, names: &[&str]) {
    loop {
        let known = Epmd { port }.names().await.unwrap_or_default();
        let mut known: Vec<_> = known.iter().map(|(name, _)| &**name).collect();
        known.sort_unstable();
        if known == names {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// What both sides do, whoever is the port mapper: each finds and calls the other.
async fn find_each_other(port: u16, name: &str) {
    let c = Member::start(through(port)).await;
    c.node.scope(Counter::start_as(1)).await;
    until_known(port, &["c"]).await;
    let script = "
        {ok, _} = counter:start(2),
        {ok, Names} = net_adm:names(\"127.0.0.1\"),
        P(lists:sort([A || {A, _} <- Names])),
        receive after infinity -> ok end";
    let (alive, _host) = name.split_once('@').expect("a name");
    let mut erl = Erl::start(name, &Find::Epmd(port), script);
    assert_eq!(erl.line().await, Some(format!("[\"c\",\"{alive}\"]")));
    // Ours calls first, so that it is the one that connects.
    let theirs = Name::on(&COUNTER, name);
    assert_eq!(c.node.scope(async { theirs.add(40).await }).await, Ok(42));
    drop(erl);
    until_known(port, &["c"]).await;
    let caller = Erl::start(name, &Find::Epmd(port), "P(gen_server:call({counter, N}, {add, 40}))");
    assert_eq!(caller.lines().await, ["41"]);
}

#[test]
fn without_epmd_the_first_node_of_ours_is_it() {
    block_on(find_each_other(free_port(), "p1@127.0.0.1"));
}

/// Erlang's own port mapper.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

#[test]
fn epmd_is_used_where_it_runs() {
    let port = free_port();
    let epmd = Command::new("epmd")
        .args(["-port", &port.to_string(), "-address", "127.0.0.1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _daemon = Daemon(epmd.expect("epmd is installed; see .ci/run"));
    block_on(async {
        let epmd = Epmd { port };
        while epmd.names().await.is_err() {
            tokio::task::yield_now().await;
        }
        find_each_other(port, "p2@127.0.0.1").await;
    });
}
