//! Starting a server.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use std::time::Duration;

use super::serve::{self, Init};
use super::{Context, GenServer, StartError};
use crate::process::{
    AnyCell, Cell, ExitReason, GroupLeader, Hibernation, Mailbox, Spawn, WaitExit, begin, discard,
    end_before_it_ran, go_on, link_to_parent, unlink_flush,
};
use crate::registry::{Name, Protocol, Ref, Via};

/// How a server is to be started: arguments, name, link, limits.
///
/// Source: OTP `gen_server:start/4`, `start_link/4`.
#[must_use = "a server is started by `start`"]
pub struct Start<S: GenServer> {
    args: S::Args,
    name: Option<Arc<str>>,
    via: Option<Via<S::Protocol>>,
    linked: bool,
    leader: Option<Arc<GroupLeader>>,
    init_timeout: Option<Duration>,
    bounds: Option<BoundsOf<S>>,
    hibernate_after: Option<Duration>,
}

/// The bounds of a mailbox, and how its messages are weighed.
pub(crate) type BoundsOf<S> = (Mailbox, fn(&MessageOf<S>) -> usize);

impl<S: GenServer> Start<S> {
    /// A start with `args`: no name, no link, and all the time it takes.
    pub fn new(args: S::Args) -> Self {
        Self {
            args,
            name: None,
            via: None,
            linked: false,
            leader: None,
            init_timeout: None,
            bounds: own_bounds::<S>(),
            hibernate_after: None,
        }
    }

    /// Registers the server before its `init` runs.
    pub fn name(self, name: &Name<S::Protocol>) -> Self {
        self.registered_as(Name::as_str(name))
    }

    /// Registers the server under a name that is known only at run time.
    pub fn registered_as(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Registers the server under a key of a [`Registry`](crate::registry::Registry), before its `init` runs.
    ///
    /// Source: Elixir `{:via, Registry, {registry, key}}`.
    pub fn via(mut self, via: &Via<S::Protocol>) -> Self {
        self.via = Some(via.clone());
        self
    }

    /// Links the server to the running process, which becomes its parent.
    pub fn link(mut self) -> Self {
        self.linked = true;
        self
    }

    /// Makes the server and its descendants belong to the application of `leader`, instead of the starter's.
    pub fn group_leader(mut self, leader: Arc<GroupLeader>) -> Self {
        self.leader = Some(leader);
        self
    }

    /// Bounds the mailbox; by default as the server says itself, else not at all.
    pub fn mailbox(self, mailbox: Mailbox) -> Self {
        self.bounds((mailbox, S::weight))
    }

    /// As [`mailbox`](Self::mailbox), for whoever has bounds already.
    pub(crate) fn bounds(mut self, bounds: BoundsOf<S>) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// Kills the server if its `init` takes longer than `limit`; it is gone, and its name free, when the starter is told.
    ///
    /// One that does not yield is waited for as long again.
    ///
    /// Source: OTP `gen_server:start/4`, option `{timeout, Time}`.
    /// Differs: OTP 25 tells the starter before the killed process is gone; newer ones wait for it, too.
    pub fn init_timeout(mut self, limit: Duration) -> Self {
        self.init_timeout = Some(limit);
        self
    }

    /// Hibernates the server whenever it has been idle for `time`; see [`GenServer::hibernate`]. Never by default.
    ///
    /// Source: OTP `gen_server:start/4`, option `{hibernate_after, Time}`.
    pub fn hibernate_after(mut self, time: Duration) -> Self {
        self.hibernate_after = Some(time);
        self
    }

    /// Starts the server and waits for its `init`.
    ///
    /// # Errors
    /// See [`StartError`].
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the server.
    pub fn start(self) -> impl Future<Output = Result<Ref<S::Protocol>, StartError>> + Send {
        // Spawned when called, so that a started server does not depend on being awaited.
        let limit = self.init_timeout;
        let spawned = self.spawn();
        async move {
            let cell = spawned?;
            let started = poll_fn(|cx| cell.poll_started(cx.waker()));
            let outcome = match limit {
                None => started.await,
                Some(limit) => match tokio::time::timeout(limit, started).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) => {
                        // The starter is told by the answer, and by nothing beside.
                        unlink_flush(cell.head().pid);
                        cell.kill();
                        // One that never yields cannot be killed, and must not take its starter with it.
                        let _gone = tokio::time::timeout(limit, WaitExit::new(cell)).await;
                        return Err(StartError::Timeout);
                    }
                },
            };
            match outcome {
                Ok(()) => Ok(Ref::new(cell)),
                // `init` does not want to run: the process ended normally.
                Err(ExitReason::Normal) => Err(StartError::Ignore),
                Err(reason) => Err(StartError::InitFailed(reason)),
            }
        }
    }

    fn spawn(self) -> Result<Arc<Cell<MessageOf<S>>>, StartError> {
        let mut spawn = Spawn::here(serve::kind::<S>()).ok_or(StartError::NoNode)?;
        spawn.leader = self.leader.unwrap_or(spawn.leader);
        let parent = if self.linked { spawn.parent } else { None };
        let cell = spawn.cell();
        cell.head().set_begins_calls(S::BEGINS_CALLS);
        if let Some((mailbox, weigh)) = self.bounds {
            cell.bound(mailbox, weigh);
        }
        let any: Arc<dyn AnyCell> = cell.clone();
        if let Some(name) = self.name {
            let node = &any.head().node;
            if let Err(taken) = node.register(name, &any) {
                discard(&*any);
                return Err(StartError::AlreadyStarted(taken));
            }
        }
        if let Some(via) = self.via
            && let Err(taken) = Via::lookup(&via).register(&any)
        {
            discard(&*any);
            return Err(StartError::AlreadyStarted(taken));
        }
        if let Some(parent) = parent
            && !link_to_parent(&any, parent)
        {
            any.kill();
        }
        if let Some(time) = self.hibernate_after {
            any.with_lane(&mut |lane| {
                lane.hibernation = Some(Hibernation::after(time));
                false
            });
        }
        init::<S>(any, serve::init(Context::new(cell.clone()), self.args));
        Ok(cell)
    }
}

/// What the server says itself.
fn own_bounds<S: GenServer>() -> Option<BoundsOf<S>> {
    // A constant, so that an unbounded server has no code that weighs its messages.
    if const { S::MAILBOX.is_bounded() } { Some((S::MAILBOX, S::weight)) } else { None }
}

/// Begins with `init` on the spot, so that a server whose `init` waits for nothing is ready without a turn of its own.
fn init<S: GenServer>(process: Arc<dyn AnyCell>, mut init: Init<S>) {
    let begun = begin(&process, || {
        // An exit signal that came before is looked at where all are.
        if process.head().attention().is_urgent() {
            return Err(init);
        }
        match init.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
            Poll::Ready(begun) => Ok(begun),
            // Polled again by the task of the process, which is who is to be woken.
            Poll::Pending => Err(init),
        }
    });
    match begun {
        None => {}
        Some(Err(init)) => go_on(process, serve::init_and_serve(init)),
        Some(Ok((cx, Ok(server)))) => {
            cx.cell().started();
            go_on(process, serve::serve(cx, server));
        }
        Some(Ok((_, Err(reason)))) => end_before_it_ran(&process, reason),
    }
}

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

impl<S: GenServer> fmt::Debug for Start<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("name", &self.name)
            .field("linked", &self.linked)
            .finish_non_exhaustive()
    }
}
