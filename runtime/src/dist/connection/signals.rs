//! Links, monitors, and exit signals to the other side, and their end with the connection.

use super::outbox::{Kind, When};
use super::run::Lost;
use super::tables::Monitored;
use super::{Connection, Stage};
use crate::dist::control::{Control, Reason, Target, To};
use crate::dist::flags::Flags;
use crate::dist::message::{self, word};
use crate::dist::reason::write_reason;
use crate::dist::scratch;
use crate::process::remote::{EncodeError, Failure, Far};
use crate::process::{ExitReason, MonitorRef, Node, Pid, SpawnError};
use crate::term::{self, write};

impl Connection {
    /// Sends a control message of the process `of`, and what it announces.
    pub(super) fn signal(&self, of: Pid, control: &Control, payload: Option<&[u8]>, when: When) {
        scratch::with(|frame| {
            let written = message::put(frame, |out| {
                control.write(out)?;
                if let Some(payload) = payload {
                    write::version(out);
                    out.extend_from_slice(payload);
                }
                Ok::<_, term::EncodeError>(())
            });
            match written {
                // Where there is no connection any more, all it has held was told so.
                Ok(()) => {
                    let _told = self.outbox.push(frame, Some(of), when, Kind::Signal);
                }
                Err(error) => {
                    tracing::error!(target: "umbrella::dist", "a signal cannot be written: {error}")
                }
            }
        });
    }

    /// Sends a control message with a reason, where the other side expects it.
    pub(super) fn signal_reason(&self, of: Pid, reason: &[u8], control: impl FnOnce(Reason) -> Control) {
        let mut instead = Vec::new();
        let reason = match self.admit(reason) {
            Ok(()) => reason,
            Err(EncodeError(why)) => {
                write_reason(&ExitReason::Error(why), &mut instead);
                &instead
            }
        };
        if self.flags().has(Flags::EXIT_PAYLOAD) {
            self.signal(of, &control(Reason::Follows), Some(reason), When::Soon);
        } else {
            self.signal(of, &control(Reason::Inline(reason.into())), None, When::Soon);
        }
    }

    pub(crate) fn link(&self, node: &Node, from: Pid, to: Pid) {
        if self.tables().link(from, to).is_err() {
            return lost_link(node, from, to);
        }
        let (of, from, to) = (from, self.names.parts(from), self.names.parts(to));
        self.signal(of, &Control::Link { from, to }, None, When::Soon);
    }

    pub(crate) fn unlink(&self, from: Pid, to: Pid) {
        let id = self.tables().unlink(from, to);
        let Some(id) = id else { return };
        let (here, there) = (from, to);
        let (from, to) = (self.names.parts(from), self.names.parts(to));
        if self.flags().has(Flags::UNLINK_ID) {
            self.signal(here, &Control::UnlinkId { id, from, to }, None, When::Soon);
        } else {
            self.tables().unlinked(here, there, id);
            self.signal(here, &Control::Unlink { from, to }, None, When::Soon);
        }
    }

    pub(crate) fn link_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        if self.tables().take_link(from, to) {
            self.send_link_exit(from, to, reason);
        }
    }

    pub(super) fn send_link_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        let (of, from, to) = (from, self.names.parts(from), self.names.parts(to));
        self.signal_reason(of, &term_of(reason), |reason| Control::Exit { from, to, reason });
    }

    pub(crate) fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        let (of, from, to) = (from, self.names.parts(from), To::Pid(self.names.parts(to)));
        self.signal_reason(of, &term_of(reason), |reason| Control::Exit2 { from, to, reason });
    }

    /// As [`exit`](Self::exit), with the reason that nobody traps.
    pub(crate) fn kill(&self, from: Pid, to: Pid) {
        let mut kill = Vec::new();
        word("kill", &mut kill);
        let (of, from, to) = (from, self.names.parts(from), To::Pid(self.names.parts(to)));
        self.signal_reason(of, &kill, |reason| Control::Exit2 { from, to, reason });
    }

    pub(crate) fn monitor(&self, node: &Node, monitor: MonitorRef, by: Pid, target: &Far) {
        if self.tables().add_monitor(monitor, by, target.clone()).is_err() {
            return lost_monitor(node, monitor, by);
        }
        let Some(reference) = self.names.reference(&monitor.words()) else { return };
        let (from, to) = (self.names.parts(by), self.names.target(target));
        self.signal(by, &Control::Monitor { from, to, reference }, None, When::Soon);
    }

    pub(crate) fn demonitor(&self, monitor: MonitorRef) {
        let held = self.tables().monitors.remove(&monitor);
        let (Some(held), Some(reference)) = (held, self.names.reference(&monitor.words())) else { return };
        let (from, to) = (self.names.parts(held.by), self.names.target(&held.target));
        self.signal(held.by, &Control::Demonitor { from, to, reference }, None, When::Soon);
    }

    /// A process that is monitored from there has ended.
    pub(crate) fn down(&self, monitor: MonitorRef, reason: &ExitReason) {
        let monitored = self.tables().take_monitored(monitor);
        if let Some(monitored) = monitored {
            self.send_down(&monitored, &term_of(reason));
        }
    }

    pub(super) fn send_down(&self, monitored: &Monitored, reason: &[u8]) {
        let from = match &monitored.target {
            Target::Pid(_) => Target::Pid(self.names.parts(monitored.pid)),
            Target::Name(name) => Target::Name(name.clone()),
        };
        let (to, reference) = (self.names.parts(monitored.by), monitored.reference.clone());
        self.signal_reason(monitored.pid, reason, |reason| Control::MonitorExit {
            from,
            to,
            reference,
            reason,
        });
    }

    /// Closes it, and tells everybody here who had something to do with the other side.
    pub(crate) fn close(&self, node: &Node, why: &Lost) {
        self.outbox.close();
        self.flow.close();
        self.stage.send_replace(Stage::Closed(why.to_string().into()));
        self.tell_refusals();
        for task in self.tasks().drain(..) {
            task.abort();
        }
        let lost = self.tables().close().into_parts();
        for (here, there) in lost.links {
            lost_link(node, here, there);
        }
        for (monitor, held) in lost.monitors {
            lost_monitor(node, monitor, held.by);
        }
        for (monitor, monitored) in lost.monitored {
            node.demonitor_arrived(monitor, monitored.pid);
        }
        for spawning in lost.spawns {
            (spawning.spawned)(Err(SpawnError::NoConnection));
        }
        for pending in lost.calls {
            let failure = Failure::NoConnection(self.names.name.clone());
            // What waits for the answer is woken here, and may be anything.
            if let Err(panic) = crate::process::attempt(|| pending.answer.fail(failure)) {
                let message = panic.message;
                tracing::error!(target: "umbrella::dist", "a caller panicked when it was told: {message}");
            }
        }
    }
}

/// A link cannot be, or is no more, for want of a connection.
pub(crate) fn lost_link(node: &Node, here: Pid, there: Pid) {
    node.link_exit_arrived(there, here, ExitReason::NoConnection);
}

/// A monitor cannot be, or is no more, for want of a connection.
pub(crate) fn lost_monitor(node: &Node, monitor: MonitorRef, by: Pid) {
    node.down_arrived(monitor, by, ExitReason::NoConnection);
}

pub(super) fn term_of(reason: &ExitReason) -> Vec<u8> {
    let mut term = Vec::new();
    write_reason(reason, &mut term);
    term
}
