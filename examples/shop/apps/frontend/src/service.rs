//! The pages.

use ads::{ADS, Ad};
use carts::{CARTS, Item};
use catalog::{CATALOG, Product};
use checkout::{CHECKOUT, CheckoutError, Order, OrderRequest};
use currency::{CURRENCY, Code, Money};
use recommendations::RECOMMENDATIONS;
use serde::{Deserialize, Serialize};
use shipping::SHIPPING;
use umbrella::prelude::*;
use umbrella::process;

/// Where pages come from.
pub const FRONTEND: Name<Frontend> = Frontend::named("frontend");

/// Everything that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomePage {
    /// In which currencies one can pay.
    pub currencies: Vec<Code>,
    /// What is sold, with prices in the user's currency.
    pub products: Vec<Product>,
    /// How many things are in the cart.
    pub in_cart: usize,
    /// What others want to sell.
    pub ads: Vec<Ad>,
}

/// One product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPage {
    /// The product, with its price in the user's currency.
    pub product: Product,
    /// What else the user may like.
    pub recommended: Vec<String>,
    /// What others want to sell.
    pub ads: Vec<Ad>,
}

/// What is in the cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartPage {
    /// What is in it.
    pub items: Vec<Item>,
    /// What it costs to send it, in the user's currency.
    pub shipping: Money,
    /// What else the user may like.
    pub recommended: Vec<String>,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageError {
    /// There is no such product.
    NotFound(String),
    /// Another application did not answer.
    Unavailable(String),
}

impl From<CallError> for PageError {
    fn from(error: CallError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Makes pages, each in a process of its own.
#[derive(Debug)]
pub struct Frontend;

#[gen_server]
impl Frontend {
    fn init() -> Self {
        Self
    }

    /// What `user` sees first.
    #[call]
    fn home(&self, user: String, code: Code, reply: ReplyTo<Result<HomePage, PageError>>) {
        answer(reply, home(user, code));
    }

    /// The page of the product `id`.
    #[call]
    fn product(&self, id: String, code: Code, reply: ReplyTo<Result<ProductPage, PageError>>) {
        answer(reply, product(id, code));
    }

    /// The cart of `user`.
    #[call]
    fn cart(&self, user: String, code: Code, reply: ReplyTo<Result<CartPage, PageError>>) {
        answer(reply, cart(user, code));
    }

    /// Puts `item` into the cart of `user`.
    #[call]
    fn add_to_cart(&self, user: String, item: Item, reply: ReplyTo<Result<(), PageError>>) {
        answer(reply, add_to_cart(user, item));
    }

    /// Orders what is in a cart.
    #[call]
    fn order(&self, request: OrderRequest, reply: ReplyTo<Result<Order, CheckoutError>>) {
        answer(reply, async { CHECKOUT.place(request).await? });
    }
}

fn answer<T, E, F>(reply: ReplyTo<Result<T, E>>, page: F)
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let _spawned = process::spawn(async move {
        let page = reply.scope(page).await;
        reply.reply(page);
    });
}

async fn home(user: String, code: Code) -> Result<HomePage, PageError> {
    let currencies = CURRENCY.supported().await?;
    let mut products = CATALOG.list().await?;
    let prices = products.iter().map(|product| product.price).collect();
    let prices = CURRENCY.convert(prices, code).await?;
    for (product, price) in products.iter_mut().zip(prices) {
        product.price = price;
    }
    let in_cart = CARTS.get(user).await?.len();
    // A page without advertisements is a page.
    let ads = ADS.suiting(Vec::new()).await.unwrap_or_default();
    Ok(HomePage {
        currencies,
        products,
        in_cart,
        ads,
    })
}

async fn product(id: String, code: Code) -> Result<ProductPage, PageError> {
    let product = CATALOG.get(id.clone()).await?;
    let mut product = product.ok_or(PageError::NotFound(id.clone()))?;
    product.price = convert(product.price, code).await?;
    let recommended = RECOMMENDATIONS.beside(vec![id]).await.unwrap_or_default();
    let ads = ADS
        .suiting(product.categories.clone())
        .await
        .unwrap_or_default();
    Ok(ProductPage {
        product,
        recommended,
        ads,
    })
}

async fn cart(user: String, code: Code) -> Result<CartPage, PageError> {
    let items = CARTS.get(user).await?;
    let shipping = convert(SHIPPING.quote(items.clone()).await?, code).await?;
    let known = items.iter().map(|item| item.product.clone()).collect();
    let recommended = RECOMMENDATIONS.beside(known).await.unwrap_or_default();
    Ok(CartPage {
        items,
        shipping,
        recommended,
    })
}

async fn add_to_cart(user: String, item: Item) -> Result<(), PageError> {
    let known = CATALOG.get(item.product.clone()).await?;
    known.ok_or(PageError::NotFound(item.product.clone()))?;
    Ok(CARTS.add(user, item).await?)
}

async fn convert(price: Money, code: Code) -> Result<Money, PageError> {
    let converted = CURRENCY.convert(vec![price], code).await?;
    Ok(converted.first().copied().unwrap_or(price))
}
