//! A message that waits for room.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::super::Cell;
use super::{Refused, Ticket};

/// Queues a message as soon as there is room, in turn.
///
/// # Cancel safety
/// Dropping it gives up the place in the line, and the message.
pub(crate) struct Delivery<M: Send + 'static> {
    process: Arc<Cell<M>>,
    message: Option<M>,
    weight: usize,
    place: Option<Ticket>,
}

impl<M: Send + 'static> Delivery<M> {
    pub(crate) fn new(process: Arc<Cell<M>>, message: M) -> Self {
        let weight = process.weigh(&message);
        Self { process, message: Some(message), weight, place: None }
    }

    /// The message, if it was not queued.
    pub(crate) fn into_message(mut self) -> Option<M> {
        self.message.take()
    }
}

impl<M: Send + 'static> Future for Delivery<M> {
    type Output = Result<(), Refused<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { process, message, weight, place } = self.get_mut();
        match message.take() {
            Some(it) => match process.send_in_turn(it, *weight, place, cx.waker()) {
                Ok(()) => Poll::Ready(Ok(())),
                Err(Refused::Wait(it)) => {
                    *message = Some(it);
                    Poll::Pending
                }
                Err(refused) => Poll::Ready(Err(refused)),
            },
            None => Poll::Pending,
        }
    }
}

impl<M: Send + 'static> Unpin for Delivery<M> {}

impl<M: Send + 'static> Drop for Delivery<M> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.process.quit_line(place);
        }
    }
}
