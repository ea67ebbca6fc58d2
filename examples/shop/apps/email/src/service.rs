//! Letters.

use currency::Money;
use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Who writes letters.
pub const EMAIL: Name<Email> = Email::named("email");

/// What an order came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The number of the order.
    pub order: String,
    /// By what it is found on its way.
    pub tracking: String,
    /// What was paid.
    pub total: Money,
}

/// Writes letters.
#[derive(Debug)]
pub struct Email {
    written: u64,
}

#[gen_server]
impl Email {
    fn init() -> Self {
        Self { written: 0 }
    }

    /// Writes to `address` what an order came to.
    #[cast]
    fn confirm(&mut self, address: String, receipt: Receipt) {
        if !address.is_empty() && !receipt.order.is_empty() {
            self.written += 1;
        }
    }

    /// How many letters it has written.
    #[call]
    fn written(&self) -> u64 {
        self.written
    }
}
