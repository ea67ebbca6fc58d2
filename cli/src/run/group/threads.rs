//! What tells the loop of a group: threads that wait for one thing each.

use std::io::{BufRead, BufReader, PipeReader};
use std::mem;
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use super::Event;
use crate::run::control::{Control, ControlError};
use crate::run::sources::Sources;
use crate::run::state::RunDir;

/// How often a node that is not there yet is looked for.
const PROBE: Duration = Duration::from_millis(5);

/// How often sources are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Tells of changes when they have come to rest: editors write several files, and one in several steps.
pub(super) fn watch(mut sources: Sources, sender: &Sender<Event>) {
    let mut changed: Vec<PathBuf> = Vec::new();
    loop {
        thread::sleep(LOOK);
        let more = sources.changed();
        if more.is_empty() && !changed.is_empty() {
            if sender.send(Event::Changed(mem::take(&mut changed))).is_err() {
                return;
            }
        } else {
            changed.extend(more);
            changed.sort();
            changed.dedup();
        }
    }
}

/// Sends the lines of a node, then its end: an end always comes after the last line.
pub(super) fn follow(index: usize, mut child: Child, output: PipeReader, sender: Sender<Event>) {
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if sender.send(Event::Line(index, line)).is_err() {
                break;
            }
        }
        let _nobody_waits_any_more = sender.send(Event::Exited(index, child.wait()));
    });
}

/// Waits until the process `pid` has its run file, then until it says that it is ready.
pub(super) fn await_ready(dir: &RunDir, node: &str, pid: i32, timeout: Duration) -> Result<(), ControlError> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // A run file of another process is one that crashed: it is replaced in a moment.
        let record = dir.record(node).ok().flatten().filter(|record| i64::from(record.pid) == i64::from(pid));
        if let Some(record) = record {
            match Control::connect(&record.socket) {
                Ok(mut control) => return control.ready(left),
                Err(ControlError::NotRunning) => {}
                Err(error) => return Err(error),
            }
        }
        if left.is_zero() {
            return Err(ControlError::TimedOut(timeout));
        }
        thread::sleep(PROBE.min(left));
    }
}
