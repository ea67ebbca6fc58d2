//! With so many messages waiting: what sending one more costs, working them off, and calling others meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use umbrella::prelude::*;

use crate::{each, on_node};

pub(crate) const HEAD: &str = "\
| messages queued | cast | working one off | call by a process with so many queued |
|---|---|---|---|";

/// Messages per measurement, in batches of as many as are queued.
const OPERATIONS: usize = 1_000_000;
const CALLS: u32 = 100_000;

struct Busy {
    handled: usize,
}

#[gen_server(local)]
impl Busy {
    fn init() -> Self {
        Self { handled: 0 }
    }

    /// Handles nothing else until it is told to go on.
    #[call]
    async fn stay(&mut self, entered: Arc<Notify>, go_on: Arc<Notify>) {
        entered.notify_one();
        go_on.notified().await;
    }

    /// Calls `other` again and again, whatever waits meanwhile.
    #[call]
    async fn calls(&mut self, other: Ref<Busy>, entered: Arc<Notify>, go_on: Arc<Notify>) -> Duration {
        entered.notify_one();
        go_on.notified().await;
        let began = Instant::now();
        for _ in 0..CALLS {
            other.handled().await.unwrap();
        }
        began.elapsed()
    }

    #[cast]
    fn bump(&mut self) {
        self.handled += 1;
    }

    #[call]
    fn handled(&mut self) -> usize {
        self.handled
    }
}

pub(crate) fn measure(size: usize) {
    on_node(async move {
        let (mut sending, mut handling) = (Duration::ZERO, Duration::ZERO);
        let server = Busy::start(()).await.unwrap();
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let batches = OPERATIONS / size.max(100);
        for _ in 0..batches {
            let staying = server.stay(entered.clone(), go_on.clone()).infinity();
            let work = async {
                entered.notified().await;
                let began = Instant::now();
                for _ in 0..size {
                    server.bump().unwrap();
                }
                sending += began.elapsed();
                go_on.notify_one();
                Instant::now()
            };
            let (stayed, began) = tokio::join!(staying, work);
            stayed.unwrap();
            server.handled().infinity().await.unwrap();
            handling += began.elapsed();
        }
        let other = Busy::start(()).await.unwrap();
        let calling = server.calls(other, entered.clone(), go_on.clone()).infinity();
        let fill = async {
            entered.notified().await;
            for _ in 0..size {
                server.bump().unwrap();
            }
            go_on.notify_one();
        };
        let (calling, ()) = tokio::join!(calling, fill);
        let (cast, one) = (each(sending, batches * size), each(handling, batches * size));
        println!("| {size} | {cast} ns | {one} ns | {} ns |", each(calling.unwrap(), CALLS as usize));
    });
}
