//! `erpc` and, since OTP 25, `rpc`: they spawn `erpc:execute_call/4` here, and its exit reason is the answer.

use super::apply::{Call, Raised};
use crate::process::{ExitReason, Node};
use crate::term::{RawTerm, Reader, Term};

/// Exports what they spawn.
pub(super) fn export(node: &Node) {
    node.export_raw("erpc:execute_call/4", |arguments| {
        let [mark, module, function, arguments] = list(arguments)?;
        let call = Call::read(&module, &function, &arguments).ok_or("no function")?;
        Ok(async move { answer(mark, &call).await })
    });
    node.export_raw("erpc:execute_cast/3", |arguments| {
        let [module, function, arguments] = list(arguments)?;
        let call = Call::read(&module, &function, &arguments).ok_or("no function")?;
        Ok(async move {
            if let Some(node) = Node::current() {
                // Nobody wants it.
                let _answer = call.apply(&node).await;
            }
            ExitReason::Normal
        })
    });
}

/// The arguments of a function, which came as a list.
pub(super) fn list<const N: usize>(arguments: &[u8]) -> Result<[Term; N], String> {
    let Ok(Term::List(arguments)) = Reader::new(arguments).term() else { return Err("no list".into()) };
    arguments.try_into().map_err(|_| format!("expected {N} arguments"))
}

/// Source: `erpc:execute_call/4`.
async fn answer(mark: Term, call: &Call) -> ExitReason {
    let Some(node) = Node::current() else { return ExitReason::Normal };
    let answer = match call.apply(&node).await {
        Ok(value) => Term::tuple([mark, Term::atom("return"), value]),
        Err(Raised::Error(reason)) => Term::tuple([mark, Term::atom("error"), reason, call.stack()]),
        Err(Raised::Exit(reason)) => Term::tuple([mark, Term::atom("exit"), reason]),
    };
    RawTerm::try_from(&answer).map_or_else(ExitReason::error, ExitReason::Term)
}
