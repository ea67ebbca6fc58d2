//! Buckets of keys and values: each is a process, found by its name.

mod application;
mod bucket;

pub use application::Buckets;
pub use bucket::Bucket;

use umbrella::prelude::*;
use umbrella::supervisor::ChildError;

umbrella::application!();

/// The buckets by their names.
const NAMES: Registry<String> = Registry::unique("bucket_names");

/// Starts a bucket called `name`.
///
/// # Errors
/// There is one already.
pub async fn create_bucket(name: &str) -> Result<Ref<Bucket>, ChildError> {
    application::BUCKETS
        .start_child(Bucket::child_spec(()).via(bucket(name)))
        .await
}

/// The bucket called `name`: whoever has the name when it is asked.
#[must_use]
pub fn bucket(name: &str) -> Via<Bucket> {
    NAMES.via(name.to_owned())
}
