//! How `load` starts.

use std::path::PathBuf;

use serde::Deserialize;
use umbrella::prelude::*;

use crate::users;

/// The table `[load]` of `config/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many users walk through the shop at once; none, and nobody does.
    users: u32,
    /// How many requests they make together.
    requests: u32,
    /// Where the report is written, beside the log.
    report: Option<PathBuf>,
}

/// The application `load`.
#[derive(Debug)]
pub struct LoadApp;

impl Application for LoadApp {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        let Config {
            users,
            requests,
            report,
        } = cx.config();
        let mut supervisor = Supervisor::new(Strategy::OneForOne);
        if *users > 0 {
            let (users, requests, report) = (*users, *requests, report.clone());
            let crowd = Task::child_spec("crowd", move || {
                users::crowd(users, requests, report.clone())
            });
            supervisor = supervisor.child(crowd);
        }
        supervisor.start_link().await
    }
}
