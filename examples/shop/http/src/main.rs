//! `shop-http SERVICE PORT`: one service of the shop; its neighbours are on the ports of their places in `SERVICES`.
//! `shop-http load PORT USERS REQUESTS` walks through it and prints the report.

mod leaves;
mod others;
mod pages;
mod walk;

use axum::Router;
use tokio::net::TcpListener;
use umbrella::prelude::*;

use others::{Others, SERVICES};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["load", port, users, requests] => {
            let others = Others::from(port.parse()?);
            let report = walk::crowd(others, users.parse()?, requests.parse()?).await;
            println!("{}", serde_json::to_string(&report)?);
            // Whoever started this wants to see what it cost.
            std::future::pending::<()>().await;
        }
        [service, port] => {
            let place = SERVICES.iter().position(|known| known == service).ok_or("no such service")?;
            let first: u16 = port.parse()?;
            let router = service_of(service, Others::from(first)).await?;
            let listener = TcpListener::bind(("127.0.0.1", first + place as u16)).await?;
            axum::serve(listener, router).await?;
        }
        _ => return Err("say which service, and the port of the first one".into()),
    }
    Ok(())
}

/// The business is done by the applications of the shop, each in a node of its own; what asks others asks over HTTP.
async fn service_of(service: &str, others: Others) -> Result<Router, Box<dyn std::error::Error>> {
    let node = Node::new(service);
    Ok(match service {
        "frontend" => pages::frontend(others),
        "checkout" => pages::checkout(others),
        "recommendations" => pages::recommendations(others),
        leaf => leaves::router(leaf, node).await?,
    })
}
