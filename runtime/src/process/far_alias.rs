//! Aliases that cross nodes: on the wire an alias is a reference.
//!
//! The reference says which process it is of, so nobody keeps a list of those that were given away: behind the three words
//! that a reference has stand the two numbers of the pid.
//! The process keeps how its messages are read, from when it gives the alias away until that is closed; through an alias
//! that was not given away nothing comes from other nodes, whatever reference they have guessed.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Weak};

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::alias::{Alias, Takes, Target};
use super::any_cell::AnyCell;
use super::current::{self, Current};
use super::incoming::ImportError;
use super::node::WeakNode;
use super::remote::{Encode, EncodeError, Far, Shape};
use super::{MonitorRef, Node, NodeId, Pid};
use crate::term::{self, Atom, DecodeError, ReferenceParts};

/// Reads a message that comes through an alias, and passes it on.
#[derive(Clone)]
pub(crate) struct Door(Arc<Take>);

type Take = dyn Fn(&[u8]) -> Result<(), DecodeError> + Send + Sync;

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}

/// An alias as it came from elsewhere: of another node, or of this one, to which it came back.
pub(super) struct Away<T> {
    reference: ReferenceParts,
    node: WeakNode,
    /// Known where it was read, since only what can be read can be written.
    write: Write<T>,
}

type Write<T> = fn(&T, &mut Vec<u8>) -> Result<(), term::EncodeError>;

/// A message, as it goes through an alias: nothing is around it.
struct Through<'a, T> {
    message: &'a T,
    write: Write<T>,
}

impl<T> Encode for Through<'_, T> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        (self.write)(self.message, out).map_err(|error| EncodeError(error.to_string().into()))
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}

impl<T> Away<T> {
    /// As in OTP, nobody is told what becomes of it; what cannot be written is a defect of the sender, which is logged.
    pub(super) fn send(&self, message: &T) {
        let Some(node) = self.node.upgrade() else { return };
        let from = current::with(|current| current.and_then(Current::cell).map(|cell| cell.head().pid));
        let message = Through { message, write: self.write };
        // Pids in it are written as the node knows them.
        if let Err(why) = node.within(|| node.send_through(from, &self.reference, &message)) {
            let reference = &self.reference;
            tracing::warn!(target: "umbrella::dist", ?reference, "a message through an alias was not sent: {why}");
        }
    }

    /// If it is one of this node: whose, and what that calls it.
    pub(super) fn home(&self) -> Option<(Pid, MonitorRef)> {
        self.node.upgrade()?.own_alias(&self.reference)
    }

    pub(super) fn reference(&self) -> &ReferenceParts {
        &self.reference
    }
}

impl Node {
    /// The process of this node that has given the alias away, and what that calls it.
    fn own_alias(&self, alias: &ReferenceParts) -> Option<(Pid, MonitorRef)> {
        let [low, middle, high, id, serial] = *alias.words() else { return None };
        let is_own = alias.creation == self.creation() && alias.node.as_str() == self.full_name();
        let reference = MonitorRef::from_words(&[low, middle, high]).filter(|_| is_own)?;
        Some((Pid::on(NodeId::HERE, id, serial, alias.creation), reference))
    }

    /// The process that an alias of this node leads to, if it runs.
    pub(crate) fn through(&self, alias: &ReferenceParts) -> Option<(Arc<dyn AnyCell>, MonitorRef)> {
        let (pid, reference) = self.own_alias(alias)?;
        Some((self.process(pid)?, reference))
    }

    fn send_through(
        &self,
        from: Option<Pid>,
        alias: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<(), Arc<str>> {
        if let Some((process, reference)) = self.through(alias) {
            let mut body = Vec::new();
            message.encode(&mut body).map_err(|EncodeError(why)| why)?;
            return process.import_through(reference, &body).map_err(|error| error.to_string().into());
        }
        let there = self.node_id(alias.node.as_str()).map_err(|error| Arc::from(error.to_string()))?;
        match self.remote() {
            // It was of a process of this node, or of an earlier life of it.
            _ if there == NodeId::HERE => Ok(()),
            Some(remote) => remote.send_through(from, there, alias, message),
            None => Ok(()),
        }
    }
}

/// The process of another node behind an alias, as far as the words say so: for nodes of ours.
pub(crate) fn behind(node: NodeId, alias: &ReferenceParts) -> Far {
    let [.., id, serial] = *alias.words() else { return Far::Pid(Pid::on(node, 0, 0, 0)) };
    Far::Pid(Pid::on(node, id, serial, alias.creation))
}

impl dyn AnyCell {
    /// Gives the process a message of another node through one of its aliases; nothing happens if that is not active.
    pub(crate) fn import_through(&self, alias: MonitorRef, message: &[u8]) -> Result<(), ImportError> {
        let mut door = None;
        self.with_monitors(&mut |monitors| door = monitors.door(alias).cloned());
        let Some(Door(door)) = door else { return Ok(()) };
        let read = super::attempt(|| self.head().node.within(|| door(message)));
        match read {
            Ok(read) => {
                read.map_err(|error| ImportError::BadMessage(format!("through an alias: {error}").into()))
            }
            Err(panic) => {
                Err(ImportError::BadMessage(format!("reading it panicked: {}", panic.message).into()))
            }
        }
    }
}

/// What is sent through an alias of another node, and read there.
trait Crosses: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Crosses for T {}

/// Lets messages from other nodes through.
fn give_away(head: (Pid, &Node), process: &dyn AnyCell, alias: MonitorRef, door: Door) -> ReferenceParts {
    process.with_monitors(&mut |monitors| monitors.give_away(alias, door.clone()));
    let ([low, middle, high], (pid, node)) = (alias.words(), head);
    let words = [low, middle, high, pid.id(), pid.serial()];
    ReferenceParts::own(Atom::from(node.full_name()), pid.creation(), words)
}

fn to_process<T: Crosses>(process: Weak<dyn AnyCell>, alias: MonitorRef) -> Door {
    Door(Arc::new(move |message| {
        let message: Box<dyn Any + Send> = Box::new(term::decode::<T>(message)?);
        if let Some(process) = process.upgrade() {
            process.send_through(alias, message);
        }
        Ok(())
    }))
}

fn to_server<T: Crosses>(server: Weak<dyn Takes<T>>, alias: MonitorRef) -> Door {
    Door(Arc::new(move |message| {
        let message = term::decode::<T>(message)?;
        if let Some(server) = server.upgrade() {
            server.send_through(alias, message);
        }
        Ok(())
    }))
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Serialize for Alias<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reference = match &self.0 {
            Target::Process(alias, process) => {
                let door = to_process::<T>(Arc::downgrade(process), *alias);
                give_away((process.head().pid, &process.head().node), &**process, *alias, door)
            }
            Target::Server(alias, server) => {
                let door = to_server(Arc::downgrade(server), *alias);
                give_away((server.head().pid, &server.head().node), server.cell(), *alias, door)
            }
            Target::Away(away) => away.reference().clone(),
        };
        reference.serialize(serializer)
    }
}

/// That messages of the type `T` may be sent to it is believed: others are refused by its process.
impl<'de, T: Serialize + DeserializeOwned + Send + 'static> Deserialize<'de> for Alias<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reference = ReferenceParts::deserialize(deserializer)?;
        let node = current::node().ok_or_else(|| de::Error::custom(NO_NODE))?;
        let write: Write<T> = |message, out| term::encode(message, out);
        Ok(Self(Target::Away(Arc::new(Away { reference, node: node.downgrade(), write }))))
    }
}

/// There is no node whose names of other nodes could be asked.
const NO_NODE: &str = "an alias is read in code that belongs to a node";
