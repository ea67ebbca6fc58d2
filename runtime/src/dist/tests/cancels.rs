//! Callers of another node that leave before they have an answer.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Member, block_on, member};
use crate::dist::Table;
use crate::prelude::*;

/// Is busy until it is told to go on.
struct Busy {
    go_on: Arc<Notify>,
    begun: u32,
}

#[gen_server]
impl Busy {
    fn init(go_on: Arc<Notify>) -> Self {
        Self { go_on, begun: 0 }
    }

    #[call]
    async fn busy(&mut self) {
        self.go_on.notified().await;
    }

    #[call]
    fn begin(&mut self, what: String) -> usize {
        self.begun += 1;
        what.len()
    }

    #[call]
    fn begun(&self) -> u32 {
        self.begun
    }
}

/// Answers at once.
struct Idle;

#[gen_server]
impl Idle {
    fn init() -> Self {
        Self
    }

    #[call]
    fn ping(&self) {}
}

const BUSY: Name<Busy> = Busy::named("busy");
const IDLE: Name<Idle> = Idle::named("idle");

async fn pair(go_on: &Arc<Notify>) -> (Member, Member) {
    let table = Table::default();
    let (a, b) = (member("a", &table).await, member("b", &table).await);
    let start = async {
        Start::<Busy>::new(go_on.clone()).name(&BUSY).start().await?;
        Start::<Idle>::new(()).name(&IDLE).start().await
    };
    b.node.scope(start).await.expect("starts");
    (a, b)
}

/// Sends it, and waits no longer.
async fn give_up<T>(call: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = call => panic!("it was answered"),
        () = std::future::ready(()) => {}
    }
}

#[test]
fn a_call_whose_caller_has_left_is_not_begun() {
    block_on(async {
        let go_on = Arc::new(Notify::new());
        let (a, b) = pair(&go_on).await;
        a.node
            .scope(async {
                let (busy, idle) = (Name::on(&BUSY, b.name.as_str()), Name::on(&IDLE, b.name.as_str()));
                idle.ping().await.expect("answered");
                // The first time in terms, then natively, and one that goes in parts.
                for length in [1, 2, 1 << 20] {
                    let mut first = std::pin::pin!(busy.busy());
                    give_up(&mut first).await;
                    // The server is busy with a call that is awaited, and others stand in line.
                    give_up(busy.begin("x".repeat(length))).await;
                    // Messages keep their order: once this is answered, it was told that nobody waits for the other.
                    idle.ping().await.expect("answered");
                    assert_eq!(a.distribution.routes_to(&b.name), 2);
                    go_on.notify_one();
                    first.await.expect("answered");
                    assert_eq!(busy.begun().await, Ok(0), "{length}");
                }
                assert_eq!(busy.begin("it is not too late for others".into()).await, Ok(29));
                assert_eq!(busy.begun().await, Ok(1));
            })
            .await;
    });
}
