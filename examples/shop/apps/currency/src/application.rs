//! How `currency` starts.

use umbrella::prelude::*;

use crate::service::{CURRENCY, Currency};

/// The application `currency`.
#[derive(Debug)]
pub struct CurrencyApp;

impl Application for CurrencyApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Currency::child_spec(()).name(CURRENCY))
            .start_link()
            .await
    }
}
