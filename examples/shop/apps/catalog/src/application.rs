//! How `catalog` starts.

use umbrella::prelude::*;

use crate::service::{CATALOG, Catalog};

/// The application `catalog`.
#[derive(Debug)]
pub struct CatalogApp;

impl Application for CatalogApp {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(Catalog::child_spec(()).name(CATALOG))
            .start_link()
            .await
    }
}
