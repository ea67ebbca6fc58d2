//! How `ads` starts.

use umbrella::prelude::*;

use crate::service::{ADS, Ads};

/// The application `ads`.
#[derive(Debug)]
pub struct AdsApp;

impl Application for AdsApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Ads::child_spec(()).name(ADS))
            .start_link()
            .await
    }
}
