//! The messages of one server, as it takes them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::orders::refused;
use super::{Refusal, find};
use crate::gen_server::sys;
use crate::node::clock::unix_ms;
use crate::node::control::protocol::{event_line, reply_line};
use crate::process::{AnyCell, Node, Traced};

/// How many messages wait for whoever listens; more are left out.
const ROOM: usize = 1024;

/// How long a trace lasts unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A trace that goes on.
pub(in crate::node::control) struct Tracing {
    process: Arc<dyn AnyCell>,
    traced: mpsc::Receiver<Traced>,
    left: u64,
    told: u64,
    until: Instant,
}

impl Tracing {
    /// Begins to trace the process.
    pub(in crate::node::control) async fn begin(
        node: &Node,
        process: &str,
        messages: Option<u64>,
        timeout_ms: Option<u64>,
    ) -> Result<Self, Refusal> {
        let found = find(node, process)?;
        let (tap, traced) = mpsc::channel(ROOM);
        let pid = found.head().pid;
        let begun = node.scope(async { sys::tap(&pid, Some(tap)).await }).await;
        begun.map_err(|error| refused(process, &error))?;
        let lasts = timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        let left = messages.unwrap_or(u64::MAX);
        Ok(Self { process: found, traced, left, told: 0, until: Instant::now() + lasts })
    }

    /// The next line, or why there is none.
    ///
    /// # Cancel safety
    /// Nothing is lost if it is dropped.
    pub(in crate::node::control) async fn next(&mut self) -> Result<String, &'static str> {
        if self.left == 0 {
            return Err("messages");
        }
        match tokio::time::timeout_at(self.until, self.traced.recv()).await {
            Err(_elapsed) => Err("time"),
            Ok(None) => Err("process"),
            Ok(Some(Traced { at, event, text })) => {
                self.left -= 1;
                self.told += 1;
                Ok(event_line(json!({ "at_unix_ms": unix_ms(at), "direction": event, "text": text })))
            }
        }
    }

    /// Ends the trace, because of `why`: the line that says so.
    pub(in crate::node::control) async fn end(self, why: &str) -> String {
        let Self { process, traced, told, .. } = self;
        drop(traced);
        let pid = process.head().pid;
        // One that has ended is traced no more.
        drop(process.head().node.scope(async { sys::tap(&pid, None).await }).await);
        reply_line(Ok(json!({ "messages": told, "ended": why })))
    }
}
