//! How `frontend` starts.

use umbrella::prelude::*;

use crate::service::{FRONTEND, Frontend};

/// The application `frontend`.
#[derive(Debug)]
pub struct FrontendApp;

impl Application for FrontendApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Frontend::child_spec(()).name(FRONTEND))
            .start_link()
            .await
    }
}
