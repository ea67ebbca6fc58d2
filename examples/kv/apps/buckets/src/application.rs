//! How `buckets` starts.

use umbrella::prelude::*;

/// The parent of all buckets.
pub(crate) const BUCKETS: Name<DynamicSupervisor> =
    DynamicSupervisor::named("buckets", env!("CARGO_PKG_NAME"));

/// The application `buckets`.
#[derive(Debug)]
pub struct Buckets;

impl Application for Buckets {
    type Config = ();

    async fn start(&self, _: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        Supervisor::new(Strategy::OneForOne)
            .child(DynamicSupervisor::new().name(BUCKETS))
            .start_link()
            .await
    }
}
