//! Functions that other nodes may have this one run: those that were exported, and no others.
//!
//! | file | what it does |
//! |---|---|
//! | here | what is exported |
//! | `arguments` | arguments as they cross nodes |
//! | `spawn_on` | spawning a process that runs an exported function, on whichever node |
//! | `arrival` | the same, for other nodes |

mod arguments;
mod arrival;
mod spawn_on;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use serde::Serialize;

pub use arguments::Arguments;
use arguments::List;
pub(crate) use arrival::SpawnArrived;
pub use spawn_on::{SpawnError, spawn_link_on, spawn_monitor_on, spawn_on};
pub(crate) use spawn_on::{Spawned, Tie};

use super::kind::Kind;
use super::place::Place;
use super::{ExitReason, GroupLeader, Node, Pid, current, plain};
use crate::term;

/// The name of a function that other nodes may have this one run, with arguments of the type `A`.
///
/// It is a constant: `const WORK: Export<(u32, String)> = Export::new("b", "work");`, in Erlang `b:work/2`.
/// [`Node::export`] says what it does; [`spawn_on`] spawns a process that does it.
///
/// Source: OTP: `-export([work/2])` and the arguments of `erlang:spawn/4`.
pub struct Export<A> {
    module: &'static str,
    function: &'static str,
    arguments: PhantomData<fn(A)>,
}

impl<A: Arguments> Export<A> {
    /// The function `function` of `module`, which is by custom the application that exports it.
    pub const fn new(module: &'static str, function: &'static str) -> Self {
        Self { module, function, arguments: PhantomData }
    }
}

impl<A> Clone for Export<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Export<A> {}

impl<A: Arguments> fmt::Display for Export<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.module, self.function, A::ARITY)
    }
}

impl<A: Arguments> fmt::Debug for Export<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Node {
    /// Lets other nodes have this one run `function`, and spawn processes that do, under the name `export`.
    ///
    /// Nothing is exported unless it is here. If a process exports it, mostly one that starts an application, it is no more
    /// when that ends, and what runs it belongs to the same application.
    /// Of two under one name the later counts.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// use umbrella::process::{self, Export};
    ///
    /// const WORK: Export<(u32, String)> = Export::new("b", "work");
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # let node = Node::new("example");
    /// # runtime.block_on(node.clone().scope(async move {
    /// let here = node.full_name();
    /// node.export(WORK, async |(n, name)| println!("{name} {n}"));
    /// let pid = process::spawn_on(&here, WORK, (1, "one".into())).await?;
    /// # process::wait_exit(pid).await;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: OTP `-export(..)`.
    /// Differs: in OTP every exported function of every module can be run from every node. Who spawns what is not exported
    /// is told so: `erlang:spawn/4` fails with `undef`, where OTP gives the pid of a process that ends with it.
    pub fn export<A, F, Fut>(&self, export: Export<A>, function: F)
    where
        A: Arguments,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Serialize + Send> + Send + 'static,
    {
        let process = current::cell().filter(|process| process.head().node == *self);
        let leader = process.as_ref().map_or(self.leader(), |process| &process.head().leader).clone();
        let exported = Arc::new(Exported {
            name: export.to_string().into(),
            leader,
            kind: plain::kind::<Fut>(),
            begin: Box::new(move |arguments| {
                let List(arguments) = term::decode(arguments).map_err(|error| error.to_string())?;
                let running = function(arguments);
                Ok(Box::pin(async move {
                    let mut answer = Vec::new();
                    let written = term::encode(&running.await, &mut answer);
                    Outcome::Answer(written.map(|()| answer).map_err(|error| error.to_string()))
                }))
            }),
        });
        let exports = self.add_export(&exported);
        if let Some(process) = process {
            let place = Arc::new(Exporting { exports: Arc::downgrade(&exports), exported });
            // It runs this.
            let _kept = process.add_place(&(place as _));
        }
    }

    /// Exports what takes its arguments as they come, a list as a term, and says itself how the process ends that runs it.
    pub(crate) fn export_raw<F, Fut>(&self, name: &str, function: F)
    where
        F: Fn(&[u8]) -> Result<Fut, String> + Send + Sync + 'static,
        Fut: Future<Output = ExitReason> + Send + 'static,
    {
        self.export_raw_as(plain::kind::<Fut>(), name, function);
    }

    /// The same for processes of a kind of their own.
    pub(crate) fn export_raw_as<F, Fut>(&self, kind: &'static Kind, name: &str, function: F)
    where
        F: Fn(&[u8]) -> Result<Fut, String> + Send + Sync + 'static,
        Fut: Future<Output = ExitReason> + Send + 'static,
    {
        let begin = move |arguments: &[u8]| -> Result<Running, String> {
            let running = function(arguments)?;
            Ok(Box::pin(async move { Outcome::Exit(running.await) }))
        };
        let leader = self.leader().clone();
        self.add_export(&Arc::new(Exported { name: name.into(), leader, kind, begin: Box::new(begin) }));
    }

    fn add_export(&self, exported: &Arc<Exported>) -> Arc<Exports> {
        let exports = Exports::of(self);
        exports.write(|all| all.insert(exported.name.clone(), exported.clone()));
        exports
    }

    /// The function that is exported as `module:function/arity`.
    pub(crate) fn exported(&self, module: &str, function: &str, arity: u8) -> Option<Arc<Exported>> {
        let name = format!("{module}:{function}/{arity}");
        Exports::of(self).0.read().unwrap_or_else(PoisonError::into_inner).get(&*name).cloned()
    }
}

/// What an exported function comes to.
pub(crate) enum Outcome {
    /// Its answer, as a term; or why there is no term for it.
    Answer(Result<Vec<u8>, String>),
    /// It was only run for the end of its process.
    Exit(ExitReason),
}

pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

type Begin = dyn Fn(&[u8]) -> Result<Running, String> + Send + Sync;

/// A function that other nodes may have this one run.
pub(crate) struct Exported {
    name: Arc<str>,
    leader: Arc<GroupLeader>,
    kind: &'static Kind,
    begin: Box<Begin>,
}

impl Exported {
    /// Begins to run it with `arguments`, the term of a list; or why they are none of it. Runs code of the user.
    pub(crate) fn begin(&self, arguments: &[u8]) -> Result<Running, String> {
        (self.begin)(arguments)
    }
}

type ByName = HashMap<Arc<str>, Arc<Exported>>;

/// What a node exports, as `module:function/arity`.
#[derive(Default)]
struct Exports(RwLock<ByName>);

impl Exports {
    fn of(node: &Node) -> Arc<Self> {
        node.extensions().get("")
    }

    fn write<T>(&self, change: impl FnOnce(&mut ByName) -> T) -> T {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // What is replaced is the user's, and dropped without the lock.
        let replaced = change(&mut all);
        drop(all);
        replaced
    }
}

/// An export that ends with the process that made it.
struct Exporting {
    exports: Weak<Exports>,
    exported: Arc<Exported>,
}

impl Place for Exporting {
    fn lost(self: Arc<Self>, _pid: Pid) {
        let Some(exports) = self.exports.upgrade() else { return };
        drop(exports.write(|all| match all.entry(self.exported.name.clone()) {
            Entry::Occupied(entry) if Arc::ptr_eq(entry.get(), &self.exported) => Some(entry.remove()),
            Entry::Occupied(_) | Entry::Vacant(_) => None,
        }));
    }
}
