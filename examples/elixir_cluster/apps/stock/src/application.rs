//! How `stock` starts.

use std::collections::BTreeMap;

use serde::Deserialize;
use umbrella::prelude::*;

use crate::clerk::{CLERK, Clerk};
use crate::shelf::{SHELF, Shelf};

/// The table `[stock]` of `config/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many of each item a fresh shelf has.
    items: BTreeMap<String, u32>,
}

/// The application `stock`.
#[derive(Debug)]
pub struct Stock;

impl Application for Stock {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Clerk::child_spec(()).name(CLERK))
            .child(Shelf::child_spec(cx.config().items.clone()).name(SHELF))
            .start_link()
            .await
    }
}
