//! The loop of a server.

use std::pin::Pin;
use std::task::{self, Poll};

use super::held::Held;
use super::{Context, GenServer, HandleContinue, import, watch};
use crate::process::{AnyCell, Control, Envelope, ExitReason, Handler, Kind, SystemMessage, running};
use crate::registry::Protocol;
use crate::registry::wire::{contract_of, layout};

pub(super) type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

/// After so many messages in a row a server lets other tasks run.
///
/// A little more than tokio's own budget of 128 polls, since most messages are much shorter than a poll.
const MESSAGES_IN_A_ROW: u32 = 256;

/// What all processes of the server `S` have in common.
pub(super) fn kind<S: GenServer>() -> &'static Kind {
    const {
        &Kind {
            label: S::type_name,
            handlers: Some(handler_name::<S>),
            import: Some(import::import::<S>),
            layout: Some(layout::<S::Protocol>),
            contract: Some(contract_of::<S::Protocol>),
        }
    }
}

fn handler_name<S: GenServer>(handler: Handler) -> &'static str {
    S::Protocol::HANDLERS.get(usize::from(handler.0)).unwrap_or(&"handle")
}

/// What is left of a server: why it ended, and its state, to be dropped after the process has ended.
type Served<S> = (ExitReason, Option<Held<S>>);

/// The beginning of a server: its `init`, which gives the context back.
pub(super) type Init<S> = Pin<Box<dyn Future<Output = (Context<S>, Result<S, ExitReason>)> + Send>>;

pub(super) fn init<S: GenServer>(mut cx: Context<S>, args: S::Args) -> Init<S> {
    Box::pin(async move {
        let outcome = S::init(args, &mut cx).await;
        (cx, outcome)
    })
}

/// Runs a server whose `init` waits for something.
pub(super) async fn init_and_serve<S: GenServer>(init: Init<S>) -> Served<S> {
    let served = match init.await {
        (cx, Ok(server)) => {
            cx.cell().started();
            serve(cx, server)
        }
        (_, Err(reason)) => return (reason, None),
    };
    served.await
}

/// Runs a server to its end.
///
/// What lives here across an await is part of every process: what is captured is never moved, the message leaves before
/// its handler runs, and what is rare is boxed.
pub(super) fn serve<S: GenServer>(cx: Context<S>, server: S) -> impl Future<Output = Served<S>> + Send {
    let (mut cx, mut server) = (cx, Held(server));
    async move {
        let mut system = None;
        let reason = loop {
            if let Some(message) = system.take()
                && let Some(reason) = Box::pin(handle_system(&mut *server, message, &mut cx)).await
            {
                break reason;
            }
            if let Some(reason) = cx.take_stop() {
                break reason;
            }
            let received = (Receive { cx: &mut cx }).await;
            if cx.cell().head().attention().is_watched() {
                watch::begins(&*server, &cx, &received);
            }
            let message = match received {
                Envelope::Message(message) => message,
                Envelope::Kept(message) => *message,
                Envelope::System(message) => {
                    system = Some(message);
                    continue;
                }
            };
            server.handle(message, &mut cx).await;
        };
        // The report of a crash names the handler that gave up.
        if !reason.is_abnormal() {
            cx.cell().enter(Handler::TERMINATE);
        }
        server.terminate(&reason, &mut cx).await;
        if reason.is_abnormal() {
            server.crashes();
        }
        (*reason, Some(server))
    }
}

/// The reason to stop, if `message` is one.
async fn handle_system<S: GenServer>(
    server: &mut S,
    message: Box<SystemMessage>,
    cx: &mut Context<S>,
) -> Option<Box<ExitReason>> {
    match *message {
        SystemMessage::Exit(exit) if cx.cell().head().is_parent(exit.from) => {
            return Some(Box::new(exit.reason));
        }
        SystemMessage::Exit(exit) => server.handle_exit(exit, cx).await,
        SystemMessage::Down(down) => server.handle_down(down, cx).await,
        // Its handler waits no longer, so nobody knows what it is.
        SystemMessage::Through(..) => {}
        SystemMessage::Control(Control::Continue(continuation)) => {
            if let Ok(continuation) = continuation.downcast::<Continuation<S>>() {
                continuation.run(server, cx).await;
            }
        }
        SystemMessage::Control(request) => return attend(request, server, cx).map(Box::new),
    }
    None
}

/// Does what was asked from outside, between two messages; the reason to stop, if that was it.
fn attend<S: GenServer>(request: Control, server: &mut S, cx: &mut Context<S>) -> Option<ExitReason> {
    match request {
        Control::Visit(visit) => visit(server),
        Control::Text(answer) => answer(watch::text_now(server)),
        Control::Ack(acknowledge) => acknowledge(&**cx.cell()),
        Control::Terminate(reason) => return Some(reason),
        Control::Hibernate => {
            server.hibernate(cx);
            cx.cell().hibernated();
        }
        // Only in the message lane; see `handle_system`.
        Control::Continue(_) => {}
    }
    None
}

/// What a callback wanted to go on with.
pub(super) struct Continuation<S: GenServer>(Continue<S>);

type Continue<S> = Box<dyn for<'a> FnOnce(&'a mut S, &'a mut Context<S>) -> Handled<'a> + Send>;
type Handled<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl<S: GenServer> Continuation<S> {
    pub(super) fn new<T>(next: T) -> Self
    where
        S: HandleContinue<T>,
        T: Send + 'static,
    {
        Self(Box::new(move |server, cx| Box::pin(server.handle_continue(next, cx))))
    }

    fn run<'a>(self, server: &'a mut S, cx: &'a mut Context<S>) -> Handled<'a> {
        (self.0)(server, cx)
    }
}

/// The next message, unless an exit signal ends the process first.
struct Receive<'a, S: GenServer> {
    cx: &'a mut Context<S>,
}

impl<S: GenServer> Future for Receive<'_, S> {
    type Output = Envelope<MessageOf<S>>;

    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<Self::Output> {
        let cx = &mut *self.get_mut().cx;
        cx.in_a_row += 1;
        let attention = cx.cell().head().attention();
        if cx.in_a_row > MESSAGES_IN_A_ROW || attention.is_urgent() {
            // Back to the scheduler, which is where exit signals are looked at.
            cx.in_a_row = 0;
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        let number = |message: &_| Handler(S::Protocol::handler(message));
        let received = if attention.is_none() {
            cx.cell().poll_receive(number)
        } else {
            watch::poll_attentive(cx.cell(), number)
        };
        if received.is_pending() {
            cx.in_a_row = 0;
        } else {
            running::received(cx.in_a_row);
        }
        received
    }
}
