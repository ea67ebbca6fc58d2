//! How `recommendations` starts.

use umbrella::prelude::*;

use crate::service::{RECOMMENDATIONS, Recommendations};

/// The application `recommendations`.
#[derive(Debug)]
pub struct RecommendationsApp;

impl Application for RecommendationsApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Recommendations::child_spec(()).name(RECOMMENDATIONS))
            .start_link()
            .await
    }
}
