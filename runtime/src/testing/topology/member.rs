//! A node of a test that speaks to the others.

use super::{Part, Setting};
use crate::application::Loaded;
use crate::node::Spoken;
use crate::process::Node;

/// One that does, for as long as this lives.
pub(super) struct Member {
    _spoken: Spoken,
}

impl Member {
    /// Has `node` listen, say where it is found, and know where each application runs.
    pub(super) async fn join(
        node: &Node,
        setting: &Setting<'_>,
        part: &Part,
        loaded: &Loaded,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let spoken = Spoken::of_test(
            node,
            part.release,
            setting.manifest_dir,
            setting.run_dir,
            &part.elsewhere,
            loaded,
        );
        Ok(Self { _spoken: spoken.await? })
    }
}
