//! Answering on the control socket.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::answers::{Answers, Reply};
use super::look::Tracing;
use super::protocol::{self, Refusal};

/// The longest request; the arguments of a call may be long.
pub(super) const LONGEST_REQUEST: u64 = 1024 * 1024;

/// How long the answers that are being written have to get out before the process ends.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The control socket of a node.
pub(crate) struct Server {
    listener: UnixListener,
    /// Requests that have been read and not been answered.
    unanswered: watch::Sender<usize>,
}

impl Server {
    /// Listens, for this user only.
    pub(crate) fn bind(socket: &Path) -> io::Result<Arc<Self>> {
        let listener = UnixListener::bind(socket)?;
        // The folder is closed to others already, so nobody came in between.
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
        Ok(Arc::new(Self { listener, unanswered: watch::Sender::new(0) }))
    }

    /// Serves for as long as it is polled; connections end with it.
    pub(crate) async fn serve(self: Arc<Self>, answers: Arc<Answers>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let (server, answers) = (Arc::clone(&self), Arc::clone(&answers));
                        connections.spawn(async move {
                            if let Err(error) = server.converse(stream, &answers).await {
                                tracing::debug!(target: "umbrella::control", "a connection failed: {error}");
                            }
                        });
                    }
                    Err(error) => {
                        tracing::warn!(target: "umbrella::control", "failed to accept a connection: {error}");
                        // Out of descriptors, most likely: let others give theirs back.
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                },
                Some(_ended) = connections.join_next() => {}
            }
        }
    }

    /// Waits until every request has its answer, but not for long.
    pub(crate) async fn finish_answers(&self) {
        let mut unanswered = self.unanswered.subscribe();
        let all = unanswered.wait_for(|count| *count == 0);
        drop(tokio::time::timeout(LAST_WORDS, all).await);
    }

    /// Requests and replies in turn, until the other side goes.
    async fn converse(&self, stream: UnixStream, answers: &Answers) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            (&mut stream).take(LONGEST_REQUEST).read_until(b'\n', &mut line).await?;
            if line.is_empty() {
                return Ok(());
            }
            let is_whole = line.ends_with(b"\n");
            let _unanswered = Unanswered::new(&self.unanswered);
            let reply = if is_whole {
                answers.answer(&line).await
            } else {
                let refusal = Refusal::new("bad_request", "not a line, or too long a one");
                Reply::Line(protocol::reply_line::<()>(Err(refusal)))
            };
            let reply = match reply {
                Reply::Line(line) => line,
                Reply::Tracing(tracing) => trace(&mut stream, *tracing).await?,
            };
            stream.get_mut().write_all(reply.as_bytes()).await?;
            if !is_whole {
                return Ok(());
            }
        }
    }
}

/// Tells of messages until there are no more, or until the other side says something or goes; the last line.
async fn trace(stream: &mut BufReader<UnixStream>, mut tracing: Tracing) -> io::Result<String> {
    let why = loop {
        tokio::select! {
            next = tracing.next() => match next {
                Ok(line) => stream.get_mut().write_all(line.as_bytes()).await?,
                Err(why) => break why,
            },
            heard = stream.fill_buf() => {
                heard?;
                break "client";
            }
        }
    };
    Ok(tracing.end(why).await)
}

/// Counts one request until it is answered, or its connection fails.
struct Unanswered<'a>(&'a watch::Sender<usize>);

impl<'a> Unanswered<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
