//! Services that ask nobody: each asks the process that does the same in the umbrella.

use ads::{ADS, Ads};
use axum::Router;
use axum::routing::MethodRouter;
use carts::{CARTS, Carts, Item};
use catalog::{CATALOG, Catalog};
use currency::{CURRENCY, Code, Currency, Money};
use email::{EMAIL, Email, Receipt};
use payment::{Card, PAYMENT, Payment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shipping::{Address, SHIPPING, Shipping};
use umbrella::prelude::*;

use crate::others::answer;

/// The routes of `service`, whose process runs in `node`.
pub async fn router(service: &str, node: Node) -> Result<Router, StartError> {
    let supervisor = Supervisor::new(Strategy::OneForOne);
    let supervisor = match service {
        "ads" => supervisor.child(Ads::child_spec(()).name(ADS)),
        "carts" => supervisor.child(Carts::child_spec(()).name(CARTS)),
        "catalog" => supervisor.child(Catalog::child_spec(()).name(CATALOG)),
        "currency" => supervisor.child(Currency::child_spec(()).name(CURRENCY)),
        "email" => supervisor.child(Email::child_spec(()).name(EMAIL)),
        "payment" => supervisor.child(Payment::child_spec(()).name(PAYMENT)),
        _ => supervisor.child(Shipping::child_spec(()).name(SHIPPING)),
    };
    node.scope(supervisor.start()).await?;
    let on = |path, handler| Router::new().route(path, handler);
    Ok(match service {
        "ads" => on("/suiting", here(&node, |(words,)| async move { ADS.suiting(words).await })),
        "carts" => {
            on("/add", here(&node, |(user, item): (String, Item)| async move { CARTS.add(user, item).await }))
                .route("/get", here(&node, |(user,)| async move { CARTS.get(user).await }))
                .route("/empty", here(&node, |(user,)| async move { CARTS.empty(user).await }))
        }
        "catalog" => on("/list", here(&node, |()| async move { CATALOG.list().await }))
            .route("/get", here(&node, |(id,)| async move { CATALOG.get(id).await })),
        "currency" => on("/supported", here(&node, |()| async move { CURRENCY.supported().await })).route(
            "/convert",
            here(
                &node,
                |(amounts, to): (Vec<Money>, Code)| async move { CURRENCY.convert(amounts, to).await },
            ),
        ),
        "email" => on(
            "/confirm",
            here(&node, |(address, receipt): (String, Receipt)| async move {
                EMAIL.confirm(address, receipt).map_err(|refused| refused.error)
            }),
        ),
        "payment" => on(
            "/charge",
            here(&node, |(amount, card): (Money, Card)| async move { PAYMENT.charge(amount, card).await }),
        ),
        _ => on("/quote", here(&node, |(items,)| async move { SHIPPING.quote(items).await })).route(
            "/ship",
            here(&node, |(to, items): (Address, Vec<Item>)| async move { SHIPPING.ship(to, items).await }),
        ),
    })
}

/// Answers with what a process of `node` answers.
fn here<A, R, W>(node: &Node, f: fn(A) -> W) -> MethodRouter
where
    A: DeserializeOwned + Send + 'static,
    R: Serialize + Send + 'static,
    W: Future<Output = Result<R, CallError>> + Send + 'static,
{
    let node = node.clone();
    answer(move |arguments: A| {
        let node = node.clone();
        let call = f(arguments);
        async move { node.scope(call).await.ok() }
    })
}
