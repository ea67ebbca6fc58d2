//! Routes that the other side has offered: processes there that take messages in the native format.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::process::remote::{Far, Layout, Spoken};
use crate::process::{IdHash, Node};

/// More are not believed to be offered.
pub(super) const MOST_ROUTES: usize = 1 << 16;

#[derive(Default)]
pub(super) struct Offers(Mutex<Offered>);

#[derive(Default)]
struct Offered {
    offers: HashMap<Far, Offer, IdHash>,
    by_route: HashMap<u32, Far, IdHash>,
}

struct Offer {
    route: u32,
    layout: Layout,
    /// The protocol that was spoken there last, and whether it has this layout.
    spoken: Option<(TypeId, bool)>,
}

impl Offers {
    fn offered(&self) -> MutexGuard<'_, Offered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The route by which messages of `spoken` can be sent to `to`.
    pub(super) fn route(&self, node: impl FnOnce() -> Option<Node>, to: &Far, spoken: Spoken) -> Option<u32> {
        let layout = match self.offered().offers.get(to)? {
            Offer { route, spoken: Some((known, is_alike)), .. } if *known == spoken.id => {
                return is_alike.then_some(*route);
            }
            offer => offer.layout,
        };
        // Code of users, and not short.
        let is_alike = (spoken.layout)(&node()?) == Some(layout);
        let mut offered = self.offered();
        let offer = offered.offers.get_mut(to).filter(|offer| offer.layout == layout)?;
        offer.spoken = Some((spoken.id, is_alike));
        is_alike.then_some(offer.route)
    }

    /// The other side offers a route; a later one for the same goes before.
    pub(super) fn add(&self, to: Far, route: u32, layout: Layout) {
        let mut offered = self.offered();
        if offered.by_route.len() >= MOST_ROUTES {
            return;
        }
        offered.by_route.insert(route, to.clone());
        if let Some(earlier) = offered.offers.insert(to, Offer { route, layout, spoken: None }) {
            offered.by_route.remove(&earlier.route);
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.offered().offers.len()
    }

    /// It is offered no more.
    pub(super) fn withdraw(&self, route: u32) {
        let mut offered = self.offered();
        if let Some(to) = offered.by_route.remove(&route) {
            offered.offers.remove(&to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Pid;

    fn spoken(layout: fn(&Node) -> Option<Layout>) -> Spoken {
        Spoken { id: TypeId::of::<u8>(), layout }
    }

    fn alike(_: &Node) -> Option<Layout> {
        Some(Layout(7))
    }

    #[test]
    fn a_route_is_for_protocols_of_its_layout_until_it_is_withdrawn() {
        let (offers, to, other) = (Offers::default(), Far::Pid(Pid::nth(1)), Far::Pid(Pid::nth(2)));
        let node = || Some(Node::new("a"));
        assert_eq!(offers.route(node, &to, spoken(alike)), None);
        offers.add(to.clone(), 3, Layout(7));
        assert_eq!(offers.route(node, &to, spoken(alike)), Some(3));
        // It is known now.
        assert_eq!(offers.route(|| None, &to, spoken(alike)), Some(3));
        assert_eq!(offers.route(node, &other, spoken(alike)), None);
        let differs = Spoken { id: TypeId::of::<u16>(), layout: |_| Some(Layout(8)) };
        assert_eq!(offers.route(node, &to, differs), None);
        assert_eq!(offers.route(|| None, &to, differs), None);
        let in_terms = Spoken { id: TypeId::of::<u32>(), layout: |_| None };
        assert_eq!(offers.route(node, &to, in_terms), None);
        offers.add(to.clone(), 4, Layout(7));
        offers.withdraw(3);
        assert_eq!(offers.route(node, &to, spoken(alike)), Some(4));
        offers.withdraw(4);
        assert_eq!(offers.route(node, &to, spoken(alike)), None);
    }

    #[test]
    fn no_more_routes_are_kept_than_are_ever_offered() {
        let offers = Offers::default();
        for route in 0..MOST_ROUTES as u32 + 10 {
            offers.add(Far::Pid(Pid::nth(route)), route, Layout(7));
        }
        assert_eq!(offers.offered().offers.len(), MOST_ROUTES);
    }
}
