//! Holding back processes that send more than a connection can carry.

use std::task::{Context, Poll};

use super::any_cell::AnyCell;
use super::remote::Far;
use super::{Node, Pid};

impl Node {
    /// Holds the process `pid` back, when it next gives way, until it may send to `to` again.
    ///
    /// Source: OTP, where a process that sends to a busy port is suspended.
    pub(crate) fn hold(&self, pid: Pid, to: &Far) {
        if let Some(process) = self.process(pid) {
            process.with_lane(&mut |lane| {
                lane.held = Some(to.clone());
                false
            });
        }
    }
}

/// Whether the running `process` is to wait; if so, it is woken when it need not any more.
pub(super) fn is_held(process: &dyn AnyCell, cx: &mut Context<'_>) -> bool {
    let mut held = None;
    process.with_lane(&mut |lane| {
        held = lane.held.clone();
        false
    });
    let (Some(to), Some(remote)) = (held, process.head().node.remote()) else { return false };
    if remote.poll_room(&to, cx) == Poll::Pending {
        return true;
    }
    process.with_lane(&mut |lane| {
        lane.held = None;
        false
    });
    false
}
