//! Money.

use serde::{Deserialize, Serialize};
use umbrella::prelude::*;

/// Where money is changed.
pub const CURRENCY: Name<Currency> = Currency::named("currency");

/// An amount of money, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Hundredths of the unit of the currency.
    pub cents: i64,
    /// Which currency.
    pub code: Code,
}

/// A currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// Of the United States.
    Usd,
    /// Of the European Union.
    Eur,
    /// Of Japan.
    Jpy,
    /// Of Turkey.
    Try,
}

impl Code {
    /// How many of it one dollar is, in thousandths.
    const fn per_dollar(self) -> i64 {
        match self {
            Self::Usd => 1_000,
            Self::Eur => 885,
            Self::Jpy => 112_000,
            Self::Try => 5_400,
        }
    }
}

impl Money {
    /// That many dollars and cents.
    #[must_use]
    pub const fn usd(cents: i64) -> Self {
        Self {
            cents,
            code: Code::Usd,
        }
    }

    /// Bought `count` times.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self {
            cents: self.cents * count as i64,
            code: self.code,
        }
    }
}

/// Knows what money is worth in another currency.
#[derive(Debug)]
pub struct Currency;

#[gen_server]
impl Currency {
    fn init() -> Self {
        Self
    }

    /// The currencies that it knows.
    #[call]
    fn supported(&self) -> Vec<Code> {
        vec![Code::Usd, Code::Eur, Code::Jpy, Code::Try]
    }

    /// What `amounts` are worth in the currency `to`.
    #[call]
    fn convert(&self, amounts: Vec<Money>, to: Code) -> Vec<Money> {
        let worth = |from: Money| Money {
            cents: from.cents * to.per_dollar() / from.code.per_dollar(),
            code: to,
        };
        amounts.into_iter().map(worth).collect()
    }
}
