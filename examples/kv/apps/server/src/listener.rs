//! Who waits for clients, and what becomes of each.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use umbrella::prelude::*;

use crate::application::CONNECTIONS;
use crate::command;

/// Where the listener is found.
pub const LISTENER: Name<Listener> = Listener::named("listener");

/// Has the port, and a task that waits for clients.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
}

#[gen_server]
impl Listener {
    async fn init(port: u16) -> Result<Self, ExitReason> {
        let socket = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = socket.local_addr()?;
        // Linked: an error of either is the end of both, and they begin anew.
        Task::start_link(accept(socket))?;
        Ok(Self { address })
    }

    /// Where clients connect.
    #[call]
    fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(socket: TcpListener) -> Result<(), ExitReason> {
    loop {
        let (client, _) = socket.accept().await?;
        CONNECTIONS.start(serve(client)).await?;
    }
}

/// Answers line by line; what goes wrong here ends this client's task and no other.
async fn serve(client: TcpStream) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let mut line = String::new();
    while client.read_line(&mut line).await? > 0 {
        let answer = command::run(&line).await;
        client.write_all(answer.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}
