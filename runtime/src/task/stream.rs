//! Running a job for each of many items, a few at a time.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::iter::Fuse;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::limit::Limit;
use super::supervised::Unclaimed;
use super::{Task, TaskError, TaskSupervisor, TaskSupervisorClient};
use crate::process::self_pid;
use crate::registry::{Address, Client};
use crate::supervisor::ChildError;

/// The answers of a job that runs once for each item, a few at a time; see [`Task::async_stream`].
#[must_use = "nothing runs until `next` is awaited"]
pub struct AsyncStream<I, J, T> {
    items: Fuse<I>,
    job: J,
    started: VecDeque<Slot<T>>,
    max_concurrency: NonZeroUsize,
    order: Order,
    wait: Option<Duration>,
    /// Nothing if the tasks belong to nobody but their owner.
    supervisor: Option<(Address<TaskSupervisor>, Link)>,
}

/// To whom a task of a supervisor is linked beside that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Owner,
    Nobody,
}

/// In which order answers come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OfItems,
    OfEnds,
}

/// One item that was begun.
enum Slot<T> {
    /// Its supervisor is asked; a task that comes when nobody waits for it is killed.
    Starting(Start<T>),
    Running(Task<T>, Limit),
    Done(Result<T, TaskError>),
}

type Start<T> = Pin<Box<dyn Future<Output = Result<Task<T>, ChildError>> + Send>>;

impl Task<()> {
    /// Runs `job` for each of `items`, each in a task of its own, and gives the answers in the order of the items.
    ///
    /// As many run at a time as the machine has cores, and each may take 5 s; one that takes longer is killed and
    /// answers [`TaskError::Timeout`]. An item is taken only when its task can start, and nothing starts before
    /// [`next`](AsyncStream::next) is awaited. The tasks are linked to the running process, and a crash of one is a
    /// crash of that, unless it traps exits: then it is an answer. Dropping the stream kills those that run.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// let mut squares = Task::async_stream(1..=3, |n: u64| async move { n * n }).max_concurrency(2);
    /// assert_eq!(squares.next().await, Some(Ok(1)));
    /// assert_eq!(squares.collect().await, [Ok(4), Ok(9)]);
    /// # }));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: Elixir `Task.async_stream/3`.
    /// Differs: with Elixir's default, `on_timeout: :exit`, an item that takes too long exits the caller; here it is an
    /// answer, as with `:kill_task`.
    pub fn async_stream<N, J, F>(items: N, job: J) -> AsyncStream<N::IntoIter, J, F::Output>
    where
        N: IntoIterator,
        J: FnMut(N::Item) -> F,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        AsyncStream {
            items: items.into_iter().fuse(),
            job,
            started: VecDeque::new(),
            max_concurrency: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            order: Order::OfItems,
            wait: Some(DEFAULT_ITEM_LIMIT),
            supervisor: None,
        }
    }
}

/// How long one item may take unless told otherwise.
///
/// Source: Elixir `Task.async_stream/3`, `timeout`, 5000 ms.
const DEFAULT_ITEM_LIMIT: Duration = Duration::from_secs(5);

impl<I, J, T> AsyncStream<I, J, T> {
    /// Runs at most so many at a time, and at least one.
    pub fn max_concurrency(mut self, tasks: usize) -> Self {
        self.max_concurrency = NonZeroUsize::new(tasks).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// Gives answers as they come, so that none waits for a slower one before it.
    pub fn unordered(mut self) -> Self {
        self.order = Order::OfEnds;
        self
    }

    /// Ends an item that takes longer than `wait`.
    pub fn within(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Gives each item all the time it takes.
    pub fn infinity(mut self) -> Self {
        self.wait = None;
        self
    }

    pub(super) fn under(mut self, supervisor: &Address<TaskSupervisor>, link: Link) -> Self {
        self.supervisor = Some((supervisor.clone(), link));
        self
    }
}

impl<I, J, F> AsyncStream<I, J, F::Output>
where
    I: Iterator,
    J: FnMut(I::Item) -> F,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    /// The next answer; nothing when every item has answered.
    ///
    /// # Errors
    /// Each answer has its own; see [`TaskError`].
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<F::Output, TaskError>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// All answers that are still to come.
    pub async fn collect(mut self) -> Vec<Result<F::Output, TaskError>> {
        let mut answers = Vec::new();
        while let Some(answer) = self.next().await {
            answers.push(answer);
        }
        answers
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<F::Output, TaskError>>> {
        loop {
            let running = self.poll_started(cx);
            let ready = match self.order {
                Order::OfItems => self.started.front().and_then(|slot| slot.is_done().then_some(0)),
                Order::OfEnds => self.started.iter().position(Slot::is_done),
            };
            if let Some(Slot::Done(answer)) = ready.and_then(|at| self.started.remove(at)) {
                return Poll::Ready(Some(answer));
            }
            if running < self.max_concurrency.get()
                && let Some(item) = self.items.next()
            {
                // Polled in the next round, so that its time begins.
                let slot = self.begin(item);
                self.started.push_back(slot);
            } else if self.started.is_empty() {
                return Poll::Ready(None);
            } else {
                return Poll::Pending;
            }
        }
    }

    fn begin(&mut self, item: I::Item) -> Slot<F::Output> {
        let job = (self.job)(item);
        let Some((supervisor, link)) = &self.supervisor else {
            return Slot::Running(Task::spawn(job), Limit::of(self.wait));
        };
        let supervisor = TaskSupervisorClient::new(supervisor.clone());
        let owner = self_pid().filter(|_| *link == Link::Owner);
        Slot::Starting(Box::pin(async move { supervisor.start_task(owner, job, Unclaimed::IsKilled).await }))
    }

    /// Looks at all that run and says how many still do.
    fn poll_started(&mut self, cx: &mut Context<'_>) -> usize {
        let wait = self.wait;
        self.started.iter_mut().filter_map(|slot| slot.poll(wait, cx).is_pending().then_some(())).count()
    }
}

impl<T> Slot<T> {
    const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Looks whether it is done; once its task has started, that may take `wait`.
    fn poll(&mut self, wait: Option<Duration>, cx: &mut Context<'_>) -> Poll<()> {
        if let Self::Starting(start) = self {
            *self = match ready!(start.as_mut().poll(cx)) {
                Ok(task) => Self::Running(task, Limit::of(wait)),
                Err(error) => Self::Done(Err(TaskError::NotStarted(error))),
            };
        }
        let Self::Running(task, limit) = self else { return Poll::Ready(()) };
        let outcome = match task.poll_outcome(cx) {
            Poll::Ready(outcome) => {
                task.unlink();
                outcome
            }
            Poll::Pending if limit.poll(cx).is_ready() => {
                task.abandon();
                Err(TaskError::Timeout)
            }
            Poll::Pending => return Poll::Pending,
        };
        *self = Self::Done(outcome);
        Poll::Ready(())
    }
}

impl<I, J, T> Drop for AsyncStream<I, J, T> {
    fn drop(&mut self) {
        for slot in &mut self.started {
            if let Slot::Running(task, _) = slot {
                task.abandon();
            }
        }
    }
}

// Nothing in it is pinned.
impl<I, J, T> Unpin for AsyncStream<I, J, T> {}

impl<I, J, T> fmt::Debug for AsyncStream<I, J, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncStream")
            .field("started", &self.started.len())
            .field("max_concurrency", &self.max_concurrency)
            .finish_non_exhaustive()
    }
}
