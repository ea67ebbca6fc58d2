//! How `shipping` starts.

use umbrella::prelude::*;

use crate::service::{SHIPPING, Shipping};

/// The application `shipping`.
#[derive(Debug)]
pub struct ShippingApp;

impl Application for ShippingApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Shipping::child_spec(()).name(SHIPPING))
            .start_link()
            .await
    }
}
