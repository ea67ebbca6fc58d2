//! Seeing a supervisor do its work.

use std::future::Future;
use std::time::Duration;

use crate::gen_server::CallError;
use crate::process::{Node, Pid};
use crate::registry::{Name, Protocol};

/// How long a restart may take before the test has failed. One takes microseconds.
const LIMIT: Duration = Duration::from_secs(5);

/// What an action that makes a process crash may answer: nothing, or the outcome of a cast.
pub trait Outcome {
    /// Whether the action was carried out.
    ///
    /// # Errors
    /// The action was not carried out.
    fn into_result(self) -> Result<(), CallError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), CallError> {
        Ok(())
    }
}

impl<E: Into<CallError>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), CallError> {
        self.map_err(Into::into)
    }
}

/// Runs an action and waits until another process has the name.
///
/// ```no_run
/// # use umbrella::gen_server::CallError;
/// # use umbrella::prelude::*;
/// # struct Counter;
/// # #[gen_server]
/// # impl Counter {
/// #     async fn init(_: ()) -> Result<Self, ExitReason> { Ok(Self) }
/// #     #[cast]
/// #     fn crash(&mut self) { panic!() }
/// # }
/// # const COUNTER: Name<Counter> = Counter::named("counter");
/// # async fn test() -> Result<(), CallError> {
/// let fresh: Pid = umbrella::testing::restarted(COUNTER, || COUNTER.crash()).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the action answered.
///
/// # Panics
/// If the name is free before the action, or no other process has it within 5 seconds.
pub async fn restarted<P: Protocol, O: Outcome>(
    name: Name<P>,
    action: impl FnOnce() -> O,
) -> Result<Pid, CallError> {
    let text = Name::as_str(&name);
    let node = Node::current().ok_or(CallError::NoNode)?;
    let before = node.whereis(text);
    assert!(before.is_some(), "no process is registered as `{text}`, so none can be restarted");
    action().into_result()?;
    let fresh: std::pin::Pin<Box<dyn Future<Output = Pid> + Send>> =
        Box::pin(async { node.wait_registered(text, before).await });
    match tokio::time::timeout(LIMIT, fresh).await {
        Ok(pid) => Ok(pid),
        Err(_elapsed) => {
            let now = match node.whereis(text) {
                Some(_same) => "the same process still has it",
                None => "nobody has it",
            };
            panic!("no other process was registered as `{text}` within {} s: {now}", LIMIT.as_secs())
        }
    }
}
