//! The engine against a model that says what OTP's loop says, in lists.

use std::time::Duration;

use proptest::prelude::*;

use crate::gen_statem::engine::{Decided, Engine};
use crate::gen_statem::timeouts::{Change, Timeout, Timer};

type Event = u8;

/// One transition, or the firing of a timer while the machine waits.
#[derive(Clone, Debug)]
enum Step {
    Transition {
        changed: bool,
        postpone: bool,
        inserted: Vec<Event>,
        timeouts: Vec<(Timeout, Change<Event>)>,
    },
    /// The nth of those that were started and not cancelled, or one that was cancelled.
    Fire(usize),
}

/// `gen_statem.erl` as it reads: lists, newest first where it has them so.
#[derive(Default)]
struct Model {
    events: Vec<Event>,
    postponed: Vec<Event>,
    /// `Timers`: time-out, timer (0 for zero time), event.
    timers: Vec<(Timeout, u64, Event)>,
    t0q: Vec<Timeout>,
    started: u64,
}

impl Model {
    fn cancel(&mut self, timeout: &Timeout) {
        self.timers.retain(|(other, ..)| other != timeout);
        self.t0q.retain(|other| other != timeout);
    }

    /// `loop_state_transition` to `loop_done`.
    fn transition(&mut self, event: Event, step: &Step) {
        let Step::Transition { changed, postpone, inserted, timeouts } = step else { return };
        if *postpone {
            self.postponed.insert(0, event);
        }
        if *changed {
            for event in std::mem::take(&mut self.postponed) {
                self.events.insert(0, event);
            }
            self.cancel(&Timeout::State);
        }
        self.cancel(&Timeout::Event);
        let (mut seen, mut zero) = (Vec::new(), Vec::new());
        for (timeout, change) in timeouts.iter().rev() {
            if seen.contains(&timeout) {
                continue;
            }
            seen.push(timeout);
            let running = self.timers.iter_mut().find(|(other, ..)| other == timeout);
            match (change, running) {
                (Change::Cancel, _) => self.cancel(timeout),
                (Change::Update(event), Some(running)) => running.2 = *event,
                (Change::Start(after, event), _) if !after.is_zero() => {
                    self.cancel(timeout);
                    self.started += 1;
                    self.timers.push((timeout.clone(), self.started, *event));
                }
                (Change::Start(_, event) | Change::Update(event), _) => {
                    self.cancel(timeout);
                    self.timers.push((timeout.clone(), 0, *event));
                    zero.insert(0, timeout.clone());
                }
            }
        }
        self.t0q.append(&mut zero);
        self.events.splice(0..0, inserted.iter().copied());
    }

    /// `loop_done`.
    fn next(&mut self) -> Option<Event> {
        if !self.events.is_empty() {
            return Some(self.events.remove(0));
        }
        let timeout = self.t0q.first()?.clone();
        let event = self.timers.iter().find(|(other, ..)| *other == timeout)?.2;
        self.cancel(&timeout);
        Some(event)
    }

    /// `loop_receive`.
    fn fire(&mut self, timer: u64) -> Option<Event> {
        let (timeout, _, event) = self.timers.iter().find(|(_, other, _)| *other == timer)?.clone();
        self.cancel(&timeout);
        Some(event)
    }
}

fn timeout() -> impl Strategy<Value = Timeout> {
    prop_oneof![Just(Timeout::State), Just(Timeout::Event), prop_oneof!["a", "b"].prop_map(Timeout::named)]
}

fn change() -> impl Strategy<Value = Change<Event>> {
    prop_oneof![
        3 => (0_u64..3, any::<Event>()).prop_map(|(ms, event)| Change::Start(Duration::from_millis(ms), event)),
        1 => Just(Change::Cancel),
        1 => any::<Event>().prop_map(Change::Update),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let inserted = prop::collection::vec(any::<Event>(), 0..3);
    let timeouts = prop::collection::vec((timeout(), change()), 0..4);
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), inserted, timeouts).prop_map(
            |(changed, postpone, inserted, timeouts)| Step::Transition { changed, postpone, inserted, timeouts }
        ),
        1 => (0_usize..6).prop_map(Step::Fire),
    ]
}

proptest! {
    #[test]
    fn the_engine_decides_as_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let (mut engine, mut model) = (Engine::new(), Model::default());
        let mut running: Vec<u64> = Vec::new();
        let mut started: Vec<u64> = Vec::new();
        // The event in hand; messages when nothing waits inside.
        let mut message = 0;
        for step in &steps {
            if let Step::Fire(nth) = step {
                let timer = running.get(*nth).or_else(|| started.get(*nth)).copied().unwrap_or(u64::MAX);
                running.retain(|other| *other != timer);
                prop_assert_eq!(engine.fired(timer), model.fire(timer));
                continue;
            }
            let (event, expected) = (engine.next(), model.next());
            prop_assert_eq!(event, expected);
            message = u8::wrapping_add(message, 1);
            let event = event.unwrap_or(message);
            let Step::Transition { changed, postpone, inserted, timeouts } = step else { continue };
            let mut decided = Decided::new();
            decided.postponed.extend(postpone.then_some(event));
            decided.next_events.extend(inserted);
            decided.timeouts.extend(timeouts.iter().cloned());
            for timer in engine.transition(*changed, &mut decided) {
                match timer {
                    Timer::Start { id, .. } => {
                        running.push(id);
                        started.push(id);
                    }
                    Timer::Cancel { id } => {
                        prop_assert!(running.contains(&id), "{id} was cancelled and did not run");
                        running.retain(|other| *other != id);
                    }
                }
            }
            model.transition(event, step);
            let mut expected: Vec<u64> = model.timers.iter().map(|(_, timer, _)| *timer).filter(|timer| *timer != 0).collect();
            let mut timers = running.clone();
            expected.sort_unstable();
            timers.sort_unstable();
            prop_assert_eq!(timers, expected);
        }
        // What is left comes in the same order.
        loop {
            let (event, expected) = (engine.next(), model.next());
            prop_assert_eq!(event, expected);
            if event.is_none() {
                break;
            }
        }
    }
}

#[test]
fn what_nobody_waits_for_is_swept_out_of_the_postponed() {
    let mut engine = Engine::new();
    for event in 0..100_u32 {
        engine.transition(
            false,
            &mut Decided { postponed: vec![event], next_events: vec![], timeouts: vec![] },
        );
        engine.sweep(|event| event % 10 == 0);
    }
    engine.transition(true, &mut Decided::new());
    let retried: Vec<u32> = std::iter::from_fn(|| engine.next()).collect();
    assert!(retried.len() < 40, "{} were kept", retried.len());
    assert!((0..10).all(|tenth| retried.contains(&(tenth * 10))), "{retried:?}");
    assert!(retried.is_sorted());
}
