//! How `checkout` starts.

use umbrella::prelude::*;

use crate::service::{CHECKOUT, Checkout};

/// The application `checkout`.
#[derive(Debug)]
pub struct CheckoutApp;

impl Application for CheckoutApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Checkout::child_spec(()).name(CHECKOUT))
            .start_link()
            .await
    }
}
