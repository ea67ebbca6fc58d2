//! Which atoms a BEAM was sent: it never forgets one, and ends when it knows a million.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::process::remote::EncodeError;
use crate::term::Reader;

/// How many distinct atoms a BEAM is sent over one connection; what has others in it is not sent.
///
/// Source: OTP `erl +t`: a node ends that has made 1,048,576 atoms.
/// Differs: OTP sends any number.
const DEFAULT_ATOM_LIMIT: usize = 10_000;

/// The atoms in what was sent. Names of nodes are not among them.
#[derive(Default)]
pub(super) struct Atoms(Mutex<HashSet<Box<str>>>);

impl Atoms {
    /// Whether `term` may be sent to `peer`: nothing of one that may not counts.
    pub(super) fn admit(&self, term: &[u8], peer: &str) -> Result<(), EncodeError> {
        self.admit_within(DEFAULT_ATOM_LIMIT, term, peer)
    }

    fn admit_within(&self, limit: usize, term: &[u8], peer: &str) -> Result<(), EncodeError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: HashSet<Box<str>> = HashSet::new();
        let walked = Reader::new(term).each_atom(|atom| {
            // What is too much already need not be remembered.
            if !known.contains(atom) && known.len() + new.len() <= limit {
                new.insert(atom.into());
            }
        });
        walked.map_err(|error| EncodeError(error.to_string().into()))?;
        if known.len() + new.len() > limit {
            let text = format!(
                "{limit} different atoms were sent to `{peer}`, which never forgets one, and this has others in it\n\
                 help: send text that is made while the program runs as `String`, and keys of maps as `String`, not as `Atom`"
            );
            return Err(EncodeError(text.into()));
        }
        known.extend(new);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{Atom, Term, encode};

    fn term(atoms: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        let atoms: Vec<Term> = atoms.iter().map(|atom| Atom::from(*atom).into()).collect();
        encode(&Term::tuple([Term::List(atoms), Term::text("text"), Term::from(7)]), &mut out)
            .expect("a term");
        out
    }

    #[test]
    fn so_many_distinct_atoms_and_no_more_are_sent() {
        let atoms = Atoms::default();
        let admit =
            |names: &[&str]| atoms.admit_within(3, &term(names), "b@h").map_err(|EncodeError(why)| why);
        assert_eq!(admit(&["a", "b", "a"]), Ok(()));
        let refused = admit(&["c", "d"]).expect_err("the fourth");
        assert!(
            refused.contains("3 different atoms were sent to `b@h`") && refused.contains("help: "),
            "{refused}"
        );
        assert_eq!(admit(&["c", "a"]), Ok(()), "what was refused did not count");
        assert!(admit(&["d"]).is_err());
        assert_eq!(admit(&["a", "b", "c"]), Ok(()), "those that are known go on");
    }

    #[test]
    fn atoms_are_found_wherever_they_are() {
        let mut found = Vec::new();
        // #{k => [a | {b}], "x" => fun m:f/1}
        let map = [
            &[116, 0, 0, 0, 2, 119, 1, b'k', 108, 0, 0, 0, 1, 119, 1, b'a', 104, 1, 119, 1, b'b'][..],
            &[107, 0, 1, b'x', 113, 119, 1, b'm', 119, 1, b'f', 97, 1],
        ]
        .concat();
        Reader::new(&map).each_atom(|atom| found.push(atom.to_owned())).expect("a map");
        assert_eq!(found, ["k", "a", "b", "m", "f"]);
        assert!(Reader::new(&[104, 2, 119, 1, b'a']).each_atom(|_| {}).is_err());
    }
}
