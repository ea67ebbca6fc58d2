//! Aliases that cross nodes: whoever gets one sends through it, for as long as its process leaves it open.

use super::*;
use crate::process::{self, Alias, AliasError, MonitorAlias, NotAProcess};
use crate::term::{self, Atom, ReferenceParts};

#[derive(Serialize, Deserialize, Debug)]
struct Bid(u32);

/// Takes bids through an alias, and answers through those of others.
struct Auction {
    bids: Alias<Bid>,
    /// Given to nobody.
    kept: Alias<Bid>,
    best: u32,
    asked: Vec<Alias<u32>>,
}

#[gen_server]
impl Auction {
    fn init(cx: &mut Context<Self>) -> Self {
        Self { bids: cx.alias(), kept: cx.alias(), best: 0, asked: Vec::new() }
    }

    #[call]
    fn bids(&self) -> Alias<Bid> {
        self.bids.clone()
    }

    #[call]
    fn me(&self, cx: &mut Context<Self>) -> Ref<Auction> {
        cx.me()
    }

    #[call]
    fn kept(&self) -> u64 {
        self.kept.reference().expect("of this node").0
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
    fn close(&mut self, bids: Alias<Bid>) -> bool {
        process::unalias(&bids) == Ok(true)
    }

    /// Tells `to` now, and at each `tell`.
    #[call]
    fn ask(&mut self, to: Alias<u32>) {
        to.send(self.best);
        self.asked.push(to);
    }

    #[call]
    fn tell(&mut self) {
        self.asked.iter().for_each(|to| to.send(self.best + 1));
    }
}

const AUCTION: Name<Auction> = Auction::named("auction");

/// With messages as terms, and natively.
fn with_auction<F: Future<Output = ()>>(body: impl Fn(Far, Ref<Auction>) -> F) {
    for is_native in [false, true] {
        with_far(async |far| {
            if is_native {
                far.wire.speak_native();
            }
            let there = &far.wire.nodes[1];
            let started = there.scope(async { Start::<Auction>::new(()).name(&AUCTION).start().await }).await;
            let auction = started.expect("starts");
            let wire = far.wire.clone();
            body(far, auction).await;
            assert_eq!(wire.native() > 0, is_native);
        });
    }
}

#[test]
fn what_is_sent_through_an_alias_of_another_node_is_handled_there_until_that_is_closed() {
    with_auction(async |far, _| {
        let bids = AUCTION.bids().await.expect("answered");
        assert_eq!((bids.pid(), bids.reference()), (None, None));
        bids.send(Bid(3));
        bids.clone().send(Bid(2));
        assert_eq!(AUCTION.best().await, Ok(3));
        // It knows its own alias when that comes back.
        assert_eq!(AUCTION.close(bids.clone()).await, Ok(true));
        bids.send(Bid(4));
        assert_eq!(AUCTION.best().await, Ok(3));
        assert_eq!(AUCTION.close(bids).await, Ok(false));
        assert_eq!(far.wire.refused(), []);
    });
}

#[test]
fn a_process_receives_what_others_send_through_its_alias_until_it_closes_it() {
    with_auction(async |_, _| {
        let asker = process::spawn(async {
            let answers = process::alias()?;
            AUCTION.ask(answers.clone()).await.map_err(ExitReason::error)?;
            AUCTION.tell().await.map_err(ExitReason::error)?;
            assert_eq!(process::receive_alias(&answers).await, Ok(0));
            assert_eq!(process::receive_alias(&answers).await, Ok(1));
            let once = process::reply_alias()?;
            AUCTION.ask(once.clone()).await.map_err(ExitReason::error)?;
            assert_eq!(process::unalias(&answers), Ok(true));
            AUCTION.tell().await.map_err(ExitReason::error)?;
            assert_eq!(process::receive_alias(&once).await, Ok(0));
            // Nothing of what came later is left over.
            assert_eq!(process::unalias(&once), Ok(false));
            let node = Node::current().expect("a node");
            let queued = node.process_info(process::self_pid().ok_or(NotAProcess)?).map(|info| info.queued);
            assert_eq!(queued, Some(0));
            Ok::<_, ExitReason>(())
        })
        .expect("a node");
        assert_eq!(process::wait_exit(asker).await, ExitReason::Normal);
    });
}

#[test]
fn an_alias_of_a_monitor_crosses_and_its_process_hears_of_the_end() {
    with_auction(async |far, _| {
        let pid = Ref::pid(&AUCTION.me().await.expect("answered"));
        let asker = process::spawn(async move {
            let answers = process::monitor_alias(pid, MonitorAlias::Demonitor)?;
            AUCTION.ask(answers.clone()).await.map_err(ExitReason::error)?;
            assert_eq!(process::receive_alias(&answers).await, Ok(0));
            process::kill(pid);
            let ended = process::receive_alias(&answers).await;
            assert!(matches!(ended, Err(AliasError::Down(down)) if down.reason == ExitReason::Killed));
            Ok::<_, ExitReason>(())
        })
        .expect("a node");
        assert_eq!(process::wait_exit(asker).await, ExitReason::Normal);
        assert_eq!(far.wire.refused(), []);
    });
}

#[test]
fn nothing_comes_through_an_alias_that_was_not_given_away_or_of_another_type() {
    with_auction(async |far, auction| {
        let kept = process::MonitorRef(AUCTION.kept().await.expect("answered")).words();
        let there = Ref::pid(&auction);
        let words = [kept[0], kept[1], kept[2], there.id(), there.serial()];
        let guessed = ReferenceParts::own(Atom::new("b@test"), there.creation(), words);
        let bytes = term::to_binary(&guessed).expect("written");
        let guessed: Alias<Bid> = term::from_binary(&bytes).expect("a reference");
        guessed.send(Bid(9));
        assert_eq!((AUCTION.best().await, far.wire.refused()), (Ok(0), vec![]));

        let bids = AUCTION.bids().await.expect("answered");
        let bytes = term::to_binary(&bids).expect("written");
        let texts: Alias<String> = term::from_binary(&bytes).expect("a reference");
        texts.send("9".into());
        assert_eq!(AUCTION.best().await, Ok(0));
        let refused = far.wire.refused();
        assert!(refused.len() == 1 && refused[0].to_string().contains("through an alias"), "{refused:?}");
    });
}
