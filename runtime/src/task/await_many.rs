//! Awaiting several tasks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::limit::Limit;
use super::{Task, TaskError};

/// Waits for several tasks; see [`Task::await_many`].
#[must_use = "nothing is awaited until this is"]
pub struct AwaitMany<T> {
    waiting: Vec<Waiting<T>>,
    limit: Limit,
}

enum Waiting<T> {
    For(Task<T>),
    Has(T),
}

impl<T> Task<T> {
    /// Waits for all of `tasks`: their answers, in the same order.
    ///
    /// All of them have 5 s together unless [`within`](AwaitMany::within) or [`infinity`](AwaitMany::infinity) says
    /// otherwise; their own limits do not count.
    ///
    /// Source: Elixir `Task.await_many/2`.
    ///
    /// # Errors
    /// The first that a task fails with; see [`TaskError`]. The others run on.
    ///
    /// # Cancel safety
    /// Dropping the future drops the tasks, and with them their answers. They run on.
    pub fn await_many(tasks: impl IntoIterator<Item = Self>) -> AwaitMany<T> {
        AwaitMany { waiting: tasks.into_iter().map(Waiting::For).collect(), limit: Limit::new() }
    }
}

impl<T> AwaitMany<T> {
    /// Waits no longer than `wait` for all of them.
    pub fn within(mut self, wait: Duration) -> Self {
        self.limit = Limit::of(Some(wait));
        self
    }

    /// Waits for as long as the tasks run.
    pub fn infinity(mut self) -> Self {
        self.limit = Limit::of(None);
        self
    }
}

impl<T> Future for AwaitMany<T> {
    type Output = Result<Vec<T>, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut is_pending = false;
        for waiting in &mut this.waiting {
            if let Waiting::For(task) = waiting {
                match task.poll_outcome(cx)? {
                    Poll::Ready(answer) => *waiting = Waiting::Has(answer),
                    Poll::Pending => is_pending = true,
                }
            }
        }
        if is_pending {
            return this.limit.poll(cx).map(|()| Err(TaskError::Timeout));
        }
        let answers = std::mem::take(&mut this.waiting).into_iter().filter_map(|waiting| match waiting {
            Waiting::Has(answer) => Some(answer),
            Waiting::For(_) => None,
        });
        Poll::Ready(Ok(answers.collect()))
    }
}

// Nothing in it is pinned.
impl<T> Unpin for AwaitMany<T> {}

impl<T> fmt::Debug for AwaitMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitMany").field("tasks", &self.waiting.len()).finish_non_exhaustive()
    }
}
