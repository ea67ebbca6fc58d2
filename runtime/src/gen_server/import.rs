//! Messages that come in from other nodes.

use std::any::Any;
use std::sync::Arc;

use super::GenServer;
use super::serve::MessageOf;
use crate::process::incoming::{ImportError, Incoming};
use crate::process::remote::Failure;
use crate::process::{AnyCell, Cell, Refused, attempt};
use crate::registry::Protocol;
use crate::registry::wire::Import;

/// Makes a message of a server out of what came in, and queues it.
///
/// Whoever calls is told if that fails. A message that is not understood does not reach the server, so it cannot crash it.
///
/// Differs: in OTP it reaches the server, which crashes in `handle_call` unless a clause takes it.
pub(super) fn import<S: GenServer>(
    process: &Arc<dyn AnyCell>,
    incoming: Incoming<'_>,
) -> Result<(), ImportError> {
    let any: &dyn Any = &**process;
    let Some(cell) = any.downcast_ref::<Cell<MessageOf<S>>>() else {
        return Err(ImportError::Local);
    };
    let mut import = Import::new::<S::Protocol>(incoming, process);
    // Pids in it are read as the node knows them. What users wrote may panic.
    let made = attempt(|| process.head().node.within(|| S::Protocol::import(&mut import)));
    let error = match made {
        Ok(Ok(message)) => return send::<S>(cell, message),
        Ok(Err(error)) => error.0,
        Err(panic) => ImportError::BadMessage(format!("reading it panicked: {}", panic.message).into()),
    };
    if let Some(reply) = import.take_reply() {
        reply.fail(Failure::BadMessage(error.clone().into_text()));
    }
    Err(error)
}

fn send<S: GenServer>(cell: &Cell<MessageOf<S>>, message: MessageOf<S>) -> Result<(), ImportError> {
    let (mut message, failure, error) = match cell.send(message) {
        Ok(()) => return Ok(()),
        Err(Refused::Ended(message)) => (message, Failure::NoProc, ImportError::Ended),
        Err(Refused::Full(message)) => (message, Failure::Full, ImportError::Full),
        Err(Refused::Wait(message)) => {
            // Nobody of another node stands in line: that would hold up whatever else comes from there.
            cell.note_refused();
            (message, Failure::Full, ImportError::Full)
        }
    };
    if let Some(way_back) = S::Protocol::take_reply(&mut message) {
        way_back.0.fail(failure);
    }
    Err(error)
}
