//! An actor on another node by ractor_cluster, as its documentation writes it: found by its process group.

use std::time::{Duration, Instant};

use ::ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call, pg};
use ::ractor_cluster::{NodeServer, NodeServerMessage, RactorClusterMessage, client_connect};

use crate::{BLOB_BYTES, CALLERS, free_port};

const GROUP: &str = "counters";

struct Counter;

#[derive(RactorClusterMessage)]
enum Message {
    #[rpc]
    Add(i64, RpcReplyPort<i64>),
    #[rpc]
    Get(RpcReplyPort<i64>),
    Bump(i64),
    Blob(Vec<u8>),
}

impl Actor for Counter {
    type Msg = Message;
    type State = i64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, (): ()) -> Result<i64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        count: &mut i64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Add(by, reply) => {
                *count += by;
                reply.send(*count)?;
            }
            Message::Get(reply) => reply.send(*count)?,
            Message::Bump(by) => *count += by,
            Message::Blob(bytes) => *count += i64::from(!bytes.is_empty()),
        }
        Ok(())
    }
}

async fn node(name: &str, port: u16) -> ActorRef<NodeServerMessage> {
    let server = NodeServer::new(port, "bench".into(), name.into(), "localhost".into(), None, None);
    let server = server.with_listen_addr([127, 0, 0, 1].into());
    Actor::spawn(None, server, ()).await.unwrap().0
}

/// Serves for ever; prints its port.
pub(crate) async fn serve() {
    let port = free_port();
    node("server", port).await;
    let (counter, _) = Actor::spawn(None, Counter, ()).await.unwrap();
    pg::join(GROUP.into(), vec![counter.get_cell()]);
    println!("{port}");
    std::future::pending().await
}

/// The time of one operation; of the second go.
pub(crate) async fn measure(workload: &str, operations: u32, address: &str) -> Duration {
    let node = node(&format!("client{}", std::process::id()), free_port()).await;
    client_connect(&node, format!("127.0.0.1:{address}")).await.unwrap();
    let counter: ActorRef<Message> = loop {
        match pg::get_members(&GROUP.into()).into_iter().next() {
            Some(member) => break member.into(),
            None => tokio::task::yield_now().await,
        }
    };
    work(&counter, workload, operations).await;
    work(&counter, workload, operations).await
}

async fn work(counter: &ActorRef<Message>, workload: &str, operations: u32) -> Duration {
    let before = call!(counter, Message::Get).unwrap();
    let began = Instant::now();
    match workload {
        "call" => tokio::spawn(calls(counter.clone(), operations)).await.unwrap(),
        "callers" => {
            let callers = (0..CALLERS).map(|_| tokio::spawn(calls(counter.clone(), operations / CALLERS)));
            for caller in callers.collect::<Vec<_>>() {
                caller.await.unwrap();
            }
        }
        _ => {
            let blob = (workload == "blob").then(|| vec![7; BLOB_BYTES]);
            let counter = counter.clone();
            let casts = async move {
                for _ in 0..operations {
                    let message = blob.as_ref().map_or(Message::Bump(1), |blob| Message::Blob(blob.clone()));
                    counter.cast(message).unwrap();
                }
                let count = call!(counter, Message::Get).unwrap();
                assert_eq!(count, before + i64::from(operations), "some casts have not arrived");
            };
            tokio::spawn(casts).await.unwrap();
        }
    }
    began.elapsed() / operations
}

async fn calls(counter: ActorRef<Message>, operations: u32) {
    for _ in 0..operations {
        call!(counter, Message::Add, 1).unwrap();
    }
}
