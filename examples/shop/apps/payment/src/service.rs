//! Cards.

use currency::Money;
use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Who charges cards.
pub const PAYMENT: Name<Payment> = Payment::named("payment");

/// A card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its digits.
    pub number: String,
    /// The year in which it ends.
    pub until: u16,
}

/// Why a card was not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Declined {
    /// The digits do not fit together.
    Number,
    /// It has ended.
    Expired,
}

/// Charges cards.
#[derive(Debug)]
pub struct Payment {
    charges: u64,
}

#[gen_server]
impl Payment {
    fn init() -> Self {
        Self { charges: 0 }
    }

    /// Takes `amount` from `card`; the number of the transaction.
    #[call]
    fn charge(&mut self, amount: Money, card: Card) -> Result<String, Declined> {
        if !has_check_digit(&card.number) {
            return Err(Declined::Number);
        }
        if card.until < 2026 {
            return Err(Declined::Expired);
        }
        self.charges += 1;
        Ok(format!("{}-{}", self.charges, amount.cents))
    }
}

/// Luhn's formula.
fn has_check_digit(number: &str) -> bool {
    let digits = number.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    number.len() >= 12 && sum.is_multiple_of(10)
}
