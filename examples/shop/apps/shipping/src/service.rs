//! Sending things.

use carts::Item;
use currency::Money;
use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Who sends things.
pub const SHIPPING: Name<Shipping> = Shipping::named("shipping");

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// With its number.
    pub street: String,
    /// City, state, and country.
    pub place: String,
    /// What the post calls the place.
    pub zip: u32,
}

/// Sends.
#[derive(Debug)]
pub struct Shipping {
    sent: u64,
}

#[gen_server]
impl Shipping {
    fn init() -> Self {
        Self { sent: 0 }
    }

    /// What it costs to send `items`.
    #[call]
    fn quote(&self, items: Vec<Item>) -> Money {
        Money::usd(if items.is_empty() { 0 } else { 899 })
    }

    /// Sends `items` to `address`; by what they are found on their way.
    #[call]
    fn ship(&mut self, address: Address, items: Vec<Item>) -> String {
        self.sent += 1;
        format!("{}-{}-{}", address.zip, items.len(), self.sent)
    }
}
