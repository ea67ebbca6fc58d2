//! Processes and names, as terms.

use crate::process::{Node, NodeId, Pid};
use crate::term::{Atom, PidParts, Term};

/// A pid as it is written.
pub(super) fn pid(node: &Node, pid: Pid) -> Term {
    let name = node.node_name(pid.node()).map_or(Atom::new("nonode@nohost"), |name| Atom::from(&*name));
    PidParts { node: name, id: pid.id(), serial: pid.serial(), creation: pid.creation() }.into()
}

/// A pid as it came; none if there are too many nodes.
pub(super) fn read_pid(node: &Node, parts: &PidParts) -> Option<Pid> {
    let of = node.node_id(parts.node.as_str()).ok()?;
    Some(Pid::on(of, parts.id, parts.serial, parts.creation))
}

/// The process of this node that is meant by a pid, by a name, or by a name and this node.
pub(super) fn process(node: &Node, term: &Term) -> Option<Pid> {
    if let Term::Pid(parts) = term {
        return read_pid(node, parts).filter(|pid| pid.node() == NodeId::HERE);
    }
    match (term.as_atom(), term.as_tuple()) {
        (Some(name), _) => node.whereis(name),
        (None, Some([name, at])) if at.as_atom() == Some(node.full_name()) => node.whereis(name.as_atom()?),
        _ => None,
    }
}

/// A text as an atom, cut to what one can be; only of what the program itself calls so.
pub(super) fn name(text: &str) -> Term {
    let cut = text.char_indices().nth(255).map_or(text, |(end, _)| &text[..end]);
    Term::Atom(Atom::from(cut))
}

/// Pairs of a name and a value, as Erlang has them in lists.
pub(super) fn pairs(pairs: impl IntoIterator<Item = (&'static str, Term)>) -> Term {
    Term::List(pairs.into_iter().map(|(key, value)| Term::tuple([Term::atom(key), value])).collect())
}

/// A count, as a term.
pub(super) fn count(count: usize) -> Term {
    Term::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
