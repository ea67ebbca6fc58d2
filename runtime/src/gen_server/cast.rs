//! Sending without waiting.

use std::future::poll_fn;

use super::{CallError, CastError};
use crate::process::{AnyCell, Current, Delivery, Refused, running};
use crate::registry::wire::Outgoing;
use crate::registry::{Address, Client, Name, Protocol, Ref, ResolveError, There};

impl<P: Protocol> Address<P> {
    /// Sends `message` and does not wait.
    ///
    /// # Errors
    /// The message comes back if nobody is there to take it; see [`CastError`].
    pub fn cast(&self, message: P::Message) -> Result<(), CastError<P::Message>> {
        let sent = match self.resolve() {
            Ok(process) => process.send(message).map_err(|refused| match refused {
                Refused::Ended(message) => (CallError::NoProc, message),
                Refused::Full(message) => (CallError::Full, message),
                Refused::Wait(message) => {
                    process.note_refused();
                    (CallError::Full, message)
                }
            }),
            Err(ResolveError::There(there)) => return self.cast_far(&there, message),
            Err(error) => Err((error.into(), message)),
        };
        sent.map_err(|(error, message)| CastError { error, message: Box::new(message) })
    }

    /// Sends `message` to another node.
    #[cold]
    fn cast_far(&self, there: &There, message: P::Message) -> Result<(), CastError<P::Message>> {
        let (remote, from) = running::with(|current| {
            let from = current.and_then(Current::cell).map(|cell| cell.head().pid);
            (current.and_then(|current| current.node().remote()).cloned(), from)
        });
        let sent = match remote {
            Some(_) if P::SHAPES.is_empty() => Err(CallError::stays::<P>()),
            Some(remote) => remote
                .send(from, &there.far, &Outgoing::<P>(&message))
                .map_err(|unreachable| CallError::of_unreachable(unreachable, there)),
            None => Err(CallError::NoConnection(there.node_name())),
        };
        sent.map_err(|error| CastError { error, message: Box::new(message) })
    }

    /// Sends `message` as soon as there is room; see [`Ref::deliver`].
    async fn deliver(&self, message: P::Message) -> Result<(), CastError<P::Message>> {
        let process = match self.resolve() {
            Ok(process) => process.shared(),
            Err(ResolveError::There(there)) => {
                let remote = running::with_node(|node| node.remote().cloned()).flatten();
                if let Some(remote) = remote {
                    poll_fn(|cx| remote.poll_room(&there.far, cx)).await;
                }
                return self.cast_far(&there, message);
            }
            Err(error) => return Err(CastError { error: error.into(), message: Box::new(message) }),
        };
        if running::is(process.head().pid) {
            // It would wait for itself.
            return self.cast(message);
        }
        Delivery::new(process, message).await.map_err(|refused| match refused {
            Refused::Ended(message) => CastError { error: CallError::NoProc, message: Box::new(message) },
            Refused::Full(message) | Refused::Wait(message) => {
                CastError { error: CallError::Full, message: Box::new(message) }
            }
        })
    }
}

impl<P: Protocol> Ref<P> {
    /// Sends `message`, one that the server handles with `#[info]`, and does not wait.
    ///
    /// Source: OTP `erlang:send/2`.
    ///
    /// # Errors
    /// The message comes back, converted, if nobody is there to take it.
    pub fn send<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().cast(message.into())
    }
}

impl<P: Protocol> Ref<P> {
    /// Sends `message`, waiting for room if the [mailbox](crate::process::Mailbox) is full, first come first served.
    ///
    /// For what came back from a cast, `error.message`, and for infos.
    /// It waits for as long as it takes, unless the oldest messages go for newer ones; a server that sends to itself
    /// does not wait.
    ///
    /// # Errors
    /// The message comes back if the process ends first.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the line, and the message.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// # use umbrella::process::Mailbox;
    /// # struct Sink;
    /// # #[gen_server(mailbox = Mailbox::messages(2))]
    /// # impl Sink {
    /// #   fn init() -> Self { Self }
    /// #   #[cast] fn put(&mut self, _: u8) {}
    /// #   #[call] fn flush(&mut self) {}
    /// # }
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # let node = Node::new("example");
    /// # runtime.block_on(node.clone().scope(async move {
    /// # let sink = Sink::start(()).await?;
    /// for byte in 0..100 {
    ///     if let Err(full) = sink.put(byte) {
    ///         assert_eq!(full.error, CallError::Full);
    ///         Ref::deliver(&sink, *full.message).await?;
    ///     }
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub async fn deliver<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().deliver(message.into()).await
    }
}

impl<P: Protocol> Name<P> {
    /// Sends `message`, waiting for room in the mailbox of the process that has the name now; see [`Ref::deliver`].
    ///
    /// # Errors
    /// The message comes back if the process ends first, or if there is none.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the line, and the message.
    pub async fn deliver<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().deliver(message.into()).await
    }

    /// Sends `message`, one that the server handles with `#[info]`, and does not wait.
    ///
    /// Source: OTP `erlang:send/2`.
    ///
    /// # Errors
    /// The message comes back, converted, if nobody is there to take it.
    pub fn send<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().cast(message.into())
    }
}
