//! The application `stock`: a [`Shelf`] that nodes of Elixir take from, and that asks a server of theirs for prices.

mod application;
mod clerk;
mod prices;
mod shelf;

pub use application::Stock;
pub use clerk::{CLERK, Clerk, News, WATCHERS};
pub use prices::{NoPrice, PRICES, Prices, PricesProtocol};
pub use shelf::{Refusal, SHELF, Shelf};

// Exports `application()`: this application, its callback and what it depends on, as Cargo.toml says.
umbrella::application!();
