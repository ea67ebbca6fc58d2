//! What a process says of itself.

use std::time::{Duration, SystemTime};

use super::Target;
use super::request::{Request, acknowledged};
use crate::process::{AnyCell, ProcessInfo};

/// Whether a process takes messages.
///
/// Source: OTP `sys:get_status/1`, `SysState`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SysState {
    /// It does.
    Running,
    /// It takes system requests only; see [`suspend`](super::suspend).
    Suspended,
}

/// What a process says of itself.
///
/// Source: OTP `sys:get_status/1`.
/// Differs: without the state, which a handler may have; see [`get_state_text`](super::get_state_text).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// What can be seen of it from outside.
    pub info: ProcessInfo,
    /// Whether it takes messages.
    pub state: SysState,
    /// The handler that awaits something.
    pub handler: Option<&'static str>,
    /// Whether it is traced.
    pub traced: bool,
    /// What was counted, if that is on.
    pub statistics: Option<Statistics>,
}

/// What a process did since [`statistics`](super::statistics) were switched on.
///
/// Source: OTP `sys:statistics/2` with `get`.
/// Differs: there are no reductions; `polls` and `busy` say how much it worked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Statistics {
    /// When they were switched on.
    pub start_time: SystemTime,
    /// How long ago that is.
    pub elapsed: Duration,
    /// How often the scheduler ran it.
    pub polls: u64,
    /// How long it ran, without the time in which it waited.
    pub busy: Duration,
    /// Messages taken.
    pub messages_in: u64,
    /// Replies given by returning from a handler.
    pub messages_out: u64,
}

/// Answers what a process says of itself.
///
/// Source: OTP `sys:get_status/1`.
pub fn get_status(of: &(impl Target + ?Sized)) -> Request<Status> {
    acknowledged(of, |_lane| {}, status)
}

/// Answers what was counted since [`statistics`](super::statistics) were switched on; nothing if they are off.
///
/// Source: OTP `sys:statistics/2` with `get`.
pub fn get_statistics(of: &(impl Target + ?Sized)) -> Request<Option<Statistics>> {
    acknowledged(of, |_lane| {}, |process| status(process).statistics)
}

fn status(process: &dyn AnyCell) -> Status {
    let mut status = Status {
        info: ProcessInfo::of(process),
        state: SysState::Running,
        handler: process.handler(),
        traced: false,
        statistics: None,
    };
    process.with_lane(&mut |lane| {
        status.state = if lane.suspended { SysState::Suspended } else { SysState::Running };
        status.traced = lane.traced;
        status.statistics = lane.counts.map(|counts| Statistics {
            start_time: counts.started_at,
            elapsed: counts.started.elapsed(),
            polls: counts.polls,
            busy: counts.busy,
            messages_in: counts.messages_in,
            messages_out: counts.messages_out,
        });
        false
    });
    status
}
