//! Staying registered, whoever serves.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use super::Registration;
use super::client::register;
use super::server::Server;

/// How long it takes until the next attempt to register.
///
/// Source: OTP `erl_epmd.erl`, which tries again after two seconds; here the port is taken over, which should not take
/// long.
const AGAIN: Duration = Duration::from_millis(500);

/// Keeps a node registered for as long as it is polled; serves itself where nobody does.
pub(crate) async fn keep_registered(epmd: SocketAddr, registration: Registration) {
    loop {
        match register(epmd, &registration).await {
            Ok(mut stream) => {
                // Nothing comes but the end.
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
                tracing::info!(target: "umbrella::dist", "epmd is gone");
                // Whoever comes first takes the port over; all others find it there.
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                match Server::bind(epmd).await {
                    Ok(server) => return serve(server, epmd, registration).await,
                    // Somebody else was faster.
                    Err(error) => {
                        tracing::debug!(target: "umbrella::dist", "no epmd, and no port for it: {error}")
                    }
                }
            }
            Err(error) => {
                let Registration { name, .. } = &registration;
                tracing::warn!(target: "umbrella::dist", "epmd does not register `{name}`: {error}");
            }
        }
        sleep(AGAIN).await;
    }
}

/// Serves, with this node among those that are served.
async fn serve(server: Server, epmd: SocketAddr, registration: Registration) {
    tracing::debug!(target: "umbrella::dist", "serves as epmd");
    let myself = async {
        loop {
            match register(epmd, &registration).await {
                Ok(mut stream) => while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {},
                Err(error) => {
                    tracing::warn!(target: "umbrella::dist", "epmd does not register its own node: {error}");
                }
            }
            sleep(AGAIN).await;
        }
    };
    tokio::join!(server.serve(), myself);
}
