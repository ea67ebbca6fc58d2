//! Publishing events: to handlers, which run in the manager of the events, and to processes that subscribe.
//!
//! An [`EventManager`] tells every subscriber, as a message, and every handler, as a call of a function.
//! Subscribers are the usual choice: they wait, crash, and are supervised on their own. A handler is for what is quick
//! and belongs to the stream of events itself, such as a counter or a log;
//! [`#[gen_event]`](macro@crate::gen_event) makes one of a plain `impl`.
//!
//! ```
//! use umbrella::gen_event::EventManager;
//! use umbrella::prelude::*;
//!
//! #[derive(Clone, Debug)]
//! enum Order {
//!     Placed { id: u64 },
//!     Paid { id: u64, cents: u64 },
//! }
//!
//! const ORDERS: Name<EventManager<Order>> = EventManager::named("orders");
//!
//! /// A handler: adds up what was paid.
//! struct Revenue {
//!     cents: u64,
//! }
//!
//! #[gen_event(event = Order)]
//! impl Revenue {
//!     fn init() -> Self {
//!         Self { cents: 0 }
//!     }
//!
//!     #[event]
//!     fn order(&mut self, order: &Order) {
//!         if let Order::Paid { cents, .. } = order {
//!             self.cents += cents;
//!         }
//!     }
//!
//!     #[call]
//!     fn cents(&self) -> u64 {
//!         self.cents
//!     }
//! }
//!
//! /// A subscriber: sends what was paid for.
//! struct Shipping {
//!     sent: Vec<u64>,
//! }
//!
//! #[gen_server]
//! impl Shipping {
//!     async fn init(cx: &mut Context<Self>) -> Result<Self, ExitReason> {
//!         ORDERS.subscribe(&cx.me()).await?;
//!         Ok(Self { sent: Vec::new() })
//!     }
//!
//!     #[info]
//!     fn order(&mut self, order: Order) {
//!         if let Order::Paid { id, .. } = order {
//!             self.sent.push(id);
//!         }
//!     }
//!
//!     #[call]
//!     fn sent(&self) -> Vec<u64> {
//!         self.sent.clone()
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # let node = Node::new("example");
//! # runtime.block_on(node.clone().scope(async move {
//! let top = Supervisor::new(Strategy::RestForOne).child(EventManager::<Order>::child_spec(()).name(ORDERS));
//! top.start().await?;
//! let shipping = Shipping::start(()).await?;
//! let revenue = ORDERS.add_handler::<Revenue>(()).await?;
//!
//! ORDERS.notify(Order::Placed { id: 7 })?;
//! ORDERS.sync_notify(Order::Paid { id: 7, cents: 1250 }).await?;
//! assert_eq!(revenue.cents().await?, 1250);
//! assert_eq!(shipping.sent().await?, [7]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! | what happens to a handler | what follows |
//! |---|---|
//! | it panics | it is removed and reported; the manager and the other handlers go on |
//! | its owner ends | it is removed |
//! | it is removed, for whatever reason | its owner gets a [`HandlerExit`] |
//! | the manager ends | every handler is terminated; owners are told |

mod client;
mod events;
mod handler;
mod manager;

pub use client::{
    Adding, EventManagerClient, Handler, HandlerAddress, HandlerError, HandlerExit, HandlerId, HandlerInfo,
    Request, Swapping,
};
pub use events::{Events, EventsClient};
pub use handler::{Crashed, EventHandler, Handling, Removed, guard};
pub use manager::{EventManager, Owner, Subscriber};

#[cfg(test)]
mod tests;
