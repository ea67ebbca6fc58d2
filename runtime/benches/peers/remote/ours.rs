//! A GenServer on another node, by its name.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use umbrella::dist::{Address, Cookie, Distribution, Epmd, Options, Resolver, Table};
use umbrella::prelude::*;

use crate::{BLOB_BYTES, CALLERS};

const COUNTER: Name<Counter> = Counter::named("counter");

struct Counter {
    count: i64,
}

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self { count: 0 }
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    #[call]
    fn get(&self) -> i64 {
        self.count
    }

    #[cast]
    fn bump(&mut self, by: i64) {
        self.count += by;
    }

    #[cast]
    fn blob(&mut self, bytes: Blob) {
        self.count += i64::from(!bytes.0.is_empty());
    }
}

/// A binary on the wire, not a list.
#[derive(serde::Serialize, serde::Deserialize)]
struct Blob(#[serde(with = "serde_bytes")] Vec<u8>);

fn cookie() -> Cookie {
    Cookie::new("bench")
}

/// Serves for ever; prints its port.
pub(crate) async fn serve(name: &str) {
    let node = Node::new(name);
    let options = Options::new("server@127.0.0.1", cookie());
    let distribution = Distribution::start(&node, options).await.unwrap();
    let counter = Supervisor::new(Strategy::OneForOne).child(Counter::child_spec(()).name(COUNTER));
    node.scope(counter.start()).await.unwrap();
    println!("{}", distribution.ports()[0]);
    std::future::pending().await
}

/// The time of one operation; of the second go.
pub(crate) async fn measure(is_otp: bool, workload: &str, operations: u32, address: &str) -> Duration {
    let node = Node::new("client");
    let mut options = Options::new(format!("client{}@127.0.0.1", std::process::id()), cookie());
    let server = if is_otp { format!("{address}@127.0.0.1") } else { "server@127.0.0.1".to_owned() };
    let resolver: Arc<dyn Resolver> = if is_otp {
        Arc::new(Epmd::default())
    } else {
        let table = Table::default();
        let port: u16 = address.parse().unwrap();
        table.insert(&server, [Address::tcp((Ipv4Addr::LOCALHOST, port))]);
        Arc::new(table)
    };
    options.resolver = resolver;
    let _distribution = Distribution::start(&node, options).await.unwrap();
    let counter = Name::on(&COUNTER, server);
    node.scope(async {
        work(&counter, workload, operations).await;
        work(&counter, workload, operations).await
    })
    .await
}

async fn work(counter: &Name<Counter>, workload: &str, operations: u32) -> Duration {
    let began = Instant::now();
    match workload {
        "call" => Task::spawn(calls(counter.clone(), operations)).infinity().await.unwrap(),
        "callers" => {
            let callers = (0..CALLERS).map(|_| Task::spawn(calls(counter.clone(), operations / CALLERS)));
            for caller in callers.collect::<Vec<_>>() {
                caller.infinity().await.unwrap();
            }
        }
        "cast" => {
            let counter = counter.clone();
            let casts = async move {
                for _ in 0..operations {
                    if let Err(full) = counter.bump(1) {
                        Name::deliver(&counter, *full.message).await.unwrap();
                    }
                }
                counter.get().infinity().await.unwrap();
            };
            Task::spawn(casts).infinity().await.unwrap();
        }
        _ => {
            let counter = counter.clone();
            let casts = async move {
                let blob = vec![7; BLOB_BYTES];
                for _ in 0..operations {
                    if let Err(full) = counter.blob(Blob(blob.clone())) {
                        Name::deliver(&counter, *full.message).await.unwrap();
                    }
                }
                counter.get().infinity().await.unwrap();
            };
            Task::spawn(casts).infinity().await.unwrap();
        }
    }
    began.elapsed() / operations
}

async fn calls(counter: Name<Counter>, operations: u32) {
    for _ in 0..operations {
        counter.add(1).await.unwrap();
    }
}
