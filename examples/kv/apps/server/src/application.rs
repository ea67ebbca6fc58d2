//! How `server` starts.

use serde::Deserialize;
use umbrella::prelude::*;

use crate::listener::{LISTENER, Listener};

/// The parent of a task for each client.
pub(crate) const CONNECTIONS: Name<TaskSupervisor> =
    TaskSupervisor::named("connections", env!("CARGO_PKG_NAME"));

/// The table `[server]` of `config/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where clients are waited for; 0 for a port that is free.
    port: u16,
}

/// The application `server`.
#[derive(Debug)]
pub struct Server;

impl Application for Server {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(TaskSupervisor::new().name(CONNECTIONS))
            .child(Listener::child_spec(cx.config().port).name(LISTENER))
            .start_link()
            .await
    }
}
