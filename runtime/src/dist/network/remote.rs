//! What processes ask of other nodes.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Network;
use crate::dist::connection::{Connection, Room, lost_link, lost_monitor};
use crate::process::far_alias::behind;
use crate::process::remote::{
    Answer, Encode, Far, Reach, Remote, RemoteCall, SpawnRequest, Spawned, Unreachable,
};
use crate::process::{ExitReason, MonitorRef, NodeId, Pid, SpawnError};
use crate::term::ReferenceParts;

impl Network {
    /// Holds the sender back if there is no room for more.
    fn hold(&self, from: Option<Pid>, room: Room, connection: &Connection, to: &Far) {
        if let Some(from) = from
            && !connection.has_room(room, to)
            && let Some(node) = self.node.upgrade()
        {
            node.hold(from, to);
        }
    }
}

impl Remote for Network {
    fn name(&self) -> &str {
        &self.local.name
    }

    fn reach(&self, node: NodeId) -> Reach {
        let known = self.connection(node);
        if known.as_ref().is_some_and(|connection| connection.is_open()) {
            return Reach::Ready;
        }
        match (known, self.attempts().has_failed(node)) {
            (None, false) => return Reach::Ready,
            (Some(_), false) => return Reach::Connecting,
            (Some(_), true) => return Reach::Lost,
            (None, true) => {}
        }
        let _looked_for = self.begin(node, false);
        Reach::Lost
    }

    fn link(&self, from: Pid, to: Pid) {
        let Some(node) = self.node.upgrade() else { return };
        match self.way_to(to.node()) {
            Some(connection) => connection.link(&node, from, to),
            None => lost_link(&node, from, to),
        }
    }

    fn unlink(&self, from: Pid, to: Pid) {
        if let Some(connection) = self.connection(to.node()) {
            connection.unlink(from, to);
        }
    }

    fn link_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        if let Some(connection) = self.connection(to.node()) {
            connection.link_exit(from, to, reason);
        }
    }

    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        if let Some(connection) = self.way_to(to.node()) {
            connection.exit(from, to, reason);
        }
    }

    fn kill(&self, from: Pid, to: Pid) {
        if let Some(connection) = self.way_to(to.node()) {
            connection.kill(from, to);
        }
    }

    fn monitor(&self, monitor: MonitorRef, by: Pid, target: &Far) {
        let Some(node) = self.node.upgrade() else { return };
        match self.way_to(target.node()) {
            Some(connection) => connection.monitor(&node, monitor, by, target),
            None => lost_monitor(&node, monitor, by),
        }
    }

    fn demonitor(&self, monitor: MonitorRef, _by: Pid, target: &Far) {
        if let Some(connection) = self.connection(target.node()) {
            connection.demonitor(monitor);
        }
    }

    fn down(&self, monitor: MonitorRef, by: Pid, _target: Pid, reason: &ExitReason) {
        if let Some(connection) = self.connection(by.node()) {
            connection.down(monitor, reason);
        }
    }

    fn spawn(&self, request: &SpawnRequest<'_>, spawned: Spawned) {
        match self.way_to(request.node) {
            Some(connection) => connection.spawn(request, spawned),
            None => spawned(Err(SpawnError::NoConnection)),
        }
    }

    fn send(&self, from: Option<Pid>, to: &Far, message: &dyn Encode) -> Result<(), Unreachable> {
        let connection = self.way_to(to.node()).ok_or(Unreachable::NoConnection)?;
        let sender = from.unwrap_or(Pid::outside(self.local.creation));
        let sent = connection.send(sender, to, message);
        let room = *sent.as_ref().unwrap_or(&Room::Scarce);
        self.hold(from, room, &connection, to);
        sent.map(drop)
    }

    fn send_through(
        &self,
        from: Option<Pid>,
        node: NodeId,
        alias: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<(), Arc<str>> {
        // As in OTP, what nobody can be sent is dropped.
        let Some(connection) = self.way_to(node) else { return Ok(()) };
        let sender = from.unwrap_or(Pid::outside(self.local.creation));
        let room = connection.send_through(sender, alias, message)?;
        self.hold(from, room, &connection, &behind(node, alias));
        Ok(())
    }

    fn poll_room(&self, to: &Far, cx: &mut Context<'_>) -> Poll<()> {
        self.connection(to.node()).map_or(Poll::Ready(()), |connection| connection.poll_room(to, cx))
    }

    fn call(
        &self,
        from: Option<Pid>,
        to: &Far,
        request: &dyn Encode,
        wait: Option<Duration>,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)> {
        let (Some(node), Some(connection)) = (self.node.upgrade(), self.way_to(to.node())) else {
            return Err((Unreachable::NoConnection, answer));
        };
        let from = from.unwrap_or(Pid::outside(self.local.creation));
        connection.call(node.next_reference(), from, to, request, wait, answer)
    }
}
