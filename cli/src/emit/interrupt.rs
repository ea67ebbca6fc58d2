//! Ctrl-C while files are written or tests run.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::ExitCode;

/// Whether Ctrl-C (or SIGTERM, or the end of the terminal) came while somebody was [listening](Self::listen). At any other
/// time the signals do what they always do.
#[derive(Debug, Default)]
pub struct Interrupt {
    /// The signal that came last and was not looked at yet; 0 if there is none.
    arrived: Arc<AtomicUsize>,
    noted: Mutex<Option<Noted>>,
    idle: Arc<AtomicBool>,
    installed: OnceLock<bool>,
    hang_up: OnceLock<bool>,
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The first signal.
    pub signal: Asked,
    /// How many looks found one: a second Ctrl-C is more urgent than the first.
    pub times: u32,
}

/// Who asked for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The terminal went away: SIGHUP.
    HangUp,
    /// Ctrl-C: SIGINT.
    Interrupt,
    /// Somebody else: SIGTERM.
    Terminate,
}

impl Asked {
    /// What the shell sees then: 128 and the number of the signal.
    #[must_use]
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::HangUp => ExitCode::HungUp,
            Self::Interrupt => ExitCode::Interrupted,
            Self::Terminate => ExitCode::Terminated,
        }
    }
}

/// While this is held, a signal is noted instead of ending the process.
#[derive(Debug)]
pub struct Listening<'a>(&'a Interrupt);

impl Interrupt {
    /// Notes signals, instead of ending the process, until what is returned is dropped.
    ///
    /// The handlers are installed the first time. If the system refuses them, signals go on ending the process.
    #[must_use]
    pub fn listen(&self) -> Listening<'_> {
        self.installed.get_or_init(|| self.install().is_ok());
        self.idle.store(false, Ordering::SeqCst);
        Listening(self)
    }

    /// As [`listen`](Self::listen), and to the end of the terminal as well, unless `nohup` has it ignored: for commands
    /// whose processes would not hear of it, since they are in groups of their own.
    #[must_use]
    pub fn listen_also_to_hang_up(&self) -> Listening<'_> {
        if !is_ignored(SIGHUP) {
            self.hang_up.get_or_init(|| self.register(SIGHUP).is_ok());
        }
        self.listen()
    }

    /// What came, if something did.
    #[must_use]
    pub fn noted(&self) -> Option<Noted> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let signal = match i32::try_from(self.arrived.swap(0, Ordering::SeqCst)) {
            Ok(SIGHUP) => Asked::HangUp,
            Ok(SIGINT) => Asked::Interrupt,
            Ok(SIGTERM) => Asked::Terminate,
            _ => return *noted,
        };
        match &mut *noted {
            Some(noted) => noted.times += 1,
            None => *noted = Some(Noted { signal, times: 1 }),
        }
        *noted
    }

    /// Whether something came.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.noted().is_some()
    }

    fn install(&self) -> io::Result<()> {
        [SIGINT, SIGTERM].into_iter().try_for_each(|signal| self.register(signal))
    }

    fn register(&self, signal: i32) -> io::Result<()> {
        flag::register_conditional_default(signal, Arc::clone(&self.idle))?;
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(&self.arrived), number).map(drop)
    }
}

/// Whether whoever started us has this signal ignored. Where the system does not say, it is not.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.idle.store(true, Ordering::SeqCst);
    }
}
