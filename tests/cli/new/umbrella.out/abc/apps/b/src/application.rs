//! How `b` starts.

use serde::Deserialize;
use umbrella::prelude::*;

use crate::counter::{COUNTER, Counter};

/// The table `[b]` of `config/*.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The count a fresh counter starts with.
    start: i64,
}

/// The application `b`.
#[derive(Debug)]
pub struct B;

impl Application for B {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Counter::child_spec(cx.config().start).name(COUNTER))
            .start_link()
            .await
    }
}
