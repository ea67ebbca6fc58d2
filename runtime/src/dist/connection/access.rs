//! What the other side may have this one do, and be sent by it.

use super::Connection;
use super::refused::Refused;
use crate::dist::access::{NotAllowed, Permissions, Wish};
use crate::process::remote::EncodeError;
use crate::process::{AnyCell, Node, Pid};
use crate::term::{Reader, Term};

impl Connection {
    fn allow(&self, permissions: &Permissions, wish: Wish<'_>, refused: Refused) -> Result<(), NotAllowed> {
        let checked = permissions.check(wish, self.names.here.as_str(), &self.names.name);
        checked.inspect_err(|not_allowed| self.refusals.note(refused, not_allowed))
    }

    /// Whether the other side may call `process`, or send it something. That it may not is told in the log.
    pub(super) fn allow_call(&self, process: &dyn AnyCell, message: &[u8]) -> Result<(), NotAllowed> {
        let Some(permissions) = self.permissions.get() else { return Ok(()) };
        let name = process.name();
        self.allow(permissions, Wish::Call(name.as_deref()), Refused::Call)?;
        // Requests of `sys` may suspend and end it.
        let mut reader = Reader::new(message);
        if matches!(reader.tuple(), Ok(3)) && reader.is("system") {
            self.allow(permissions, Wish::Stop(name.as_deref()), Refused::Stop)?;
        }
        Ok(())
    }

    /// Whether the other side may have a function run; for `erpc` it is the one that is to be called.
    pub(super) fn allow_spawn(
        &self,
        module: &str,
        function: &str,
        arguments: &[u8],
    ) -> Result<(), NotAllowed> {
        let Some(permissions) = self.permissions.get() else { return Ok(()) };
        let wanted = wanted(module, function, arguments);
        self.allow(permissions, Wish::Spawn(&wanted), Refused::Spawn)
    }

    /// Whether the other side may end the process `pid`, if there is one.
    pub(super) fn allow_stop(&self, node: &Node, pid: Pid) -> Result<(), NotAllowed> {
        let Some(permissions) = self.permissions.get() else { return Ok(()) };
        let Some(process) = node.process(pid) else { return Ok(()) };
        self.allow(permissions, Wish::Stop(process.name().as_deref()), Refused::Stop)
    }

    pub(super) fn tell_refusals(&self) {
        self.refusals.tell(self.names.here.as_str(), &self.names.name);
    }

    /// Whether `term` may be sent: a BEAM is not sent any number of atoms, and the other side may be one until it has said
    /// what it is.
    pub(super) fn admit(&self, term: &[u8]) -> Result<(), EncodeError> {
        let is_umbrella = self.peer().is_some_and(|peer| peer.announcement.is_some());
        if is_umbrella { Ok(()) } else { self.atoms.admit(term, &self.names.name) }
    }
}

/// `erpc:execute_call(Mark, Module, Function, Arguments)`, `erpc:execute_cast(Module, Function, Arguments)`, or any other
/// function: the one that runs in the end, as it is listed.
fn wanted(module: &str, function: &str, arguments: &[u8]) -> String {
    let Ok(Term::List(arguments)) = Reader::new(arguments).term() else {
        return format!("{module}:{function}/?");
    };
    if let ("erpc", [.., module, function, Term::List(arguments)]) = (module, &*arguments)
        && let (Some(module), Some(function)) = (module.as_atom(), function.as_atom())
    {
        return format!("{module}:{function}/{}", arguments.len());
    }
    format!("{module}:{function}/{}", arguments.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_erpc_is_to_call_is_what_is_wanted() {
        let wanted = |module, function, arguments: Vec<Term>| {
            let mut list = Vec::new();
            Term::List(arguments).write(&mut list).expect("a term");
            wanted(module, function, &list)
        };
        let call = || [Term::atom("c"), Term::atom("work"), Term::List(vec![1.into(), 2.into()])];
        assert_eq!(wanted("c", "work", vec![1.into(), 2.into()]), "c:work/2");
        assert_eq!(wanted("erpc", "execute_cast", call().into()), "c:work/2");
        let with_mark = [Term::atom("mark")].into_iter().chain(call()).collect();
        assert_eq!(wanted("erpc", "execute_call", with_mark), "c:work/2");
        assert_eq!(wanted("erpc", "execute_call", vec![1.into()]), "erpc:execute_call/1");
        assert_eq!(super::wanted("c", "work", b"?"), "c:work/?");
    }
}
