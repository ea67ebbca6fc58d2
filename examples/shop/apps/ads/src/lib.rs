//! Advertisements that suit what somebody looks at.

mod application;
mod service;

pub use application::AdsApp;
pub use service::{ADS, Ad, Ads};

umbrella::application!();
