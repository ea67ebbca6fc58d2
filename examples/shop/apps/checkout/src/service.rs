//! Orders.

use carts::CARTS;
use catalog::CATALOG;
use currency::{CURRENCY, Code, Money};
use email::{EMAIL, Receipt};
use payment::{Card, Declined, PAYMENT};
use serde::{Deserialize, Serialize};
use shipping::{Address, SHIPPING};
use umbrella::prelude::*;
use umbrella::process;

/// Where orders are placed.
pub const CHECKOUT: Name<Checkout> = Checkout::named("checkout");

/// What is needed to order what is in a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// Whose cart.
    pub user: String,
    /// What to pay in.
    pub code: Code,
    /// Where to send it.
    pub address: Address,
    /// Where to write to.
    pub email: String,
    /// What to pay with.
    pub card: Card,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: String,
    /// By what it is found on its way.
    pub tracking: String,
    /// What was paid, with shipping.
    pub total: Money,
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckoutError {
    /// There is nothing in the cart.
    EmptyCart,
    /// The card was not charged.
    Declined(Declined),
    /// Another application did not answer.
    Unavailable(String),
}

impl From<CallError> for CheckoutError {
    fn from(error: CallError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Places orders.
#[derive(Debug)]
pub struct Checkout {
    orders: u64,
}

#[gen_server]
impl Checkout {
    fn init() -> Self {
        Self { orders: 0 }
    }

    /// Orders what is in a cart.
    #[call]
    fn place(&mut self, request: OrderRequest, reply: ReplyTo<Result<Order, CheckoutError>>) {
        self.orders += 1;
        let id = format!("order-{}", self.orders);
        let _spawned = process::spawn(async move {
            let order = reply.scope(place(id, request)).await;
            reply.reply(order);
        });
    }
}

async fn place(id: String, request: OrderRequest) -> Result<Order, CheckoutError> {
    let items = CARTS.get(request.user.clone()).await?;
    if items.is_empty() {
        return Err(CheckoutError::EmptyCart);
    }
    let mut prices = vec![SHIPPING.quote(items.clone()).await?];
    for item in &items {
        if let Some(product) = CATALOG.get(item.product.clone()).await? {
            prices.push(product.price.times(item.quantity));
        }
    }
    let prices = CURRENCY.convert(prices, request.code).await?;
    let total = Money {
        cents: prices.iter().map(|price| price.cents).sum(),
        code: request.code,
    };
    let charged = PAYMENT.charge(total, request.card).await?;
    charged.map_err(CheckoutError::Declined)?;
    let tracking = SHIPPING.ship(request.address, items).await?;
    CARTS.empty(request.user).await?;
    let receipt = Receipt {
        order: id.clone(),
        tracking: tracking.clone(),
        total,
    };
    // An order stands without its letter.
    let _unwritten = EMAIL.confirm(request.email, receipt);
    Ok(Order {
        id,
        tracking,
        total,
    })
}
