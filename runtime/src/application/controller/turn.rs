//! Requests wait for their turn, so that one plan is carried out at a time.
//!
//! An application that is being started may ask for others, as in OTP. It holds up the request that starts it, so what it
//! asks for comes in between: an application that starts has a turn of its own, and the request that starts it goes on when
//! that is free again.
//!
//! An application that is being stopped, or told of its configuration, is waited for as well, but can ask for nothing.
//!
//! Source: OTP `application_controller`, which starts applications side by side and stops one at a time. Differs: requests
//! are carried out one after the other; one that would wait for itself is refused, where OTP waits forever.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::super::refused::Refused;
use super::super::state::State;
use super::{Controller, Running, lock};
use crate::process::{GroupLeader, Node, Pid, self_pid};
use crate::registry::Ref;

/// Held while a request is carried out.
pub(super) type Turn = Arc<Mutex<()>>;

/// The process that makes a request, if it is one.
#[derive(Clone, Default)]
pub(super) struct Asker(Option<(Pid, Arc<GroupLeader>)>);

impl Asker {
    /// The running process.
    pub(super) fn running(node: &Node) -> Self {
        let pid = self_pid();
        Self(pid.and_then(|pid| Some((pid, Arc::clone(&node.process(pid)?.head().leader)))))
    }
}

impl Controller {
    /// Waits until the request may be carried out, which it may be for as long as the guard lives.
    pub(super) async fn turn(&self) -> Result<OwnedMutexGuard<()>, Refused> {
        loop {
            let Some((name, running)) = self.asking() else { break };
            match lock(&self.0.applications).state(name) {
                Some(State::Starting) => {}
                Some(State::Stopping) => return Err(Refused::CallingSelf { application: name }),
                // The callbacks run in the master; this one is `config_change`.
                _ if self.is_master(&running) => return Err(Refused::CallingSelf { application: name }),
                _ => break,
            }
            let turn = Arc::clone(&running.turn).lock_owned().await;
            // If it has started meanwhile, it asks as any other.
            let is_starting = lock(&self.0.applications).state(name) == Some(State::Starting);
            if is_starting && self.asking().is_some_and(|(_, now)| Arc::ptr_eq(&now.turn, &running.turn)) {
                return Ok(turn);
            }
        }
        Ok(Arc::clone(&self.0.turn).lock_owned().await)
    }

    /// The application that makes this request.
    pub(super) fn asking(&self) -> Option<(&'static str, Running)> {
        let (_, leader) = self.1.0.as_ref()?;
        let running = lock(&self.0.running);
        let mut mine = running.iter().filter(|(_, running)| Arc::ptr_eq(&running.leader, leader));
        mine.next().map(|(name, running)| (*name, running.clone()))
    }

    /// Waits until no application that was interrupted while it started is waited for by a request of its own.
    pub(super) async fn nobody_starts_others(&self) {
        let turns: Vec<_> = lock(&self.0.running).values().map(|running| Arc::clone(&running.turn)).collect();
        for turn in turns {
            drop(turn.lock().await);
        }
    }

    fn is_master(&self, running: &Running) -> bool {
        let asker = self.1.0.as_ref().map(|(pid, _)| *pid);
        running.master.as_ref().is_some_and(|master| Some(Ref::pid(master)) == asker)
    }
}
