//! Asking other services.

use axum::Json;
use axum::routing::{MethodRouter, post};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Each listens on the port of its place.
pub const SERVICES: [&str; 10] = [
    "ads",
    "carts",
    "catalog",
    "checkout",
    "currency",
    "email",
    "frontend",
    "payment",
    "recommendations",
    "shipping",
];

/// The other services, over connections that are kept.
#[derive(Clone)]
pub struct Others {
    client: reqwest::Client,
    first: u16,
}

pub type Asked<T> = Result<T, reqwest::Error>;

impl Others {
    /// The first one listens on the port `first`.
    pub fn from(first: u16) -> Self {
        Self { client: reqwest::Client::new(), first }
    }

    /// What `service` answers to `method` with `arguments`.
    pub async fn ask<A: Serialize, R: DeserializeOwned>(
        &self,
        service: &str,
        method: &str,
        arguments: A,
    ) -> Asked<R> {
        let place = SERVICES.iter().position(|known| *known == service).unwrap_or(0);
        let url = format!("http://127.0.0.1:{}/{method}", self.first + place as u16);
        self.client.post(url).json(&arguments).send().await?.error_for_status()?.json().await
    }
}

/// Answers requests with what `f` makes of their arguments.
pub fn answer<A, R, F, W>(f: F) -> MethodRouter
where
    A: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
    F: Fn(A) -> W + Clone + Send + Sync + 'static,
    W: Future<Output = R> + Send + 'static,
{
    post(move |Json(arguments): Json<A>| {
        let answered = f(arguments);
        async move { Json(answered.await) }
    })
}
