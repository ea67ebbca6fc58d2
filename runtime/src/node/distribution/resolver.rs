//! Where the other nodes of this umbrella are.
//!
//! 1. `[umbrella.node.nodes]`: what somebody has said; a DNS name in it is looked up, and all its addresses are tried.
//! 2. `nodes_file`, in which there are more of these.
//! 3. The run folder, in which each node leaves a file that says where it listens.
//! 4. For a bundle, the run folders of the bundles that lie beside it.
//! 5. epmd, if it is switched on.
//!
//! Each is asked anew whenever a connection is made, so what has changed in DNS or in a file is seen by the next attempt; a
//! node that is missed is tried every 5 s at least.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::lookup_host;

use super::settings;
use super::tls::{self, Tls};
use crate::dist::{Address, Epmd, Later, Resolver};
use crate::node::run_dir::{RunDir, RunFile};

/// Where to look, in this order.
pub(super) struct Places {
    pub(super) fixed: BTreeMap<settings::FullName, settings::Address>,
    /// More of these.
    pub(super) file: Option<PathBuf>,
    pub(super) folders: Folders,
    pub(super) epmd: Option<Epmd>,
    /// Whether plain TCP may be spoken beyond this machine.
    pub(super) insecure: bool,
    /// How TCP is secured, if it is.
    pub(super) tls: Option<Tls>,
}

/// How a node may be spoken to over TCP.
#[derive(Clone)]
struct Tcp {
    insecure: bool,
    tls: Option<Tls>,
}

/// The run folders of this umbrella.
pub(super) struct Folders {
    /// That of this node.
    pub(super) own: PathBuf,
    /// The folder that holds the bundle of this node, and may hold those of others.
    pub(super) bundles: Option<PathBuf>,
}

impl Places {
    pub(super) fn into_resolver(self) -> Arc<dyn Resolver> {
        let Self { fixed, file, folders, epmd, insecure, tls } = self;
        let tcp = Tcp { insecure, tls };
        let mut places: Vec<Arc<dyn Resolver>> = vec![Arc::new(Fixed { fixed, tcp: tcp.clone() })];
        if let Some(path) = file {
            places.push(Arc::new(NodesFile { path, tcp: tcp.clone() }));
        }
        places.push(Arc::new(RunFiles { folders, tcp: tcp.clone() }));
        if let Some(epmd) = epmd {
            places.push(Arc::new(Mapped { epmd, tcp }));
        }
        Arc::new(places)
    }
}

/// Addresses that somebody has said.
struct Fixed {
    fixed: BTreeMap<settings::FullName, settings::Address>,
    tcp: Tcp,
}

impl Resolver for Fixed {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(self.tcp.said(&self.fixed, node))
    }
}

/// A file in which somebody, or some program, writes where nodes are.
struct NodesFile {
    path: PathBuf,
    tcp: Tcp,
}

impl Resolver for NodesFile {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(async move {
            let known = read(&self.path).map_err(|error| {
                io::Error::other(format!("the nodes in {}: {error}", self.path.display()))
            })?;
            self.tcp.said(&known, node).await
        })
    }
}

/// Reads a file with lines as in `[umbrella.node.nodes]`: `"c@10.0.0.5" = "10.0.0.5:9100"`.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<settings::FullName, settings::Address>> {
    toml::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::other)
}

impl Folders {
    /// Where the run file of the node with this short name may be.
    fn candidates<'a>(&'a self, short: &'a str) -> impl Iterator<Item = RunDir> + 'a {
        let release = short.split_once('-').map_or(short, |(release, _instance)| release);
        let beside = self.bundles.iter().map(move |bundles| bundles.join(release).join("run"));
        [self.own.clone()].into_iter().chain(beside).map(move |folder| RunDir::new(&folder, short))
    }
}

/// What the nodes have left in the run folders.
struct RunFiles {
    folders: Folders,
    tcp: Tcp,
}

impl Resolver for RunFiles {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(async move {
            // A name becomes a path: nothing but a plain one.
            let is_plain =
                |short: &&str| short.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            let Some(short) = node.split_once('@').map(|(short, _host)| short).filter(is_plain) else {
                return Ok(Vec::new());
            };
            for folder in self.folders.candidates(short) {
                match folder.read() {
                    Ok(Some(run_file)) if run_file.node == node => return self.addresses(&run_file),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Vec::new())
        })
    }
}

impl RunFiles {
    /// The socket first: it is nearer, and closed to others.
    fn addresses(&self, run_file: &RunFile) -> io::Result<Vec<Address>> {
        let tcp = run_file.address.map(reachable).filter(|address| address.ip().is_loopback());
        let tcp = self.tcp.addresses(&run_file.node, tcp)?;
        Ok(run_file.distribution_socket.iter().map(Address::unix).chain(tcp).collect())
    }
}

/// One that listens everywhere is found on this machine, too.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// What the port mapper of the host in the node's name knows.
struct Mapped {
    epmd: Epmd,
    tcp: Tcp,
}

impl Resolver for Mapped {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(async move {
            let Some((_, host)) = node.split_once('@') else { return Ok(Vec::new()) };
            let hosts: Vec<SocketAddr> = lookup_host((host, self.epmd.port)).await?.collect();
            let mut found = Vec::new();
            for epmd in hosts {
                match self.epmd.port_of(epmd, node).await {
                    Ok(Some(port)) => found.push(SocketAddr::new(epmd.ip(), port)),
                    Ok(None) => {}
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                    Err(error) => return Err(error),
                }
            }
            self.tcp.addresses(node, found)
        })
    }
}

impl Tcp {
    /// The addresses of `node` in a table.
    async fn said(
        &self,
        table: &BTreeMap<settings::FullName, settings::Address>,
        node: &str,
    ) -> io::Result<Vec<Address>> {
        let said = table.iter().find(|(name, _)| name.0 == node).map(|(_, address)| &address.0);
        let Some(said) = said else { return Ok(Vec::new()) };
        self.addresses(node, lookup_host(said).await?)
    }

    /// Addresses of `node`. Plain TCP stays on this machine, unless somebody has said that it need not.
    fn addresses(&self, node: &str, found: impl IntoIterator<Item = SocketAddr>) -> io::Result<Vec<Address>> {
        let is_allowed = |at: &SocketAddr| at.ip().is_loopback() || self.insecure || self.tls.is_some();
        let address = |at: SocketAddr| match is_allowed(&at) {
            true => Ok(tls::address(at, node, self.tls.as_ref())),
            false => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "it is at {at}, and plain TCP would leave this machine; see `insecure` in [umbrella.node]"
                ),
            )),
        };
        found.into_iter().map(address).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: io::Result<Vec<Address>>) -> Vec<String> {
        found.expect("found").iter().map(|address| format!("{address:?}")).collect()
    }

    fn run_file(node: &str, address: [u8; 4]) -> RunFile {
        RunFile {
            version: 1,
            release: "c".into(),
            node: node.into(),
            address: Some((address, 9100).into()),
            distribution_socket: Some("c.dist".into()),
            release_version: "0.1.0".into(),
            pid: 1,
            socket: "c.sock".into(),
            log: None,
            env: "dev".into(),
            started_unix_ms: 0,
        }
    }

    fn places(folder: &Path) -> Places {
        let name = settings::FullName("d@10.0.0.5".into());
        Places {
            fixed: [(name, settings::Address("10.0.0.5:9100".into()))].into(),
            file: None,
            folders: Folders { own: folder.join("a_b/run"), bundles: Some(folder.to_owned()) },
            epmd: None,
            insecure: false,
            tls: None,
        }
    }

    #[tokio::test]
    async fn a_node_is_found_in_the_run_folder_and_beside_it() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let resolver = places(root.path()).into_resolver();
        assert!(shown(resolver.resolve("c-1@127.0.0.1").await).is_empty());
        for (folder, short) in [("a_b/run", "e"), ("c/run", "c-1")] {
            let run_dir = RunDir::new(&root.path().join(folder), short);
            run_dir.create().expect("a folder");
            run_dir.write(&run_file(&format!("{short}@127.0.0.1"), [0, 0, 0, 0])).expect("written");
            let found = shown(resolver.resolve(&format!("{short}@127.0.0.1")).await);
            assert_eq!(found, ["c.dist", "127.0.0.1:9100"]);
        }
        assert!(shown(resolver.resolve("c-1@10.0.0.5").await).is_empty(), "that is another one");
        assert!(shown(resolver.resolve("../c/run/c-1@127.0.0.1").await).is_empty());
    }

    #[tokio::test]
    async fn a_file_is_read_whenever_a_node_is_looked_for() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let file = root.path().join("nodes.toml");
        let resolver = Places { file: Some(file.clone()), ..places(root.path()) }.into_resolver();
        let missing = resolver.resolve("e@127.0.0.1").await.expect_err("no file");
        assert!(missing.to_string().contains("nodes.toml"), "{missing}");
        for port in [9101, 9102] {
            std::fs::write(&file, format!("\"e@127.0.0.1\" = \"127.0.0.1:{port}\"\n")).expect("written");
            assert_eq!(shown(resolver.resolve("e@127.0.0.1").await), [format!("127.0.0.1:{port}")]);
        }
        assert!(shown(resolver.resolve("f@127.0.0.1").await).is_empty());
        std::fs::write(&file, "\"e\" = \"127.0.0.1:9101\"\n").expect("written");
        let wrong = resolver.resolve("e@127.0.0.1").await.expect_err("no name").to_string();
        assert!(wrong.contains("the name of a node is `name@host`"), "{wrong}");
    }

    #[tokio::test]
    async fn the_name_of_a_host_is_looked_up() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let name = settings::FullName("e@e.internal".into());
        let fixed = [(name, settings::Address("localhost:9100".into()))].into();
        let resolver = Places { fixed, ..places(root.path()) }.into_resolver();
        let found = shown(resolver.resolve("e@e.internal").await);
        assert!(found.contains(&"127.0.0.1:9100".to_owned()) || found == ["[::1]:9100"], "{found:?}");
    }

    #[tokio::test]
    async fn plain_tcp_keeps_to_the_machine() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let refused = places(root.path()).into_resolver().resolve("d@10.0.0.5").await;
        assert_eq!(refused.expect_err("far away").kind(), io::ErrorKind::PermissionDenied);
        let spelled = Places { insecure: true, ..places(root.path()) }.into_resolver();
        assert_eq!(shown(spelled.resolve("d@10.0.0.5").await), ["10.0.0.5:9100"]);
    }
}
