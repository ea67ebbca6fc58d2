//! `reload`: asks the node to read its configuration again.

use std::time::Duration;

use super::boot::Placed;
use super::console;
use super::control::client::AskError;
use super::control::protocol::{ChangedConfig, Reloaded, Request};
use super::exit_code::Exit;
use super::neighbour::Neighbour;

/// Says which applications were told of what.
pub(super) fn reload(placed: &Placed, timeout: Duration) -> Exit {
    let release = placed.name();
    let mut client = match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { client, .. }) => client,
        Ok(Neighbour::Crashed(_) | Neighbour::None) => {
            console::error(format_args!("{release} is not running"));
            return Exit::NotRunning;
        }
        Err(error) => {
            let folder = placed.run_dir.folder().display();
            console::error(format_args!("failed to look into {folder}: {error}"));
            return Exit::Failed;
        }
    };
    match client.ask::<Reloaded>(&Request::Reload, timeout) {
        Ok(reloaded) => report(&reloaded.applications),
        Err(AskError::Timeout) => {
            console::error(AskError::Timeout);
            Exit::NotInTime
        }
        Err(error) => {
            console::error(error);
            Exit::Failed
        }
    }
}

fn report(applications: &[ChangedConfig]) -> Exit {
    if applications.is_empty() {
        console::say("nothing has changed");
    }
    let mut exit = Exit::Done;
    for application in applications {
        match &application.error {
            None => console::say(line(application)),
            Some(error) => {
                console::error(format_args!("{}: {error}", line(application)));
                exit = Exit::Failed;
            }
        }
    }
    exit
}

/// `b: changed start; added pool, size; removed old`.
fn line(application: &ChangedConfig) -> String {
    let ChangedConfig { name, changed, added, removed, .. } = application;
    let parts = [("changed", changed), ("added", added), ("removed", removed)];
    let parts = parts.into_iter().filter(|(_, keys)| !keys.is_empty());
    let parts: Vec<_> = parts.map(|(what, keys)| format!("{what} {}", keys.join(", "))).collect();
    format!("{name}: {}", parts.join("; "))
}
