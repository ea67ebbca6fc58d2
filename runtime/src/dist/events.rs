//! Being told which nodes come and go.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::process::{MonitorRef, NoNode, Node, Pid, Place};
use crate::registry::{Protocol, Ref};

/// A node was connected, or is no more.
///
/// Source: OTP `net_kernel:monitor_nodes/2`, `{nodeup, Node}` and `{nodedown, Node}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeEvent {
    /// This node, by its full name, is connected.
    Up(Arc<str>),
    /// There is no connection to this node any more.
    Down(Arc<str>),
}

/// Who is told of nodes.
#[derive(Default)]
pub(super) struct NodeEvents(Mutex<HashMap<MonitorRef, Sink>>);

/// Where events go.
type Sink = Arc<dyn Fn(&NodeEvent) + Send + Sync>;

impl NodeEvents {
    fn sinks(&self) -> MutexGuard<'_, HashMap<MonitorRef, Sink>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody.
    pub(super) fn tell(&self, node: &Node, event: &NodeEvent) {
        let sinks: Vec<_> = self.sinks().values().cloned().collect();
        node.enter(|| {
            for sink in sinks {
                // It may convert the event to a type of the user's.
                if let Err(panic) = crate::process::attempt(|| sink(event)) {
                    let message = panic.message;
                    tracing::error!(target: "umbrella::dist", "who monitors nodes panicked: {message}");
                }
            }
        });
    }
}

/// Tells which nodes come and go from the moment at which it was made; dropping it ends it.
///
/// Source: OTP `net_kernel:monitor_nodes/1`.
/// Differs: hidden nodes are among them, since nodes of umbrella are.
#[must_use = "dropping it ends it"]
pub struct NodeMonitor {
    events: UnboundedReceiver<NodeEvent>,
    sinks: Weak<NodeEvents>,
    id: MonitorRef,
}

impl NodeMonitor {
    /// The next event, in the order in which they happened; for ever pending once the node is gone.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> NodeEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// The next event, if it has happened already.
    pub fn try_next(&mut self) -> Option<NodeEvent> {
        self.events.try_recv().ok()
    }
}

impl Drop for NodeMonitor {
    fn drop(&mut self) {
        if let Some(sinks) = self.sinks.upgrade() {
            let sink = sinks.sinks().remove(&self.id);
            drop(sink);
        }
    }
}

impl fmt::Debug for NodeMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeMonitor").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Begins to tell which nodes come and go.
///
/// # Errors
/// [`NoNode`] outside a node.
pub fn monitor_nodes() -> Result<NodeMonitor, NoNode> {
    let node = Node::current().ok_or(NoNode)?;
    let (sink, events): (UnboundedSender<NodeEvent>, _) = unbounded_channel();
    let (all, id) = (node.extensions().get::<NodeEvents>(""), node.next_reference());
    all.sinks().insert(id, Arc::new(move |event| drop(sink.send(event.clone()))));
    Ok(NodeMonitor { events, sinks: Arc::downgrade(&all), id })
}

/// Has `server` told which nodes come and go, as messages, for as long as it lives.
///
/// # Errors
/// [`NoNode`] outside a node.
pub fn monitor_nodes_by<P: Protocol>(server: &Ref<P>) -> Result<(), NoNode>
where
    P::Message: From<NodeEvent>,
{
    let node = Node::current().ok_or(NoNode)?;
    let (all, id) = (node.extensions().get::<NodeEvents>(""), node.next_reference());
    let (to, pid) = (server.clone(), Ref::pid(server));
    // One that has no room for the event has said what it makes of that.
    all.sinks().insert(id, Arc::new(move |event| drop(Ref::send(&to, event.clone()))));
    let place: Arc<dyn Place> = Arc::new(Told { all: Arc::downgrade(&all), id });
    if !node.process(pid).is_some_and(|process| process.add_place(&place)) {
        place.lost(pid);
    }
    Ok(())
}

/// Ends with the server that is told.
struct Told {
    all: Weak<NodeEvents>,
    id: MonitorRef,
}

impl Place for Told {
    fn lost(self: Arc<Self>, _pid: Pid) {
        if let Some(all) = self.all.upgrade() {
            let sink = all.sinks().remove(&self.id);
            drop(sink);
        }
    }
}
