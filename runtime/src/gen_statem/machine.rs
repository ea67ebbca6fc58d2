//! The server that a state machine is.

use std::any::type_name;
use std::fmt;
use std::mem;

use super::GenStatem;
use super::engine::Engine;
use super::timed_out::set_timer;
use super::timeouts::Timer;
use super::transition::{Next, Transition};
use crate::gen_server::shown::TypeName;
use crate::gen_server::{Context, GenServer, HandleContinue};
use crate::process::{Down, Exit, ExitReason, Mailbox, TimerRef};
use crate::registry::Protocol;

type EventOf<S> = <<S as GenStatem>::Protocol as Protocol>::Message;

/// After so many events in a row a machine lets other tasks run, as a server does after so many messages.
const EVENTS_IN_A_ROW: u32 = 256;

/// The [`GenServer`] that runs the state machine `S`: its state, its data, and the events that wait inside.
///
/// Because it is a server, everything that works on servers works on state machines.
pub struct Machine<S: GenStatem> {
    state: S::State,
    data: S,
    // Here, so that calls that wait inside fail with the reason for which the machine ended.
    engine: Engine<EventOf<S>>,
    timers: Vec<(u64, TimerRef)>,
    transition: Transition<S>,
}

/// What a new machine continues with: it enters its first state and handles the events that `init` inserted, before any
/// message. Not in `init`, since the starter does not wait for it.
///
/// Source: OTP `gen_statem:enter/8`.
struct Begin;

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

    const MAILBOX: Mailbox = S::MAILBOX;

    fn type_name() -> &'static str {
        type_name::<S>()
    }

    fn weight(message: &EventOf<S>) -> usize {
        S::weight(message)
    }

    async fn init(args: S::Args, cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let mut transition = Transition::new(cx.me());
        let (state, data) = S::init(args, transition.starting()).await?;
        match transition.take_stop() {
            Some(reason) => cx.stop(reason),
            None => cx.continue_with(Begin),
        }
        Ok(Self { state, data, engine: Engine::new(), timers: Vec::new(), transition })
    }

    async fn handle(&mut self, mut message: EventOf<S>, cx: &mut Context<Self>) {
        let event = match S::timed_out(&mut message).map(|fired| fired.read()) {
            None => Some(message),
            Some(id) => {
                self.timers.retain(|(timer, _)| *timer != id);
                self.engine.fired(id)
            }
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
                    "{} got a down message it does not handle: {}", type_name::<S>(), down.reason);
            }
        }
    }

    async fn handle_exit(&mut self, exit: Exit, cx: &mut Context<Self>) {
        match S::exit(exit) {
            Ok(event) => self.handle(event, cx).await,
            Err(exit) => {
                tracing::warn!(pid = %cx.pid(), from = %exit.from,
                    "{} got an exit signal it does not handle: {}", type_name::<S>(), exit.reason);
            }
        }
    }

    async fn terminate(&mut self, reason: &ExitReason, _cx: &mut Context<Self>) {
        self.data.terminate(reason, &self.state).await;
    }

    fn format_status(&self) -> Option<&dyn fmt::Debug> {
        match self.data.format_status(&self.state) {
            (None, None) => None,
            _ => Some(self),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenStatem> HandleContinue<Begin> for Machine<S> {
    async fn handle_continue(&mut self, Begin: Begin, cx: &mut Context<Self>) {
        self.data.enter(&self.state, &self.state, self.transition.actions()).await;
        if self.settle(false, cx) == Flow::Continues {
            self.run(None, cx).await;
        }
    }
}

impl<S: GenStatem> Machine<S> {
    /// Handles `event`, a message, and all that follow from it inside the machine.
    async fn run(&mut self, mut event: Option<EventOf<S>>, cx: &mut Context<Self>) {
        let mut in_a_row = 0;
        while let Some(next) = event.take().or_else(|| self.next(cx)) {
            self.data.handle(&self.state, next, &mut self.transition).await;
            if self.follow(cx).await == Flow::Stops {
                return;
            }
            in_a_row += 1;
            if in_a_row % EVENTS_IN_A_ROW == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// The next event that waits inside, as what the process handles now.
    fn next(&mut self, cx: &Context<Self>) -> Option<EventOf<S>> {
        let event = self.engine.next()?;
        cx.handles(&event);
        Some(event)
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

/// As far as state and data are `Debug`, and with the events that wait, if there are any.
///
/// Source: OTP `gen_statem`'s error report.
impl<S: GenStatem> fmt::Debug for Machine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, data) = self.data.format_status(&self.state);
        let mut machine = f.debug_struct("Machine");
        machine.field("state", state.unwrap_or(&TypeName::of::<S::State>()));
        machine.field("data", data.unwrap_or(&TypeName::of::<S>()));
        let (postponed, queued) = self.engine.waiting();
        if postponed.len() > 0 {
            machine.field("postponed", &Events::<S>(postponed.collect()));
        }
        if queued.len() > 0 {
            machine.field("queued", &Events::<S>(queued.collect()));
        }
        machine.finish()
    }
}

/// Events, shown as messages are.
struct Events<'a, S: GenStatem>(Vec<&'a EventOf<S>>);

impl<S: GenStatem> fmt::Debug for Events<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Event<'a, S: GenStatem>(&'a EventOf<S>);
        impl<S: GenStatem> fmt::Debug for Event<'_, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                S::Protocol::show(self.0, f)
            }
        }
        f.debug_list().entries(self.0.iter().map(|event| Event::<S>(event))).finish()
    }
}
