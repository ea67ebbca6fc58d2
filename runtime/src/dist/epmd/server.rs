//! Serving where no other port mapper does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Registration;
use super::protocol::{self, LONGEST, Request};

/// How long a request may take to come.
///
/// Source: OTP `epmd.c`, the time after which it closes a connection that is no registration.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than that are not served at once; they wait.
const CONNECTIONS: usize = 1024;

/// The port mapper inside a node.
pub(super) struct Server {
    listener: TcpListener,
    port: u16,
    registered: Arc<Registered>,
}

/// Who is there. A node has its place for as long as its connection is open.
#[derive(Default)]
struct Registered(Mutex<BTreeMap<Box<str>, Registration>>);

impl Registered {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Registration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first to come has the name.
    fn add(self: &Arc<Self>, registration: Registration) -> Option<Place> {
        match self.all().entry(registration.name.clone()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                let name = registration.name.clone();
                place.insert(registration);
                Some(Place { registered: self.clone(), name })
            }
        }
    }
}

/// The place of a node, which is free when this is dropped.
struct Place {
    registered: Arc<Registered>,
    name: Box<str>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.registered.all().remove(&self.name);
    }
}

impl Server {
    /// Takes the port, if nobody has it.
    pub(super) async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port, registered: Arc::default() })
    }

    /// Serves for as long as it is polled; connections end with it.
    pub(super) async fn serve(self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, self.port, self.registered.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(target: "umbrella::dist", "epmd failed to accept a connection: {error}");
                        // Out of descriptors, most likely: let others give theirs back.
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                },
                Some(_ended) = connections.join_next() => {}
            }
        }
    }
}

/// One request; a registration holds for as long as the connection does.
async fn converse(mut stream: TcpStream, port: u16, registered: Arc<Registered>) -> io::Result<()> {
    let Some(request) = timeout(PATIENCE, read_request(&mut stream)).await?? else { return Ok(()) };
    let answer = match request {
        Request::Register(registration) => {
            let place = registered.add(registration);
            // The creation is made by the node itself since OTP 23; this one is for those that have none.
            stream.write_all(&protocol::write_registered(place.is_some().then_some(1))).await?;
            if place.is_some() {
                // Whatever comes, and above all the end.
                while stream.read(&mut [0; 64]).await? > 0 {}
            }
            return Ok(());
        }
        Request::Lookup(name) => protocol::write_port(registered.all().get(&name)),
        Request::Names => protocol::write_names(port, registered.all().values()),
    };
    timeout(PATIENCE, stream.write_all(&answer)).await?
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let length = usize::from(stream.read_u16().await?);
    if length > LONGEST {
        return Ok(None);
    }
    let mut request = vec![0; length];
    stream.read_exact(&mut request).await?;
    Ok(Request::read(&request))
}
