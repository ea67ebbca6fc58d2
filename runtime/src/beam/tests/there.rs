//! Another node, which asks and listens.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::beam::{Introspection, start};
use crate::process::export::{SpawnArrived, Tie};
use crate::process::incoming::{Incoming, ReplyPath, Sender};
use crate::process::remote::{
    Answer, Encode, Failure, Far, Format, Reach, Remote, RemoteCall, Shape, SpawnRequest, Spawned,
    Unreachable,
};
use crate::process::{ExitReason, MonitorRef, Node, NodeId, Pid};
use crate::term::{Atom, PidParts, Reader, ReferenceParts, Term};

/// The other node, which only listens.
struct There(mpsc::UnboundedSender<Told>);

/// What it hears.
#[derive(Debug)]
pub(super) enum Told {
    Message(Term),
    Down(ExitReason),
}

const NAME: &str = "c@here";

impl Remote for There {
    fn name(&self) -> &str {
        NAME
    }
    fn reach(&self, _: NodeId) -> Reach {
        Reach::Ready
    }
    fn link(&self, _: Pid, _: Pid) {}
    fn unlink(&self, _: Pid, _: Pid) {}
    fn link_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
    fn kill(&self, _: Pid, _: Pid) {}
    fn monitor(&self, _: MonitorRef, _: Pid, _: &Far) {}
    fn demonitor(&self, _: MonitorRef, _: Pid, _: &Far) {}
    fn down(&self, _: MonitorRef, _: Pid, _: Pid, reason: &ExitReason) {
        let _ = self.0.send(Told::Down(reason.clone()));
    }
    fn spawn(&self, _: &SpawnRequest<'_>, _: Spawned) {}
    fn poll_room(&self, _: &Far, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
    fn send(&self, _: Option<Pid>, _: &Far, message: &dyn Encode) -> Result<(), Unreachable> {
        let _ = self.0.send(Told::Message(read(message)));
        Ok(())
    }
    fn send_through(
        &self,
        _: Option<Pid>,
        _: NodeId,
        _: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<(), Arc<str>> {
        let _ = self.0.send(Told::Message(read(message)));
        Ok(())
    }
    fn call(
        &self,
        _: Option<Pid>,
        _: &Far,
        _: &dyn Encode,
        _: Option<Duration>,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)> {
        Err((Unreachable::NoConnection, answer))
    }
}

fn read(message: &dyn Encode) -> Term {
    let mut bytes = Vec::new();
    message.encode(&mut bytes).expect("a term");
    Reader::new(&bytes).term().expect("a term")
}

/// The way back of a call.
struct Path(mpsc::UnboundedSender<Result<Term, Failure>>);

impl ReplyPath for Path {
    fn reply(&self, body: &dyn Encode) {
        let _ = self.0.send(Ok(read(body)));
    }
    fn fail(&self, failure: Failure) {
        let _ = self.0.send(Err(failure));
    }
}

/// This node, and what the other one hears.
pub(super) struct Two {
    pub(super) node: Node,
    pub(super) told: mpsc::UnboundedReceiver<Told>,
}

impl Two {
    /// Runs `body` in a node that may be looked into, or may not.
    pub(super) fn run<F: Future>(introspection: Introspection, body: impl FnOnce(Self) -> F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a tokio runtime").block_on(async {
            let (tell, told) = mpsc::unbounded_channel();
            let node = Node::new("c");
            node.set_remote(Arc::new(There(tell)));
            start(&node, introspection);
            node.clone().scope(body(Self { node, told })).await
        })
    }

    /// A process of the other node.
    pub(super) fn other(&self) -> (Pid, Term) {
        let parts = PidParts { node: Atom::new("a@there"), id: 7, serial: 0, creation: 1 };
        let node = self.node.node_id("a@there").expect("room");
        (Pid::on(node, 7, 0, 1), parts.into())
    }

    fn mark() -> Term {
        ReferenceParts::new(Atom::new("a@there"), 1, &[1, 2, 3]).expect("three words").into()
    }

    /// What `rpc:call` does: `{Mark, return, Value}` and the like, without the mark.
    pub(super) async fn call(&mut self, module: &str, function: &str, arguments: Vec<Term>) -> Vec<Term> {
        let function =
            [Term::Atom(Atom::from(module)), Term::Atom(Atom::from(function)), Term::List(arguments)];
        let arguments = [Self::mark()].into_iter().chain(function).collect();
        self.spawn("erpc", "execute_call", arguments, Tie::Monitor).expect("exported");
        let Some(Told::Down(ExitReason::Term(answer))) = self.told.recv().await else { panic!("no answer") };
        let answer = Reader::new(answer.as_bytes()).term().expect("a term");
        let Some([mark, rest @ ..]) = answer.as_tuple() else { panic!("{answer}") };
        assert_eq!(*mark, Self::mark());
        rest.to_vec()
    }

    /// The value that a function returned.
    pub(super) async fn value(&mut self, module: &str, function: &str, arguments: Vec<Term>) -> Term {
        match &self.call(module, function, arguments).await[..] {
            [what, value] if what.as_atom() == Some("return") => value.clone(),
            other => panic!("{}", Term::List(other.to_vec())),
        }
    }

    pub(super) fn spawn(&self, module: &str, function: &str, arguments: Vec<Term>, tie: Tie) -> Option<Pid> {
        let arity = u8::try_from(arguments.len()).expect("few");
        let mut bytes = Vec::new();
        Term::List(arguments).write(&mut bytes).expect("a term");
        let (by, monitor) = (self.other().0, self.node.next_reference());
        let arguments = &bytes[..];
        let mut spawned = None;
        self.node.spawn_arrived(
            &SpawnArrived { by, module, function, arity, arguments, tie, monitor },
            |result| spawned = result.ok(),
        );
        spawned
    }

    /// A message for the process with the name.
    pub(super) fn send(
        &self,
        to: Pid,
        shape: Shape,
        message: &Term,
    ) -> mpsc::UnboundedReceiver<Result<Term, Failure>> {
        let mut body = Vec::new();
        message.write(&mut body).expect("a term");
        let (tell, answer) = mpsc::unbounded_channel();
        let reply = (shape == Shape::Call).then(|| Box::new(Path(tell)) as Box<dyn ReplyPath>);
        let incoming = Incoming {
            shape,
            format: Format::Terms,
            body: &body,
            reply,
            from: Some(self.other().0),
            until: None,
            sender: Sender::Beam,
        };
        // Whoever refuses it says so on the way back.
        let _ = self.node.process(to).expect("alive").import(incoming);
        answer
    }

    pub(super) async fn message(&mut self) -> Term {
        match self.told.recv().await {
            Some(Told::Message(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    /// The answer to `{system, From, Request}`.
    pub(super) async fn system(&mut self, to: Pid, request: Term) -> Term {
        let from = Term::tuple([self.other().1, Self::mark()]);
        self.send(to, Shape::Info, &Term::tuple([Term::atom("system"), from, request]));
        let answer = self.message().await;
        let Some([mark, answer]) = answer.as_tuple() else { panic!("{answer}") };
        assert_eq!(*mark, Self::mark());
        answer.clone()
    }
}
