//! How `carts` starts.

use umbrella::prelude::*;

use crate::service::{CARTS, Carts};

/// The application `carts`.
#[derive(Debug)]
pub struct CartsApp;

impl Application for CartsApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Carts::child_spec(()).name(CARTS))
            .start_link()
            .await
    }
}
