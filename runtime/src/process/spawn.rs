//! Running a process: one task, entered on every poll, that never lets a panic escape.
//!
//! The only place of the crate that creates tasks for processes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::any_cell::{AnyCell, Head};
use super::cell::Cell;
use super::current::{self, Current, WakerId};
use super::kind::Kind;
use super::relations::Relations;
use super::state::TaskSize;
use super::sync::spawn;
use super::waits::Probe;
use super::{ExitReason, GroupLeader, Node, Pid, crash, hold, panic};

/// How a process is to be spawned.
pub(crate) struct Spawn {
    pub(crate) node: Node,
    pub(crate) parent: Option<Pid>,
    pub(crate) leader: Arc<GroupLeader>,
    pub(crate) kind: &'static Kind,
}

impl Spawn {
    /// A process of the running node, in the application of whoever runs now.
    pub(crate) fn here(kind: &'static Kind) -> Option<Self> {
        current::with(|current| match current? {
            Current::Process { cell, .. } => {
                let head = cell.head();
                Some(Self {
                    node: head.node.clone(),
                    parent: Some(head.pid),
                    leader: head.leader.clone(),
                    kind,
                })
            }
            Current::Node(node) => {
                Some(Self { node: node.clone(), parent: None, leader: node.leader().clone(), kind })
            }
        })
    }

    /// The shared part of the process, found by its pid from now on; [`run`] makes it a process.
    pub(crate) fn cell<M: Send + 'static>(self) -> Arc<Cell<M>> {
        let Self { node, parent, leader, kind } = self;
        let table = node.clone();
        table.insert(|pid| Cell::new(Head::new(pid, node, parent, leader, kind)))
    }
}

/// Links `cell` to its parent before it runs; false when the parent is gone.
pub(crate) fn link_to_parent(cell: &Arc<dyn AnyCell>, parent: Pid) -> bool {
    cell.head().set_linked_to_parent();
    let linked = cell.head().node.process(parent).is_some_and(|parent| parent.link(cell.head().pid));
    linked && cell.link(parent)
}

/// Runs `f` as the process of `cell`, which has no task yet; nothing if it panics, which ends the process.
///
/// What a process does before it waits for the first time needs no task, and whoever starts it no turn of its own.
/// Afterwards the process [goes on](go_on), or [ends](end_before_it_ran).
pub(crate) fn begin<T>(cell: &Arc<dyn AnyCell>, f: impl FnOnce() -> T) -> Option<T> {
    panic::install_hook();
    cell.head().leader.joined();
    current::run_as(&mut Some(Current::process(cell.clone())), || match catch_unwind(AssertUnwindSafe(f)) {
        Ok(begun) => Some(begun),
        Err(payload) => {
            end_before_it_ran(cell, ExitReason::Panicked(Arc::new(panic::describe(&*payload))));
            None
        }
    })
}

/// Ends the process of `cell`, which has begun and has no task.
pub(crate) fn end_before_it_ran(cell: &Arc<dyn AnyCell>, reason: ExitReason) {
    if reason.is_crash() {
        crash::report(&**cell, &reason);
    }
    end(&**cell, reason, || {});
}

/// Runs `body` as the process of `cell`, which has begun.
///
/// `body` gives the reason of its end, and with it whatever must be dropped only after the process has ended.
pub(crate) fn go_on<B, L>(cell: Arc<dyn AnyCell>, body: B)
where
    B: Future<Output = (ExitReason, L)> + Send + 'static,
    L: Send + 'static,
{
    spawn(Running { current: Some(Current::process(cell)), body: Some(body) });
}

/// Runs `body` as the process of `cell` from its beginning; see [`go_on`].
pub(crate) fn run<B, L>(cell: Arc<dyn AnyCell>, body: B)
where
    B: Future<Output = (ExitReason, L)> + Send + 'static,
    L: Send + 'static,
{
    panic::install_hook();
    cell.head().leader.joined();
    go_on(cell, body);
}

/// Ends a process that never ran. Its pid was known meanwhile, so somebody may already wait for its end.
pub(crate) fn discard(process: &dyn AnyCell) {
    let waiting = process.end(ExitReason::NoProc);
    process.head().node.remove(process);
    let mut relations = process.take_relations();
    lose_places(process, &mut relations);
    tell_others(process.head(), relations, &ExitReason::NoProc, waiting);
    process.drop_messages();
}

pin_project! {
    /// The task of a process.
    struct Running<B> {
        // Moved to the thread and back on every poll.
        current: Option<Current>,
        // Nothing once the process has ended.
        #[pin]
        body: Option<B>,
    }

    impl<B> PinnedDrop for Running<B> {
        fn drop(this: Pin<&mut Self>) {
            // The tokio runtime went away under the process.
            let mut this = this.project();
            if this.body.is_some() && let Some(Current::Process { cell, .. }) = this.current {
                end(&**cell, ExitReason::Killed, || this.body.set(None));
            }
        }
    }
}

impl<B, L> Future for Running<B>
where
    B: Future<Output = (ExitReason, L)>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(Current::Process { cell, waker, .. }) = this.current else { return Poll::Ready(()) };
        if waker.get() == WakerId::UNKNOWN {
            waker.set(WakerId::of(cx.waker()));
            cell.set_task(cx.waker().clone(), TaskSize::of::<Self>());
        }
        let attention = cell.head().attention();
        let began = attention.is_watched().then(Instant::now);
        let polled = current::run_as(this.current, || {
            // The body is only looked at again to be dropped, so a broken invariant cannot be seen.
            let polled = match if attention.is_urgent() { take_urgent(cx) } else { None } {
                None => catch_unwind(AssertUnwindSafe(|| poll_body(this.body.as_mut(), cx))),
                Some(Urgent::Exit(reason)) => Ok(Poll::Ready((reason, None))),
                Some(Urgent::Held) => Ok(Poll::Pending),
                Some(Urgent::Probe(probe)) => catch_unwind(AssertUnwindSafe(|| {
                    probe.poll(cx.waker(), |cx| poll_body(this.body.as_mut(), cx))
                })),
            };
            // An exit signal is no crash: whoever sent it knows why.
            let (reason, leftovers, is_crash) = match polled {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready((reason, None))) => (reason, None, false),
                Ok(Poll::Ready((reason, leftovers))) => {
                    let is_crash = reason.is_crash();
                    (reason, leftovers, is_crash)
                }
                Err(payload) => (ExitReason::Panicked(Arc::new(panic::describe(&*payload))), None, true),
            };
            if let Some(cell) = current::cell() {
                if is_crash {
                    crash::report(&*cell, &reason);
                }
                end(&*cell, reason, || {
                    drop(leftovers);
                    this.body.set(None);
                });
            }
            Poll::Ready(())
        });
        if polled.is_pending()
            && let Some(process) = this.current.as_ref().and_then(Current::cell)
            && !process.head().attention().is_none()
        {
            let process = process.clone();
            attend(this.current, &*process, began);
        }
        polled
    }
}

/// What cannot wait for the mailbox.
enum Urgent {
    /// An exit signal that must end the process now.
    Exit(ExitReason),
    /// Somebody asks what the process waits for.
    Probe(Probe),
    /// What it has sent goes first.
    Held,
}

fn take_urgent(cx: &mut Context<'_>) -> Option<Urgent> {
    let cell = current::cell()?;
    let head = cell.head();
    let fatal = cell.take_fatal().map(Urgent::Exit);
    let probe = || head.node.waits().take_probe(head.pid).map(Urgent::Probe);
    fatal.or_else(probe).or_else(|| hold::is_held(&*cell, cx).then_some(Urgent::Held))
}

/// What a process that gave way owes to those who look into it.
///
/// It waits for a message or inside a handler; the latter must not keep anybody waiting who does not need the state.
#[cold]
fn attend(this: &mut Option<Current>, process: &dyn AnyCell, began: Option<Instant>) {
    if let Some(began) = began {
        process.with_lane(&mut |lane| {
            if let Some(counts) = &mut lane.counts {
                counts.polls += 1;
                counts.busy += began.elapsed();
            }
            false
        });
    }
    if process.head().attention().is_unwound() {
        // It caught its panic: whoever relied on its end to be told why is told now.
        process.with_lane(&mut |lane| {
            lane.unwound = false;
            false
        });
        current::drop_unwound();
    }
    if process.head().attention().is_requested() {
        // What it shows of itself is user code.
        current::run_as(this, || process.answer_while_busy());
    }
}

type Ended<L> = (ExitReason, Option<L>);

fn poll_body<B, L>(body: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Poll<Ended<L>>
where
    B: Future<Output = (ExitReason, L)>,
{
    match body.as_pin_mut() {
        Some(body) => body.poll(cx).map(|(reason, leftovers)| (reason, Some(leftovers))),
        // Polled after its end, which tokio does not do.
        None => Poll::Pending,
    }
}

/// Ends the process: marks it, drops what it held, frees its name, then tells the others.
///
/// The order is OTP's: whoever learns of the end can take the name at once.
/// Its state goes before the others hear of it, so that a restarted child finds ports and files free.
fn end(process: &dyn AnyCell, reason: ExitReason, drop_body: impl FnOnce()) {
    let head = process.head();
    let waiting = process.end(reason.clone());
    if let Err(payload) = catch_unwind(AssertUnwindSafe(drop_body)) {
        crash::report_in_drop(process, &*payload);
    }
    head.node.remove(process);
    head.leader.left();
    let mut relations = process.take_relations();
    lose_places(process, &mut relations);
    tell_others(head, relations, &reason, waiting);
    // Unhandled calls fail here: dropping a message drops its `ReplyTo`.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| process.drop_messages())) {
        crash::report_in_drop(process, &*payload);
    }
    if head.attention().is_unwound() {
        current::drop_unwound();
    }
}

/// Takes the process out of groups and registries.
fn lose_places(process: &dyn AnyCell, relations: &mut Relations) {
    for place in relations.take_places() {
        // What is registered may be dropped here, and is the user's.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| place.lost(process.head().pid))) {
            crash::report_in_drop(process, &*payload);
        }
    }
}

fn tell_others(head: &Head, mut relations: Relations, reason: &ExitReason, waiting: Option<Waker>) {
    // The parent, linked first, is told last: what it starts anew finds the names of the others freed or being freed.
    for linked in relations.links_parent_last() {
        head.node.tell_link(head.pid, linked, reason);
    }
    for (monitor, pid) in relations.take_monitored_by() {
        head.node.tell_monitor(monitor, pid, head.pid, reason);
    }
    for (monitor, target) in relations.take_monitors() {
        head.node.unwatch_for(monitor, head.pid, &target);
    }
    waiting.into_iter().chain(relations.take_awaited_by()).for_each(Waker::wake);
}
