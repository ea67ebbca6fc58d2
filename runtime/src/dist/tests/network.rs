//! A network in which everything may happen, in virtual time: delays, pieces, slow links, partitions one way and both,
//! connections that break, nodes that vanish.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::dist::carrier::Carrier;
use crate::dist::network::Network;
use crate::dist::resolver::{Address, Dial, Later, Resolver};

/// Numbers that look random, and are the same for the same seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// How much one side may have sent that has not arrived.
const WINDOW: usize = 64 * 1024;

/// The network.
#[derive(Clone)]
pub(super) struct Simulation(Arc<Mutex<State>>);

struct State {
    random: Random,
    /// The longest delay, in milliseconds.
    delay: u64,
    /// Who answers to which name.
    listening: HashMap<String, Weak<Network>>,
    /// From whom to whom nothing arrives.
    blocked: HashSet<(String, String)>,
    /// From whom to whom a byte takes so long.
    slow: HashMap<(String, String), Duration>,
    pipes: Vec<Weak<Pipe>>,
}

impl Simulation {
    pub(super) fn new(seed: u64, delay: u64) -> Self {
        let random = Random::new(seed);
        let (listening, blocked, slow, pipes) = Default::default();
        Self(Arc::new(Mutex::new(State { random, delay, listening, blocked, slow, pipes })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn listen(&self, name: &str, network: &Arc<Network>) {
        self.state().listening.insert(name.into(), Arc::downgrade(network));
    }

    /// Nobody answers to `name` any more.
    pub(super) fn leave(&self, name: &str) {
        self.state().listening.remove(name);
    }

    /// The way that the node `name` finds others.
    pub(super) fn resolver(&self, name: &str) -> Arc<dyn Resolver> {
        Arc::new(Eyes { simulation: self.clone(), of: name.into() })
    }

    /// From here on nothing that `from` sends arrives at `to`; it waits, as it does for TCP.
    pub(super) fn block(&self, from: &str, to: &str) {
        self.state().blocked.insert((from.into(), to.into()));
    }

    /// From here on so many bytes of what `from` sends come to `to` in a second.
    pub(super) fn slow_down(&self, from: &str, to: &str, bytes_a_second: u32) {
        self.state().slow.insert((from.into(), to.into()), Duration::from_secs(1) / bytes_a_second);
    }

    /// Everything arrives again, and as fast as it did.
    pub(super) fn heal(&self) {
        let pipes = {
            let mut state = self.state();
            state.blocked.clear();
            state.slow.clear();
            state.pipes.retain(|pipe| pipe.strong_count() > 0);
            state.pipes.clone()
        };
        pipes.iter().filter_map(Weak::upgrade).for_each(|pipe| pipe.wake());
    }

    /// Every connection between two nodes breaks.
    pub(super) fn cut(&self, one: &str, other: &str) {
        let pipes = self.state().pipes.clone();
        for pipe in pipes.iter().filter_map(Weak::upgrade) {
            if (pipe.from == one && pipe.to == other) || (pipe.from == other && pipe.to == one) {
                pipe.close(Closed::Both);
            }
        }
    }

    fn is_blocked(&self, from: &str, to: &str) -> bool {
        self.state().blocked.contains(&(from.to_owned(), to.to_owned()))
    }

    fn delay(&self) -> Duration {
        let mut state = self.state();
        let longest = state.delay;
        Duration::from_micros(state.random.below(longest * 1000 + 1))
    }

    /// How long `bytes` are on the way once the first of them is.
    fn length(&self, from: &str, to: &str, bytes: usize) -> Duration {
        let slow = self.state().slow.get(&(from.to_owned(), to.to_owned())).copied();
        slow.unwrap_or_default() * bytes as u32
    }

    /// Of so many bytes, how many come in one piece.
    fn piece(&self, of: usize) -> usize {
        1 + self.state().random.below(of as u64) as usize
    }

    fn pipe(&self, from: &str, to: &str) -> Arc<Pipe> {
        let pipe = Arc::new(Pipe {
            simulation: self.clone(),
            from: from.into(),
            to: to.into(),
            flow: Mutex::default(),
        });
        self.state().pipes.push(Arc::downgrade(&pipe));
        pipe
    }
}

/// Bytes one way.
struct Pipe {
    simulation: Simulation,
    from: String,
    to: String,
    flow: Mutex<Flow>,
}

#[derive(Default)]
struct Flow {
    /// What was sent, and when it arrives.
    sent: VecDeque<(Instant, VecDeque<u8>)>,
    length: usize,
    closed: Option<Closed>,
    reader: Option<Waker>,
    writer: Option<Waker>,
    timer: Option<Pin<Box<Sleep>>>,
}

/// Who learns that a connection is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// Both at once.
    Both,
    /// The other end, once what is sent to it arrives.
    There,
}

impl Pipe {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        let mut flow = self.flow();
        let wakers = [flow.reader.take(), flow.writer.take()];
        drop(flow);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    fn close(&self, closed: Closed) {
        self.flow().closed.get_or_insert(closed);
        self.wake();
    }

    /// Whether who reads knows that it is closed.
    fn is_closed_for_reader(&self) -> bool {
        let is_blocked = self.simulation.is_blocked(&self.from, &self.to);
        self.flow().closed.is_some_and(|closed| closed == Closed::Both || !is_blocked)
    }

    /// Whether who writes knows that it is closed.
    fn is_closed_for_writer(&self) -> bool {
        let is_blocked = self.simulation.is_blocked(&self.to, &self.from);
        self.flow().closed.is_some_and(|closed| closed == Closed::Both || !is_blocked)
    }

    /// Whether something has arrived.
    fn has_arrived(&self) -> bool {
        !self.simulation.is_blocked(&self.from, &self.to)
            && self.flow().sent.front().is_some_and(|(at, _)| *at <= Instant::now())
    }
}

/// One end of a connection.
struct End {
    outward: Arc<Pipe>,
    inward: Arc<Pipe>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.outward.close(Closed::There);
        self.inward.close(Closed::There);
    }
}

impl Carrier for End {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let pipe = &self.inward;
        if !pipe.has_arrived() {
            // What was on its way when it was cut is lost.
            return if pipe.is_closed_for_reader() { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let piece = pipe.simulation.piece(buffer.len());
        let mut flow = pipe.flow();
        let Some((_, bytes)) = flow.sent.front_mut() else { return Err(io::ErrorKind::WouldBlock.into()) };
        let count = piece.min(bytes.len());
        for (place, byte) in buffer.iter_mut().zip(bytes.drain(..count)) {
            *place = byte;
        }
        if bytes.is_empty() {
            flow.sent.pop_front();
        }
        flow.length -= count;
        let writer = flow.writer.take();
        drop(flow);
        writer.into_iter().for_each(Waker::wake);
        Ok(count)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let pipe = &self.inward;
        if pipe.has_arrived() {
            return Poll::Ready(Ok(()));
        }
        let is_blocked = pipe.simulation.is_blocked(&pipe.from, &pipe.to);
        if pipe.is_closed_for_reader() {
            return Poll::Ready(Ok(()));
        }
        let mut flow = pipe.flow();
        flow.reader = Some(cx.waker().clone());
        if let (Some((at, _)), false) = (flow.sent.front(), is_blocked) {
            let mut timer = Box::pin(sleep_until(*at));
            if timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            flow.timer = Some(timer);
        }
        Poll::Pending
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let pipe = &self.outward;
        let at = Instant::now() + pipe.simulation.delay();
        if pipe.is_closed_for_writer() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut flow = pipe.flow();
        let count = bytes.len().min(WINDOW - flow.length.min(WINDOW));
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        // Nothing overtakes anything.
        let at = flow.sent.back().map_or(at, |(last, _)| at.max(*last));
        let at = at + pipe.simulation.length(&pipe.from, &pipe.to, count);
        flow.sent.push_back((at, bytes[..count].iter().copied().collect()));
        flow.length += count;
        let reader = flow.reader.take();
        drop(flow);
        reader.into_iter().for_each(Waker::wake);
        Ok(count)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_closed = self.outward.is_closed_for_writer();
        let mut flow = self.outward.flow();
        if is_closed || flow.length < WINDOW {
            return Poll::Ready(Ok(()));
        }
        flow.writer = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// What one node sees of the network.
struct Eyes {
    simulation: Simulation,
    of: String,
}

impl Resolver for Eyes {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        let way = Way { simulation: self.simulation.clone(), from: self.of.clone(), to: node.into() };
        Box::pin(async move { Ok(vec![Address::simulated(Arc::new(way))]) })
    }
}

/// From one node to another.
struct Way {
    simulation: Simulation,
    from: String,
    to: String,
}

impl Dial for Way {
    fn dial(&self) -> Later<'_, io::Result<Arc<dyn Carrier>>> {
        Box::pin(async move {
            let Self { simulation, from, to } = self;
            sleep(simulation.delay()).await;
            while simulation.is_blocked(from, to) || simulation.is_blocked(to, from) {
                // Nobody answers, and nobody says no.
                sleep(Duration::from_millis(100)).await;
            }
            let network = simulation.state().listening.get(to).and_then(Weak::upgrade);
            let network = network.ok_or(io::ErrorKind::ConnectionRefused)?;
            let (there, back) = (simulation.pipe(from, to), simulation.pipe(to, from));
            let called: Arc<dyn Carrier> = Arc::new(End { outward: back.clone(), inward: there.clone() });
            network.spawn(crate::dist::network::accept(network.clone(), called));
            Ok(Arc::new(End { outward: there, inward: back }) as Arc<dyn Carrier>)
        })
    }
}
