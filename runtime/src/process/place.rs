//! What a process has a place in, and loses when it ends: groups, registries.

use std::any::Any;
use std::sync::Arc;

use super::Pid;
use super::any_cell::AnyCell;

/// A place that a process has somewhere. Kept with the process, so that its end costs what it has and no more.
pub(crate) trait Place: Any + Send + Sync {
    /// The process has ended. Called with no lock held, before links and monitors are told.
    fn lost(self: Arc<Self>, pid: Pid);
}

/// The places of a process; nothing once its end is being told, from when on it can have no more.
pub(crate) type Places<'a> = Option<&'a mut Vec<Arc<dyn Place>>>;

impl dyn AnyCell {
    /// Keeps `place` until the process ends; false when that has been told already.
    pub(crate) fn add_place(&self, place: &Arc<dyn Place>) -> bool {
        let mut is_kept = false;
        self.with_places(&mut |places| {
            if let Some(places) = places {
                // Most processes that have a place have one.
                places.reserve_exact(usize::from(places.is_empty()));
                places.push(place.clone());
                is_kept = true;
            }
        });
        is_kept
    }

    /// The place of type `T`, of which a process has one; nothing when its end has been told already.
    pub(crate) fn place_or_insert<T: Place>(&self, make: impl Fn() -> T) -> Option<Arc<T>> {
        let mut found = None;
        self.with_places(&mut |places| {
            let Some(places) = places else { return };
            // In front, where it is found at once however many there are of other types.
            let at = places.iter().position(|place| as_place::<T>(&**place).is_some()).unwrap_or_else(|| {
                places.insert(0, Arc::new(make()));
                0
            });
            found = Some(places[at].clone());
        });
        let found: Arc<dyn Any + Send + Sync> = found?;
        found.downcast().ok()
    }

    /// Takes out the place that came last among those of type `T` that are `wanted`.
    pub(crate) fn take_place<T: Place>(&self, wanted: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let mut taken = None;
        self.with_places(&mut |places| {
            let Some(places) = places else { return };
            let at = places.iter().rposition(|place| as_place(&**place).is_some_and(&wanted));
            taken = at.map(|at| places.swap_remove(at));
        });
        let taken: Arc<dyn Any + Send + Sync> = taken?;
        taken.downcast().ok()
    }

    /// The places of type `T`.
    pub(crate) fn places<T: Place>(&self) -> Vec<Arc<T>> {
        let mut all = Vec::new();
        self.with_places(&mut |places| all.extend(places.into_iter().flatten().map(|place| place.clone())));
        all.into_iter().filter_map(|place| (place as Arc<dyn Any + Send + Sync>).downcast().ok()).collect()
    }
}

fn as_place<T: Place>(place: &dyn Place) -> Option<&T> {
    (place as &dyn Any).downcast_ref()
}
