//! Aliases, both ways: references to Erlang, typed to us.

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;
use umbrella::process::{self, Alias};

use crate::erl::{Erl, Find};
use crate::{Member, block_on, nowhere};

#[derive(Serialize, Deserialize)]
struct Bid(u32);

/// Takes bids through an alias, and tells others through theirs.
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
    fn close(&self, bids: Alias<Bid>) -> bool {
        process::unalias(&bids) == Ok(true)
    }

    #[call]
    fn tell(&self, to: Alias<(String, u32)>) {
        to.send(("best".into(), self.best));
    }
}

const AUCTION: Name<Auction> = Auction::named("auction");

#[test]
fn an_erlang_node_sends_through_an_alias_of_ours_until_it_is_closed_and_we_through_its() {
    block_on(async {
        let c = Member::start(nowhere).await;
        c.node.scope(async { Start::<Auction>::new(()).name(&AUCTION).start().await }).await.expect("starts");
        let script = "
            A = {auction, N},
            Bids = gen_server:call(A, bids),
            P(is_reference(Bids)),
            Bids ! 7, Bids ! {no, bid}, Bids ! 3,
            P(gen_server:call(A, best)),
            Mine = alias(),
            gen_server:call(A, {tell, Mine}),
            receive {<<\"best\">>, Best} -> P({told, Best}) end,
            unalias(Mine),
            gen_server:call(A, {tell, Mine}),
            receive Late -> P(Late) after 0 -> P(nothing) end,
            Once = alias([reply]),
            gen_server:call(A, {tell, Once}), gen_server:call(A, {tell, Once}),
            receive {_, Best} -> P(once) end,
            receive Twice -> P(Twice) after 0 -> P(nothing) end,
            P(gen_server:call(A, {close, Bids})),
            Bids ! 9,
            P(gen_server:call(A, best))";
        let lines = Erl::start("a1@127.0.0.1", &Find::Port(c.port()), script).lines().await;
        assert_eq!(lines, ["true", "7", "{told,7}", "nothing", "once", "nothing", "true", "7"]);
    });
}
