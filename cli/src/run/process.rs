//! A node's operating system process: who it is for certain, waiting until it is gone, and signals.
//!
//! A process id is a number that the system hands out again. Nothing here signals one that was merely read in a file:
//! it comes from the node's own connection and, on Linux, is pinned by a file descriptor while that connection lives.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::control::{Control, ControlError};

/// A verified process of a node.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    /// Refers to this very process, also when its number is taken by another.
    #[cfg(target_os = "linux")]
    handle: std::os::fd::OwnedFd,
}

/// Why the process behind a control socket could not be found or signalled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// It cannot be reached any more.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The operating system does not say who listens.
    #[error("the process behind the control socket is unknown")]
    Unknown,
    /// The operating system said no.
    #[error("process {pid}: {source}")]
    Io {
        /// The process.
        pid: i32,
        /// What it said.
        source: io::Error,
    },
}

impl Process {
    /// The process that listens on the control socket at `path`.
    ///
    /// # Errors
    /// [`ProcessError`]; [`ControlError::NotRunning`] inside it when there is none.
    #[cfg(target_os = "linux")]
    pub fn behind(path: &Path) -> Result<Self, ProcessError> {
        let pid = Control::connect(path)?.peer().ok_or(ProcessError::Unknown)?;
        let handle = pin(pid)?;
        // The number could have changed hands before it was pinned. A listener of that number now is the pinned one.
        if Control::connect(path)?.peer() != Some(pid) {
            return Err(ProcessError::Unknown);
        }
        Ok(Self { pid, handle })
    }

    /// The process that listens on the control socket at `path`, by what it says of itself just now.
    ///
    /// # Errors
    /// [`ProcessError`]; [`ControlError::NotRunning`] inside it when there is none.
    #[cfg(not(target_os = "linux"))]
    pub fn behind(path: &Path) -> Result<Self, ProcessError> {
        let pid = Control::connect(path)?.status()?.pid;
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(ProcessError::Unknown)?;
        Ok(Self { pid })
    }

    /// A child of ours that nobody has waited for yet, so that its number cannot be another's.
    ///
    /// # Errors
    /// [`ProcessError::Io`].
    pub fn of_child(child: &std::process::Child) -> Result<Self, ProcessError> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(ProcessError::Unknown)?;
        Ok(Self {
            pid,
            #[cfg(target_os = "linux")]
            handle: pin(pid)?,
        })
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_pid()
    }

    /// Waits until it is gone, for at most `timeout`; whether it is.
    ///
    /// # Errors
    /// [`ProcessError::Io`].
    pub fn wait_gone(&self, timeout: Duration) -> Result<bool, ProcessError> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.wait_once(left)? {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    /// Asks it to stop.
    ///
    /// # Errors
    /// [`ProcessError::Io`]. That it is gone already is no error.
    pub fn terminate(&self) -> Result<(), ProcessError> {
        self.signal(Signal::TERM)
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// [`ProcessError::Io`]. That it is gone already is no error.
    pub fn kill(&self) -> Result<(), ProcessError> {
        self.signal(Signal::KILL)
    }

    #[cfg(target_os = "linux")]
    fn wait_once(&self, left: Duration) -> Result<bool, ProcessError> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut exits = [PollFd::new(&self.handle, PollFlags::IN)];
        let left = Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut exits, Some(&left)) {
            Ok(ready) => Ok(ready > 0),
            // Ctrl-C of somebody who watches for it: the caller's loop goes on.
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(self.error(error)),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn wait_once(&self, left: Duration) -> Result<bool, ProcessError> {
        match rustix::process::test_kill_process(self.pid) {
            Err(rustix::io::Errno::SRCH) => Ok(true),
            Err(error) => Err(self.error(error)),
            Ok(()) => {
                std::thread::sleep(left.min(Duration::from_millis(5)));
                Ok(false)
            }
        }
    }

    fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        #[cfg(target_os = "linux")]
        let sent = rustix::process::pidfd_send_signal(&self.handle, signal);
        #[cfg(not(target_os = "linux"))]
        let sent = rustix::process::kill_process(self.pid, signal);
        match sent {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(self.error(error)),
        }
    }

    fn error(&self, error: rustix::io::Errno) -> ProcessError {
        ProcessError::Io { pid: self.pid(), source: error.into() }
    }
}

/// A descriptor of the process that has this number now.
#[cfg(target_os = "linux")]
fn pin(pid: Pid) -> Result<std::os::fd::OwnedFd, ProcessError> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())
        .map_err(|error| ProcessError::Io { pid: pid.as_raw_pid(), source: error.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn the_process_behind_a_socket_is_its_listener() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("abc.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        let process = Process::behind(&path).expect("this process");
        assert_eq!(process.pid(), rustix::process::getpid().as_raw_pid());
        assert!(!process.wait_gone(Duration::ZERO).expect("a look"), "this process is here");
        drop(listener);
        assert!(matches!(Process::behind(&path), Err(ProcessError::Control(ControlError::NotRunning))));
    }
}
