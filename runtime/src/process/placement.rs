//! Which nodes of the deployment run an application, and which of them a message to one of its names goes to.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::nodes::TooManyNodes;
use super::remote::Reach;
use super::{Node, NodeId};

/// Which instance of an application a message to one of its names goes to, if several nodes run it.
///
/// One whose node was lost, or could not be reached, is passed over while another can be; it is looked for meanwhile, at
/// growing intervals of at most 5 s, and taken in again once it is back. What was under way to it when it was lost fails
/// at once with [`NoConnection`](crate::gen_server::CallError::NoConnection), and is not sent again: nobody knows whether
/// it was executed.
///
/// [`Name::by_key`](crate::registry::Name::by_key) and [`Name::on`](crate::registry::Name::on) choose for themselves.
///
/// Differs: OTP leaves it to each application.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Routing {
    /// To the instance of this node, if there is one; otherwise to each of the others in turn.
    #[default]
    LocalFirst,
    /// To each in turn, that of this node among them.
    RoundRobin,
    /// To the one with the fewest calls of this node under way; to each in turn of those that have as few.
    LeastLoaded,
}

/// One node that runs an application.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) node: NodeId,
    /// What its name is worth when one is chosen by key; the same on all nodes.
    seed: u64,
    /// Calls of this node that it has not answered yet.
    calls: AtomicU32,
}

/// A call to an instance, from when it is sent to when it has ended.
#[derive(Debug)]
pub(crate) struct Underway(Arc<Instance>);

impl Underway {
    pub(crate) fn new(instance: Arc<Instance>) -> Self {
        instance.calls.fetch_add(1, Ordering::Relaxed);
        Self(instance)
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The instances of one application.
#[derive(Default)]
struct Instances {
    all: Vec<Arc<Instance>>,
    routing: Routing,
    /// Whose turn it is.
    next: AtomicUsize,
}

impl Instance {
    fn new(node: NodeId, name: &str) -> Arc<Self> {
        Arc::new(Self { node, seed: hash(name), calls: AtomicU32::new(0) })
    }
}

impl Instances {
    fn routed(routing: Routing) -> Self {
        Self { routing, ..Self::default() }
    }

    fn here(&self) -> Option<&Arc<Instance>> {
        self.all.iter().find(|instance| instance.node == NodeId::HERE)
    }

    /// Those that can be reached best; all, if none can.
    fn nearest(&self, node: &Node) -> Vec<&Arc<Instance>> {
        let mut all: Vec<_> = self.all.iter().map(|instance| (node.reach(instance.node), instance)).collect();
        let best = all.iter().map(|(reach, _)| *reach).min();
        all.retain(|(reach, _)| Some(*reach) == best);
        all.into_iter().map(|(_, instance)| instance).collect()
    }

    /// The nearest, beginning with the one whose turn it is.
    fn in_turn(&self, node: &Node) -> Vec<&Arc<Instance>> {
        let mut nearest = self.nearest(node);
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % nearest.len().max(1);
        nearest.rotate_left(turn);
        nearest
    }

    fn next(&self, node: &Node) -> Option<&Arc<Instance>> {
        self.in_turn(node).first().copied()
    }

    fn choose(&self, node: &Node) -> Option<&Arc<Instance>> {
        if let [only] = &*self.all {
            return Some(only);
        }
        match self.routing {
            Routing::LocalFirst => self.here().or_else(|| self.next(node)),
            Routing::RoundRobin => self.next(node),
            Routing::LeastLoaded => {
                self.in_turn(node).into_iter().min_by_key(|one| one.calls.load(Ordering::Relaxed))
            }
        }
    }

    /// Of each instance and key it is found out how well they fit: if an instance goes, only its keys move, each to the
    /// instance that fits it next best.
    ///
    /// One that is only being connected is waited for, since a key is to stay where it is.
    ///
    /// Source: rendezvous hashing.
    fn choose_by(&self, key: u64, node: &Node) -> Option<&Arc<Instance>> {
        let is_there = |instance: &Instance| node.reach(instance.node) != Reach::Lost;
        let fit = |instance: &&Arc<Instance>| mix(instance.seed ^ key);
        let best = self.all.iter().max_by_key(fit)?;
        if self.all.len() == 1 || is_there(best) {
            return Some(best);
        }
        Some(self.all.iter().filter(|instance| is_there(instance)).max_by_key(fit).unwrap_or(best))
    }
}

/// Application -> the nodes that run it.
#[derive(Default)]
pub(super) struct Placement {
    applications: RwLock<HashMap<Box<str>, Arc<Instances>>>,
    /// A name of this node may lead to another one all the same.
    spreads: AtomicBool,
}

impl Placement {
    fn instances(&self, application: &str) -> Option<Arc<Instances>> {
        self.applications.read().unwrap_or_else(PoisonError::into_inner).get(application).cloned()
    }

    /// Puts what `change` makes of what is known in its place.
    fn change(&self, application: &str, change: impl FnOnce(&Instances) -> Instances) {
        let mut applications = self.applications.write().unwrap_or_else(PoisonError::into_inner);
        let instances = applications.entry(application.into()).or_default();
        *instances = Arc::new(change(instances));
        let spreads = applications.values().any(|known| known.routing != Routing::LocalFirst);
        self.spreads.store(spreads, Ordering::Relaxed);
    }
}

impl Node {
    /// Says that `application` runs on another node, whose full name is `node`, unless it is known where it runs.
    pub fn set_elsewhere(&self, application: &str, node: &str) {
        // Beyond the bound no node has a number, and nothing could be sent to it.
        let Ok(id) = self.node_id(node) else { return };
        self.placements().change(application, |known| match &*known.all {
            [] => Instances { all: vec![Instance::new(id, node)], ..Instances::routed(known.routing) },
            all => Instances { all: all.to_vec(), ..Instances::routed(known.routing) },
        });
    }

    /// Says which nodes run `application`, by their full names; this one may be among them.
    ///
    /// Only after [`Node::set_remote`]: by its full name this node knows itself.
    pub(crate) fn set_placement<N: AsRef<str>>(
        &self,
        application: &str,
        nodes: impl IntoIterator<Item = N>,
    ) -> Result<(), TooManyNodes> {
        let instance = |name: N| Ok(Instance::new(self.node_id(name.as_ref())?, name.as_ref()));
        let all: Vec<_> = nodes.into_iter().map(instance).collect::<Result<_, _>>()?;
        self.placements().change(application, |known| Instances { all, ..Instances::routed(known.routing) });
        Ok(())
    }

    /// Says which instance of `application` its names lead to, for those of this node who use them.
    pub fn set_routing(&self, application: &str, routing: Routing) {
        self.placements()
            .change(application, |known| Instances { all: known.all.clone(), ..Instances::routed(routing) });
    }

    /// The node that runs `application`, if this one does not; the first, if several do.
    pub fn elsewhere(&self, application: &str) -> Option<Arc<str>> {
        let instances = self.placements().instances(application)?;
        match instances.here() {
            Some(_) => None,
            None => self.node_name(instances.all.first()?.node),
        }
    }

    /// Whether a name has to be [routed](Self::route) before it is looked up here.
    pub(crate) fn spreads_names(&self) -> bool {
        self.placements().spreads.load(Ordering::Relaxed)
    }

    /// Which instance of `application` a message goes to; nothing if it is only known here.
    pub(crate) fn route(&self, application: &str) -> Option<Arc<Instance>> {
        self.placements().instances(application)?.choose(self).cloned()
    }

    /// Which instance of `application` is the one for `key`.
    pub(crate) fn route_by(&self, application: &str, key: u64) -> Option<Arc<Instance>> {
        self.placements().instances(application)?.choose_by(key, self).cloned()
    }

    /// Whether something that is sent to a node now would come there.
    fn reach(&self, node: NodeId) -> Reach {
        match self.remote() {
            Some(remote) if node != NodeId::HERE => remote.reach(node),
            _ => Reach::Ready,
        }
    }
}

/// What `value` is worth on every node: the hasher of the standard library does not promise to be the same.
///
/// Source: FNV-1a, 64 bits.
pub(crate) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Hashes bytes alike in every build.
pub(crate) struct StableHasher(u64);

impl Default for StableHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Source: the finaliser of MurmurHash3.
fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(routing: Routing, instances: &[&str]) -> Node {
        let node = Node::new("here");
        node.set_placement("c", instances).expect("few nodes");
        node.set_routing("c", routing);
        node
    }

    fn names(node: &Node, times: usize) -> Vec<String> {
        let chosen = (0..times).map(|_| node.route("c").expect("instances").node);
        chosen.map(|id| node.node_name(id).expect("a name").to_string()).collect()
    }

    const THREE: [&str; 3] = ["c-1@host", "c-2@host", "c-3@host"];

    #[test]
    fn instances_take_turns() {
        for routing in [Routing::LocalFirst, Routing::RoundRobin, Routing::LeastLoaded] {
            let turns = names(&node(routing, &THREE), 4);
            assert_eq!(turns, ["c-1@host", "c-2@host", "c-3@host", "c-1@host"], "{routing:?}");
        }
    }

    #[test]
    fn local_first_stays_here_if_there_is_an_instance_here() {
        let all = ["c-1@host", "nonode@nohost"];
        assert_eq!(names(&node(Routing::LocalFirst, &all), 2), ["nonode@nohost"; 2]);
        assert_eq!(names(&node(Routing::RoundRobin, &all), 2), all);
    }

    #[test]
    fn the_least_loaded_is_the_one_with_the_fewest_calls_under_way() {
        let node = node(Routing::LeastLoaded, &THREE);
        let busy: Vec<_> = (0..2).map(|_| Underway::new(node.route("c").expect("one"))).collect();
        assert_eq!(names(&node, 2), ["c-3@host"; 2]);
        drop(busy);
        assert_eq!(names(&node, 3).len(), 3);
    }

    #[test]
    fn a_key_stays_where_it_is_when_another_instance_goes() {
        let (three, two) = (node(Routing::default(), &THREE), node(Routing::default(), &THREE[..2]));
        let place = |node: &Node, key: u64| {
            node.node_name(node.route_by("c", hash(&key)).expect("one").node).expect("a name")
        };
        let mut moved = 0;
        for key in 0..900 {
            let (before, after) = (place(&three, key), place(&two, key));
            assert!(before == after || &*before == "c-3@host", "{key}: {before} {after}");
            moved += usize::from(before != after);
        }
        assert!((200..400).contains(&moved), "{moved}");
    }

    #[test]
    fn an_application_runs_where_was_said_last() {
        let node = node(Routing::RoundRobin, &THREE);
        node.set_elsewhere("c", "backend");
        assert_eq!((node.elsewhere("c").as_deref(), node.spreads_names()), (Some("c-1@host"), true));
        node.set_placement("c", ["c@host"]).expect("few nodes");
        assert_eq!(
            (names(&node, 2), node.elsewhere("c").as_deref()),
            (vec!["c@host".into(); 2], Some("c@host"))
        );
        node.set_routing("c", Routing::LocalFirst);
        assert!(!node.spreads_names());
        node.set_elsewhere("d", "backend");
        assert_eq!((node.elsewhere("d").as_deref(), node.elsewhere("e")), (Some("backend"), None));
        node.set_routing("e", Routing::LeastLoaded);
        assert!(node.route("e").is_none());
    }
}
