//! Services that ask others: what `frontend`, `checkout`, and `recommendations` do in the umbrella, over HTTP.

use ads::Ad;
use axum::Router;
use carts::Item;
use catalog::Product;
use checkout::{CheckoutError, Order, OrderRequest};
use currency::{Code, Money};
use email::Receipt;
use frontend::{CartPage, HomePage, PageError, ProductPage};
use payment::Declined;

use crate::others::{Asked, Others, answer};

/// The routes of `frontend`.
pub fn frontend(others: Others) -> Router {
    let [a, b, c, d, e] = std::array::from_fn(|_| others.clone());
    Router::new()
        .route("/home", answer(move |(user, code)| home(a.clone(), user, code)))
        .route("/product", answer(move |(id, code)| product(b.clone(), id, code)))
        .route("/cart", answer(move |(user, code)| cart(c.clone(), user, code)))
        .route("/add_to_cart", answer(move |(user, item)| add_to_cart(d.clone(), user, item)))
        .route("/order", answer(move |(request,)| order(e.clone(), request)))
}

/// The route of `checkout`.
pub fn checkout(others: Others) -> Router {
    Router::new().route("/place", answer(move |(request,)| place(others.clone(), request)))
}

/// The route of `recommendations`.
pub fn recommendations(others: Others) -> Router {
    Router::new().route("/beside", answer(move |(known,)| beside(others.clone(), known)))
}

fn page_error(error: reqwest::Error) -> PageError {
    PageError::Unavailable(error.to_string())
}

async fn home(others: Others, user: String, code: Code) -> Result<HomePage, PageError> {
    let page = async {
        let currencies: Option<Vec<Code>> = others.ask("currency", "supported", ()).await?;
        let products: Option<Vec<Product>> = others.ask("catalog", "list", ()).await?;
        let mut products = products.unwrap_or_default();
        let prices: Vec<Money> = products.iter().map(|product| product.price).collect();
        let prices: Option<Vec<Money>> = others.ask("currency", "convert", (prices, code)).await?;
        for (product, price) in products.iter_mut().zip(prices.unwrap_or_default()) {
            product.price = price;
        }
        let in_cart: Option<Vec<Item>> = others.ask("carts", "get", (user,)).await?;
        let ads: Option<Vec<Ad>> = others.ask("ads", "suiting", (Vec::<String>::new(),)).await?;
        Ok(HomePage {
            currencies: currencies.unwrap_or_default(),
            products,
            in_cart: in_cart.unwrap_or_default().len(),
            ads: ads.unwrap_or_default(),
        })
    };
    page.await.map_err(page_error)
}

async fn product(others: Others, id: String, code: Code) -> Result<ProductPage, PageError> {
    let product: Option<Option<Product>> = others.ask("catalog", "get", (&id,)).await.map_err(page_error)?;
    let mut product = product.flatten().ok_or(PageError::NotFound(id.clone()))?;
    product.price = convert(&others, product.price, code).await.map_err(page_error)?;
    let page = async {
        let recommended: Vec<String> = others.ask("recommendations", "beside", (vec![id],)).await?;
        let ads: Option<Vec<Ad>> = others.ask("ads", "suiting", (&product.categories,)).await?;
        Ok((recommended, ads.unwrap_or_default()))
    };
    let (recommended, ads) = page.await.map_err(page_error)?;
    Ok(ProductPage { product, recommended, ads })
}

async fn cart(others: Others, user: String, code: Code) -> Result<CartPage, PageError> {
    let page = async {
        let items: Option<Vec<Item>> = others.ask("carts", "get", (user,)).await?;
        let items = items.unwrap_or_default();
        let shipping: Option<Money> = others.ask("shipping", "quote", (&items,)).await?;
        let shipping = convert(&others, shipping.unwrap_or(Money::usd(0)), code).await?;
        let known: Vec<&String> = items.iter().map(|item| &item.product).collect();
        let recommended: Vec<String> = others.ask("recommendations", "beside", (known,)).await?;
        Ok(CartPage { items, shipping, recommended })
    };
    page.await.map_err(page_error)
}

async fn add_to_cart(others: Others, user: String, item: Item) -> Result<(), PageError> {
    let id = item.product.clone();
    let known: Option<Option<Product>> = others.ask("catalog", "get", (&id,)).await.map_err(page_error)?;
    known.flatten().ok_or(PageError::NotFound(id))?;
    let _added: Option<()> = others.ask("carts", "add", (user, item)).await.map_err(page_error)?;
    Ok(())
}

async fn order(others: Others, request: OrderRequest) -> Result<Order, CheckoutError> {
    let placed: Asked<Result<Order, CheckoutError>> = others.ask("checkout", "place", (request,)).await;
    placed.unwrap_or_else(|error| Err(CheckoutError::Unavailable(error.to_string())))
}

async fn convert(others: &Others, price: Money, code: Code) -> Asked<Money> {
    let converted: Option<Vec<Money>> = others.ask("currency", "convert", (vec![price], code)).await?;
    Ok(converted.unwrap_or_default().first().copied().unwrap_or(price))
}

async fn beside(others: Others, known: Vec<String>) -> Vec<String> {
    let products: Option<Vec<Product>> = others.ask("catalog", "list", ()).await.unwrap_or_default();
    let others = products.unwrap_or_default().into_iter().map(|product| product.id);
    others.filter(|id| !known.contains(id)).take(5).collect()
}

async fn place(others: Others, request: OrderRequest) -> Result<Order, CheckoutError> {
    let unavailable = |error: reqwest::Error| CheckoutError::Unavailable(error.to_string());
    let OrderRequest { user, code, address, email, card } = request;
    let items: Option<Vec<Item>> = others.ask("carts", "get", (&user,)).await.map_err(unavailable)?;
    let items = items.filter(|items| !items.is_empty()).ok_or(CheckoutError::EmptyCart)?;
    let quote: Option<Money> = others.ask("shipping", "quote", (&items,)).await.map_err(unavailable)?;
    let mut prices: Vec<Money> = quote.into_iter().collect();
    for item in &items {
        let product: Option<Option<Product>> =
            others.ask("catalog", "get", (&item.product,)).await.map_err(unavailable)?;
        prices.extend(product.flatten().map(|product| product.price.times(item.quantity)));
    }
    let prices: Option<Vec<Money>> =
        others.ask("currency", "convert", (prices, code)).await.map_err(unavailable)?;
    let cents = prices.unwrap_or_default().iter().map(|price| price.cents).sum();
    let total = Money { cents, code };
    let charged: Option<Result<String, Declined>> =
        others.ask("payment", "charge", (total, card)).await.map_err(unavailable)?;
    let id = charged.unwrap_or(Err(Declined::Number)).map_err(CheckoutError::Declined)?;
    let tracking: Option<String> =
        others.ask("shipping", "ship", (address, items)).await.map_err(unavailable)?;
    let tracking = tracking.unwrap_or_default();
    let _emptied: Option<()> = others.ask("carts", "empty", (user,)).await.map_err(unavailable)?;
    let receipt = Receipt { order: id.clone(), tracking: tracking.clone(), total };
    // An order stands without its letter.
    let _unwritten: Asked<Option<()>> = others.ask("email", "confirm", (email, receipt)).await;
    Ok(Order { id, tracking, total })
}
