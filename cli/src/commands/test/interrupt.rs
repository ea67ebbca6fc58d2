//! What Ctrl-C does to what a run has started.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::cargo::Processes;
use crate::emit::Asked;
use crate::session::Session;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long tests have to end after the signal before they are killed. Source: cargo-nextest, `grace-period`.
const GRACE: Duration = Duration::from_secs(10);

/// Does `work`. A signal that comes meanwhile reaches what runs in `processes`; a second one kills it.
pub(super) fn forwarding<T>(session: &Session, processes: &Processes, work: impl FnOnce() -> T) -> T {
    let (working, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || forward(session, processes, &is_done));
        // Gone also when the work panics: otherwise nobody would ever stop looking.
        let _working = working;
        work()
    })
}

fn forward(session: &Session, processes: &Processes, is_done: &Receiver<()>) {
    let mut told = 0;
    let mut killed_at: Option<Instant> = None;
    while is_done.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let Some(noted) = session.interrupt.noted() else { continue };
        let shell = &session.shell;
        if noted.times > told && told == 0 {
            shell.progress("\ninterrupted: what runs is ended; Ctrl-C again kills it");
            processes.signal(as_sent(noted.signal));
            killed_at = Some(Instant::now() + GRACE);
        } else if noted.times > told {
            processes.signal(Signal::KILL);
        } else if killed_at.is_some_and(|at| Instant::now() >= at) {
            shell.warn(format_args!("not gone after {} s: killed", GRACE.as_secs()));
            processes.signal(Signal::KILL);
            killed_at = None;
        }
        told = noted.times;
    }
}

fn as_sent(asked: Asked) -> Signal {
    match asked {
        Asked::HangUp => Signal::HUP,
        Asked::Interrupt => Signal::INT,
        Asked::Terminate => Signal::TERM,
    }
}
