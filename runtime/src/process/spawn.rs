//! Running a process: one task, entered on every poll, that never lets a panic escape.
//!
//! The only place of the crate that creates tasks for processes.

use std::any::Any;
use std::cell::Cell as StdCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::cell::{AnyCell, Cell, Head, Remains, SentBy};
use super::current::{self, Current, WakerId};
use super::group_leader::Crash;
use super::relations::{Relations, Watcher};
use super::{Down, ExitReason, GroupLeader, NEVER, Node, Pid, panic};

/// How a process is to be spawned.
pub(crate) struct Spawn {
    pub(crate) node: Node,
    pub(crate) parent: Option<Pid>,
    pub(crate) leader: Arc<GroupLeader>,
    pub(crate) label: &'static str,
}

impl Spawn {
    /// A process of the running node, in the application of whoever runs now.
    pub(crate) fn here(label: &'static str) -> Option<Self> {
        current::with(|current| match current? {
            Current::Process { cell, .. } => {
                let head = cell.head();
                Some(Self {
                    node: head.node.clone(),
                    parent: Some(head.pid),
                    leader: head.leader.clone(),
                    label,
                })
            }
            Current::Node(node) => {
                Some(Self { node: node.clone(), parent: None, leader: node.leader().clone(), label })
            }
        })
    }

    /// The shared part of the process, in no table yet.
    pub(crate) fn cell<M: Send + 'static>(self) -> Arc<Cell<M>> {
        let pid = self.node.next_pid();
        Arc::new(Cell::new(Head::new(pid, self.node, self.parent, self.leader, self.label)))
    }
}

/// Links `cell` to its parent before it runs; false when the parent is gone.
pub(crate) fn link_to_parent<M: Send + 'static>(cell: &Arc<Cell<M>>, parent: Pid) -> bool {
    let linked = cell.head().node.process(parent).is_some_and(|parent| parent.link(cell.head().pid));
    linked && cell.link(parent)
}

/// Puts `cell` into the table and runs `body` as its process.
///
/// `body` gives the reason of its end, and with it whatever must be dropped only after the process has ended.
pub(crate) fn run<M, B, L>(cell: Arc<Cell<M>>, body: B)
where
    M: Send + 'static,
    B: Future<Output = (ExitReason, L)> + Send + 'static,
    L: Send + 'static,
{
    panic::install_hook();
    cell.head().leader.joined();
    cell.head().node.insert(cell.clone());
    tokio::spawn(Running { cell: cell.clone(), current: None, body: Some(body) });
}

pin_project! {
    /// The task of a process.
    struct Running<M, B>
    where
        M: Send,
        M: 'static,
    {
        cell: Arc<Cell<M>>,
        // Moved to the thread and back on every poll, so that entering costs no counter.
        current: Option<Current>,
        // Nothing once the process has ended.
        #[pin]
        body: Option<B>,
    }

    impl<M, B> PinnedDrop for Running<M, B>
    where
        M: Send,
        M: 'static,
    {
        fn drop(this: Pin<&mut Self>) {
            // The tokio runtime went away under the process.
            let mut this = this.project();
            if this.body.is_some() {
                end(this.cell, ExitReason::Killed, || this.body.set(None));
            }
        }
    }
}

impl<M, B, L> Future for Running<M, B>
where
    M: Send + 'static,
    B: Future<Output = (ExitReason, L)>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let current = this.current.take().unwrap_or_else(|| {
            this.cell.set_waker(cx.waker().clone());
            Current::Process {
                cell: this.cell.clone(),
                waker: WakerId::of(cx.waker()),
                due: StdCell::new(NEVER),
            }
        });
        let entered = current::enter(current);
        // The body is only looked at again to be dropped, so a broken invariant cannot be seen.
        let polled = match this.cell.take_fatal() {
            Some(reason) => Ok(Poll::Ready((reason, None))),
            None => catch_unwind(AssertUnwindSafe(|| poll_body(this.body.as_mut(), cx))),
        };
        match polled {
            Ok(Poll::Pending) => {
                *this.current = entered.leave();
                Poll::Pending
            }
            Ok(Poll::Ready((reason, leftovers))) => {
                if this.body.is_some() && reason.is_abnormal() && leftovers.is_some() {
                    report_crash(this.cell.head(), &reason);
                }
                end(this.cell, reason, || {
                    drop(leftovers);
                    this.body.set(None);
                });
                Poll::Ready(())
            }
            Err(payload) => {
                let reason = ExitReason::Panicked(Arc::new(panic::describe(&*payload)));
                report_crash(this.cell.head(), &reason);
                end(this.cell, reason, || this.body.set(None));
                Poll::Ready(())
            }
        }
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
fn end<M: Send + 'static>(cell: &Arc<Cell<M>>, reason: ExitReason, drop_body: impl FnOnce()) {
    let remains = cell.end(reason);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(drop_body)) {
        report_panic_in_drop(cell.head(), &*payload);
    }
    cell.head().node.remove(&**cell);
    cell.head().leader.left();
    tell_others(cell.head(), cell.take_relations(), remains);
}

fn tell_others<M>(head: &Head, mut relations: Relations, remains: Remains<M>) {
    let Remains { reason, messages } = remains;
    // The parent, linked first, is told last: what it starts anew finds the names of the others freed or being freed.
    for linked in relations.links().into_iter().rev() {
        if let Some(process) = head.node.process(linked) {
            process.exit_signal(head.pid, reason.clone(), SentBy::Link);
        }
    }
    let (watchers, monitors) = relations.take_monitors();
    for watcher in watchers {
        match watcher {
            Watcher::Process { monitor, pid } => {
                if let Some(process) = head.node.process(pid) {
                    process.down(Down { monitor, pid: head.pid, reason: reason.clone() });
                }
            }
            Watcher::Future(sender) => drop(sender.send(reason.clone())),
        }
    }
    for (monitor, target) in monitors {
        if let Some(process) = head.node.process(target) {
            process.unwatch(monitor);
        }
    }
    // Unhandled calls fail here: dropping a message drops its `ReplyTo`.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(messages))) {
        report_panic_in_drop(head, &*payload);
    }
}

fn report_crash(head: &Head, reason: &ExitReason) {
    head.leader.note_crash(Crash {
        pid: head.pid,
        process: head.display_name().into(),
        reason: reason.clone(),
        at: std::time::SystemTime::now(),
    });
    tracing::error!(
        target: "umbrella::crash_report",
        application = head.leader.name(),
        process = head.display_name(),
        pid = %head.pid,
        parent = head.parent.map(tracing::field::display),
        "{} {} {reason}", head.display_name(), head.pid,
    );
}

fn report_panic_in_drop(head: &Head, payload: &(dyn Any + Send)) {
    let panic = panic::describe(payload);
    tracing::error!(
        target: "umbrella::crash_report",
        application = head.leader.name(),
        process = head.display_name(),
        pid = %head.pid,
        "{} {} panicked at {} while its state was dropped: {}",
        head.display_name(), head.pid, panic.location, panic.message,
    );
}
