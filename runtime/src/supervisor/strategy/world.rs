//! A supervision driven by hand, for tests.

use std::time::Duration;

use super::model::{Life, Outcome, Seen};
use super::{Action, AutoShutdown, Strategy, Supervision};
use crate::gen_server::StartError;
use crate::process::{ExitReason, Pid};
use crate::supervisor::child_spec::{ChildSpec, Restart};
use crate::supervisor::children::{ChildState, Children, Key};
use crate::supervisor::intensity::Window;

/// A supervision driven by hand: children are numbers, starts go as `outcomes` says.
pub(super) struct World {
    pub(super) supervision: Supervision,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) seen: Vec<Seen>,
    next_pid: u32,
    pending: Vec<Key>,
}

impl World {
    pub(super) fn new(
        strategy: Strategy,
        auto_shutdown: AutoShutdown,
        intensity: u32,
        children: &[(Restart, bool)],
    ) -> Self {
        let specs =
            children.iter().zip(0..).map(|(&(restart, significant), id)| spec(id, restart, significant));
        let children = Children::new(specs.collect()).expect("ids differ");
        let window = Window::new(intensity, Duration::from_secs(5));
        let supervision = Supervision::new(strategy, auto_shutdown, window, children);
        Self { supervision, outcomes: Vec::new(), seen: Vec::new(), next_pid: 1, pending: Vec::new() }
    }

    /// A supervision with all its children started, and nothing seen yet.
    pub(super) fn running(strategy: Strategy, restarts: &[Restart]) -> Self {
        let children: Vec<_> = restarts.iter().map(|&restart| (restart, false)).collect();
        let mut world = Self::new(strategy, AutoShutdown::Never, 100, &children);
        world.init();
        world.seen.clear();
        world
    }

    pub(super) fn init(&mut self) {
        let action = self.supervision.init();
        self.carry_out(action);
    }

    pub(super) fn halt(&mut self) {
        let action = self.supervision.halt();
        self.carry_out(action);
    }

    pub(super) fn exit(&mut self, id: u8, reason: &ExitReason) {
        let index = self.supervision.children.find(&id.to_string()).expect("the child is there");
        let action = self.supervision.exited(index, reason, Duration::ZERO);
        self.carry_out(action);
    }

    pub(super) fn crash(&mut self, id: u8) {
        self.exit(id, &ExitReason::error("crash"));
    }

    pub(super) fn try_again(&mut self) {
        for key in std::mem::take(&mut self.pending) {
            let action = self.supervision.try_again(key, Duration::ZERO);
            self.carry_out(action);
        }
    }

    /// As the driver does when it is asked to terminate a child.
    pub(super) fn terminate_child(&mut self, id: u8) {
        let index = self.find(id);
        if self.supervision.children.get(index).state().pid().is_some() {
            self.seen.push(Seen::Terminate(id));
        }
        self.supervision.children.stop(index);
    }

    /// As the driver does when it is asked to start a child again.
    pub(super) fn restart_child(&mut self, id: u8) {
        let index = self.find(id);
        if self.supervision.children.get(index).state() == ChildState::Stopped
            && let Some(state) = self.start_one(id)
        {
            self.supervision.children.set(index, state);
        }
    }

    /// As the driver does when it is asked to forget a child.
    pub(super) fn delete_child(&mut self, id: u8) {
        let index = self.find(id);
        if self.supervision.children.get(index).state() == ChildState::Stopped {
            self.supervision.children.remove(index);
        }
    }

    /// As the driver does when it is asked for one more child.
    pub(super) fn start_child(&mut self, id: u8, restart: Restart, significant: bool) {
        let Some(state) = self.start_one(id) else { return };
        if state != ChildState::Stopped || restart != Restart::Temporary {
            let pushed = self.supervision.children.push(spec(id, restart, significant), state);
            pushed.expect("the id is free");
        }
    }

    /// A start outside of any restart; nothing if it fails.
    fn start_one(&mut self, id: u8) -> Option<ChildState> {
        self.seen.push(Seen::Start(id));
        match self.outcomes.pop().unwrap_or(Outcome::Started) {
            Outcome::Started => {
                self.next_pid += 1;
                Some(ChildState::Running(Pid::nth(self.next_pid)))
            }
            Outcome::Ignored => Some(ChildState::Stopped),
            Outcome::Failed => None,
        }
    }

    fn find(&self, id: u8) -> usize {
        self.supervision.children.find(&id.to_string()).expect("the child is there")
    }

    pub(super) fn carry_out(&mut self, mut action: Action) {
        loop {
            action = match action {
                Action::Wait => return,
                Action::Start(index) => {
                    self.seen.push(Seen::Start(self.id(index)));
                    match self.outcomes.pop().unwrap_or(Outcome::Started) {
                        Outcome::Started => {
                            self.next_pid += 1;
                            self.supervision.started(index, Pid::nth(self.next_pid))
                        }
                        Outcome::Ignored => self.supervision.ignored(index),
                        Outcome::Failed => self.supervision.start_failed(index),
                    }
                }
                Action::Terminate(index) => {
                    self.seen.push(Seen::Terminate(self.id(index)));
                    self.supervision.terminated(index)
                }
                Action::TryAgain(key) => {
                    self.pending.push(key);
                    let index = self.supervision.children.position(key).expect("the child is there");
                    return self.seen.push(Seen::TryAgain(self.id(index)));
                }
                Action::InitFailed => return self.seen.push(Seen::InitFailed),
                Action::GiveUp(_) => return self.seen.push(Seen::GiveUp),
                Action::AutoShutdown => return self.seen.push(Seen::AutoShutdown),
            }
        }
    }

    pub(super) fn id(&self, index: usize) -> u8 {
        self.supervision.children.get(index).spec.id.parse().expect("ids are numbers")
    }

    pub(super) fn lives(&self) -> Vec<(u8, Life)> {
        let lives = self.supervision.children.iter().enumerate().map(|(index, child)| {
            let life = match child.state() {
                ChildState::Stopped => Life::Stopped,
                ChildState::Restarting => Life::Restarting,
                ChildState::Running(_) => Life::Running,
            };
            (self.id(index), life)
        });
        lives.collect()
    }
}

fn spec(id: u8, restart: Restart, significant: bool) -> ChildSpec {
    let spec = ChildSpec::worker(id.to_string(), || async { Err(StartError::Ignore) }).restart(restart);
    if significant { spec.significant() } else { spec }
}
