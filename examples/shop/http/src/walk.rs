//! The users of `load`, over HTTP.

use std::time::{Duration, Instant};

use carts::Item;
use checkout::{CheckoutError, Order, OrderRequest};
use currency::Code;
use frontend::{CartPage, HomePage, PageError, ProductPage};
use load::Report;
use payment::Card;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shipping::Address;

use crate::others::Others;

/// Lets `users` make `requests` together, after a tenth of them to warm up.
pub async fn crowd(others: Others, users: u32, requests: u32) -> Report {
    while walk(others.clone(), "nobody".into(), 6).await.iter().any(Option::is_none) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    all_walk(&others, users, requests / 10).await;
    let began = Instant::now();
    let pages = all_walk(&others, users, requests).await;
    Report::new(pages, began.elapsed())
}

async fn all_walk(others: &Others, users: u32, requests: u32) -> Vec<Option<Duration>> {
    let walks: Vec<_> = (0..users)
        .map(|user| tokio::spawn(walk(others.clone(), format!("user-{user}"), requests / users)))
        .collect();
    let mut pages = Vec::new();
    for walk in walks {
        pages.extend(walk.await.unwrap_or_default());
    }
    pages
}

async fn walk(others: Others, user: String, requests: u32) -> Vec<Option<Duration>> {
    let mut pages = Vec::new();
    for turn in 0..requests {
        let began = Instant::now();
        let served = visit(&others, &user, turn).await;
        pages.push(served.then(|| began.elapsed()));
    }
    pages
}

async fn visit(others: &Others, user: &str, turn: u32) -> bool {
    let code = Code::Eur;
    let product = if turn.is_multiple_of(2) { "6E92ZMYYFZ" } else { "1YMWWN1N4O" };
    match turn % 6 {
        0 => page::<_, HomePage, PageError>(others, "home", (user, code)).await,
        1 | 2 => page::<_, ProductPage, PageError>(others, "product", (product, code)).await,
        3 => {
            let item = Item { product: product.into(), quantity: 2 };
            page::<_, (), PageError>(others, "add_to_cart", (user, item)).await
        }
        4 => page::<_, CartPage, PageError>(others, "cart", (user, code)).await,
        _ => page::<_, Order, CheckoutError>(others, "order", (order_of(user, code),)).await,
    }
}

async fn page<A: Serialize, R: DeserializeOwned, E: DeserializeOwned>(
    others: &Others,
    method: &str,
    arguments: A,
) -> bool {
    others.ask::<A, Result<R, E>>("frontend", method, arguments).await.is_ok_and(|page| page.is_ok())
}

fn order_of(user: &str, code: Code) -> OrderRequest {
    OrderRequest {
        email: format!("{user}@example.com"),
        user: user.to_owned(),
        code,
        address: Address {
            street: "1600 Amphitheatre Parkway".into(),
            place: "Mountain View, CA, USA".into(),
            zip: 94043,
        },
        card: Card { number: "4432801561520454".into(), until: 2039 },
    }
}
