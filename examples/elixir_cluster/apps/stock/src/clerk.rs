//! Who is told when something runs low: a process group, whose members may be of Elixir.

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// `:watchers` in Elixir's `:pg`.
pub const WATCHERS: Group<Clerk> = Group::new("watchers");

/// Where the clerk of this node is found.
pub const CLERK: Name<Clerk> = Clerk::named("clerk");

/// What watchers are told: `{:running_low, %{item: "lamp", left: 1}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum News {
    /// There is little left of an item.
    RunningLow {
        /// Which.
        item: String,
        /// How many.
        left: u32,
    },
}

/// A watcher of this node: it remembers what it hears.
#[derive(Debug)]
pub struct Clerk {
    heard: Vec<String>,
}

#[gen_server]
impl Clerk {
    fn init(cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        WATCHERS.join(cx.pid()).map_err(ExitReason::error)?;
        Ok(Self { heard: Vec::new() })
    }

    /// What runs low, as far as it was heard.
    #[call]
    fn heard(&self) -> Vec<String> {
        self.heard.clone()
    }

    /// How many watchers this node knows of, those of other nodes among them.
    #[call]
    fn watchers(&self) -> usize {
        WATCHERS.get_members().len()
    }

    /// A message that is no call and no cast.
    #[info]
    fn news(&mut self, news: News) {
        let News::RunningLow { item, .. } = news;
        self.heard.push(item);
    }
}
