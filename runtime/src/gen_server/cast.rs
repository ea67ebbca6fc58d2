//! Sending without waiting.

use super::{CallError, CastError};
use crate::registry::{Address, Client, Name, Protocol, Ref};

impl<P: Protocol> Address<P> {
    /// Sends `message` and does not wait.
    ///
    /// # Errors
    /// The message comes back if nobody is there to take it; see [`CastError`].
    pub fn cast(&self, message: P::Message) -> Result<(), CastError<P::Message>> {
        let sent = match self.resolve() {
            Ok(process) => process.send(message).map_err(|message| (CallError::NoProc, message)),
            Err(error) => Err((error.into(), message)),
        };
        sent.map_err(|(error, message)| CastError { error, message: Box::new(message) })
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

impl<P: Protocol> Name<P> {
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
