//! The children of one dynamic supervisor, counted as they come and go. Pure.

use std::collections::HashMap;

use crate::process::Pid;
use crate::supervisor::child_spec::{ChildKind, ChildSpec};
use crate::supervisor::children::ChildState;
use crate::supervisor::client::{ChildCounts, ChildInfo};

/// The children by pid. Every operation but a list of all costs the same however many there are.
#[derive(Debug, Default)]
pub(super) struct Children {
    running: HashMap<Pid, ChildSpec>,
    /// Children between two restart attempts, by their last pid.
    restarting: HashMap<Pid, ChildSpec>,
    /// How often those were restarted that were at all, by their pid or their last one: the others cost nothing.
    restarts: HashMap<Pid, u32>,
    supervisors: usize,
    significant: usize,
}

impl Children {
    pub(super) fn len(&self) -> usize {
        self.running.len() + self.restarting.len()
    }

    /// Whether a significant child is left, running or about to.
    pub(super) fn has_significant(&self) -> bool {
        self.significant > 0
    }

    /// The child runs as `pid`.
    pub(super) fn run(&mut self, pid: Pid, spec: ChildSpec) {
        self.count(&spec);
        self.running.insert(pid, spec);
    }

    /// The child that was the process `last` waits for the next attempt to restart it.
    pub(super) fn wait(&mut self, last: Pid, spec: ChildSpec) {
        self.count(&spec);
        self.restarting.insert(last, spec);
    }

    /// Counts a restart of the child that is or was the process `last`.
    pub(super) fn note_restart(&mut self, last: Pid) {
        let restarts = self.restarts.entry(last).or_default();
        *restarts = restarts.saturating_add(1);
    }

    /// The child that was the process `last` runs again, as `pid`.
    pub(super) fn run_again(&mut self, last: Pid, pid: Pid, spec: ChildSpec) {
        if let Some(restarts) = self.restarts.remove(&last) {
            self.restarts.insert(pid, restarts);
        }
        self.run(pid, spec);
    }

    /// The child that was the process `last`, and was taken out, does not come back.
    pub(super) fn forget(&mut self, last: Pid) {
        if !self.restarts.is_empty() {
            self.restarts.remove(&last);
        }
    }

    /// Takes a running child out.
    pub(super) fn take_running(&mut self, pid: Pid) -> Option<ChildSpec> {
        let spec = self.running.remove(&pid)?;
        self.discount(&spec);
        Some(spec)
    }

    /// Takes a child out that waits for the next attempt to restart it.
    pub(super) fn take_restarting(&mut self, last: Pid) -> Option<ChildSpec> {
        let spec = self.restarting.remove(&last)?;
        self.discount(&spec);
        Some(spec)
    }

    pub(super) fn get(&self, pid: Pid) -> Option<&ChildSpec> {
        self.running.get(&pid).or_else(|| self.restarting.get(&pid))
    }

    pub(super) fn running(&self) -> impl Iterator<Item = (Pid, &ChildSpec)> {
        self.running.iter().map(|(&pid, spec)| (pid, spec))
    }

    pub(super) fn infos(&self) -> Vec<ChildInfo> {
        let running = self.running().map(|(pid, spec)| (ChildState::Running(pid), pid, spec));
        let restarting = self.restarting.iter().map(|(&last, spec)| (ChildState::Restarting, last, spec));
        let info = |(state, pid, spec): (ChildState, Pid, &ChildSpec)| {
            let restarts = Some(self.restarts.get(&pid).copied().unwrap_or(0));
            ChildInfo { id: spec.id.clone(), state, kind: spec.kind, restarts }
        };
        running.chain(restarting).map(info).collect()
    }

    pub(super) fn counts(&self) -> ChildCounts {
        let specs = self.len();
        ChildCounts {
            specs,
            active: self.running.len(),
            supervisors: self.supervisors,
            workers: specs - self.supervisors,
        }
    }

    fn count(&mut self, spec: &ChildSpec) {
        self.supervisors += usize::from(spec.kind == ChildKind::Supervisor);
        self.significant += usize::from(spec.significant);
    }

    fn discount(&mut self, spec: &ChildSpec) {
        self.supervisors -= usize::from(spec.kind == ChildKind::Supervisor);
        self.significant -= usize::from(spec.significant);
    }
}
