//! How code that runs in a node finds the applications of the node, and has something done about them.

use std::any::TypeId;
use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::oneshot;

use super::super::callback::AnyConfig;
use super::super::refused::Refused;
use super::super::spec::Kind;
use super::turn::Asker;
use super::{Controller, Inner, lock};
use crate::process::{ExitReason, Node, spawn};

/// The controller of a node; weakly, so that a node that is dropped is gone.
#[derive(Default)]
struct Found(OnceLock<Weak<Inner>>);

impl Controller {
    /// Lets code that runs in the node find this controller.
    pub(super) fn be_found(&self) {
        // There is one for each node: the name of its process is taken.
        drop(self.0.node.extensions().get::<Found>("").0.set(Arc::downgrade(&self.0)));
    }

    /// The controller of the node that the running code belongs to, asked by the running process.
    pub(crate) fn current() -> Result<Self, Refused> {
        let node = Node::current().ok_or(Refused::NoApplications)?;
        let inner = node.extensions().get::<Found>("").0.get().and_then(Weak::upgrade);
        Ok(Self(inner.ok_or(Refused::NoApplications)?, Asker::running(&node)))
    }

    /// Carries out a request in a process of its own, since whoever asks may be stopped by it.
    ///
    /// # Cancel safety
    /// Dropping the future does not give up the request.
    pub(crate) async fn carry_out<T, F>(
        self,
        request: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let node = self.0.node.clone();
        let (answer, answered) = oneshot::channel();
        let work = async move {
            drop(answer.send(request(self).await));
            Ok::<(), ExitReason>(())
        };
        // It belongs to no application, so that it outlives the one it may stop.
        let worker = node.enter(|| spawn(work)).map_err(|_no_node| Refused::NoApplications)?;
        // So that nothing of it is left when whoever asked goes on.
        node.wait_exit(worker).await;
        answered.await.map_err(|_closed| Refused::NodeStopping)
    }

    /// The name of the application of the running process.
    pub(crate) fn asking_application(&self) -> Option<&'static str> {
        self.asking().map(|(name, _)| name)
    }

    /// The configuration of the application whose callback is of type `callback`.
    ///
    /// Of several, that of the running process, else the first by name. Nothing within the result: its configuration was
    /// not complete.
    pub(crate) fn config_of(&self, callback: TypeId) -> Option<(&'static str, Option<AnyConfig>)> {
        let is_of = |name: &&'static str| {
            let kind = self.0.loaded.specs.get(name).map(|spec| &spec.kind);
            matches!(kind, Some(Kind::Supervised { callback: known, .. }) if known.is_of() == callback)
        };
        let mine = self.asking_application().filter(is_of);
        let name = mine.or_else(|| lock(&self.0.applications).known().into_iter().find(is_of))?;
        Some((name, lock(&self.0.configured).typed.get(name).cloned()))
    }
}
