//! Typed groups.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::DEFAULT_SCOPE;
use super::monitor::{Change, Monitor, Sink, Watching};
use super::scope::Scope;
use crate::process::remote::Far;
use crate::process::{AnyCell, Cell, MonitorRef, NoNode, Node, Pid, self_pid};
use crate::registry::wire::Outgoing;
use crate::registry::{Client, Protocol, Ref};

/// A group of processes that speak the protocol `P`.
///
/// A group is a constant, as a [`Name`](crate::registry::Name) is: `const ROOM: Group<Player> = Group::new("room");`.
/// It exists while it has members. A process may join several times, is then a member several times, and leaves as often;
/// its end is its leave, and comes before others are told of the end.
/// A process of another kind under the same name is a member, but gets no message that it does not understand.
///
/// Joining and leaving cost the same however many members there are; a member costs about 250 bytes.
///
/// ```
/// # use umbrella::prelude::*;
/// # #[derive(Clone)]
/// struct News(&'static str);
///
/// struct Reader;
///
/// #[gen_server(local)]
/// impl Reader {
///     fn init(cx: &mut Context<Self>) -> Result<Self, ExitReason> {
///         READERS.join(cx.pid())?;
///         Ok(Self)
///     }
///
///     #[info]
///     fn read(&mut self, news: News) {
///         println!("{}", news.0);
///     }
/// }
///
/// const READERS: Group<Reader> = Group::new("readers");
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # let node = Node::new("example");
/// # runtime.block_on(node.clone().scope(async move {
/// let reader = Reader::start(()).await?;
/// Reader::start(()).await?;
/// assert_eq!(READERS.broadcast(&News("it rains")), 2);
/// READERS.leave(Ref::pid(&reader))?;
/// assert_eq!(READERS.broadcast(&News("it still rains")), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: OTP pg(3).
pub struct Group<P: Protocol> {
    name: Cow<'static, str>,
    scope: &'static str,
    protocol: PhantomData<fn() -> P>,
}

/// Why a process did not leave a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeaveError {
    /// The running code belongs to no node.
    #[error(transparent)]
    NoNode(#[from] NoNode),
    /// It is no member.
    #[error("not a member of the group")]
    NotJoined,
}

impl<P: Protocol> Group<P> {
    /// The group called `name` in the [default scope](DEFAULT_SCOPE).
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), scope: DEFAULT_SCOPE, protocol: PhantomData }
    }

    /// A group whose name is known only at run time, in the [default scope](DEFAULT_SCOPE).
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), scope: DEFAULT_SCOPE, protocol: PhantomData }
    }

    /// The group of the same name in another scope, which knows nothing of this one.
    ///
    /// Source: OTP pg(3), `start_link/1`.
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    /// The name of the group.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    fn find(&self) -> Result<(Node, Arc<Scope>), NoNode> {
        let node = Node::current().ok_or(NoNode)?;
        let scope = Scope::of(&node, self.scope);
        Ok((node, scope))
    }

    /// Makes the process a member, once more if it is one already; nothing happens if there is no such process.
    ///
    /// Source: OTP `pg:join/3`.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn join(&self, pid: Pid) -> Result<(), NoNode> {
        self.join_all([pid])
    }

    /// Makes all of these processes members; whoever monitors the group is told of them together.
    ///
    /// # Errors
    /// As [`join`](Self::join).
    pub fn join_all(&self, pids: impl IntoIterator<Item = Pid>) -> Result<(), NoNode> {
        let (node, scope) = self.find()?;
        if let Cow::Borrowed(name) = self.name {
            scope.note_constant(name);
        }
        scope.join(&self.name, &processes(&node, pids));
        Ok(())
    }

    /// Takes the process out, once.
    ///
    /// Source: OTP `pg:leave/3`.
    ///
    /// # Errors
    /// [`LeaveError::NotJoined`] if it is no member; [`LeaveError::NoNode`] outside a node.
    pub fn leave(&self, pid: Pid) -> Result<(), LeaveError> {
        self.leave_all([pid])
    }

    /// Takes all of these processes out, each once for each time it stands here.
    ///
    /// # Errors
    /// [`LeaveError::NotJoined`] if none of them is a member; [`LeaveError::NoNode`] outside a node.
    pub fn leave_all(&self, pids: impl IntoIterator<Item = Pid>) -> Result<(), LeaveError> {
        let (node, scope) = self.find()?;
        if scope.leave(&self.name, &processes(&node, pids)) == 0 {
            Err(LeaveError::NotJoined)
        } else {
            Ok(())
        }
    }

    /// The members, each as often as it joined, in no order; nobody outside a node.
    ///
    /// Source: OTP `pg:get_members/2`.
    pub fn get_members(&self) -> Vec<Pid> {
        let members = self.find().ok().and_then(|(_, scope)| scope.members(&self.name));
        members.map_or_else(Vec::new, |members| members.pids())
    }

    /// The members that run on this node.
    ///
    /// Source: OTP `pg:get_local_members/2`.
    pub fn get_local_members(&self) -> Vec<Pid> {
        let members = self.find().ok().and_then(|(_, scope)| scope.members(&self.name));
        members.map_or_else(Vec::new, |members| members.local_pids().collect())
    }

    /// References to the members that speak `P`, each as often as it joined, in no order; those of other nodes are believed
    /// to.
    pub fn members(&self) -> Vec<Ref<P>> {
        let members = self.find().ok().and_then(|(_, scope)| scope.members(&self.name));
        let typed =
            |process: &Arc<dyn AnyCell>| process.clone().into_any().downcast::<Cell<P::Message>>().ok();
        members.map_or_else(Vec::new, |members| {
            let far = members.far().iter().copied().map(Ref::to);
            members.processes().filter_map(typed).map(Ref::new).chain(far).collect()
        })
    }

    /// Sends a clone of `message` to every member that speaks `P`, and says how many took it; of other nodes, to how many
    /// it was sent.
    ///
    /// Those that are members when it begins get it, whoever joins or leaves meanwhile. No lock is held while messages
    /// are cloned and sent. It does not wait, so a million members take about a tenth of a second of this thread.
    ///
    /// Source: OTP `[Pid ! Message || Pid <- pg:get_members(Group)]`.
    pub fn broadcast<T: Clone>(&self, message: &T) -> usize
    where
        P::Message: From<T>,
    {
        self.broadcast_with(|| message.clone().into())
    }

    /// As [`broadcast`](Self::broadcast), with a message made for each member: a cast, `|| ReaderMessage::Clear`.
    pub fn broadcast_with(&self, mut message: impl FnMut() -> P::Message) -> usize {
        let Ok((node, scope)) = self.find() else { return 0 };
        let Some(members) = scope.members(&self.name) else { return 0 };
        let cells = members.processes().filter_map(|process| {
            let process: &dyn Any = &**process;
            process.downcast_ref::<Cell<P::Message>>()
        });
        let near = cells.filter(|cell| cell.send(message()).is_ok()).count();
        near + send_far::<P>(&node, members.far(), message)
    }

    /// The members, and a [`Monitor`] that tells who joins and leaves from then on.
    ///
    /// Source: OTP `pg:monitor/2`.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn monitor(&self) -> Result<(Vec<Pid>, Monitor), NoNode> {
        let (node, scope) = self.find()?;
        let (outbox, members) =
            scope.monitor(node.next_reference(), &self.name, Sink::Stream(Default::default()));
        Ok((members, Monitor::new(outbox, scope)))
    }

    /// The members, and from then on a [`Change`] for `server`, which handles it with `#[info]`, whenever one joins or
    /// leaves. It ends with the server, or by [`demonitor`](Self::demonitor).
    ///
    /// Source: OTP `pg:monitor/2`.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn monitor_for<S: Protocol>(&self, server: &Ref<S>) -> Result<(Vec<Pid>, MonitorRef), NoNode>
    where
        S::Message: From<Change>,
    {
        let (node, scope) = self.find()?;
        let (id, pid, address) = (node.next_reference(), Ref::pid(server), server.address().clone());
        let send = move |change: Change| {
            if let Ok(server) = address.resolve() {
                // Ended in between: told to nobody.
                let _alive = server.send_kept(change.into());
            }
        };
        let (_, members) = scope.monitor(id, &self.name, Sink::Server { pid, send: Box::new(send) });
        let watching = Arc::new(Watching { id, scope: Arc::downgrade(&scope) });
        if !node.process(pid).is_some_and(|process| process.add_place(&(watching as _))) {
            scope.demonitor(id);
        }
        Ok((members, id))
    }

    /// Ends a monitor of a server and says whether there was one. A change that was sent already still comes.
    ///
    /// Source: OTP `pg:demonitor/2`.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        let Ok((node, scope)) = self.find() else { return false };
        let Some(outbox) = scope.demonitor(monitor) else { return false };
        if let Some(server) = outbox.server().and_then(|pid| node.process(pid)) {
            server.take_place(|watching: &Watching| watching.id == monitor);
        }
        true
    }
}

/// Sends each of `pids`, processes of other nodes, a message, and says how many of them were sent.
fn send_far<P: Protocol>(node: &Node, pids: &[Pid], mut message: impl FnMut() -> P::Message) -> usize {
    let Some(remote) = node.remote().filter(|_| !pids.is_empty() && !P::SHAPES.is_empty()) else { return 0 };
    let from = self_pid();
    let sent = |pid: &&Pid| remote.send(from, &Far::Pid(**pid), &Outgoing::<P>(&message())).is_ok();
    pids.iter().filter(sent).count()
}

fn processes(node: &Node, pids: impl IntoIterator<Item = Pid>) -> Vec<Arc<dyn AnyCell>> {
    pids.into_iter().filter_map(|pid| node.process(pid)).collect()
}

impl<P: Protocol> Clone for Group<P> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), ..*self }
    }
}

impl<P: Protocol> fmt::Debug for Group<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("name", &self.name).field("scope", &self.scope).finish()
    }
}
