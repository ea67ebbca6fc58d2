//! Messages without names, between nodes whose types are alike, and big ones in parts.

use super::{Member, block_on, member};
use crate::dist::Table;
use crate::gen_server::Start;
use crate::prelude::*;
use crate::registry::Name;
use crate::supervisor::Strategy;

const COUNTER: Name<Counter> = Counter::named("counter");
/// The same name, for a server with the same messages but for their types.
const TEXTS: Name<Texts> = Texts::named("counter");

struct Counter {
    seen: Vec<u64>,
    kept: Vec<ReplyTo<u64>>,
}

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self { seen: Vec::new(), kept: Vec::new() }
    }

    #[cast]
    fn note(&mut self, number: u64, padding: String) {
        self.seen.push(number + padding.len() as u64);
    }

    #[call]
    fn seen(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.seen)
    }

    #[call]
    fn keep(&mut self, reply: ReplyTo<u64>) {
        self.kept.push(reply);
    }

    #[call]
    fn forget(&mut self) {
        self.kept.clear();
    }

    #[call]
    fn echo(&self, text: String) -> Result<String, u8> {
        if text.is_empty() { Err(7) } else { Ok(text) }
    }

    #[call]
    fn long(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }

    #[cast]
    fn crash(&self) {
        panic!("boom");
    }
}

struct Texts(Vec<String>);

#[gen_server]
impl Texts {
    fn init() -> Self {
        Self(Vec::new())
    }

    #[cast]
    fn note(&mut self, text: String) {
        self.0.push(text);
    }

    #[call]
    fn texts(&self) -> Vec<String> {
        self.0.clone()
    }
}

async fn pair() -> (Member, Member) {
    let table = Table::default();
    (member("a", &table).await, member("b", &table).await)
}

impl Member {
    /// Routes that another node has offered to this one.
    fn routes_to(&self, other: &Self) -> usize {
        self.distribution.routes_to(&other.name)
    }

    async fn run<T>(&self, body: impl Future<Output = T>) -> T {
        self.node.scope(body).await
    }
}

async fn counter(of: &Member) -> Ref<Counter> {
    of.run(async { Start::<Counter>::new(()).name(&COUNTER).start().await }).await.expect("starts")
}

#[test]
fn after_the_first_message_the_others_go_by_a_route_and_mean_the_same() {
    block_on(async {
        let (a, b) = pair().await;
        let by_pid = counter(&b).await;
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            assert_eq!(there.seen().await, Ok(vec![]));
            assert_eq!(a.routes_to(&b), 1);
            for number in 0..100 {
                there.note(number, String::new()).expect("sent");
            }
            assert_eq!(there.seen().await, Ok((0..100).collect()));
            assert_eq!(there.echo("x".into()).await, Ok(Ok("x".into())));
            assert_eq!(there.echo(String::new()).await, Ok(Err(7)));
            assert_eq!((a.routes_to(&b), b.routes_to(&a)), (1, 0));
        })
        .await;
        // A process that is addressed by its pid is another route.
        let bytes = b.node.enter(|| crate::term::to_binary(&by_pid)).expect("a pid");
        let far: Ref<Counter> = a.node.enter(|| crate::term::from_binary(&bytes)).expect("a pid");
        a.run(async {
            assert_eq!(far.echo("1".into()).await, Ok(Ok("1".into())));
            assert_eq!(a.routes_to(&b), 2);
            assert_eq!(far.echo("2".into()).await, Ok(Ok("2".into())));
        })
        .await;
    });
}

#[test]
fn a_call_that_is_given_up_fails_at_once() {
    block_on(async {
        let (a, b) = pair().await;
        counter(&b).await;
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            assert_eq!(there.seen().await, Ok(vec![]));
            let (kept, forgotten) = tokio::join!(there.keep(), there.forget());
            assert_eq!((kept, forgotten), (Err(CallError::NoReply), Ok(())));
            let (kept, crashed) = tokio::join!(there.keep(), async { there.crash() });
            crashed.expect("sent");
            assert!(
                matches!(&kept, Err(CallError::Exited(reason)) if reason.to_string().contains("boom")),
                "{kept:?}"
            );
            // Nobody has the name any more.
            assert_eq!(there.echo("x".into()).await, Err(CallError::NoProc));
            counter(&b).await;
            assert_eq!(there.echo("x".into()).await, Ok(Ok("x".into())));
            let (kept, ()) = tokio::join!(there.keep(), async { drop(b.distribution) });
            assert_eq!(kept, Err(CallError::NoConnection("b@127.0.0.1".into())));
        })
        .await;
    });
}

#[test]
fn a_route_leads_to_whoever_has_the_name_now() {
    block_on(async {
        let (a, b) = pair().await;
        let supervisor =
            Supervisor::new(Strategy::OneForOne).intensity(3).child(Counter::child_spec(()).name(COUNTER));
        let _supervisor = b.run(supervisor.start()).await.expect("starts");
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            for number in 0..3 {
                assert_eq!(there.echo("x".into()).await, Ok(Ok("x".into())));
                let first = b.node.whereis("counter");
                there.crash().expect("sent");
                b.node.wait_registered("counter", first).await;
                there.note(number, String::new()).expect("sent");
                assert_eq!(there.seen().await, Ok(vec![number]));
            }
            assert_eq!(a.routes_to(&b), 1);
        })
        .await;
    });
}

#[test]
fn a_process_that_has_ended_gets_nothing_while_somebody_remembers_it() {
    block_on(async {
        let (a, b) = pair().await;
        let before = counter(&b).await;
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            assert_eq!(there.seen().await, Ok(vec![]));
            b.node.exit(Ref::pid(&before), ExitReason::Shutdown);
            b.node.wait_exit(Ref::pid(&before)).await;
            let _after = counter(&b).await;
            there.note(1, String::new()).expect("sent");
            assert_eq!(there.seen().await, Ok(vec![1]));
        })
        .await;
        drop(before);
    });
}

#[test]
fn who_takes_the_name_with_other_messages_gets_none_that_are_not_for_it() {
    block_on(async {
        let (a, b) = pair().await;
        let first = Ref::pid(&counter(&b).await);
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            assert_eq!(there.seen().await, Ok(vec![]));
            b.node.exit(first, ExitReason::Shutdown);
            b.node.wait_exit(first).await;
            b.run(async { Start::<Texts>::new(()).name(&TEXTS).start().await }).await.expect("starts");
            there.note(1, String::new()).expect("sent");
            let refused = there.seen().await;
            assert!(matches!(&refused, Err(CallError::BadMessage(_))), "{refused:?}");
            let texts = Name::on(&TEXTS, b.name.as_str());
            assert_eq!(texts.texts().await, Ok(vec![]));
            texts.note("hello".into()).expect("sent");
            assert_eq!(texts.texts().await, Ok(vec!["hello".into()]));
            assert_eq!(a.routes_to(&b), 1);
        })
        .await;
    });
}

#[test]
fn big_messages_arrive_whole_and_before_what_their_sender_sent_after_them() {
    block_on(async {
        let (a, b) = pair().await;
        counter(&b).await;
        a.run(async {
            let there = Name::on(&COUNTER, b.name.as_str());
            assert_eq!(there.seen().await, Ok(vec![]));
            let big = "x".repeat(3_000_000);
            for _ in 0..3 {
                there.note(1, big.clone()).expect("sent");
                there.note(2, String::new()).expect("sent");
            }
            assert_eq!(there.seen().await, Ok([3_000_001, 2].repeat(3)));
            assert_eq!(there.echo(big.clone()).await, Ok(Ok(big)));
            let too_big = there.echo("x".repeat(64 << 20)).await;
            assert!(
                matches!(&too_big, Err(CallError::BadMessage(why)) if why.contains("a node takes at most")),
                "{too_big:?}"
            );
            let too_big = there.long(64 << 20).await;
            assert!(
                matches!(&too_big, Err(CallError::BadMessage(why)) if why.contains("a node takes at most")),
                "{:?}",
                too_big.map(|answer| answer.len())
            );
            assert_eq!(there.echo("x".into()).await, Ok(Ok("x".into())));
        })
        .await;
    });
}
