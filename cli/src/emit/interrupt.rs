//! Ctrl-C while files are written.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether Ctrl-C (or SIGTERM) came while somebody was [listening](Self::listen). At any other time the two signals do
/// what they always do.
#[derive(Debug, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
    installed: OnceLock<bool>,
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

    /// Notes an interruption, as a signal does.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
    }

    /// Whether one was noted.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    fn install(&self) -> io::Result<()> {
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&self.idle))?;
            flag::register(signal, Arc::clone(&self.raised))?;
        }
        Ok(())
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.idle.store(true, Ordering::SeqCst);
    }
}
