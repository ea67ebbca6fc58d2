//! `application_controller`, as far as it tells which applications run.

use std::sync::Arc;

use super::Asked;
use super::identity::name;
use super::registered;
use super::reply::Caller;
use crate::application::{self, ApplicationInfo};
use crate::process::incoming::{ImportError, Incoming};
use crate::process::{AnyCell, Kind, Node};
use crate::term::{Reader, Term};

const NAME: &str = "application_controller";

pub(super) fn start(node: &Node) {
    const KIND: &Kind = &registered::kind(|| NAME, import);
    registered::start(node, NAME, KIND);
}

fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let node = &process.head().node;
    let request = Reader::new(incoming.body).atom().unwrap_or_default();
    let answer = match &*request {
        "which_applications" if Asked::of(node).may_look() => Some(which(node)),
        _ => None,
    };
    let caller = incoming.reply.map(Caller::Path);
    match (answer, caller) {
        (Some(answer), Some(caller)) => {
            caller.reply(node, answer);
            Ok(())
        }
        (_, caller) => {
            if let Some(caller) = caller {
                caller.refuse("the applications of this node are started and stopped by itself");
            }
            Err(ImportError::Unknown(request.as_ref().into()))
        }
    }
}

/// `[{Name, Description, Version}]`, the one started last first.
pub(super) fn which(node: &Node) -> Term {
    node.enter(|| Term::List(application::which_applications().iter().map(described).collect()))
}

/// The same of all that could run.
pub(super) fn loaded(node: &Node) -> Term {
    node.enter(|| Term::List(application::loaded_applications().iter().map(described).collect()))
}

/// Applications have no description here but their names.
pub(super) fn described(info: &ApplicationInfo) -> Term {
    Term::tuple([name(info.name), Term::characters(info.name), Term::characters(info.version)])
}
