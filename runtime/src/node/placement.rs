//! Which nodes run which application: as the deployment says, with the nodes that have fixed addresses.
//!
//! Those of `nodes_file` may change while the node runs, so it is looked at again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::boot::Placed;
use super::distribution::{nodes_in, settings::Settings};
use super::names;
use crate::application::Loaded;
use crate::process::Node;

/// How often `nodes_file` is looked at for nodes that have come or gone.
const DEFAULT_NODES_FILE_INTERVAL: Duration = Duration::from_secs(5);

/// Application -> the full names of the nodes that run it.
type Nodes = BTreeMap<&'static str, Vec<String>>;

/// What is known of the nodes of a deployment.
#[derive(Debug)]
pub(super) struct Placement {
    /// The applications of this release.
    here: Vec<&'static str>,
    release: &'static str,
    elsewhere: BTreeMap<&'static str, &'static str>,
    host: String,
    /// The nodes that have addresses in the configuration.
    fixed: Vec<String>,
    /// Where more of these are.
    file: Option<PathBuf>,
    changing: Mutex<Changing>,
}

/// What becomes different while the node runs.
#[derive(Debug)]
struct Changing {
    /// In how many nodes a release runs, if not in one.
    instances: BTreeMap<String, u32>,
    /// The nodes that were in the file when it was read last.
    listed: Vec<String>,
}

/// A release that cannot be scaled.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotScaled {
    #[error("no release `{release}` in this deployment")]
    UnknownRelease { release: String, known: Vec<String> },
    #[error("the nodes of `{release}` have addresses in the configuration, which say how many there are")]
    Fixed { release: String },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// `nodes_file` cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "failed to read the nodes in {}: {source}\n\
     help: it has lines as in [umbrella.node.nodes], `\"c@10.0.0.5\" = \"10.0.0.5:9100\"`; `nodes_file` of [umbrella.node] says \
     where it is", path.display()
)]
pub(super) struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl Placement {
    pub(super) fn of(placed: &Placed, loaded: &Loaded, settings: &Settings) -> Result<Self, Unreadable> {
        let boot = &placed.boot;
        let known = loaded.applications().known().into_iter();
        let file = settings.nodes_file.as_ref().map(|file| placed.surroundings.root.join(file));
        let listed = file.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(Self {
            here: known.filter(|application| !boot.elsewhere.contains_key(application)).collect(),
            release: boot.release,
            elsewhere: boot.elsewhere.clone(),
            host: settings.host.0.clone(),
            fixed: settings.nodes.keys().map(|name| name.0.clone()).collect(),
            file,
            changing: Mutex::new(Changing {
                instances: boot.instances.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
                listed,
            }),
        })
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The releases that run in several nodes, and in how many.
    pub(super) fn instances(&self) -> BTreeMap<String, u32> {
        self.changing().instances.clone()
    }

    /// Has `node` know that a release runs in so many nodes from now on.
    pub(super) fn scale(&self, node: &Node, release: &str, count: u32) -> Result<(), NotScaled> {
        let known: BTreeSet<_> = self.elsewhere.values().chain([&self.release]).copied().collect();
        if !known.contains(release) {
            let known = known.into_iter().map(str::to_owned).collect();
            return Err(NotScaled::UnknownRelease { release: release.to_owned(), known });
        }
        {
            let mut changing = self.changing();
            let all = self.fixed.iter().chain(&changing.listed).map(String::as_str);
            if all.clone().any(|name| names::is_of(release, name)) {
                return Err(NotScaled::Fixed { release: release.to_owned() });
            }
            match count {
                0 | 1 => changing.instances.remove(release),
                count => changing.instances.insert(release.to_owned(), count),
            };
        }
        tracing::info!(target: "umbrella::dist", "`{release}` runs in {count} nodes from now on");
        Ok(self.apply(node)?)
    }

    fn nodes(&self) -> Nodes {
        let changing = self.changing();
        let nodes_of = |release: &str| {
            let count = changing.instances.get(release).copied().unwrap_or(1);
            names::nodes_of(
                release,
                count,
                &self.host,
                self.fixed.iter().chain(&changing.listed).map(String::as_str),
            )
        };
        names::placement(self.here.iter().copied(), &self.elsewhere, nodes_of, self.release)
    }

    /// Tells `node` where each application runs.
    pub(super) fn apply(&self, node: &Node) -> io::Result<()> {
        for (application, nodes) in self.nodes() {
            node.set_placement(application, nodes).map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Tells `node` whenever other nodes are listed in `nodes_file`, for as long as it is polled.
    pub(super) async fn follow(self: Arc<Self>, node: Node) {
        let Some(file) = self.file.clone() else { return };
        let mut is_readable = true;
        loop {
            tokio::time::sleep(DEFAULT_NODES_FILE_INTERVAL).await;
            match read(&file) {
                Ok(listed) => {
                    is_readable = true;
                    self.list(listed, &node);
                }
                // Once: it may be about to be replaced, or gone for good.
                Err(error) if is_readable => {
                    is_readable = false;
                    tracing::warn!(target: "umbrella::dist", "{error}");
                }
                Err(_) => {}
            }
        }
    }

    fn list(&self, listed: Vec<String>, node: &Node) {
        if listed == self.changing().listed {
            return;
        }
        tracing::info!(target: "umbrella::dist", "`nodes_file` lists other nodes: {}", listed.join(", "));
        self.changing().listed = listed;
        if let Err(error) = self.apply(node) {
            tracing::warn!(target: "umbrella::dist", "{error}");
        }
    }
}

fn read(file: &Path) -> Result<Vec<String>, Unreadable> {
    nodes_in(file).map_err(|source| Unreadable { path: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placement(file: PathBuf) -> Placement {
        let listed = read(&file).expect("readable");
        Placement {
            here: vec!["a"],
            release: "a_b",
            elsewhere: [("c", "c")].into(),
            host: "h".into(),
            fixed: vec!["c-1@10.0.0.5".into()],
            file: Some(file),
            changing: Mutex::new(Changing { instances: [("c".to_owned(), 3)].into(), listed }),
        }
    }

    #[test]
    fn a_release_that_is_scaled_is_sent_to_in_as_many_nodes() {
        let node = Node::new("a_b");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("nodes.toml");
        std::fs::write(&file, "").expect("written");
        let placement = Placement { fixed: Vec::new(), ..placement(file) };
        placement.apply(&node).expect("few nodes");
        let all = |node: &Node| {
            let name = |_| Some(node.node_name(node.route("c")?.node)?.to_string());
            (0..4).filter_map(name).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(all(&node), ["c-1@h", "c-2@h", "c-3@h"]);
        placement.scale(&node, "c", 2).expect("known");
        assert_eq!(
            (all(&node), placement.instances().get("c")),
            (vec!["c-1@h".into(), "c-2@h".into()], Some(&2))
        );
        placement.scale(&node, "c", 1).expect("known");
        assert_eq!(all(&node), ["c@h"]);
        let error = placement.scale(&node, "d", 2).expect_err("unknown").to_string();
        assert_eq!(error, "no release `d` in this deployment");
    }

    fn chosen(node: &Node) -> Vec<String> {
        let name = |_| Some(node.node_name(node.route("c")?.node)?.to_string());
        (0..2).filter_map(name).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn nodes_that_are_listed_later_are_sent_to() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("nodes.toml");
        let write = |text: &str| std::fs::write(&file, text).expect("written");
        write("");
        let node = Node::new("a_b");
        let placement = placement(file.clone());
        placement.apply(&node).expect("few nodes");
        assert_eq!(chosen(&node), ["c-1@10.0.0.5", "c-1@10.0.0.5"]);
        let following = tokio::spawn(Arc::new(placement).follow(node.clone()));
        write("\"c-2@10.0.0.6\" = \"10.0.0.6:9100\"\n");
        tokio::time::sleep(DEFAULT_NODES_FILE_INTERVAL * 2).await;
        assert_eq!(chosen(&node), ["c-1@10.0.0.5", "c-2@10.0.0.6"]);
        write("no nodes");
        tokio::time::sleep(DEFAULT_NODES_FILE_INTERVAL * 2).await;
        assert_eq!(chosen(&node), ["c-1@10.0.0.5", "c-2@10.0.0.6"], "what cannot be read changes nothing");
        write("");
        tokio::time::sleep(DEFAULT_NODES_FILE_INTERVAL * 2).await;
        assert_eq!(chosen(&node), ["c-1@10.0.0.5", "c-1@10.0.0.5"]);
        following.abort();
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = read(Path::new("nowhere/nodes.toml")).expect_err("nothing there").to_string();
        assert!(error.contains("failed to read the nodes in nowhere/nodes.toml"), "{error}");
    }
}
