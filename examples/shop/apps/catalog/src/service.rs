//! The products.

use currency::Money;
use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Where products are found.
pub const CATALOG: Name<Catalog> = Catalog::named("catalog");

/// Something that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// What it is called in the books.
    pub id: String,
    /// What it is called in the shop.
    pub name: String,
    /// What is said about it.
    pub description: String,
    /// What it costs.
    pub price: Money,
    /// Where it belongs.
    pub categories: Vec<String>,
}

const PRODUCTS: [(&str, &str, &str, i64, &str); 9] = [
    (
        "OLJCESPC7Z",
        "Sunglasses",
        "A modern touch to your outfits.",
        1999,
        "accessories",
    ),
    (
        "66VCHSJNUP",
        "Tank Top",
        "Perfectly cropped cotton tank.",
        1899,
        "clothing",
    ),
    (
        "1YMWWN1N4O",
        "Watch",
        "Gold tone, stainless steel.",
        10_999,
        "accessories",
    ),
    (
        "L9ECAV7KIM",
        "Loafers",
        "A neat addition to your wardrobe.",
        8999,
        "footwear",
    ),
    (
        "2ZYFJ3GM2N",
        "Hairdryer",
        "Lightweight, three settings.",
        2499,
        "beauty",
    ),
    (
        "0PUK6V6EV0",
        "Candle Holder",
        "Small but intricate, for any room.",
        1899,
        "decor",
    ),
    ("LS4PSXUNUM", "Shakers", "Salt and pepper.", 1849, "kitchen"),
    (
        "9SIQT8TOJO",
        "Bamboo Jar",
        "Holds 57 ounces.",
        549,
        "kitchen",
    ),
    (
        "6E92ZMYYFZ",
        "Mug",
        "A simple mug with a mustard interior.",
        899,
        "kitchen",
    ),
];

/// Knows the products.
#[derive(Debug)]
pub struct Catalog {
    products: Vec<Product>,
}

#[gen_server]
impl Catalog {
    fn init() -> Self {
        let products = PRODUCTS.map(|(id, name, description, cents, category)| Product {
            id: id.into(),
            name: name.into(),
            description: description.into(),
            price: Money::usd(cents),
            categories: vec![category.into()],
        });
        Self {
            products: products.into(),
        }
    }

    /// All products.
    #[call]
    fn list(&self) -> Vec<Product> {
        self.products.clone()
    }

    /// The product `id`.
    #[call]
    fn get(&self, id: String) -> Option<Product> {
        self.products
            .iter()
            .find(|product| product.id == id)
            .cloned()
    }

    /// The products that mention `words`.
    #[call]
    fn search(&self, words: String) -> Vec<Product> {
        let words = words.to_lowercase();
        let found = |product: &&Product| {
            product.name.to_lowercase().contains(&words)
                || product.description.to_lowercase().contains(&words)
        };
        self.products.iter().filter(found).cloned().collect()
    }
}
