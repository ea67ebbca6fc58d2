//! The scenarios of `scenarios.txt`, whose traces are those of OTP.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::mpsc;

use super::on_node;
use crate::gen_statem::{Starting, Timeout};
use crate::prelude::*;

/// Longer than every time-out in a scenario.
const QUIET: Duration = Duration::from_millis(300);

#[derive(Clone, Default, Debug)]
struct Scenario {
    name: String,
    first: String,
    init: Vec<Action>,
    on: HashMap<(String, String), Vec<Action>>,
    enter: HashMap<String, Vec<Action>>,
    send: Vec<String>,
    trace: Vec<String>,
}

#[derive(Clone, Debug)]
enum Action {
    Next(String),
    Repeat,
    Postpone,
    Insert(String),
    Any(Anywhere),
}

/// What every callback can do.
#[derive(Clone, Debug)]
enum Anywhere {
    Stop,
    Send(String),
    Start(Timeout, Duration, String),
    Cancel(Timeout),
    Update(Timeout, String),
}

/// Does what its scenario says.
struct Puppet {
    scenario: Scenario,
    steps: mpsc::UnboundedSender<String>,
}

#[gen_statem(state = String, local)]
impl Puppet {
    fn init(
        scenario: Scenario,
        steps: mpsc::UnboundedSender<String>,
        cx: &mut Starting<Self>,
    ) -> (String, Self) {
        for event in &scenario.send {
            cx.me().event(event.clone()).expect("the machine runs");
        }
        for action in &scenario.init {
            match action {
                Action::Insert(event) => cx.next_event(PuppetMessage::Event(event.clone())),
                Action::Any(action) => act(action, cx),
                Action::Next(_) | Action::Repeat | Action::Postpone => panic!("`init` cannot {action:?}"),
            }
        }
        (scenario.first.clone(), Self { scenario, steps })
    }

    fn enter(&mut self, old: &String, state: &String, cx: &mut Actions<Self>) {
        self.step(format!("{old}>{state}"));
        for action in self.scenario.enter.get(state).into_iter().flatten() {
            match action {
                Action::Any(action) => act(action, cx),
                Action::Next(_) | Action::Repeat | Action::Postpone | Action::Insert(_) => {
                    panic!("`enter` cannot {action:?}")
                }
            }
        }
    }

    #[cast]
    fn event(&mut self, state: &String, event: String, cx: &mut Transition<Self>) {
        self.step(format!("{state}/{event}"));
        let actions = self.scenario.on.get(&(state.clone(), event.clone()));
        for action in actions.into_iter().flatten() {
            match action {
                Action::Next(state) => cx.next_state(state.clone()),
                Action::Repeat => cx.repeat_state(),
                Action::Postpone => cx.postpone(PuppetMessage::Event(event.clone())),
                Action::Insert(event) => cx.next_event(PuppetMessage::Event(event.clone())),
                Action::Any(action) => act(action, cx),
            }
        }
    }

    fn terminate(&mut self, _reason: &ExitReason, state: &String) {
        self.step(format!("{state}!stop"));
    }

    fn step(&self, step: String) {
        self.steps.send(step).expect("the test listens");
    }
}

fn act(action: &Anywhere, cx: &mut Actions<Puppet>) {
    let event = |name: &String| PuppetMessage::Event(name.clone());
    match action {
        Anywhere::Stop => cx.stop(ExitReason::Normal),
        Anywhere::Send(name) => cx.me().event(name.clone()).expect("the machine runs"),
        Anywhere::Start(timeout, after, name) => cx.start_timeout(timeout.clone(), *after, event(name)),
        Anywhere::Cancel(timeout) => cx.cancel_timeout(timeout.clone()),
        Anywhere::Update(timeout, name) => cx.update_timeout(timeout.clone(), event(name)),
    }
}

#[test]
fn every_scenario_runs_as_on_otp() {
    let scenarios = parse(include_str!("scenarios.txt"));
    assert!(scenarios.len() > 40, "only {} scenarios were read", scenarios.len());
    for scenario in scenarios {
        let trace = on_node(run(scenario.clone()));
        assert_eq!(trace, scenario.trace, "{}", scenario.name);
    }
}

async fn run(scenario: Scenario) -> Vec<String> {
    let (steps, mut trace) = mpsc::unbounded_channel();
    Puppet::start((scenario, steps)).await.expect("a machine starts");
    let mut steps = Vec::new();
    while let Ok(Some(step)) = tokio::time::timeout(QUIET, trace.recv()).await {
        steps.push(step);
    }
    steps
}

fn parse(text: &str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("scenario ") {
            scenarios.push(Scenario { name: name.to_owned(), ..Scenario::default() });
            continue;
        }
        let scenario = scenarios.last_mut().expect("a line belongs to a scenario");
        let (head, actions) = line.split_once(':').unwrap_or((line, ""));
        let actions = actions.split(';').map(words).filter(|words| !words.is_empty()).map(action).collect();
        match words(head).as_slice() {
            ["send", events @ ..] => scenario.send = events.iter().map(ToString::to_string).collect(),
            ["trace", steps @ ..] => scenario.trace = steps.iter().map(ToString::to_string).collect(),
            ["init", state] => (scenario.first, scenario.init) = ((*state).to_owned(), actions),
            ["enter", state] => drop(scenario.enter.insert((*state).to_owned(), actions)),
            ["on", state, event] => {
                drop(scenario.on.insert(((*state).to_owned(), (*event).to_owned()), actions));
            }
            _ => panic!("not a line of a scenario: {line}"),
        }
    }
    scenarios
}

fn action(words: Vec<&str>) -> Action {
    match words.as_slice() {
        ["next", state] => Action::Next((*state).to_owned()),
        ["repeat"] => Action::Repeat,
        ["postpone"] => Action::Postpone,
        ["insert", event] => Action::Insert((*event).to_owned()),
        ["stop"] => Action::Any(Anywhere::Stop),
        ["send", event] => Action::Any(Anywhere::Send((*event).to_owned())),
        ["timeout", which, time, event] => {
            let after = Duration::from_millis(time.parse().expect("milliseconds"));
            Action::Any(Anywhere::Start(timeout(which), after, (*event).to_owned()))
        }
        ["cancel", which] => Action::Any(Anywhere::Cancel(timeout(which))),
        ["update", which, event] => Action::Any(Anywhere::Update(timeout(which), (*event).to_owned())),
        _ => panic!("not an action: {words:?}"),
    }
}

fn timeout(which: &str) -> Timeout {
    match which {
        "state" => Timeout::State,
        "event" => Timeout::Event,
        name => Timeout::named(name.to_owned()),
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
