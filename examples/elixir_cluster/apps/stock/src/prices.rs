//! A server of Elixir, as it looks from here: `Prices` in `shop.exs`.

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Where it is registered: `GenServer.start_link(Prices, [], name: :prices)`.
pub const PRICES: Name<PricesProtocol> = PricesProtocol::named("prices", "shop");

/// Why there is no price: `{:error, :unknown}`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoPrice {
    /// Nobody knows the item.
    Unknown,
}

/// What it answers.
#[protocol]
pub trait Prices {
    /// The price of an item, in cents: `{:price, "lamp"}`, and `{:ok, 1250}` is the answer.
    ///
    /// # Errors
    /// [`NoPrice`] if there is none.
    #[call]
    fn price(&mut self, item: String) -> Result<u64, NoPrice>;
}
