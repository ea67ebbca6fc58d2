//! The carts.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Where carts are kept.
pub const CARTS: Name<Carts> = Carts::named("carts");

/// Some of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which product.
    pub product: String,
    /// How many.
    pub quantity: u32,
}

/// Keeps the carts.
#[derive(Debug)]
pub struct Carts {
    by_user: HashMap<String, Vec<Item>>,
}

#[gen_server]
impl Carts {
    fn init() -> Self {
        Self {
            by_user: HashMap::new(),
        }
    }

    /// Puts `item` into the cart of `user`.
    #[call]
    fn add(&mut self, user: String, item: Item) {
        let cart = self.by_user.entry(user).or_default();
        match cart.iter_mut().find(|known| known.product == item.product) {
            Some(known) => known.quantity += item.quantity,
            None => cart.push(item),
        }
    }

    /// What is in the cart of `user`.
    #[call]
    fn get(&self, user: String) -> Vec<Item> {
        self.by_user.get(&user).cloned().unwrap_or_default()
    }

    /// Takes everything out of the cart of `user`.
    #[call]
    fn empty(&mut self, user: String) {
        self.by_user.remove(&user);
    }
}
