//! What a supervisor does when a child ends. Pure: events go in, actions come out; no process, no clock, no I/O.
//!
//! The driver asks for one [`Action`], carries it out, tells how it went, and gets the next, until [`Action::Wait`]:
//!
//! | event            | told by                                      | answered with                                     |
//! |------------------|----------------------------------------------|---------------------------------------------------|
//! | `init`           | the supervisor starts                        | start the children left to right                  |
//! | `exited`         | a child ended by itself                      | what the strategy says, or give up                |
//! | `try_again`      | the mailbox came round after a failed start  | the same, if the child still waits for it         |
//! | `halt`           | the supervisor ends                          | terminate the children right to left              |
//! | `started`, `ignored`, `start_failed` | the driver, after [`Action::Start`] | the rest of the work                   |
//! | `terminated`     | the driver, after [`Action::Terminate`]      | the rest of the work                              |

use std::time::Duration;

use super::child_spec::Restart;
use super::children::{ChildState, Children, Key};
use super::intensity::Window;
use crate::process::{ExitReason, Pid};

/// Which siblings share the fate of a child that is restarted.
///
/// Source: OTP `supervisor:strategy()`.
/// Differs: `simple_one_for_one` is a supervisor of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strategy {
    /// None: only the child itself is restarted.
    #[default]
    OneForOne,
    /// All: they are terminated right to left, then all are started left to right.
    OneForAll,
    /// Those started after it: they are terminated right to left, then it and they are started left to right.
    RestForOne,
}

/// Whether a supervisor ends by itself when significant children have ended.
///
/// A significant child counts as ended when it is not going to be restarted.
/// The supervisor then terminates its other children and ends with
/// [`ExitReason::Shutdown`], so that it is not restarted itself if it is transient or temporary.
///
/// Source: OTP `supervisor:auto_shutdown()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AutoShutdown {
    /// It does not; significant children are refused.
    #[default]
    Never,
    /// When any significant child has ended.
    AnySignificant,
    /// When the last running significant child has ended.
    AllSignificant,
}

/// What the driver has to do next. Children are named by their position of the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(super) enum Action {
    /// Nothing, until something happens.
    Wait,
    /// Start this child; then say `started`, `ignored`, or `start_failed`.
    Start(usize),
    /// Terminate this child, which is running; then say `terminated`.
    Terminate(usize),
    /// Serve the mailbox, then say `try_again`.
    TryAgain(Key),
    /// A child could not be started when the supervisor started: all others are terminated again, end now.
    InitFailed,
    /// The restart intensity is exceeded, by this child: end with `Shutdown`.
    GiveUp(usize),
    /// Significant children have ended: end with `Shutdown`.
    AutoShutdown,
}

/// What is to follow when a range of children has been terminated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    /// Start those that are left of the range.
    Refill,
    /// Tell that the start failed.
    InitFailed,
    /// Nothing: the supervisor ends.
    Halted,
}

/// The work in hand: what is left to do before the supervisor waits again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Work {
    Idle,
    /// Start the children at `next..end`, left to right.
    Fill {
        next: usize,
        end: usize,
        init: bool,
    },
    /// Terminate the running children at `from..below`, right to left.
    Drain {
        from: usize,
        below: usize,
        then: Then,
    },
}

/// The children of a supervisor and the rules they live by.
#[derive(Debug)]
pub(super) struct Supervision {
    pub(super) children: Children,
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    window: Window,
    work: Work,
}

impl Supervision {
    pub(super) fn new(
        strategy: Strategy,
        auto_shutdown: AutoShutdown,
        window: Window,
        children: Children,
    ) -> Self {
        Self { children, strategy, auto_shutdown, window, work: Work::Idle }
    }

    /// The restarts of late.
    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// The supervisor starts: all children are started, or none stays.
    pub(super) fn init(&mut self) -> Action {
        self.work = Work::Fill { next: 0, end: self.children.len(), init: true };
        self.advance()
    }

    /// The supervisor ends.
    pub(super) fn halt(&mut self) -> Action {
        self.work = Work::Drain { from: 0, below: self.children.len(), then: Then::Halted };
        self.advance()
    }

    /// The running child at `index` ended by itself.
    ///
    /// Source: OTP `supervisor:do_restart/3`.
    pub(super) fn exited(&mut self, index: usize, reason: &ExitReason, now: Duration) -> Action {
        let spec = &self.children.get(index).spec;
        if is_restarted(spec.restart, reason) {
            return self.restart(index, now);
        }
        let significant = spec.significant;
        self.children.stop(index);
        if significant && self.is_over() { Action::AutoShutdown } else { Action::Wait }
    }

    /// The mailbox has been served since the restart of the child `key` failed.
    ///
    /// Meanwhile the child may have been deleted, terminated, or restarted with a sibling: then there is nothing to do.
    pub(super) fn try_again(&mut self, key: Key, now: Duration) -> Action {
        match self.children.position(key) {
            Some(index) if self.children.get(index).state() == ChildState::Restarting => {
                self.restart(index, now)
            }
            _ => Action::Wait,
        }
    }

    /// The child runs as `pid`.
    pub(super) fn started(&mut self, index: usize, pid: Pid) -> Action {
        self.children.set(index, ChildState::Running(pid));
        self.filled(index + 1, 0)
    }

    /// The child has nothing to run: its specification stays, unless it is temporary.
    pub(super) fn ignored(&mut self, index: usize) -> Action {
        if self.children.stop(index) { self.filled(index, 1) } else { self.filled(index + 1, 0) }
    }

    /// The child could not be started. Those after it are not tried.
    pub(super) fn start_failed(&mut self, index: usize) -> Action {
        if matches!(self.work, Work::Fill { init: true, .. }) {
            self.work = Work::Drain { from: 0, below: index, then: Then::InitFailed };
            return self.advance();
        }
        // The children started so far keep running; the next attempt decides about them.
        self.work = Work::Idle;
        self.children.set(index, ChildState::Restarting);
        Action::TryAgain(self.children.get(index).key())
    }

    /// The child is gone, as asked.
    pub(super) fn terminated(&mut self, index: usize) -> Action {
        self.children.stop(index);
        self.advance()
    }

    /// Restarts the child at `index`, which is not running any more, and those that share its fate.
    ///
    /// Source: OTP `supervisor:restart/2` and `restart/3`.
    fn restart(&mut self, index: usize, now: Duration) -> Action {
        self.children.set(index, ChildState::Stopped);
        if !self.window.add_restart(now) {
            return Action::GiveUp(index);
        }
        let below = self.children.len();
        self.work = match self.strategy {
            Strategy::OneForOne => Work::Fill { next: index, end: index + 1, init: false },
            Strategy::OneForAll => Work::Drain { from: 0, below, then: Then::Refill },
            Strategy::RestForOne => Work::Drain { from: index, below, then: Then::Refill },
        };
        self.advance()
    }

    /// One child of the work in hand is dealt with; `removed` tells how many of those to come moved up.
    fn filled(&mut self, next: usize, removed: usize) -> Action {
        if let Work::Fill { end, init, .. } = self.work {
            self.work = Work::Fill { next, end: end - removed, init };
        }
        self.advance()
    }

    fn advance(&mut self) -> Action {
        loop {
            match self.work {
                Work::Idle => return Action::Wait,
                Work::Fill { next, end, .. } if next < end => return Action::Start(next),
                Work::Fill { .. } => self.work = Work::Idle,
                Work::Drain { from, below, then } if from < below => {
                    let index = below - 1;
                    self.work = Work::Drain { from, below: index, then };
                    match self.children.get(index).state() {
                        ChildState::Running(_) => return Action::Terminate(index),
                        ChildState::Stopped | ChildState::Restarting => _ = self.children.stop(index),
                    }
                }
                Work::Drain { from, then: Then::Refill, .. } => {
                    // Temporary children are gone by now, so the range may have become shorter.
                    self.work = Work::Fill { next: from, end: self.children.len(), init: false };
                }
                Work::Drain { then: Then::InitFailed, .. } => {
                    self.work = Work::Idle;
                    return Action::InitFailed;
                }
                Work::Drain { then: Then::Halted, .. } => self.work = Work::Idle,
            }
        }
    }

    /// Whether the end of a significant child ends the supervisor.
    ///
    /// Source: OTP `supervisor:do_auto_shutdown/2`: a child between two restart attempts counts as running.
    fn is_over(&self) -> bool {
        match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !self
                .children
                .iter()
                .any(|child| child.spec.significant && child.state() != ChildState::Stopped),
        }
    }
}

/// Whether a child that ended for `reason` is started again.
///
/// Source: OTP `supervisor(3)`, restart types.
pub(super) fn is_restarted(restart: Restart, reason: &ExitReason) -> bool {
    match restart {
        Restart::Permanent => true,
        Restart::Transient => reason.is_abnormal(),
        Restart::Temporary => false,
    }
}

/// Whether the end of a child is worth a report: if it was abnormal, or should not have happened at all.
pub(super) fn is_reported(restart: Restart, reason: &ExitReason) -> bool {
    restart == Restart::Permanent || reason.is_abnormal()
}

#[cfg(test)]
mod history;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
