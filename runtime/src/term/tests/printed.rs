//! What a fun and a pid look like, of which Erlang prints what only it knows.

use crate::term::{Atom, PidParts, ReferenceParts, Term};

#[test]
fn identities_are_printed_with_the_names_of_their_nodes() {
    let node = Atom::new("c@127.0.0.1");
    let pid = PidParts { node: node.clone(), id: 87, serial: 3, creation: 1 };
    assert_eq!(Term::from(pid).to_string(), "<c@127.0.0.1.87.3>");
    let reference = ReferenceParts::new(node, 1, &[1, 2, 3]).expect("three words");
    assert_eq!(Term::from(reference).to_string(), "#Ref<c@127.0.0.1.3.2.1>");
}
