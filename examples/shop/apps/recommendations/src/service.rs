//! The recommendations.

use catalog::CATALOG;
use umbrella::prelude::*;
use umbrella::process;

/// Where recommendations come from.
pub const RECOMMENDATIONS: Name<Recommendations> = Recommendations::named("recommendations");

/// At most so many products are recommended.
const AT_MOST: usize = 5;

/// Recommends.
#[derive(Debug)]
pub struct Recommendations;

#[gen_server]
impl Recommendations {
    fn init() -> Self {
        Self
    }

    /// The ids of products beside `known`; none when the catalog cannot be asked.
    #[call]
    fn beside(&self, known: Vec<String>, reply: ReplyTo<Vec<String>>) {
        let _spawned = process::spawn(async move {
            let products = reply.scope(CATALOG.list()).await.unwrap_or_default();
            let others = products.into_iter().map(|product| product.id);
            reply.reply(
                others
                    .filter(|id| !known.contains(id))
                    .take(AT_MOST)
                    .collect(),
            );
        });
    }
}
