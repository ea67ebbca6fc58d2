//! Child specifications of GenServers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::child_spec::{ChildSpec, Restart, Shutdown};
use crate::gen_server::{BoundsOf, GenServer, Start};
use crate::gen_statem::{GenStatem, Machine};
use crate::process::Mailbox;
use crate::registry::{Name, Ref, Via};

/// Gives every server a child specification, ready to be changed: `Counter::child_spec(0).name(COUNTER)`.
///
/// Source: Elixir `use GenServer`, which defines `child_spec/1`.
pub trait Supervised: GenServer {
    /// A specification that starts this server with `args`: a permanent worker with 5 s to shut down.
    ///
    /// Each start gets a clone of `args`, so a restarted server begins as the first one did.
    fn child_spec(args: Self::Args) -> ServerSpec<Self>
    where
        Self::Args: Clone + Sync,
    {
        ServerSpec {
            args,
            name: None,
            via: None,
            id: None,
            restart: Restart::default(),
            shutdown: None,
            significant: false,
            bounds: None,
            init_timeout: None,
            hibernate_after: None,
        }
    }
}

impl<S: GenServer> Supervised for S {}

/// Gives every state machine a child specification, as [`Supervised`] does for servers.
pub trait SupervisedMachine: GenStatem {
    /// A specification that starts this machine with `args`: a permanent worker with 5 s to shut down.
    ///
    /// Each start gets a clone of `args`, so a restarted machine begins as the first one did.
    fn child_spec(args: Self::Args) -> ServerSpec<Machine<Self>>
    where
        Self::Args: Clone + Sync,
    {
        Machine::<Self>::child_spec(args)
    }
}

impl<S: GenStatem> SupervisedMachine for S {}

/// A child specification of the server `S`; see [`Supervised::child_spec`].
#[must_use = "a child specification starts nothing until a supervisor has it"]
pub struct ServerSpec<S: GenServer> {
    args: S::Args,
    name: Option<Name<S::Protocol>>,
    via: Option<Via<S::Protocol>>,
    id: Option<Arc<str>>,
    restart: Restart,
    shutdown: Option<Shutdown>,
    significant: bool,
    bounds: Option<BoundsOf<S>>,
    init_timeout: Option<Duration>,
    hibernate_after: Option<Duration>,
}

impl<S: GenServer> ServerSpec<S> {
    /// Registers the server under `name`, each time it is started.
    pub fn name(mut self, name: Name<S::Protocol>) -> Self {
        self.name = Some(name);
        self
    }

    /// Registers the server under a key of a [`Registry`](crate::registry::Registry), each time it is started.
    pub fn via(mut self, via: Via<S::Protocol>) -> Self {
        self.via = Some(via);
        self
    }

    /// Calls the child `id` among its siblings; by default its registered name, else the name of its type.
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets when the server is started again; [`Restart::Permanent`] by default.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Sets how the server is stopped; after 5 s by default.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = Some(shutdown);
        self
    }

    /// Bounds the mailbox; see [`Mailbox`].
    pub fn mailbox(mut self, mailbox: Mailbox) -> Self {
        self.bounds = Some((mailbox, S::weight));
        self
    }

    /// Kills the server if its `init` takes longer than `limit`; see [`Start::init_timeout`]. No limit by default.
    pub fn init_timeout(mut self, limit: Duration) -> Self {
        self.init_timeout = Some(limit);
        self
    }

    /// Hibernates the server whenever it has been idle for `time`; see [`Start::hibernate_after`]. Never by default.
    pub fn hibernate_after(mut self, time: Duration) -> Self {
        self.hibernate_after = Some(time);
        self
    }

    /// Makes the server significant; see [`ChildSpec::significant`].
    pub fn significant(mut self) -> Self {
        self.significant = true;
        self
    }
}

impl<S> From<ServerSpec<S>> for ChildSpec
where
    S: GenServer,
    S::Args: Clone + Sync,
{
    fn from(spec: ServerSpec<S>) -> Self {
        let ServerSpec { args, name, via, id, restart, shutdown, significant, bounds, .. } = spec;
        let (init_timeout, hibernate_after) = (spec.init_timeout, spec.hibernate_after);
        // Shared, so that a restart counts up instead of allocating.
        let name: Option<Arc<str>> = name.map(|name| Name::as_str(&name).into());
        let id = id.or_else(|| name.clone()).unwrap_or_else(|| S::type_name().into());
        let child = Self::worker(id, move || {
            let start = Start::<S>::new(args.clone()).link();
            let start = match bounds {
                Some(bounds) => start.bounds(bounds),
                None => start,
            };
            let start = match &name {
                Some(name) => start.registered_as(name.clone()),
                None => start,
            };
            let start = match hibernate_after {
                Some(time) => start.hibernate_after(time),
                None => start,
            };
            let start = match init_timeout {
                Some(limit) => start.init_timeout(limit),
                None => start,
            };
            let start = match &via {
                Some(via) => start.via(via),
                None => start,
            };
            let starting = start.start();
            async move { starting.await.map(|server| Ref::pid(&server)) }
        });
        let child = child.restart(restart);
        let child = if significant { child.significant() } else { child };
        match shutdown {
            Some(shutdown) => child.shutdown(shutdown),
            None => child,
        }
    }
}

impl<S: GenServer> fmt::Debug for ServerSpec<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSpec")
            .field("name", &self.name)
            .field("id", &self.id)
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown)
            .field("significant", &self.significant)
            .field("init_timeout", &self.init_timeout)
            .field("hibernate_after", &self.hibernate_after)
            .finish_non_exhaustive()
    }
}
