//! Stopping one application.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::master::{self, Master};
use super::super::state::State;
use super::super::sweep::{KILL_GRACE, sweep};
use super::{Controller, lock};
use crate::process::{GroupLeader, Pid};
use crate::registry::Ref;

/// How long an application that did not come to run, or was interrupted before, has to end before it is killed.
const INTERRUPTED_BUDGET: Duration = Duration::from_secs(5);

impl Controller {
    /// Stops an application; when this returns none of its processes is left.
    pub(super) async fn stop_one(&self, name: &'static str) {
        let started = Instant::now();
        self.set(name, State::Stopping);
        let running = lock(&self.0.running).get(name).cloned();
        if let Some(running) = running {
            match &running.master {
                Some(master) => self.stop_master(name, master).await,
                None => self.interrupt(&running.leader).await,
            }
            sweep(&self.0.node, &running.leader, None).await;
        }
        self.set(name, State::Stopped);
        let took = started.elapsed();
        tracing::info!(target: "umbrella::application", application = name, "stopped ({took:.1?})");
    }

    /// Asks the master to stop its application, and kills it when the time is up; its processes are swept then.
    async fn stop_master(&self, name: &'static str, master: &Ref<Master>) {
        let gone = async {
            master::stop(master).await;
            self.0.node.wait_exit(Ref::pid(master)).await;
        };
        let Some(budget) = self.0.loaded.shutdown_timeout(name) else { return gone.await };
        if tokio::time::timeout(budget, gone).await.is_err() {
            tracing::warn!(target: "umbrella::application", application = name, "did not stop within {budget:.1?}");
            self.0.node.kill(Ref::pid(master));
            drop(tokio::time::timeout(KILL_GRACE, self.0.node.wait_exit(Ref::pid(master))).await);
        }
    }

    /// Ends an application that does not come to run: its master first, which takes the tree with it, in order.
    pub(super) async fn interrupt(&self, leader: &Arc<GroupLeader>) {
        let node = &self.0.node;
        let processes = node.processes_of(leader);
        let is_master = |pid: &Pid| node.process_info(*pid).is_some_and(|info| info.parent.is_none());
        processes.iter().copied().filter(is_master).for_each(|pid| node.kill(pid));
        let all_gone = async {
            for pid in processes {
                node.wait_exit(pid).await;
            }
        };
        // What is left then is swept, with a warning.
        drop(tokio::time::timeout(INTERRUPTED_BUDGET, all_gone).await);
    }
}
