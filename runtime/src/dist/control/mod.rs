//! Control messages: what a message between nodes is, and whom it is for. Pure.
//!
//! Source: *Erlang Distribution Protocol*, "Protocol between Connected Nodes". Forms with a trace token are read, and
//! the token is ignored; none is written.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::ControlError;

use crate::term::{Atom, PidParts, ReferenceParts};

/// A control message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Control {
    Link {
        from: PidParts,
        to: PidParts,
    },
    Unlink {
        from: PidParts,
        to: PidParts,
    },
    /// Until it is acknowledged, exit signals of the link that was cannot be told from those of a new one.
    UnlinkId {
        id: u64,
        from: PidParts,
        to: PidParts,
    },
    UnlinkIdAck {
        id: u64,
        from: PidParts,
        to: PidParts,
    },
    /// A message follows.
    Send {
        from: Option<PidParts>,
        to: To,
    },
    /// A linked process ended.
    Exit {
        from: PidParts,
        to: PidParts,
        reason: Reason,
    },
    /// `exit/2`.
    Exit2 {
        from: PidParts,
        to: To,
        reason: Reason,
    },
    Monitor {
        from: PidParts,
        to: Target,
        reference: ReferenceParts,
    },
    Demonitor {
        from: PidParts,
        to: Target,
        reference: ReferenceParts,
    },
    /// A monitored process ended: `from`, as whoever monitored it named it.
    MonitorExit {
        from: Target,
        to: PidParts,
        reference: ReferenceParts,
        reason: Reason,
    },
    GroupLeader {
        from: PidParts,
        to: PidParts,
    },
    /// The arguments follow.
    SpawnRequest(Box<SpawnRequest>),
    SpawnReply {
        request: ReferenceParts,
        to: PidParts,
        flags: u32,
        result: Spawned,
    },
    /// Asks for nothing.
    Nothing,
}

/// Whom a message is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum To {
    Pid(PidParts),
    Name(Atom),
    Alias(ReferenceParts),
}

/// Whom a monitor is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    Pid(PidParts),
    Name(Atom),
}

/// Where the reason of an exit is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// Here: a term.
    Inline(Box<[u8]>),
    /// In a message that follows.
    Follows,
}

/// A process to be started here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SpawnRequest {
    pub(crate) request: ReferenceParts,
    pub(crate) from: PidParts,
    pub(crate) leader: PidParts,
    pub(crate) module: Atom,
    pub(crate) function: Atom,
    pub(crate) arity: u8,
    /// A term: a list of options.
    pub(crate) options: Box<[u8]>,
}

/// What became of a request to start a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Spawned {
    Pid(PidParts),
    Error(Atom),
}

/// One of each, and whether something follows it.
pub(crate) fn corpus() -> Vec<(Control, bool)> {
    let pid = |node: &'static str| PidParts { node: Atom::new(node), id: 1, serial: 0, creation: 1 };
    let (from, to) = (pid("b@host"), pid("a@host"));
    let all = ReferenceParts::new(Atom::new("b@host"), 1, &[1, 2, 3]).map(|reference| {
        let (name, target) = (Atom::new("c"), Target::Name(Atom::new("c")));
        vec![
            (Control::Link { from: from.clone(), to: to.clone() }, false),
            (Control::UnlinkId { id: 1, from: from.clone(), to: to.clone() }, false),
            (Control::UnlinkIdAck { id: 1, from: from.clone(), to: to.clone() }, false),
            (Control::Send { from: Some(from.clone()), to: To::Name(name.clone()) }, true),
            (Control::Send { from: Some(from.clone()), to: To::Alias(reference.clone()) }, true),
            (Control::Exit { from: from.clone(), to: to.clone(), reason: Reason::Follows }, true),
            (Control::Exit2 { from: from.clone(), to: To::Pid(to.clone()), reason: Reason::Follows }, true),
            (
                Control::Monitor { from: from.clone(), to: target.clone(), reference: reference.clone() },
                false,
            ),
            (
                Control::Demonitor { from: from.clone(), to: target.clone(), reference: reference.clone() },
                false,
            ),
            (
                Control::MonitorExit {
                    from: target,
                    to,
                    reference: reference.clone(),
                    reason: Reason::Follows,
                },
                true,
            ),
            (
                Control::SpawnRequest(Box::new(SpawnRequest {
                    request: reference,
                    from: from.clone(),
                    leader: from,
                    module: name.clone(),
                    function: name,
                    arity: 0,
                    options: [106].into(),
                })),
                true,
            ),
        ]
    });
    all.unwrap_or_default()
}

/// Numbers of the operations.
mod op {
    pub(super) const LINK: i64 = 1;
    pub(super) const SEND: i64 = 2;
    pub(super) const EXIT: i64 = 3;
    pub(super) const UNLINK: i64 = 4;
    pub(super) const NODE_LINK: i64 = 5;
    pub(super) const REG_SEND: i64 = 6;
    pub(super) const GROUP_LEADER: i64 = 7;
    pub(super) const EXIT2: i64 = 8;
    pub(super) const SEND_TT: i64 = 12;
    pub(super) const EXIT_TT: i64 = 13;
    pub(super) const REG_SEND_TT: i64 = 16;
    pub(super) const EXIT2_TT: i64 = 18;
    pub(super) const MONITOR_P: i64 = 19;
    pub(super) const DEMONITOR_P: i64 = 20;
    pub(super) const MONITOR_P_EXIT: i64 = 21;
    pub(super) const SEND_SENDER: i64 = 22;
    pub(super) const SEND_SENDER_TT: i64 = 23;
    pub(super) const PAYLOAD_EXIT: i64 = 24;
    pub(super) const PAYLOAD_EXIT_TT: i64 = 25;
    pub(super) const PAYLOAD_EXIT2: i64 = 26;
    pub(super) const PAYLOAD_EXIT2_TT: i64 = 27;
    pub(super) const PAYLOAD_MONITOR_P_EXIT: i64 = 28;
    pub(super) const SPAWN_REQUEST: i64 = 29;
    pub(super) const SPAWN_REQUEST_TT: i64 = 30;
    pub(super) const SPAWN_REPLY: i64 = 31;
    pub(super) const SPAWN_REPLY_TT: i64 = 32;
    pub(super) const ALIAS_SEND: i64 = 33;
    pub(super) const ALIAS_SEND_TT: i64 = 34;
    pub(super) const UNLINK_ID: i64 = 35;
    pub(super) const UNLINK_ID_ACK: i64 = 36;
    pub(super) const ALTACT_SIG_SEND: i64 = 37;
}

/// What is special about an `ALTACT_SIG_SEND`.
mod altact {
    pub(super) const TOKEN: i64 = 2;
    pub(super) const ALIAS: i64 = 4;
    pub(super) const NAME: i64 = 8;
    pub(super) const EXIT: i64 = 16;
}
