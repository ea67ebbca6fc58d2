//! The loop of a server.

use std::pin::Pin;
use std::task::{self, Poll};

use super::{Context, GenServer};
use crate::process::{AnyCell, Envelope, ExitReason, SystemMessage, running};
use crate::registry::Protocol;

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

/// After so many messages in a row a server lets other tasks run.
///
/// A little more than tokio's own budget of 128 polls, since most messages are much shorter than a poll.
const MESSAGES_IN_A_ROW: u32 = 256;

/// What is left of a server: why it ended, and its state, to be dropped after the process has ended.
type Served<S> = (ExitReason, Option<S>);

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
    let (mut cx, mut server) = (cx, server);
    async move {
        let mut system = None;
        let reason = loop {
            if let Some(message) = system.take()
                && let Some(reason) = Box::pin(handle_system(&mut server, message, &mut cx)).await
            {
                break reason;
            }
            if let Some(reason) = cx.take_stop() {
                break reason;
            }
            let message = match (Receive { cx: &mut cx }).await {
                Envelope::Message(message) => message,
                Envelope::System(message) => {
                    system = Some(message);
                    continue;
                }
            };
            server.handle(message, &mut cx).await;
        };
        server.terminate(&reason, &mut cx).await;
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
        SystemMessage::Exit(exit) if Some(exit.from) == cx.parent() => return Some(Box::new(exit.reason)),
        SystemMessage::Exit(exit) => server.handle_exit(exit, cx).await,
        SystemMessage::Down(down) => server.handle_down(down, cx).await,
    }
    None
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
        if cx.in_a_row > MESSAGES_IN_A_ROW || cx.cell().head().is_urgent() {
            // Back to the scheduler, which is where exit signals are looked at.
            cx.in_a_row = 0;
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        let received = cx.cell().poll_receive();
        if received.is_pending() {
            cx.in_a_row = 0;
        } else {
            running::received(cx.in_a_row);
        }
        received
    }
}
