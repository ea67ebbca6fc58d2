//! The reference model: `supervisor.erl` restated as plainly as possible, lists and recursion, to be compared with.

use crate::supervisor::{AutoShutdown, Restart, Strategy};

/// How an attempt to start a child goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Started,
    Ignored,
    Failed,
}

/// What the outside sees of a supervisor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    Start(u8),
    Terminate(u8),
    TryAgain(u8),
    InitFailed,
    GiveUp,
    AutoShutdown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Life {
    Stopped,
    Restarting,
    Running,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ModelChild {
    pub(super) id: u8,
    pub(super) restart: Restart,
    pub(super) significant: bool,
    pub(super) life: Life,
}

/// A supervisor; `outcomes` are used up one per start, and starts succeed when there are none left.
pub(super) struct Model {
    pub(super) children: Vec<ModelChild>,
    pub(super) strategy: Strategy,
    pub(super) auto_shutdown: AutoShutdown,
    pub(super) restarts_left: u32,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) seen: Vec<Seen>,
}

impl Model {
    pub(super) fn init(&mut self) {
        let all = std::mem::take(&mut self.children);
        let (children, failed) = self.start_children(all);
        self.children = children;
        if failed.is_some() {
            let all = std::mem::take(&mut self.children);
            self.terminate_children(all);
            self.seen.push(Seen::InitFailed);
        }
    }

    /// The running child `id` ends; `abnormal` or not.
    pub(super) fn exit(&mut self, id: u8, abnormal: bool) {
        let child = self.find(id);
        match child.restart {
            Restart::Permanent => self.restart(id),
            Restart::Transient if abnormal => self.restart(id),
            Restart::Transient => {
                self.set(id, Life::Stopped);
                self.auto_shutdown(child);
            }
            Restart::Temporary => {
                self.children.retain(|child| child.id != id);
                self.auto_shutdown(child);
            }
        }
    }

    pub(super) fn try_again(&mut self, id: u8) {
        if self.children.iter().any(|child| child.id == id && child.life == Life::Restarting) {
            self.restart(id);
        }
    }

    /// Source: `handle_call({terminate_child, Id}, ..)`.
    pub(super) fn terminate_child(&mut self, id: u8) {
        let child = self.find(id);
        if child.life == Life::Running {
            self.seen.push(Seen::Terminate(id));
        }
        if child.restart == Restart::Temporary {
            self.children.retain(|child| child.id != id);
        } else {
            self.set(id, Life::Stopped);
        }
    }

    /// Source: `handle_call({restart_child, Id}, ..)`.
    pub(super) fn restart_child(&mut self, id: u8) {
        if self.find(id).life == Life::Stopped {
            self.seen.push(Seen::Start(id));
            if self.outcomes.pop().unwrap_or(Outcome::Started) == Outcome::Started {
                self.set(id, Life::Running);
            }
        }
    }

    /// Source: `handle_call({delete_child, Id}, ..)`.
    pub(super) fn delete_child(&mut self, id: u8) {
        if self.find(id).life == Life::Stopped {
            self.children.retain(|child| child.id != id);
        }
    }

    /// Source: `handle_start_child/2`, for an id that is not taken.
    pub(super) fn start_child(&mut self, child: ModelChild) {
        self.seen.push(Seen::Start(child.id));
        match self.outcomes.pop().unwrap_or(Outcome::Started) {
            Outcome::Started => self.children.push(ModelChild { life: Life::Running, ..child }),
            Outcome::Ignored if child.restart != Restart::Temporary => {
                self.children.push(ModelChild { life: Life::Stopped, ..child });
            }
            Outcome::Ignored | Outcome::Failed => {}
        }
    }

    pub(super) fn halt(&mut self) {
        let all = std::mem::take(&mut self.children);
        self.children = self.terminate_children(all);
    }

    fn auto_shutdown(&mut self, ended: ModelChild) {
        let others = self.children.iter().any(|child| child.significant && child.life != Life::Stopped);
        let over = match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => ended.significant,
            AutoShutdown::AllSignificant => ended.significant && !others,
        };
        if over {
            self.seen.push(Seen::AutoShutdown);
        }
    }

    fn restart(&mut self, id: u8) {
        self.set(id, Life::Stopped);
        if self.restarts_left == 0 {
            self.seen.push(Seen::GiveUp);
            return;
        }
        self.restarts_left -= 1;
        let at = self.children.iter().position(|child| child.id == id).expect("the child is there");
        let (first, last) = match self.strategy {
            Strategy::OneForOne => (at, at + 1),
            Strategy::OneForAll => (0, self.children.len()),
            Strategy::RestForOne => (at, self.children.len()),
        };
        let after = self.children.split_off(last);
        let affected = self.children.split_off(first);
        let stopped = self.terminate_children(affected);
        let (started, failed) = self.start_children(stopped);
        self.children.extend(started);
        self.children.extend(after);
        if let Some(failed) = failed {
            self.set(failed, Life::Restarting);
            self.seen.push(Seen::TryAgain(failed));
        }
    }

    /// Left to right, until one fails: which one.
    fn start_children(&mut self, children: Vec<ModelChild>) -> (Vec<ModelChild>, Option<u8>) {
        let (mut kept, mut failed) = (Vec::new(), None);
        for child in children {
            if failed.is_some() {
                kept.push(child);
                continue;
            }
            self.seen.push(Seen::Start(child.id));
            match self.outcomes.pop().unwrap_or(Outcome::Started) {
                Outcome::Started => kept.push(ModelChild { life: Life::Running, ..child }),
                Outcome::Ignored if child.restart == Restart::Temporary => {}
                Outcome::Ignored => kept.push(ModelChild { life: Life::Stopped, ..child }),
                Outcome::Failed => {
                    failed = Some(child.id);
                    kept.push(child);
                }
            }
        }
        (kept, failed)
    }

    /// Right to left; the temporary ones are forgotten.
    fn terminate_children(&mut self, children: Vec<ModelChild>) -> Vec<ModelChild> {
        for child in children.iter().rev() {
            if child.life == Life::Running {
                self.seen.push(Seen::Terminate(child.id));
            }
        }
        let kept = children.into_iter().filter(|child| child.restart != Restart::Temporary);
        kept.map(|child| ModelChild { life: Life::Stopped, ..child }).collect()
    }

    fn find(&self, id: u8) -> ModelChild {
        *self.children.iter().find(|child| child.id == id).expect("the child is there")
    }

    fn set(&mut self, id: u8, life: Life) {
        let found = self.children.iter_mut().find(|child| child.id == id);
        found.expect("the child is there").life = life;
    }
}
