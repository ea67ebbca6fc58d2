//! The manual: pages that belong to no single item.

#[doc = include_str!("concepts.md")]
pub mod concepts {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("differs_from_otp.md")]
pub mod differs_from_otp {}
