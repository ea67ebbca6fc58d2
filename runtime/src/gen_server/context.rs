//! What a handler can do beside its answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::interval::Interval;
use super::serve::Continuation;
use super::watch;
use super::{GenServer, HandleContinue};
use crate::process::{AnyCell, Cell, Control, ExitReason, GroupLeader, Handler, Node, Pid, TimerRef, later};
use crate::registry::{Protocol, Ref};

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

/// What a handler can do beside its answer: stop, set timers, trap exits, learn who it is.
///
/// A handler asks for it with a parameter `cx: &mut Context<Self>`.
pub struct Context<S: GenServer> {
    cell: Arc<Cell<MessageOf<S>>>,
    /// Boxed because it is set once in a life.
    stop: Option<Box<ExitReason>>,
    /// Messages handled since the process last gave way to others.
    pub(super) in_a_row: u32,
}

impl<S: GenServer> Context<S> {
    pub(super) fn new(cell: Arc<Cell<MessageOf<S>>>) -> Self {
        Self { cell, stop: None, in_a_row: 0 }
    }

    pub(super) fn take_stop(&mut self) -> Option<Box<ExitReason>> {
        self.stop.take()
    }

    pub(super) fn cell(&self) -> &Arc<Cell<MessageOf<S>>> {
        &self.cell
    }

    /// Whether replies are traced or counted; asked by generated code.
    #[doc(hidden)]
    pub fn is_watched(&self) -> bool {
        self.cell.head().attention().is_watched()
    }

    /// Tells those who watch of a reply; called by generated code.
    #[doc(hidden)]
    pub fn replies(&self, show: &dyn Fn(&mut fmt::Formatter<'_>) -> fmt::Result) {
        watch::replies(&*self.cell, show);
    }

    /// The process turns to `message`, which did not come out of its mailbox just now.
    pub(crate) fn handles(&self, message: &MessageOf<S>) {
        self.cell.enter(Handler(S::Protocol::handler(message)));
    }

    /// Which process this is.
    pub fn pid(&self) -> Pid {
        self.cell.head().pid
    }

    /// A reference to this server, to be given to others.
    pub fn me(&self) -> Ref<S::Protocol> {
        Ref::new(self.cell.clone())
    }

    /// The node this process runs on.
    pub fn node(&self) -> &Node {
        &self.cell.head().node
    }

    /// The application this process belongs to.
    pub fn group_leader(&self) -> &Arc<GroupLeader> {
        &self.cell.head().leader
    }

    /// The process that started this one.
    pub fn parent(&self) -> Option<Pid> {
        self.cell.head().parent
    }

    /// Until when the caller waits for whom this handler works; see [`process::deadline`](crate::process::deadline()).
    pub fn deadline(&self) -> Option<Instant> {
        crate::process::deadline()
    }

    /// Stops the server after this handler, with `reason`: `terminate` runs, then the process ends.
    ///
    /// Source: OTP `{stop, Reason, State}`.
    pub fn stop(&mut self, reason: ExitReason) {
        self.stop = Some(Box::new(reason));
    }

    /// Goes on with `next` after this callback, before anything else is handled, system requests included.
    ///
    /// From `init` it lets the starter go on while the server does the rest. Several are handled in the order in which
    /// they were given.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// struct Cache {
    ///     entries: Vec<String>,
    /// }
    ///
    /// struct Load;
    ///
    /// #[gen_server]
    /// impl Cache {
    ///     fn init(cx: &mut Context<Self>) -> Self {
    ///         cx.continue_with(Load);
    ///         Self { entries: Vec::new() }
    ///     }
    ///
    ///     #[handle_continue]
    ///     async fn load(&mut self, _: Load) {
    ///         self.entries.push("loaded".into());
    ///     }
    ///
    ///     #[call]
    ///     fn entries(&self) -> Vec<String> {
    ///         self.entries.clone()
    ///     }
    /// }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// let cache = Cache::start(()).await?;
    /// assert_eq!(cache.entries().await?, ["loaded"]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: OTP `{continue, Continue}` and `gen_server:handle_continue/2`.
    pub fn continue_with<T>(&mut self, next: T)
    where
        S: HandleContinue<T>,
        T: Send + 'static,
    {
        self.cell.continue_with(Box::new(Continuation::<S>::new(next)));
    }

    /// Hibernates after this handler: [`GenServer::hibernate`] is called, and an empty mailbox gives its memory back.
    ///
    /// Source: OTP `gen_server` callbacks returning `hibernate`.
    pub fn hibernate(&mut self) {
        self.cell.with_lane(&mut |lane| {
            lane.requests.push_back(Control::Hibernate);
            false
        });
    }

    /// Turns exit signals into [`handle_exit`](GenServer::handle_exit), or back.
    ///
    /// Source: OTP `process_flag(trap_exit, Flag)`.
    pub fn trap_exit(&mut self, trap: bool) {
        self.cell.trap_exit(trap);
    }

    /// Sends this server `message` after `delay`.
    ///
    /// The timer ends with the server. Its message finds room in a mailbox that is full.
    ///
    /// Source: OTP `erlang:send_after/3`.
    pub fn send_after<T>(&self, delay: Duration, message: T) -> TimerRef
    where
        MessageOf<S>: From<T>,
        T: Send + 'static,
    {
        let cell = Arc::downgrade(&self.cell);
        self.node().run_for(&*self.cell, later(Instant::now(), delay), move || {
            if let Some(cell) = cell.upgrade() {
                // Ended in between: a timer for nobody.
                let _alive = cell.send_kept(message.into());
            }
        })
    }

    /// Sends this server `message` after every `period`, until it is cancelled or the server ends.
    ///
    /// A message that was late does not make the next one late. The shortest period is 1 ms.
    /// Its messages find room in a mailbox that is full, and none is left out: a server that takes longer than a period for
    /// each is better served by [`send_after`](Self::send_after) from its handler.
    ///
    /// Source: OTP `timer:send_interval/2`.
    pub fn send_interval<T>(&self, period: Duration, message: T) -> Interval
    where
        MessageOf<S>: From<T>,
        T: Clone + Send + 'static,
    {
        Interval::start(&self.cell, period, message)
    }

    /// Cancels a timer and says whether it had yet to fire.
    ///
    /// Source: OTP `erlang:cancel_timer/1`.
    pub fn cancel_timer(&self, timer: TimerRef) -> bool {
        self.node().cancel_timer(timer)
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("pid", &self.pid()).field("stop", &self.stop).finish()
    }
}
