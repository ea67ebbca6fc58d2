//! Speaking to other nodes: what the configuration says of it, what it takes, and its beginning.

mod cookie;
mod identity;
mod resolver;
pub(super) mod settings;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::cookie::CookieError;
use self::identity::identity;
use self::resolver::{Folders, Places};
use self::settings::Settings;
use super::boot::Placed;
use crate::beam::{self, Introspection};
use crate::dist::{Cookie, Distribution, DistributionError, Epmd, Listen, Options};
use crate::process::Node;

/// Why a node cannot speak to others.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanError {
    #[error(transparent)]
    Cookie(#[from] CookieError),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
}

/// The full names of the nodes in a file with lines as in `[umbrella.node.nodes]`.
pub(super) fn nodes_in(file: &Path) -> io::Result<Vec<String>> {
    Ok(resolver::read(file)?.into_keys().map(|name| name.0).collect())
}

/// What was found out before the node runs.
pub(super) struct Plan {
    options: Options,
    introspection: Introspection,
}

/// Finds out how a node speaks to others; nothing for one that speaks to no other.
pub(super) fn plan(placed: &Placed, settings: &Settings) -> Result<Option<Plan>, PlanError> {
    if !settings.distribution {
        return Ok(None);
    }
    let surroundings = &placed.surroundings;
    let place = match &settings.cookie_file {
        Some(path) => cookie::Place::Given(surroundings.root.join(path)),
        None if surroundings.is_bundle => cookie::Place::Given(surroundings.root.join("releases/COOKIE")),
        None => cookie::Place::Made(surroundings.root.join("target/umbrella/COOKIE")),
    };
    let cookie = cookie::read(placed.inputs.variable("UMBRELLA_COOKIE"), &place)?;
    let name = settings.full_name(placed.name());
    let tls = settings.tls.as_ref().map(|folder| tls::load(&surroundings.root, folder, &name)).transpose()?;
    let epmd = settings.epmd.then(|| Epmd { port: epmd_port(placed) });
    let places = Places {
        fixed: settings.nodes.clone(),
        file: settings.nodes_file.as_ref().map(|file| surroundings.root.join(file)),
        folders: Folders {
            own: surroundings.run_dir.clone(),
            bundles: surroundings.root.parent().filter(|_| surroundings.is_bundle).map(Path::to_owned),
        },
        epmd,
        insecure: settings.insecure,
        tls: tls.clone(),
    };
    let introspection = match settings.introspection(&surroundings.env) {
        true => Introspection::On,
        false => Introspection::Off,
    };
    let options = Options {
        identity: identity(placed).into(),
        listen: vec![
            tls::listen(settings.listen.0, tls.as_ref()),
            Listen::Unix(placed.run_dir.distribution_socket()),
        ],
        resolver: places.into_resolver(),
        epmd: epmd.map(|epmd| epmd.port),
        net_ticktime: settings.net_ticktime.0,
        access: settings.access(),
        ..Options::new(name, Cookie::new(cookie))
    };
    Ok(Some(Plan { options, introspection }))
}

/// The port of the port mapper, as Erlang's programs are told it.
///
/// Source: OTP `epmd`, `ERL_EPMD_PORT`.
fn epmd_port(placed: &Placed) -> u16 {
    let said = placed.inputs.variable("ERL_EPMD_PORT").and_then(|port| port.parse().ok());
    said.unwrap_or(crate::dist::DEFAULT_EPMD_PORT)
}

/// A node that speaks to others, for as long as this lives.
pub(super) struct Speaking {
    _distribution: Distribution,
    introspection: Introspection,
    /// Where it is found over TCP.
    pub(super) address: Option<SocketAddr>,
    /// Where it is found on this machine.
    pub(super) socket: Option<PathBuf>,
}

/// Has `node` speak to others from here on, unless it shall not.
pub(super) async fn start(node: &Node, plan: Option<Plan>) -> Result<Option<Speaking>, DistributionError> {
    let Some(Plan { options, introspection }) = plan else { return Ok(None) };
    let (mut ip, mut socket) = (None, None);
    for listen in &options.listen {
        match listen {
            Listen::Tcp(address) => ip = Some(address.ip()),
            #[cfg(feature = "tls")]
            Listen::Tls(address, _) => ip = Some(address.ip()),
            Listen::Unix(path) => socket = Some(path.clone()),
        }
    }
    let distribution = Distribution::start(node, options).await?;
    let port = distribution.ports().first();
    let address = ip.zip(port).map(|(ip, port)| SocketAddr::new(ip, *port));
    Ok(Some(Speaking { _distribution: distribution, introspection, address, socket }))
}

impl Speaking {
    /// Has the node answer what nodes of Erlang and Elixir ask of any node; once its applications can be asked about.
    pub(super) fn answer(&self, node: &Node) {
        beam::start(node, self.introspection);
    }
}
