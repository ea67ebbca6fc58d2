//! The process that other nodes ask whether this one is there.

use std::convert::Infallible;
use std::sync::Arc;

use super::message::word;
use crate::process::incoming::{ImportError, Incoming};
use crate::process::remote::{Encode, EncodeError, Failure, Shape};
use crate::process::{AnyCell, ExitReason, Kind, Node, Pid, Spawn, discard, run};
use crate::term::Reader;

/// What it is called on every node.
const NAME: &str = "net_kernel";

const KIND: &Kind =
    &Kind { label: || NAME, handlers: None, import: Some(answer), layout: None, contract: None };

/// Starts it, unless it runs.
pub(super) fn start(node: &Node) -> Option<Pid> {
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: KIND };
    let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
    if node.register(NAME.into(), &cell).is_err() {
        discard(&*cell);
        return None;
    }
    let pid = cell.head().pid;
    // All it does is done by whoever brings the question.
    run(cell, std::future::pending::<(ExitReason, ())>());
    Some(pid)
}

/// Source: `net_adm:ping/1`, which calls `{is_auth, Node}`.
fn answer(_process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let mut reader = Reader::new(incoming.body);
    let is_asked = matches!(reader.tuple(), Ok(2)) && reader.is("is_auth");
    match incoming.reply {
        Some(reply) if is_asked => {
            reply.reply(&Yes);
            Ok(())
        }
        Some(reply) => {
            let error = ImportError::Unknown("a request of net_kernel".into());
            reply.fail(Failure::BadMessage(error.to_string().into()));
            Err(error)
        }
        None => Err(ImportError::Unknown("a message of net_kernel".into())),
    }
}

/// `yes`.
struct Yes;

impl Encode for Yes {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        word("yes", out);
        Ok(())
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}
