//! `Module:Function(Arguments)`: what was exported, and looking into the node where that is allowed.

use std::future::poll_fn;
use std::pin::pin;

use super::identity::name;
use super::{Asked, inspect, observer};
use crate::process::export::Outcome;
use crate::process::{Node, attempt};
use crate::term::{Reader, Term};

/// What a function raised instead of returning.
pub(super) enum Raised {
    /// A class of its own in Erlang, with the function that was called.
    Error(Term),
    /// As by `exit/1`.
    Exit(Term),
}

/// A function that was asked for.
pub(super) struct Call {
    pub(super) module: Box<str>,
    pub(super) function: Box<str>,
    pub(super) arguments: Vec<Term>,
}

impl Call {
    /// `M`, `F`, `A`.
    pub(super) fn read(module: &Term, function: &Term, arguments: &Term) -> Option<Self> {
        let (module, function) = (module.as_atom()?.into(), function.as_atom()?.into());
        Some(Self { module, function, arguments: arguments.as_list()?.to_vec() })
    }

    /// Calls it, in a process that is there for nothing else.
    pub(super) async fn apply(&self, node: &Node) -> Result<Term, Raised> {
        let arity = u8::try_from(self.arguments.len()).unwrap_or(u8::MAX);
        if let Some(exported) = node.exported(&self.module, &self.function, arity) {
            let mut arguments = Vec::new();
            let list = Term::List(self.arguments.clone());
            list.write(&mut arguments).map_err(|_| Raised::Error(Term::atom("badarg")))?;
            let bad =
                |why: String| Raised::Error(Term::tuple([Term::atom("bad_arguments"), Term::text(&why)]));
            let mut running = pin!(exported.begin(&arguments).map_err(bad)?);
            // What it was called for is told that it panicked; the process that ran it has done its work.
            let outcome = poll_fn(|cx| match attempt(|| running.as_mut().poll(cx)) {
                Ok(polled) => polled.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(panic)),
            })
            .await;
            return match outcome {
                Ok(outcome) => returned(outcome),
                Err(panic) => Err(Raised::Error(Term::tuple([
                    Term::atom("panicked"),
                    Term::text(&panic.message),
                    Term::text(&panic.location),
                ]))),
            };
        }
        if Asked::of(node).may_look() {
            let answer = inspect::call(node, &self.module, &self.function, &self.arguments).await;
            let answer = match answer {
                None => observer::call(node, &self.module, &self.function, &self.arguments),
                answer => answer,
            };
            if let Some(answer) = answer {
                return answer;
            }
        }
        Err(Raised::Error(Term::atom("undef")))
    }

    /// The stack of an error: `[{M, F, A, []}]`.
    pub(super) fn stack(&self) -> Term {
        let arguments = Term::List(self.arguments.clone());
        let frame = [name(&self.module), name(&self.function), arguments, Term::List(vec![])];
        Term::List(vec![Term::tuple(frame)])
    }
}

fn returned(outcome: Outcome) -> Result<Term, Raised> {
    match outcome {
        Outcome::Answer(Ok(answer)) => {
            Reader::new(&answer).term().map_err(|error| Raised::Error(Term::text(&error.to_string())))
        }
        Outcome::Answer(Err(why)) => {
            Err(Raised::Error(Term::tuple([Term::atom("bad_answer"), Term::text(&why)])))
        }
        Outcome::Exit(reason) => Err(Raised::Exit(Term::text(&reason.to_string()))),
    }
}
