//! What is kept with a registry as a whole.

use std::sync::{Arc, PoisonError, RwLock};

use super::store::Key;
use super::{Registry, Types};
use crate::process::{NoNode, Node};

/// The metadata of one type of one registry.
struct Metadata<T, K, V, U> {
    now: RwLock<Option<Arc<T>>>,
    registry: Types<K, V, U>,
}

impl<T, K, V, U> Default for Metadata<T, K, V, U> {
    fn default() -> Self {
        Self { now: RwLock::default(), registry: Types::default() }
    }
}

impl<T, K, V, U> Metadata<T, K, V, U> {
    fn get(&self) -> Option<Arc<T>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, with: Option<Arc<T>>) -> Option<Arc<T>> {
        std::mem::replace(&mut *self.now.write().unwrap_or_else(PoisonError::into_inner), with)
    }
}

impl<K: Key, V: Clone + Send + Sync + 'static, U: 'static> Registry<K, V, U> {
    /// Keeps `value` with the registry, in the place of any other value of its type.
    ///
    /// It belongs to no process, so nobody's end takes it away.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// const ROOMS: Registry<u64> = Registry::unique("rooms");
    ///
    /// /// How many may be in a room.
    /// #[derive(PartialEq, Debug)]
    /// struct Seats(u32);
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// ROOMS.put_meta(Seats(8))?;
    /// assert_eq!(ROOMS.meta::<Seats>().as_deref(), Some(&Seats(8)));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: Elixir `Registry.put_meta/3`, whose keys are types here.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn put_meta<T: Send + Sync + 'static>(&self, value: T) -> Result<(), NoNode> {
        let metadata = self.metadata::<T>().ok_or(NoNode)?;
        drop(metadata.replace(Some(Arc::new(value))));
        Ok(())
    }

    /// What was last kept with the registry of the type `T`.
    ///
    /// Source: Elixir `Registry.meta/2`.
    pub fn meta<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.metadata()?.get()
    }

    /// Takes out what is kept with the registry of the type `T`.
    ///
    /// Source: Elixir `Registry.delete_meta/2`.
    pub fn delete_meta<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.metadata()?.replace(None)
    }

    fn metadata<T: Send + Sync + 'static>(&self) -> Option<Arc<Metadata<T, K, V, U>>> {
        Some(Node::current()?.extensions().get(self.name))
    }
}
