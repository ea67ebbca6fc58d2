//! Processes of a node that others may use although their protocol is not one that crosses nodes as a whole.
//!
//! What manages others, supervisors and managers of events, takes nothing from other nodes unless its name was exported.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Protocol;
use super::wire::{Import, ImportError, Refusal};
use crate::process::{NoNode, Node};

/// Reads a message of another node.
pub(crate) type Importer<P> = fn(&mut Import<'_>) -> Result<<P as Protocol>::Message, ImportError>;

/// The names that were exported in a node, with how messages for them are read.
pub(crate) struct Exported<P: Protocol>(Mutex<HashMap<&'static str, Importer<P>>>);

impl<P: Protocol> Default for Exported<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: Protocol> Exported<P> {
    fn names(&self) -> MutexGuard<'_, HashMap<&'static str, Importer<P>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on other nodes may use whoever is called `name` in the running node.
    pub(crate) fn add(name: &'static str, import: Importer<P>) -> Result<(), NoNode> {
        let node = Node::current().ok_or(NoNode)?;
        node.extensions().get::<Self>("").names().insert(name, import);
        Ok(())
    }

    /// Reads a message for a process, if its name was exported.
    pub(crate) fn import(from: &mut Import<'_>) -> Result<P::Message, ImportError> {
        let process = from.process();
        let name = process.name();
        let exported = process.head().node.extensions().get::<Self>("");
        let import = name.as_deref().and_then(|name| exported.names().get(name).copied());
        match import {
            Some(import) => import(from),
            None => {
                let name = process.display_name();
                let what = format!(
                    "`{name}` is not exported to other nodes; `export`, on its node, lets them use it"
                );
                Err(ImportError(Refusal::BadMessage(what.into())))
            }
        }
    }
}
