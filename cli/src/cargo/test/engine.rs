//! Runs tests, each in a process of its own, several at a time.
//!
//! Source: cargo-nextest, whose way of running tests this is: a test that aborts fails alone, each has a time of its own,
//! and can be run again.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::processes::{Processes, Reach};
use super::programs::{LIBRARY_PATH, Program};

/// How often the one who waits looks whether somebody pressed Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// How long what a test printed may be held open by a process that it left behind, before that is ended.
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
    /// Where they run.
    pub processes: &'a Processes,
    /// Whether somebody pressed Ctrl-C.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
}

/// The cases that came to no end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Those that ran when somebody pressed Ctrl-C.
    pub interrupted: Vec<Ran>,
    /// Those that were not begun.
    pub not_run: Vec<usize>,
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
    /// Whether it left a process behind, which held on to its output and was ended.
    pub is_leaky: bool,
}

/// What a process of a test came to.
struct Once {
    output: String,
    status: Option<ExitStatus>,
    is_leaky: bool,
}

impl Program {
    /// The program, to be run as cargo runs it.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        let path = std::env::join_paths(&self.library_folders).unwrap_or_default();
        command.current_dir(&self.folder).env(LIBRARY_PATH, path).env("UMBRELLA_ENV", "test");
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }
}

impl Engine<'_> {
    /// Runs `cases`, begun in their order; `tell` hears of each when it is done. Answers those that were not.
    pub fn run(&self, cases: &[Case<'_>], mut tell: impl FnMut(Ran)) -> Unfinished {
        let queue = Mutex::new(0..cases.len());
        let failures = AtomicU32::new(0);
        let interrupted = Mutex::new(Vec::new());
        let mut not_run: Vec<usize> = (0..cases.len()).collect();
        let (sender, done) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..self.threads.min(cases.len()) {
                let sender = sender.clone();
                scope.spawn(|| self.work(cases, &queue, &failures, &interrupted, sender));
            }
            drop(sender);
            self.listen(&done, &queue, &mut |ran| {
                not_run.retain(|case| *case != ran.case);
                tell(ran);
            });
        });
        let mut interrupted = interrupted.into_inner().unwrap_or_else(PoisonError::into_inner);
        interrupted.sort_unstable_by_key(|ran: &Ran| ran.case);
        not_run.retain(|case| !interrupted.iter().any(|ran| ran.case == *case));
        Unfinished { interrupted, not_run }
    }

    fn listen(
        &self,
        done: &Receiver<Ran>,
        queue: &Mutex<std::ops::Range<usize>>,
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
            }
        }
    }

    fn work(
        &self,
        cases: &[Case<'_>],
        queue: &Mutex<std::ops::Range<usize>>,
        failures: &AtomicU32,
        interrupted: &Mutex<Vec<Ran>>,
        done: Sender<Ran>,
    ) {
        loop {
            if (self.is_interrupted)() {
                return empty(queue);
            }
            let Some(next) = locked(queue).next() else { return };
            let ran = self.attempt(next, &cases[next]);
            // What was ended did not fail.
            if !ran.passed && (self.is_interrupted)() {
                locked(interrupted).push(ran);
                return empty(queue);
            }
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
    fn attempt(&self, number: usize, case: &Case<'_>) -> Ran {
        let mut first: Option<String> = None;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let began = Instant::now();
            let Once { output, status, is_leaky } = self.once(case);
            let passed = status.is_some_and(|status| status.success());
            let output = first.get_or_insert(output).clone();
            if passed || attempts > self.retries || (self.is_interrupted)() {
                let signal = status.and_then(|status| status.signal());
                let time = began.elapsed();
                return Ran { case: number, passed, attempts, time, output, signal, is_leaky };
            }
        }
    }

    fn once(&self, case: &Case<'_>) -> Once {
        let mut command = case.program.command();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(test) = case.test {
            // Its output is ours to keep: as it comes, errors included.
            command.args(["--exact", test, "--nocapture", "--include-ignored"]);
        }
        self.spawn(command).unwrap_or_else(|error| {
            let output = format!("{} does not run: {error}\n", case.program.path.display());
            Once { output, status: None, is_leaky: false }
        })
    }

    fn spawn(&self, mut command: Command) -> io::Result<Once> {
        let (output, input) = io::pipe()?;
        command.stdout(input.try_clone()?).stderr(input);
        let running = self.processes.spawn(&mut command, Reach::Group)?;
        // It holds the writing end: as long as it lives here, the pipe has no end.
        drop(command);
        let chunks = read(output);
        running.wait();
        let mut printed = Vec::new();
        let is_leaky = !take(&chunks, &mut printed);
        running.end_group();
        if is_leaky {
            take(&chunks, &mut printed);
        }
        let status = Some(running.end()?);
        Ok(Once { output: String::from_utf8_lossy(&printed).into_owned(), status, is_leaky })
    }
}

/// Takes what comes to `printed`, for a while; whether it came to its end.
fn take(chunks: &Receiver<Vec<u8>>, printed: &mut Vec<u8>) -> bool {
    let deadline = Instant::now() + OUTPUT_GRACE;
    loop {
        match chunks.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(chunk) => printed.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
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
