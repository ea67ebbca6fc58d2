//! What the layers above keep in a node, each thing by its type and a name.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

type AnyThing = Arc<dyn Any + Send + Sync>;

/// Things of upper layers; made when first asked for, and as old as the node in the end.
#[derive(Default)]
pub(crate) struct Extensions(RwLock<HashMap<TypeId, HashMap<Box<str>, AnyThing>>>);

impl Extensions {
    /// The names of all there are of this type.
    pub(crate) fn names<T: Any>(&self) -> Vec<Box<str>> {
        let things = self.0.read().unwrap_or_else(PoisonError::into_inner);
        things.get(&TypeId::of::<T>()).into_iter().flat_map(HashMap::keys).cloned().collect()
    }

    /// The `T` called `name`.
    pub(crate) fn get<T: Any + Send + Sync + Default>(&self, name: &str) -> Arc<T> {
        let known = {
            let things = self.0.read().unwrap_or_else(PoisonError::into_inner);
            things.get(&TypeId::of::<T>()).and_then(|named| named.get(name)).cloned()
        };
        let thing = known.unwrap_or_else(|| {
            let mut things = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let named = things.entry(TypeId::of::<T>()).or_default();
            named.entry(name.into()).or_insert_with(|| Arc::<T>::default()).clone()
        });
        // Only a `T` is ever put under its own type.
        thing.downcast().unwrap_or_default()
    }
}
