//! Runs tests, each in a process of its own, several at a time.
//!
//! Source: cargo-nextest, whose way of running tests this is: a test that aborts fails alone, each has a time of its own,
//! and can be run again.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::programs::Program;

/// How often the one who waits looks whether somebody pressed Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// How long what a test printed may be held open by a process that it left behind.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// A test to run.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The program it is in.
    pub program: &'a Program,
    /// Its name; nothing for a program with a harness of its own, which is run as a whole.
    pub test: Option<&'a str>,
}

/// How tests are run.
pub struct Engine<'a> {
    /// How many at a time.
    pub threads: usize,
    /// How often one that fails is run again.
    pub retries: u32,
    /// After how many failures no other test is begun.
    pub max_failures: Option<u32>,
    /// What all of them find in their environment.
    pub variables: &'a [(String, String)],
    /// Whether somebody pressed Ctrl-C.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Which of the cases.
    pub case: usize,
    /// Whether it passed in the end.
    pub passed: bool,
    /// How often it was run.
    pub attempts: u32,
    /// How long the last attempt took.
    pub time: Duration,
    /// What the first attempt that failed printed, or the only one.
    pub output: String,
    /// How it ended, if it did not end by itself: `signal 6`.
    pub signal: Option<i32>,
}

/// The processes of tests that run now, by case.
type Running = Mutex<BTreeMap<usize, Pid>>;

impl Program {
    /// The program, to be run as cargo runs it.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        let path = std::env::join_paths(&self.library_folders).unwrap_or_default();
        let variable =
            if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
        command.current_dir(&self.folder).env(variable, path).env("UMBRELLA_ENV", "test");
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }
}

impl Engine<'_> {
    /// Runs `cases`, begun in their order; `tell` hears of each when it is done. Those that were not begun in the end are
    /// told of to nobody.
    pub fn run(&self, cases: &[Case<'_>], mut tell: impl FnMut(Ran)) {
        let queue = Mutex::new(0..cases.len());
        let failures = AtomicU32::new(0);
        let running = Running::default();
        let (sender, done) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.threads.min(cases.len()) {
                let sender = sender.clone();
                scope.spawn(|| self.work(cases, &queue, &failures, &running, sender));
            }
            drop(sender);
            self.listen(&done, &queue, &running, &mut tell);
        });
    }

    fn listen(
        &self,
        done: &Receiver<Ran>,
        queue: &Mutex<std::ops::Range<usize>>,
        running: &Running,
        tell: &mut impl FnMut(Ran),
    ) {
        loop {
            match done.recv_timeout(LOOK) {
                Ok(ran) => tell(ran),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if (self.is_interrupted)() {
                empty(queue);
                for pid in locked(running).values() {
                    // It may be gone already.
                    let _gone = rustix::process::kill_process(*pid, Signal::KILL);
                }
            }
        }
    }

    fn work(
        &self,
        cases: &[Case<'_>],
        queue: &Mutex<std::ops::Range<usize>>,
        failures: &AtomicU32,
        running: &Running,
        done: Sender<Ran>,
    ) {
        loop {
            let Some(next) = locked(queue).next() else { return };
            let ran = self.attempt(next, &cases[next], running);
            // Before the next is begun, by this thread at least.
            let failed =
                failures.fetch_add(u32::from(!ran.passed), Ordering::Relaxed) + u32::from(!ran.passed);
            if self.max_failures.is_some_and(|most| failed >= most) {
                empty(queue);
            }
            if done.send(ran).is_err() {
                return;
            }
        }
    }

    /// Runs a test until it passes, or has failed often enough.
    fn attempt(&self, number: usize, case: &Case<'_>, running: &Running) -> Ran {
        let mut first: Option<String> = None;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let began = Instant::now();
            let (output, status) = self.once(number, case, running);
            let passed = status.is_some_and(|status| status.success());
            let output = first.get_or_insert(output).clone();
            if passed || attempts > self.retries || (self.is_interrupted)() {
                let signal = status.and_then(|status| status.signal());
                return Ran { case: number, passed, attempts, time: began.elapsed(), output, signal };
            }
        }
    }

    fn once(&self, number: usize, case: &Case<'_>, running: &Running) -> (String, Option<ExitStatus>) {
        let mut command = case.program.command();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(test) = case.test {
            // Its output is ours to keep: as it comes, errors included.
            command.args(["--exact", test, "--nocapture", "--include-ignored"]);
        }
        match spawn(command, number, running) {
            Ok((output, status)) => (String::from_utf8_lossy(&output).into_owned(), Some(status)),
            Err(error) => (format!("{} does not run: {error}\n", case.program.path.display()), None),
        }
    }
}

fn spawn(mut command: Command, number: usize, running: &Running) -> io::Result<(Vec<u8>, ExitStatus)> {
    let (output, input) = io::pipe()?;
    command.stdout(input.try_clone()?).stderr(input);
    let mut child = command.spawn()?;
    // It holds the writing end: as long as it lives here, the pipe has no end.
    drop(command);
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        locked(running).insert(number, pid);
    }
    let chunks = read(output);
    let status = child.wait();
    locked(running).remove(&number);
    let mut printed = Vec::new();
    while let Ok(chunk) = chunks.recv_timeout(OUTPUT_GRACE) {
        printed.extend(chunk);
    }
    Ok((printed, status?))
}

/// Reads until the end, which comes late when the test has left a process behind.
fn read(mut output: io::PipeReader) -> Receiver<Vec<u8>> {
    let (sender, chunks) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    chunks
}

/// No test is begun any more.
fn empty(queue: &Mutex<std::ops::Range<usize>>) {
    let mut queue = locked(queue);
    queue.start = queue.end;
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
