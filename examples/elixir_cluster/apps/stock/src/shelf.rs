//! The process that knows how many there are of each item.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

use crate::clerk::{News, WATCHERS};
use crate::prices::PRICES;

/// Where it is found: `{:shelf, :"elixir_cluster@127.0.0.1"}` in Elixir.
pub const SHELF: Name<Shelf> = Shelf::named("shelf");

/// The node on which prices are known.
const SHOP: &str = "shop@127.0.0.1";

/// Fewer than this is little.
const LITTLE: u32 = 2;

/// Why nothing was taken: `{:error, :unknown}`, `{:error, {:sold_out, %{left: 3}}}`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no such item.
    Unknown,
    /// There are not enough of it.
    SoldOut {
        /// How many there are.
        left: u32,
    },
}

/// What is there.
#[derive(Debug)]
pub struct Shelf {
    items: BTreeMap<String, u32>,
}

#[gen_server]
impl Shelf {
    fn init(items: BTreeMap<String, u32>) -> Self {
        Self { items }
    }

    /// Takes some of an item and tells how many are left: `{:take, "lamp", 2}`.
    #[call]
    fn take(&mut self, item: String, count: u32) -> Result<u32, Refusal> {
        let there = self.items.get_mut(&item).ok_or(Refusal::Unknown)?;
        *there = there
            .checked_sub(count)
            .ok_or(Refusal::SoldOut { left: *there })?;
        let left = *there;
        if left < LITTLE {
            WATCHERS.broadcast(&News::RunningLow { item, left });
        }
        Ok(left)
    }

    /// What all there is of an item is worth, in cents: asks a server written in Elixir.
    #[call]
    async fn value(&self, item: String) -> Result<u64, String> {
        let there = self.items.get(&item).copied().ok_or("unknown")?;
        match Name::on(&PRICES, SHOP).price(item).await {
            Ok(Ok(price)) => Ok(price * u64::from(there)),
            Ok(Err(no_price)) => Err(format!("{no_price:?}")),
            // Nobody there, no connection, too late, or an answer that is no price.
            Err(failed) => Err(failed.to_string()),
        }
    }
}
