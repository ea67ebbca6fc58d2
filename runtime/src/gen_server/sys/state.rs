//! Seeing and changing the state of a server.

use std::any::{Any, type_name};

use tokio::sync::oneshot;

use super::request::{Request, send};
use super::{Runs, StateText, SysError, Target};
use crate::gen_server::GenServer;
use crate::process::{Control, attempt};

/// Answers a copy of the state.
///
/// Source: OTP `sys:get_state/1`.
pub fn get_state<S: GenServer + Clone>(of: &(impl Runs<S> + ?Sized)) -> Request<S> {
    with_state(of, |state: &mut S| state.clone())
}

/// Answers the state as text, through its `Debug`, cut after 4 KiB.
///
/// For processes whose type is not known here. Of a traced process it is answered while a handler awaits, too:
/// [`StateText::AsHandlerBegan`].
///
/// Source: OTP `sys:get_state/1`.
///
/// # Errors
/// [`SysError::NotDebug`] if the state is not `Debug`.
pub fn get_state_text(of: &(impl Target + ?Sized)) -> Request<StateText> {
    Request::new(of.pid(), |process| {
        let (to, answer) = oneshot::channel();
        let label = process.head().label();
        let to =
            Box::new(move |text: Option<StateText>| drop(to.send(text.ok_or(SysError::NotDebug(label)))));
        send(process, Control::Text(to), answer)
    })
}

/// Replaces the state by what `change` makes of it, and answers a copy of the new one.
///
/// If `change` panics, the state is as it was.
///
/// Source: OTP `sys:replace_state/2`.
///
/// # Errors
/// [`SysError::CallbackFailed`] if `change` panics.
pub fn replace_state<S, F>(of: &(impl Runs<S> + ?Sized), change: F) -> Request<S>
where
    S: GenServer + Clone,
    F: FnOnce(S) -> S + Send + 'static,
{
    visit(of, move |state: &mut S| {
        let copy = state.clone();
        *state = attempt(|| change(copy)).map_err(|panic| SysError::CallbackFailed(panic.message))?;
        Ok(state.clone())
    })
}

/// Runs `visit` on the state, between two messages, and answers what it answers.
///
/// For states that are not `Clone`. A panic in it is a crash of the server, since the state may be broken.
///
/// Differs: OTP has no such thing, because every Erlang term can be copied.
pub fn with_state<S, R, F>(of: &(impl Runs<S> + ?Sized), visit: F) -> Request<R>
where
    S: GenServer,
    R: Send + 'static,
    F: FnOnce(&mut S) -> R + Send + 'static,
{
    self::visit(of, move |state: &mut S| Ok(visit(state)))
}

fn visit<S, R, F>(of: &(impl Runs<S> + ?Sized), visit: F) -> Request<R>
where
    S: GenServer,
    R: Send + 'static,
    F: FnOnce(&mut S) -> Result<R, SysError> + Send + 'static,
{
    Request::new(of.pid(), move |process| {
        let (to, answer) = oneshot::channel();
        let visit = Box::new(move |state: &mut dyn Any| {
            if to.is_closed() {
                // Nobody waits any more, so nothing is begun.
                return;
            }
            let answer = match state.downcast_mut() {
                Some(state) => visit(state),
                None => Err(SysError::OtherServer { expected: type_name::<S>() }),
            };
            drop(to.send(answer));
        });
        send(process, Control::Visit(visit), answer)
    })
}
