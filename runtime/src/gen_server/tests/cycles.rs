//! Servers that wait for each other.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

use super::on_node;
use crate::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

/// How one server asks the next.
#[derive(Clone, Copy)]
enum How {
    Plainly,
    /// Beside something else that may end the waiting.
    Selecting,
    /// Beside another call.
    Joining,
    Detached,
}

/// Asks along a route, and answers what the last one said.
struct Hop;

type Route = Vec<(How, Ref<Hop>)>;

const HOP: Name<Hop> = Hop::named("hop");

#[gen_server(local)]
impl Hop {
    fn init() -> Self {
        Self
    }

    #[call]
    async fn ask(&self, mut route: Route) -> Result<u8, CallError> {
        let Some((how, next)) = route.pop() else { return Ok(7) };
        match how {
            How::Plainly => next.ask(route).await?,
            How::Detached => next.ask(route).detached().await?,
            How::Selecting => tokio::select! {
                answer = next.ask(route) => answer?,
                () = tokio::time::sleep(3 * SECOND) => Ok(3),
            },
            How::Joining => tokio::join!(next.ask(route), next.ask(Vec::new())).0?,
        }
    }

    /// Asks later, for its own account.
    #[cast]
    async fn begin(&self, after: Duration, route: Route, tell: tokio::sync::mpsc::UnboundedSender<Told>) {
        tokio::time::sleep(after).await;
        let answer = self.ask(route).await;
        tell.send((Instant::now(), answer)).expect("the test listens");
    }

    /// Gives its answer to a task before it asks.
    #[call]
    async fn give_away(&self, route: Route, reply: ReplyTo<Result<u8, CallError>>) {
        tokio::spawn(async move {
            tokio::time::sleep(2 * SECOND).await;
            reply.reply(Ok(2));
        });
        let _whatever = self.ask(route).await;
    }

    #[call]
    async fn ask_giver(&self, giver: Ref<Hop>, route: Route) -> Result<u8, CallError> {
        giver.give_away(route).await?
    }

    #[call]
    async fn ask_by_name(&self) -> Result<u8, CallError> {
        HOP.ask(Vec::new()).await?
    }

    #[call]
    async fn ask_itself_joined(&self, cx: &mut Context<Self>) -> Result<u8, CallError> {
        let me = cx.me();
        tokio::join!(me.ask(Vec::new()), tokio::task::yield_now()).0?
    }
}

type Told = (Instant, Result<u8, CallError>);

async fn hops<const N: usize>() -> [Ref<Hop>; N] {
    let mut hops = Vec::new();
    for _ in 0..N {
        hops.push(Hop::start(()).await.expect("starts"));
    }
    hops.try_into().expect("as many as asked for")
}

/// The pids of a cycle, if `answer` fails with one.
fn path(answer: &Result<u8, CallError>) -> Option<Vec<Pid>> {
    match answer {
        Err(CallError::WaitCycle(path)) => Some(path.waiters().iter().map(|waiter| waiter.pid).collect()),
        _ => None,
    }
}

/// Keeps what is said of wait cycles.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let warnings = Self::default();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(warnings.clone()));
        (warnings, guard)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        struct Path(String);
        impl tracing::field::Visit for Path {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
                if field.name() == "path" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        if event.metadata().target() == "umbrella::wait_cycle" {
            let mut path = Path(String::new());
            event.record(&mut path);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(path.0);
        }
    }
}

#[test]
fn a_call_that_closes_a_cycle_fails_at_once_with_the_path() {
    on_node(async |_| {
        let [a, b, c] = hops().await;
        let began = Instant::now();
        let route = vec![(How::Plainly, a.clone()), (How::Plainly, c.clone()), (How::Plainly, b.clone())];
        let answer = a.ask(route.clone()).await.expect("a itself answers");
        // The last made, since all have the deadline of the first.
        assert_eq!(path(&answer), Some(vec![Ref::pid(&c), Ref::pid(&a), Ref::pid(&b)]));
        let answer = a.ask(route).infinity().await.expect("a itself answers");
        assert_eq!(path(&answer), Some(vec![Ref::pid(&c), Ref::pid(&a), Ref::pid(&b)]));
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(a.ask(vec![(How::Plainly, b), (How::Plainly, c)]).await, Ok(Ok(7)));
    });
}

#[test]
fn a_cycle_is_told_by_name() {
    on_node(async |_| {
        let [other] = hops().await;
        let hop = Start::<Hop>::new(()).name(&HOP).start().await.expect("starts");
        let answer = hop.ask(vec![(How::Plainly, hop.clone())]).await;
        assert_eq!(answer, Ok(Err(CallError::CallingSelf)));
        let Ok(Err(error)) =
            other.ask(vec![(How::Plainly, other.clone()), (How::Plainly, hop.clone())]).await
        else {
            panic!("no cycle")
        };
        let other = Ref::pid(&other);
        let label = std::any::type_name::<Hop>();
        assert_eq!(error.to_string(), format!("wait cycle: hop.ask -> {label}{other}.ask -> hop"));
    });
}

#[test]
fn a_server_that_calls_itself_by_name_or_beside_others_is_told_so() {
    on_node(async |_| {
        let hop = Start::<Hop>::new(()).name(&HOP).start().await.expect("starts");
        assert_eq!(hop.ask_by_name().await, Ok(Err(CallError::CallingSelf)));
        assert_eq!(hop.ask_itself_joined().await, Ok(Err(CallError::CallingSelf)));
    });
}

#[test]
fn of_independent_calls_the_one_with_the_earliest_deadline_fails() {
    on_node(async |_| {
        let [a, b] = hops().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let began = Instant::now();
        a.begin(Duration::ZERO, vec![(How::Plainly, b.clone())], tell.clone()).expect("alive");
        b.begin(SECOND / 2, vec![(How::Plainly, a.clone())], tell).expect("alive");
        let (at, answer) = told.recv().await.expect("a goes on");
        assert_eq!((at - began, path(&answer)), (SECOND / 2, Some(vec![Ref::pid(&a), Ref::pid(&b)])));
        let (at, answer) = told.recv().await.expect("b goes on");
        assert_eq!((at - began, answer), (SECOND / 2, Ok(7)));
    });
}

#[test]
fn a_cycle_that_something_else_may_end_is_warned_of_and_goes_on() {
    let (warnings, _listening) = Warnings::listen();
    on_node(async |_| {
        for how in [How::Selecting, How::Joining] {
            let [a, b] = hops().await;
            let began = Instant::now();
            let route = vec![(How::Plainly, a.clone()), (how, b.clone())];
            let answer = a.ask(route).within(4 * SECOND).await;
            match how {
                How::Selecting => assert_eq!((answer, began.elapsed()), (Ok(Ok(3)), 3 * SECOND)),
                How::Joining | How::Plainly | How::Detached => {
                    assert_eq!((answer, began.elapsed()), (Err(CallError::Timeout), 4 * SECOND));
                }
            }
            let warned = warnings.take();
            assert!(!warned.is_empty());
            for warning in warned {
                assert!(warning.contains(&Ref::pid(&a).to_string()), "{warning}");
                assert!(warning.contains(&Ref::pid(&b).to_string()), "{warning}");
            }
        }
    });
}

#[test]
fn a_call_whose_answer_is_elsewhere_is_not_failed() {
    on_node(async |_| {
        let [a, b] = hops().await;
        let began = Instant::now();
        // b awaits a, which awaits b; but the answer of b is with a task.
        assert_eq!(a.ask_giver(b, vec![(How::Plainly, a.clone())]).await, Ok(Ok(2)));
        assert_eq!(began.elapsed(), 2 * SECOND);
    });
}

#[test]
fn a_call_that_outlives_the_cycle_is_answered() {
    on_node(async |_| {
        let [a, b] = hops().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        // a gives up before b does; so it is a whose call cannot be answered.
        let route = vec![(How::Detached, a.clone()), (How::Plainly, b.clone())];
        a.begin(Duration::ZERO, route, tell).expect("alive");
        let (_, answer) = told.recv().await.expect("a goes on");
        assert!(path(&answer).is_some(), "{answer:?}");
        assert_eq!(a.ask(Vec::new()).await, Ok(Ok(7)));
        assert_eq!(b.ask(Vec::new()).await, Ok(Ok(7)));
    });
}

#[test]
fn busy_servers_that_do_not_wait_for_each_other_are_left_alone() {
    let (warnings, _listening) = Warnings::listen();
    on_node(async |_| {
        let [a, b, c] = hops().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        b.begin(4 * SECOND, vec![(How::Plainly, c.clone())], tell).expect("alive");
        // Waits behind what b does, which has nothing to do with a.
        assert_eq!(a.ask(vec![(How::Plainly, c), (How::Plainly, b)]).await, Ok(Ok(7)));
        assert_eq!(told.recv().await.map(|(_, answer)| answer), Some(Ok(7)));
    });
    assert!(warnings.take().is_empty());
}

/// Runs `routes` at once, on several threads, and gives the answers.
fn at_once(routes: impl FnOnce(&[Ref<Hop>]) -> Vec<Route>) -> Vec<Result<u8, CallError>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(async {
        let servers = hops::<8>().await;
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        for route in routes(&servers) {
            let [first] = hops::<1>().await;
            first.begin(Duration::ZERO, route, tell.clone()).expect("alive");
        }
        drop(tell);
        let mut answers = Vec::new();
        while let Some((_, answer)) = told.recv().await {
            answers.push(answer);
        }
        answers
    }))
}

/// Numbers that look random.
fn numbers(seed: u32) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(seed), |n| Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)))
        .map(|n| (n >> 16) as usize)
}

#[test]
fn calls_that_all_go_one_way_are_all_answered() {
    let answers = at_once(|hops| {
        let mut random = numbers(1);
        let route = |_| {
            // From the last to the first, as they are taken from the end.
            let mut places: Vec<_> = random.by_ref().take(4).map(|n| n % hops.len()).collect();
            places.sort_unstable();
            places.dedup();
            places.into_iter().map(|at| (How::Plainly, hops[at].clone())).collect()
        };
        (0..500).map(route).collect()
    });
    assert_eq!(answers, vec![Ok(7); 500]);
}

#[test]
fn of_calls_that_go_all_ways_each_is_answered_or_told_why() {
    let answers = at_once(|hops| {
        let mut random = numbers(2);
        let step = |at: usize| (How::Plainly, hops[at % hops.len()].clone());
        (0..100).map(|_| random.by_ref().take(3).map(step).collect()).collect()
    });
    assert_eq!(answers.len(), 100);
    for answer in answers {
        // A server in the middle may be the one that is told.
        assert!(
            matches!(answer, Ok(7) | Err(CallError::WaitCycle(_) | CallError::CallingSelf)),
            "{answer:?}"
        );
    }
}
