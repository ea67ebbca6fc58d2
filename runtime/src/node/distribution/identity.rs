//! Which deployment a node is of.
//!
//! Nodes of one identity trust each other if they have the same cookie; those of different ones refuse each other, whatever
//! their cookies are. It is the same in every build of a deployment, so that a deployment can be upgraded node by node.

use crate::node::boot::Placed;
use crate::node::run_dir::fnv1a;
use crate::node::surroundings::{Surroundings, umbrella_name};

/// Longer ones are shortened: a handshake has little room.
const LONGEST: usize = 200;

/// The identity of a node's deployment: the umbrella, and what of it is deployed; in a workspace, in which environment.
pub(super) fn identity(placed: &Placed) -> String {
    let surroundings = &placed.surroundings;
    let umbrella = placed.boot.umbrella.map(str::to_owned).or_else(|| umbrella_name(&surroundings.root));
    let umbrella = umbrella.unwrap_or_else(|| placed.release().to_owned());
    shortened(format!("{umbrella} {}", deployment(surroundings, placed.boot.version)))
}

fn deployment(surroundings: &Surroundings, version: &str) -> String {
    let built = surroundings.built(version);
    let said = |built: &serde_json::Value| built.get("identity")?.as_str().map(str::to_owned);
    built.as_ref().and_then(said).unwrap_or_else(|| format!("({})", surroundings.env))
}

/// One that is too long keeps its head, and says by its end that it is another one than those with the same head.
fn shortened(mut identity: String) -> String {
    if identity.len() > LONGEST {
        let hash = fnv1a(identity.as_bytes());
        let head = (0..=LONGEST - 20).rev().find(|&length| identity.is_char_boundary(length));
        identity.truncate(head.unwrap_or_default());
        identity.push_str(&format!("... {hash:016x}"));
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_identity_is_shortened_and_still_its_own() {
        assert_eq!(shortened("abc [a,b]+[c]".into()), "abc [a,b]+[c]");
        let (one, other) = (shortened("é".repeat(300)), shortened("é".repeat(301)));
        assert!(one.len() <= LONGEST && other.len() <= LONGEST);
        assert_ne!(one, other);
    }
}
