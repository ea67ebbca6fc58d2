//! Aliases over a connection.

use serde::{Deserialize, Serialize};

use super::{Member, block_on, member};
use crate::dist::Table;
use crate::prelude::*;
use crate::process::{self, Alias};

#[derive(Serialize, Deserialize)]
struct Bid(u32);

struct Auction {
    bids: Alias<Bid>,
    best: u32,
}

#[gen_server]
impl Auction {
    fn init(cx: &mut Context<Self>) -> Self {
        Self { bids: cx.alias(), best: 0 }
    }

    #[call]
    fn bids(&self) -> Alias<Bid> {
        self.bids.clone()
    }

    #[info]
    fn bid(&mut self, Bid(bid): Bid) {
        self.best = self.best.max(bid);
    }

    #[call]
    fn best(&self) -> u32 {
        self.best
    }

    #[call]
    fn close(&self) -> bool {
        process::unalias(&self.bids) == Ok(true)
    }

    #[call]
    fn ask(&self, to: Alias<u32>) {
        to.send(self.best);
    }
}

const AUCTION: Name<Auction> = Auction::named("auction");

async fn pair() -> (Member, Member) {
    let table = Table::default();
    (member("a", &table).await, member("b", &table).await)
}

#[test]
fn an_alias_leads_to_its_process_from_every_node_in_order_and_until_it_is_closed() {
    block_on(async {
        let (a, b) = pair().await;
        b.node.scope(async { Start::<Auction>::new(()).name(&AUCTION).start().await }).await.expect("starts");
        let bids = a
            .node
            .scope(async {
                let there = Name::on(&AUCTION, b.name.as_str());
                // The first answer is a term, the second native.
                let mut bids = there.bids().await.expect("answered");
                bids.send(Bid(1));
                assert_eq!(there.best().await, Ok(1));
                bids = there.bids().await.expect("answered");
                assert_eq!(a.distribution.routes_to(&b.name), 1);
                for bid in 2..100 {
                    bids.send(Bid(bid));
                }
                assert_eq!(there.best().await, Ok(99));
                assert_eq!(there.close().await, Ok(true));
                bids.send(Bid(100));
                assert_eq!(there.best().await, Ok(99));

                let there = Name::on(&AUCTION, b.name.as_str());
                let asker = process::spawn(async move {
                    let answer = process::alias()?;
                    there.ask(answer.clone()).await.map_err(ExitReason::error)?;
                    assert_eq!(process::receive_alias(&answer).await, Ok(99));
                    Ok::<_, ExitReason>(())
                });
                assert_eq!(process::wait_exit(asker.expect("a node")).await, ExitReason::Normal);
                bids
            })
            .await;
        // Nobody is there any more, and nobody is told.
        drop(b);
        bids.send(Bid(101));
    });
}
