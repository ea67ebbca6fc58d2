//! How `payment` starts.

use umbrella::prelude::*;

use crate::service::{PAYMENT, Payment};

/// The application `payment`.
#[derive(Debug)]
pub struct PaymentApp;

impl Application for PaymentApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Payment::child_spec(()).name(PAYMENT))
            .start_link()
            .await
    }
}
