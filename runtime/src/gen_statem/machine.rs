//! The server that a state machine is.

use std::fmt;
use std::mem;

use super::GenStatem;
use super::engine::Engine;
use super::timed_out::{TimedOut, set_timer};
use super::timeouts::Timer;
use super::transition::{Next, Transition};
use crate::gen_server::{Context, GenServer};
use crate::process::{Down, Exit, ExitReason, TimerRef};
use crate::registry::{Protocol, Ref};

type EventOf<S> = <<S as GenStatem>::Protocol as Protocol>::Message;

/// After so many events in a row a machine lets other tasks run, as a server does after so many messages.
const EVENTS_IN_A_ROW: u32 = 256;

/// The [`GenServer`] that runs the state machine `S`: its state, its data, and the events that wait inside.
///
/// Because it is a server, everything that works on servers works on state machines.
pub struct Machine<S: GenStatem> {
    state: S::State,
    data: S,
    /// Nothing was handled yet, so the first state was not entered either.
    is_new: bool,
    // Here, so that calls that wait inside fail with the reason for which the machine ended.
    engine: Engine<EventOf<S>>,
    timers: Vec<(u64, TimerRef)>,
    transition: Transition<S>,
}

/// Whether the machine goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    Continues,
    Stops,
}

impl<S: GenStatem> GenServer for Machine<S> {
    type Args = S::Args;
    type Protocol = S::Protocol;

    // Those that are postponed were begun.
    const BEGINS_CALLS: bool = true;

    fn type_name() -> &'static str {
        std::any::type_name::<S>()
    }

    fn weight(message: &EventOf<S>) -> usize {
        S::weight(message)
    }

    async fn init(args: S::Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let me = cx.me();
        let mut transition = Transition::new(me.clone());
        let (state, data) = S::init(args, transition.starting()).await?;
        if let Some(reason) = transition.take_stop() {
            cx.stop(reason);
        } else {
            // If there is no room, there is another message that wakes it.
            drop(Ref::send(&me, TimedOut::BEGIN));
        }
        Ok(Self { state, data, is_new: true, engine: Engine::new(), timers: Vec::new(), transition })
    }

    async fn handle(&mut self, mut message: EventOf<S>, cx: &mut Context<Self>) {
        if self.begin(cx).await == Flow::Stops {
            return;
        }
        let event = match S::timed_out(&mut message).map(TimedOut::read) {
            None => Some(message),
            Some(fired) => fired.and_then(|id| {
                self.timers.retain(|(timer, _)| *timer != id);
                self.engine.fired(id)
            }),
        };
        // Nothing for a time-out that was cancelled while it was on its way.
        if let Some(event) = event {
            self.run(Some(event), cx).await;
        }
    }

    async fn handle_down(&mut self, down: Down, cx: &mut Context<Self>) {
        match S::down(down) {
            Ok(event) => self.handle(event, cx).await,
            Err(down) => {
                tracing::warn!(pid = %cx.pid(), down = %down.pid,
                    "{} got a down message it does not handle: {}", std::any::type_name::<S>(), down.reason);
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        match S::exit(exit) {
            Ok(event) => self.handle(event, cx).await,
            Err(exit) => {
                tracing::warn!(pid = %cx.pid(), from = %exit.from,
                    "{} got an exit signal it does not handle: {}", std::any::type_name::<S>(), exit.reason);
            }
        }
    }

    async fn terminate(&mut self, reason: &ExitReason, _cx: &mut Context<Self>) {
        self.data.terminate(reason, &self.state).await;
    }
}

impl<S: GenStatem> Machine<S> {
    /// Enters the first state and handles the events that `init` inserted, before any message.
    ///
    /// Not in `init`, since the starter does not wait for it.
    ///
    /// Source: OTP `gen_statem:enter/8`.
    async fn begin(&mut self, cx: &mut Context<Self>) -> Flow {
        if !mem::take(&mut self.is_new) {
            return Flow::Continues;
        }
        self.data.enter(&self.state, &self.state, self.transition.actions()).await;
        match self.settle(false, cx) {
            Flow::Continues => self.run(None, cx).await,
            Flow::Stops => Flow::Stops,
        }
    }

    /// Handles `event` and all that follow from it inside the machine.
    async fn run(&mut self, mut event: Option<EventOf<S>>, cx: &mut Context<Self>) -> Flow {
        let mut in_a_row = 0;
        while let Some(next) = event.take().or_else(|| self.engine.next()) {
            self.data.handle(&self.state, next, &mut self.transition).await;
            if self.follow(cx).await == Flow::Stops {
                return Flow::Stops;
            }
            in_a_row += 1;
            if in_a_row % EVENTS_IN_A_ROW == 0 {
                tokio::task::yield_now().await;
            }
        }
        Flow::Continues
    }

    /// Makes the transition that the handler asked for.
    async fn follow(&mut self, cx: &mut Context<Self>) -> Flow {
        let next = self.transition.take_next();
        if self.transition.is_stopping() {
            return self.settle(false, cx);
        }
        let changed = match next {
            Next::Nothing => return Flow::Continues,
            Next::Keep => false,
            Next::State(next) if next == self.state => false,
            Next::State(next) => {
                let old = mem::replace(&mut self.state, next);
                self.data.enter(&old, &self.state, self.transition.actions()).await;
                true
            }
            Next::Repeat => {
                self.data.enter(&self.state, &self.state, self.transition.actions()).await;
                false
            }
        };
        self.settle(changed, cx)
    }

    /// Carries out what the callbacks asked for beside the next state.
    fn settle(&mut self, changed: bool, cx: &mut Context<Self>) -> Flow {
        if let Some(reason) = self.transition.take_stop() {
            cx.stop(reason);
            return Flow::Stops;
        }
        for timer in self.engine.transition(changed, self.transition.decided()) {
            match timer {
                Timer::Start { id, after } => {
                    let timer = set_timer(&self.transition.me(), cx.node(), after, id);
                    self.timers.extend(timer.map(|timer| (id, timer)));
                }
                Timer::Cancel { id } => {
                    if let Some(index) = self.timers.iter().position(|(timer, _)| *timer == id) {
                        // If it fired already, its message will find no time-out.
                        cx.cancel_timer(self.timers.swap_remove(index).1);
                    }
                }
            }
        }
        self.engine.sweep(|event| !S::is_abandoned(event));
        Flow::Continues
    }
}

impl<S: GenStatem + fmt::Debug> fmt::Debug for Machine<S>
where
    S::State: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("state", &self.state)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}
