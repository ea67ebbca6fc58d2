//! One system request: sent when it is awaited, answered within its time or failed.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{SysError, Target};
use crate::process::{AnyCell, Control, Lane, Node, Pid, WaitExit, self_pid};

/// How long a system request waits unless told otherwise.
///
/// Source: OTP `sys(3)`, 5000 ms.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// One system request: sent when it is awaited.
///
/// It waits 5 s (`sys(3)`) unless [`within`](Self::within) or [`infinity`](Self::infinity) says otherwise.
///
/// # Errors
/// Its output is a [`SysError`] if it was not done.
///
/// # Cancel safety
/// Dropping it after it was sent does not take it back, but a state that nobody waits for is neither shown nor replaced.
#[must_use = "a request is sent when it is awaited"]
pub struct Request<R> {
    of: Result<Pid, SysError>,
    send: Send<R>,
    wait: Option<Duration>,
}

/// Puts the request in the lane of a process; nothing if it has ended.
type Send<R> = Box<dyn FnOnce(&dyn AnyCell) -> Option<Answer<R>> + std::marker::Send>;

/// The answer, unless the process ends before.
pub(super) type Answer<R> = oneshot::Receiver<Result<R, SysError>>;

impl<R: std::marker::Send + 'static> Request<R> {
    pub(super) fn new(
        of: Result<Pid, SysError>,
        send: impl FnOnce(&dyn AnyCell) -> Option<Answer<R>> + std::marker::Send + 'static,
    ) -> Self {
        Self { of, send: Box::new(send), wait: Some(DEFAULT_TIMEOUT) }
    }

    /// Waits no longer than `wait`.
    pub fn within(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Waits for as long as the process lives.
    pub fn infinity(mut self) -> Self {
        self.wait = None;
        self
    }

    async fn run(self) -> Result<R, SysError> {
        let Self { of, send, wait } = self;
        let process = find(of?)?;
        let answer = send(&*process).ok_or(SysError::NoProc)?;
        let answered = match wait {
            None => answer.await,
            Some(wait) => match tokio::time::timeout(wait, answer).await {
                Ok(answered) => answered,
                Err(_elapsed) => return Err(timeout(&*process, wait)),
            },
        };
        match answered {
            Ok(answer) => answer,
            Err(_unanswered) => Err(SysError::Exited(WaitExit::new(process).await)),
        }
    }
}

fn find(pid: Pid) -> Result<Arc<dyn AnyCell>, SysError> {
    if self_pid() == Some(pid) {
        return Err(SysError::CallingSelf);
    }
    let process = Node::current().ok_or(SysError::NoNode)?.process(pid).ok_or(SysError::NoProc)?;
    if process.head().kind().handlers.is_none() { Err(SysError::NotAServer) } else { Ok(process) }
}

/// Who keeps `process` from answering. A request that waited `waited` waited for one handler, whose beginning may have
/// gone unseen.
fn timeout(process: &dyn AnyCell, waited: Duration) -> SysError {
    let mut running = waited;
    process.with_lane(&mut |lane| {
        if let Some(handling) = &lane.handling {
            running = running.max(handling.since.elapsed());
        }
        false
    });
    SysError::Timeout { handler: process.handler(), running }
}

/// A request that changes the lane and is done when the process has seen it.
pub(super) fn change(
    of: &(impl Target + ?Sized),
    change: impl FnOnce(&mut Lane) + std::marker::Send + 'static,
) -> Request<()> {
    acknowledged(of, change, |_process| ())
}

/// As [`change`], and what `look` finds once the process has seen it.
pub(super) fn acknowledged<R: std::marker::Send + 'static>(
    of: &(impl Target + ?Sized),
    change: impl FnOnce(&mut Lane) + std::marker::Send + 'static,
    look: impl FnOnce(&dyn AnyCell) -> R + std::marker::Send + 'static,
) -> Request<R> {
    Request::new(of.pid(), move |process| {
        let (to, answer) = oneshot::channel();
        let done = Control::Ack(Box::new(move |process| drop(to.send(Ok(look(process))))));
        let mut request = Some((change, done));
        let lives = process.with_lane(&mut |lane| {
            if let Some((change, done)) = request.take() {
                change(lane);
                lane.requests.push_back(done);
            }
            true
        });
        lives.then_some(answer)
    })
}

/// A request that is `control`, answered through `answer`.
pub(super) fn send<R>(process: &dyn AnyCell, control: Control, answer: Answer<R>) -> Option<Answer<R>> {
    let mut control = Some(control);
    let lives = process.with_lane(&mut |lane| {
        lane.requests.extend(control.take());
        true
    });
    lives.then_some(answer)
}

impl<R: std::marker::Send + 'static> IntoFuture for Request<R> {
    type Output = Result<R, SysError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + std::marker::Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<R> fmt::Debug for Request<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("of", &self.of).field("wait", &self.wait).finish_non_exhaustive()
    }
}
