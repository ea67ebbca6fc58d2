//! Two nodes and a wire between them, in memory, for tests of what goes over it.

mod messages;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use super::export::SpawnArrived;
use super::remote::{
    Answer, Encode, EncodeError, Far, Reach, Remote, RemoteCall, SpawnRequest, Spawned, Tie, Unreachable,
};
use super::{ExitReason, MonitorRef, Node, NodeId, Pid};
use crate::term::ReferenceParts;
use messages::{Message, Messages, Reply};

/// Both nodes and what is on its way between them.
pub(crate) struct Wire {
    pub(crate) nodes: [Node; 2],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(usize, Sent)>,
    is_held: bool,
    is_delivering: bool,
    is_cut: bool,
    messages: Messages,
    /// The reference that each side has for a monitor of the other.
    monitors: HashMap<(usize, MonitorRef), (MonitorRef, Pid)>,
    /// The links and monitors that were made, to be ended when the wire is cut.
    made: Vec<(usize, Sent)>,
}

/// A signal, with pids as the sender knows them.
#[derive(Clone)]
enum Sent {
    Link(Pid, Pid),
    Unlink(Pid, Pid),
    LinkExit(Pid, Pid, ExitReason),
    Exit(Pid, Pid, ExitReason),
    Kill(Pid),
    Monitor(MonitorRef, Pid, Far),
    Demonitor(MonitorRef),
    Down(MonitorRef, Pid, ExitReason),
    Spawn(Arc<Spawn>),
    Message(Arc<Message>),
    Through(ReferenceParts, Arc<[u8]>),
    Reply(Arc<Reply>),
    Cancel(MonitorRef),
}

/// A process to be spawned, and whom to tell.
struct Spawn {
    reference: MonitorRef,
    by: Pid,
    function: (String, String, u8),
    arguments: Vec<u8>,
    tie: Tie,
    spawned: Mutex<Option<Spawned>>,
}

impl Wire {
    pub(crate) fn new() -> Arc<Self> {
        let nodes = ["a", "b"].map(Node::new);
        let wire = Arc::new(Self { nodes, state: Mutex::default() });
        for side in 0..2 {
            wire.nodes[side].set_remote(Arc::new(End::new(&wire, side)));
        }
        wire
    }

    /// `pid`, as the node of `side` knows it, for the other one.
    pub(crate) fn translate(&self, side: usize, pid: Pid) -> Pid {
        let name = self.nodes[side].node_name(pid.node()).expect("known");
        let node = self.nodes[1 - side].node_id(&name).expect("room");
        Pid::on(node, pid.id(), pid.serial(), pid.creation())
    }

    fn push(self: &Arc<Self>, from: usize, sent: Sent) {
        let mut state = self.state.lock().expect("no panic");
        if matches!(sent, Sent::Link(..) | Sent::Monitor(..)) {
            state.made.push((from, sent.clone()));
        }
        state.queue.push_back((from, sent));
        drop(state);
        self.deliver();
    }

    pub(crate) fn hold(&self) {
        self.state.lock().expect("no panic").is_held = true;
    }

    pub(crate) fn release(self: &Arc<Self>) {
        self.state.lock().expect("no panic").is_held = false;
        self.deliver();
    }

    /// Ends everything that goes over the wire.
    pub(crate) fn cut(&self) {
        let made = {
            let mut state = self.state.lock().expect("no panic");
            state.is_cut = true;
            std::mem::take(&mut state.made)
        };
        self.cut_calls();
        for (side, made) in made {
            if let Sent::Link(from, to) = made {
                self.nodes[side].link_exit_arrived(to, from, ExitReason::NoConnection);
                let (from, to) = (self.translate(side, from), self.translate(side, to));
                self.nodes[1 - side].link_exit_arrived(from, to, ExitReason::NoConnection);
            } else if let Sent::Monitor(monitor, by, _) = made {
                self.nodes[side].down_arrived(monitor, by, ExitReason::NoConnection);
            }
        }
    }

    /// Lets signals pass again.
    pub(crate) fn mend(&self) {
        self.state.lock().expect("no panic").is_cut = false;
    }

    fn is_cut(&self) -> bool {
        self.state.lock().expect("no panic").is_cut
    }

    fn deliver(self: &Arc<Self>) {
        loop {
            let mut state = self.state.lock().expect("no panic");
            if state.is_held || state.is_delivering {
                return;
            }
            let Some((from, sent)) = state.queue.pop_front() else { return };
            state.is_delivering = true;
            drop(state);
            self.arrive(from, sent);
            self.state.lock().expect("no panic").is_delivering = false;
        }
    }

    fn arrive(self: &Arc<Self>, side: usize, sent: Sent) {
        let (other, there) = (1 - side, &self.nodes[1 - side]);
        let pid = |pid| self.translate(side, pid);
        match sent {
            Sent::Message(message) => self.message_arrives(side, &message),
            Sent::Reply(reply) => self.reply_arrives(&reply),
            Sent::Cancel(call) => self.is_given_up(call),
            Sent::Through(alias, message) => self.passes(there, &alias, &message),
            Sent::Link(from, to) => {
                if !there.link_arrived(pid(from), pid(to)) {
                    self.push(other, Sent::LinkExit(pid(to), pid(from), ExitReason::NoProc));
                }
            }
            Sent::Unlink(from, to) => there.unlink_arrived(pid(from), pid(to)),
            Sent::LinkExit(from, to, reason) => there.link_exit_arrived(pid(from), pid(to), reason),
            Sent::Exit(from, to, reason) => there.exit_arrived(pid(from), pid(to), reason),
            Sent::Kill(to) => there.kill_arrived(pid(to)),
            Sent::Monitor(monitor, by, target) => {
                let target = match target {
                    Far::Pid(target) => Some(pid(target)),
                    Far::Name { name, .. } => there.whereis(&name),
                };
                let mine = there.next_reference();
                if target.is_some_and(|target| there.monitor_arrived(mine, pid(by), target)) {
                    let mut state = self.state.lock().expect("no panic");
                    state.monitors.insert((other, mine), (monitor, target.expect("there is one")));
                } else {
                    self.nodes[side].down_arrived(monitor, by, ExitReason::NoProc);
                }
            }
            Sent::Demonitor(monitor) => {
                let mut state = self.state.lock().expect("no panic");
                let held = state.monitors.iter().find(|(key, value)| key.0 == other && value.0 == monitor);
                let ((_, mine), (_, target)) = held.map(|(key, value)| (*key, *value)).expect("monitored");
                state.monitors.remove(&(other, mine));
                drop(state);
                there.demonitor_arrived(mine, target);
            }
            Sent::Spawn(spawn) => {
                let mine = there.next_reference();
                let (module, function, arity) = &spawn.function;
                let wanted = SpawnArrived {
                    by: pid(spawn.by),
                    module,
                    function,
                    arity: *arity,
                    arguments: &spawn.arguments,
                    tie: spawn.tie,
                    monitor: mine,
                };
                there.spawn_arrived(&wanted, |result| {
                    let spawned = spawn.spawned.lock().expect("no panic").take().expect("answered once");
                    if let Ok(target) = result {
                        let held = (spawn.reference, target);
                        self.state.lock().expect("no panic").monitors.insert((other, mine), held);
                    }
                    spawned(result.map(|target| self.translate(other, target)));
                });
            }
            Sent::Down(mine, by, reason) => {
                let known = self.state.lock().expect("no panic").monitors.remove(&(side, mine));
                if let Some((monitor, _)) = known {
                    there.down_arrived(monitor, pid(by), reason);
                }
            }
        }
    }
}

/// One end of the wire.
struct End {
    wire: Arc<Wire>,
    side: usize,
    name: String,
}

impl End {
    fn new(wire: &Arc<Wire>, side: usize) -> Self {
        let name = format!("{}@test", wire.nodes[side].name());
        Self { wire: wire.clone(), side, name }
    }
}

impl Remote for End {
    fn name(&self) -> &str {
        &self.name
    }
    fn reach(&self, _: NodeId) -> Reach {
        Reach::Ready
    }
    fn link(&self, from: Pid, to: Pid) {
        self.wire.push(self.side, Sent::Link(from, to));
    }
    fn unlink(&self, from: Pid, to: Pid) {
        self.wire.push(self.side, Sent::Unlink(from, to));
    }
    fn link_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        self.wire.push(self.side, Sent::LinkExit(from, to, reason.clone()));
    }
    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        self.wire.push(self.side, Sent::Exit(from, to, reason.clone()));
    }
    fn kill(&self, _from: Pid, to: Pid) {
        self.wire.push(self.side, Sent::Kill(to));
    }
    fn monitor(&self, monitor: MonitorRef, by: Pid, target: &Far) {
        self.wire.push(self.side, Sent::Monitor(monitor, by, target.clone()));
    }
    fn demonitor(&self, monitor: MonitorRef, _by: Pid, _target: &Far) {
        self.wire.push(self.side, Sent::Demonitor(monitor));
    }
    fn down(&self, monitor: MonitorRef, by: Pid, _target: Pid, reason: &ExitReason) {
        self.wire.push(self.side, Sent::Down(monitor, by, reason.clone()));
    }
    fn spawn(&self, request: &SpawnRequest<'_>, spawned: Spawned) {
        let spawn = Spawn {
            reference: request.reference,
            by: request.by,
            function: (request.module.to_owned(), request.function.to_owned(), request.arity),
            arguments: request.arguments.to_vec(),
            tie: request.tie,
            spawned: Mutex::new(Some(spawned)),
        };
        self.wire.push(self.side, Sent::Spawn(Arc::new(spawn)));
    }
    fn send(&self, _: Option<Pid>, to: &Far, message: &dyn Encode) -> Result<(), Unreachable> {
        self.send_message(to, message, None)
    }
    fn send_through(
        &self,
        _: Option<Pid>,
        _: NodeId,
        alias: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<(), Arc<str>> {
        let mut body = Vec::new();
        message.encode(&mut body).map_err(|EncodeError(why)| why)?;
        self.wire.push(self.side, Sent::Through(alias.clone(), body.into()));
        Ok(())
    }
    fn poll_room(&self, _: &Far, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
    fn call(
        &self,
        _: Option<Pid>,
        to: &Far,
        request: &dyn Encode,
        until: Option<Duration>,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)> {
        let call = self.begin_call(answer);
        match self.send_message(to, request, Some((call, until))) {
            Ok(()) => Ok(RemoteCall::new(Arc::new(Self::new(&self.wire, self.side)), call)),
            Err(error) => Err((error, self.take_back(call))),
        }
    }
}
