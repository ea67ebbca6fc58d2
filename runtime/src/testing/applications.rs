//! Applications that a test starts and stops by itself.

use std::collections::BTreeMap;

use crate::application::{Controller, Loaded, Spec};
use crate::config::Config;
use crate::process::Node;

/// The applications of a node, none of them started: a test does that, with [`application`](mod@crate::application).
///
/// [`run`](super::run) starts them all, which is what most tests want; this is for those of starts, stops, and ends.
#[derive(Debug)]
pub struct Applications(Controller);

impl Applications {
    /// Loads applications, and those that they need, into a node, with a configuration in TOML.
    ///
    /// # Panics
    /// If the applications cannot be configured, or if the node has some already.
    pub async fn load(node: &Node, applications: Vec<Spec>, config: &str) -> Self {
        let mut loaded = match Loaded::new(applications, BTreeMap::new()) {
            Ok(loaded) => loaded,
            Err(cycle) => panic!("{cycle}"),
        };
        let known = loaded.applications().known();
        if let Err(error) = loaded.configure(&known, parse(config)) {
            panic!("{error}");
        }
        Self(Controller::new(node.clone(), loaded).await.expect("the node has no applications yet"))
    }

    /// Gives the node another configuration, as a reload does; answers what each application that was told of it said, if
    /// it refused.
    ///
    /// # Panics
    /// If an application that runs could not be started with it.
    pub async fn reload(&self, config: &str) -> Vec<(&'static str, crate::process::ExitReason)> {
        match self.0.reload(parse(config)).await {
            Ok(told) => {
                told.into_iter().filter_map(|told| Some((told.application, told.outcome.err()?))).collect()
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until an application ends whose end takes the node down, and says which.
    ///
    /// A node [shuts down](Self::shut_down) then.
    ///
    /// # Cancel safety
    /// Dropping the future only stops the waiting.
    pub async fn ended(&self) -> &'static str {
        self.0.ended().await.application
    }

    /// Stops everything that runs, the one started last first, as a node does that goes down; answers what was stopped.
    pub async fn shut_down(&self) -> Vec<&'static str> {
        let stopped = self.0.shut_down().await;
        self.0.close().await;
        stopped
    }
}

fn parse(config: &str) -> Config {
    match Config::of_text(config) {
        Ok(config) => config,
        Err(error) => panic!("{error}"),
    }
}
