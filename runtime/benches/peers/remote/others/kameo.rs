//! An actor on another node by kameo over libp2p, as its documentation writes it: registered under a name.
//!
//! What it sends without an acknowledgement does not all arrive: of 5000 casts in a row 2108 did. So a cast is `send_ack`
//! here, of which 64 are under way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::kameo::actor::{Actor, ActorRef, RemoteActorRef, Spawn};
use ::kameo::error::Infallible;
use ::kameo::message::{Context, Message};
use ::kameo::remote::messaging;
use ::kameo::{RemoteActor, mailbox, remote, remote_message};
use futures::StreamExt;
use futures::future::join_all;
use libp2p::identity::Keypair;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, SwarmBuilder, noise, tcp, yamux};
use serde::{Deserialize, Serialize};

use crate::{BLOB_BYTES, CALLERS, free_port};

#[derive(RemoteActor)]
struct Counter {
    count: i64,
}

impl Actor for Counter {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(counter: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(counter)
    }
}

#[derive(Serialize, Deserialize)]
struct Add(i64);
#[derive(Serialize, Deserialize)]
struct Bump(i64);
#[derive(Serialize, Deserialize)]
struct Blob(#[serde(with = "serde_bytes")] Vec<u8>);
#[derive(Serialize, Deserialize)]
struct Get;

#[remote_message]
impl Message<Add> for Counter {
    type Reply = i64;

    async fn handle(&mut self, Add(by): Add, _: &mut Context<Self, i64>) -> i64 {
        self.count += by;
        self.count
    }
}

#[remote_message]
impl Message<Bump> for Counter {
    type Reply = ();

    async fn handle(&mut self, Bump(by): Bump, _: &mut Context<Self, ()>) {
        self.count += by;
    }
}

#[remote_message]
impl Message<Blob> for Counter {
    type Reply = ();

    async fn handle(&mut self, Blob(bytes): Blob, _: &mut Context<Self, ()>) {
        self.count += i64::from(!bytes.is_empty());
    }
}

#[remote_message]
impl Message<Get> for Counter {
    type Reply = i64;

    async fn handle(&mut self, Get: Get, _: &mut Context<Self, i64>) -> i64 {
        self.count
    }
}

/// A swarm over TCP, encrypted by noise as all of libp2p's; the port that it listens to.
fn join(server: Option<&str>) -> u16 {
    let swarm = SwarmBuilder::with_new_identity().with_tokio();
    let swarm = swarm.with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default).unwrap();
    let behaviour =
        |key: &Keypair| remote::Behaviour::new(key.public().to_peer_id(), messaging::Config::default());
    let mut swarm = swarm.with_behaviour(behaviour).unwrap().build();
    swarm.behaviour().init_global();
    let port = free_port();
    swarm.listen_on(address(port)).unwrap();
    if let Some(server) = server {
        swarm.dial(address(server.parse().unwrap())).unwrap();
    }
    tokio::spawn(async move {
        loop {
            // Its registry knows who is connected once it is told where they are.
            if let SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } =
                swarm.select_next_some().await
            {
                swarm.add_peer_address(peer_id, endpoint.get_remote_address().clone());
            }
        }
    });
    port
}

fn address(port: u16) -> Multiaddr {
    format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
}

/// Serves for ever; prints its port.
pub(crate) async fn serve() {
    let port = join(None);
    let counter = Counter::spawn_with_mailbox(Counter { count: 0 }, mailbox::unbounded());
    counter.register("counter").await.unwrap();
    println!("{port}");
    std::future::pending().await
}

/// The time of one operation; of the second go.
pub(crate) async fn measure(workload: &str, operations: u32, address: &str) -> Duration {
    join(Some(address));
    let counter = loop {
        if let Ok(Some(counter)) = RemoteActorRef::<Counter>::lookup("counter").await {
            break counter;
        }
        tokio::task::yield_now().await;
    };
    work(&counter, workload, operations).await;
    work(&counter, workload, operations).await
}

async fn work(counter: &RemoteActorRef<Counter>, workload: &str, operations: u32) -> Duration {
    let before = counter.ask(&Get).await.unwrap();
    let began = Instant::now();
    match workload {
        "call" => tokio::spawn(calls(counter.clone(), operations)).await.unwrap(),
        "callers" => {
            let callers = (0..CALLERS).map(|_| tokio::spawn(calls(counter.clone(), operations / CALLERS)));
            join_all(callers).await.into_iter().for_each(Result::unwrap);
        }
        _ => {
            let blob = (workload == "blob").then(|| Blob(vec![7; BLOB_BYTES]));
            let blob = Arc::new(blob);
            let casts = (0..CALLERS)
                .map(|_| tokio::spawn(casts(counter.clone(), blob.clone(), operations / CALLERS)));
            join_all(casts).await.into_iter().for_each(Result::unwrap);
        }
    }
    let took = began.elapsed();
    let done = operations / CALLERS * CALLERS;
    let arrived = counter.ask(&Get).await.unwrap() - before;
    assert!(arrived >= i64::from(done), "{arrived} of {done} have arrived");
    took / operations
}

async fn calls(counter: RemoteActorRef<Counter>, operations: u32) {
    for _ in 0..operations {
        counter.ask(&Add(1)).await.unwrap();
    }
}

async fn casts(counter: RemoteActorRef<Counter>, blob: Arc<Option<Blob>>, operations: u32) {
    for _ in 0..operations {
        match &*blob {
            Some(blob) => counter.tell(blob).send_ack().await.unwrap(),
            None => counter.tell(&Bump(1)).send_ack().await.unwrap(),
        }
    }
}
