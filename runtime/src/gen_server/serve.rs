//! The loop of a server.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::oneshot;

use super::{Context, GenServer, StartError, start};
use crate::process::{Cell, Envelope, ExitReason, SystemMessage, running};
use crate::registry::Protocol;

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

/// After so many messages in a row a server lets other tasks run.
///
/// A little more than tokio's own budget of 128 polls, since most messages are much shorter than a poll.
const MESSAGES_IN_A_ROW: u32 = 256;

/// Runs a server from its `init` to its end; the state comes back to be dropped after the process has ended.
pub(super) async fn serve<S: GenServer>(
    cell: Arc<Cell<MessageOf<S>>>,
    args: S::Args,
    ack: oneshot::Sender<Result<(), StartError>>,
) -> (ExitReason, Option<S>) {
    let mut cx = Context::<S>::new(cell);
    let mut server = match S::init(args, &mut cx).await {
        Ok(server) => server,
        Err(reason) => {
            // The name is free before the starter hears of it, so that it can try again at once.
            cx.node().remove(&**cx.cell());
            drop(ack.send(Err(start::start_error(&reason))));
            return (reason, None);
        }
    };
    drop(ack.send(Ok(())));
    let reason = match cx.take_stop() {
        Some(reason) => reason,
        None => handle_messages(&mut server, &mut cx).await,
    };
    server.terminate(&reason, &mut cx).await;
    (reason, Some(server))
}

async fn handle_messages<S: GenServer>(server: &mut S, cx: &mut Context<S>) -> ExitReason {
    let mut in_a_row = 0;
    loop {
        match receive(cx.cell(), &mut in_a_row).await {
            Envelope::Message(message) => server.handle(message, cx).await,
            Envelope::System(message) => match *message {
                SystemMessage::Exit(exit) if Some(exit.from) == cx.parent() => return exit.reason,
                SystemMessage::Exit(exit) => server.handle_exit(exit, cx).await,
                SystemMessage::Down(down) => server.handle_down(down, cx).await,
            },
        }
        if let Some(reason) = cx.take_stop() {
            return reason;
        }
    }
}

/// The next message, unless an exit signal ends the process first.
async fn receive<M: Send + 'static>(cell: &Cell<M>, in_a_row: &mut u32) -> Envelope<M> {
    poll_fn(|cx| {
        *in_a_row += 1;
        if *in_a_row > MESSAGES_IN_A_ROW || cell.is_urgent() {
            // Back to the scheduler, which is where exit signals are looked at.
            *in_a_row = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let received = cell.poll_receive();
        if received.is_pending() {
            *in_a_row = 0;
        } else {
            running::received(*in_a_row);
        }
        received
    })
    .await
}
