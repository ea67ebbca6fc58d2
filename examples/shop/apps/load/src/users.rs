//! Users.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use carts::Item;
use checkout::OrderRequest;
use currency::Code;
use frontend::FRONTEND;
use payment::Card;
use shipping::Address;
use umbrella::prelude::*;

use crate::Report;

/// How long a walk took, page by page; nothing for a page that did not come.
pub type Walk = Vec<Option<Duration>>;

/// Lets `users` make `requests` together, and reports to the log, and to a file.
pub(crate) async fn crowd(users: u32, requests: u32, file: Option<PathBuf>) {
    wait_for_the_shop().await;
    // To warm up: connections are made when they are first needed.
    all_walk(users, requests / 10).await;
    let began = Instant::now();
    let pages = all_walk(users, requests).await;
    let report = Report::new(pages, began.elapsed());
    tracing::info!("{report}");
    let json = serde_json::to_string(&report).unwrap_or_default();
    if let Some(file) = file
        && let Err(error) = std::fs::write(&file, json)
    {
        tracing::error!("failed to write {}: {error}", file.display());
    }
}

/// Other nodes may still be booting.
async fn wait_for_the_shop() {
    while walk("nobody", 6).await.iter().any(Option::is_none) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn all_walk(users: u32, requests: u32) -> Walk {
    let walks: Vec<Task<Walk>> = (0..users)
        .map(|user| {
            Task::spawn(async move { walk(&format!("user-{user}"), requests / users).await })
        })
        .collect();
    let mut pages = Vec::new();
    for walk in walks {
        pages.extend(walk.infinity().await.unwrap_or_default());
    }
    pages
}

/// Walks through the shop as `user` until so many requests are made: home, two products, into the cart, order.
pub async fn walk(user: &str, requests: u32) -> Walk {
    let mut pages = Vec::new();
    for turn in 0..requests {
        let began = Instant::now();
        let served = visit(user, turn).await;
        pages.push(served.then(|| began.elapsed()));
    }
    pages
}

/// Whether the page came.
async fn visit(user: &str, turn: u32) -> bool {
    let (user, code) = (user.to_owned(), Code::Eur);
    let product = if turn.is_multiple_of(2) {
        "6E92ZMYYFZ"
    } else {
        "1YMWWN1N4O"
    };
    match turn % 6 {
        0 => FRONTEND
            .home(user, code)
            .await
            .is_ok_and(|page| page.is_ok()),
        1 | 2 => FRONTEND
            .product(product.into(), code)
            .await
            .is_ok_and(|page| page.is_ok()),
        3 => {
            let item = Item {
                product: product.into(),
                quantity: 2,
            };
            FRONTEND
                .add_to_cart(user, item)
                .await
                .is_ok_and(|done| done.is_ok())
        }
        4 => FRONTEND
            .cart(user, code)
            .await
            .is_ok_and(|page| page.is_ok()),
        _ => FRONTEND
            .order(order_of(user, code))
            .await
            .is_ok_and(|order| order.is_ok()),
    }
}

fn order_of(user: String, code: Code) -> OrderRequest {
    OrderRequest {
        email: format!("{user}@example.com"),
        user,
        code,
        address: Address {
            street: "1600 Amphitheatre Parkway".into(),
            place: "Mountain View, CA, USA".into(),
            zip: 94043,
        },
        card: Card {
            number: "4432801561520454".into(),
            until: 2039,
        },
    }
}
