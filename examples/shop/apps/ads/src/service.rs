//! The advertisements.

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Where advertisements come from.
pub const ADS: Name<Ads> = Ads::named("ads");

/// An advertisement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ad {
    /// The product that it leads to.
    pub product: String,
    /// What it says.
    pub text: String,
}

/// Chooses advertisements.
#[derive(Debug)]
pub struct Ads;

#[gen_server]
impl Ads {
    fn init() -> Self {
        Self
    }

    /// What suits the `categories`; anything, if there are none.
    #[call]
    fn suiting(&self, categories: Vec<String>) -> Vec<Ad> {
        let all = [
            (
                "accessories",
                "1YMWWN1N4O",
                "Watch for sale. Buy one, get a second at half price.",
            ),
            ("clothing", "66VCHSJNUP", "Tank top for sale. 20% off."),
            (
                "kitchen",
                "6E92ZMYYFZ",
                "Mug for sale. Buy two, get a third for free.",
            ),
            ("decor", "0PUK6V6EV0", "Candle holder for sale. 30% off."),
        ];
        let suits = |category: &str| {
            categories.is_empty() || categories.iter().any(|wanted| wanted == category)
        };
        let chosen = all.into_iter().filter(|(category, ..)| suits(category));
        chosen
            .map(|(_, product, text)| Ad {
                product: product.into(),
                text: text.into(),
            })
            .collect()
    }
}
