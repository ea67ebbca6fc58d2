//! How `email` starts.

use umbrella::prelude::*;

use crate::service::{EMAIL, Email};

/// The application `email`.
#[derive(Debug)]
pub struct EmailApp;

impl Application for EmailApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Email::child_spec(()).name(EMAIL))
            .start_link()
            .await
    }
}
