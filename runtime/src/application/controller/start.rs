//! Starting one application after the other.

use std::sync::{Arc, OnceLock};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::super::master::{self, Master};
use super::super::refused::quoted;
use super::super::spec::Kind;
use super::super::state::State;
use super::super::sweep::sweep;
use super::super::watch;
use super::{Controller, OperationError, Running, Turn, lock};
use crate::gen_server::{Start, StartError};
use crate::process::{ExitReason, GroupLeader};
use crate::registry::Ref;

impl Controller {
    /// Starts in the given order; after a failure stops what it started, where `undo` says so, in reverse.
    pub(super) async fn start_all(
        &self,
        names: &[&'static str],
        undo: impl Fn(&'static str) -> bool,
    ) -> Result<(), OperationError> {
        let mut started: Vec<&'static str> = Vec::new();
        for &name in names {
            // One that was started before it may have asked for it.
            if self.runs(name) {
                continue;
            }
            if let Err(reason) = self.start_one(name).await {
                for name in started.into_iter().rev().filter(|name| undo(name)) {
                    self.stop_one(name).await;
                }
                return Err(OperationError::StartFailed { application: name, reason });
            }
            started.push(name);
        }
        Ok(())
    }

    pub(super) async fn start_one(&self, name: &'static str) -> Result<(), StartError> {
        let started = Instant::now();
        let leader = Arc::new(GroupLeader::new(name));
        if let Some(before) = lock(&self.0.running).get(name) {
            leader.remember(&before.leader);
        }
        let ended = Arc::new(OnceLock::new());
        let turn = Turn::default();
        let running = |master| {
            let (leader, ended, turn) = (Arc::clone(&leader), Arc::clone(&ended), Arc::clone(&turn));
            Running { leader, since: started, master, ended, turn }
        };
        lock(&self.0.running).insert(name, running(None));
        self.set(name, State::Starting);
        let outcome = tokio::select! {
            outcome = self.start_master(name, &leader, &ended) => outcome,
            // It stays in its state, and is stopped with the others.
            () = self.stopping() => return Err(StartError::failed("the node is stopping")),
        };
        // What it asked for while it started comes to its end before anybody else asks.
        let _turn = turn.lock().await;
        match outcome {
            Ok(master) => {
                lock(&self.0.running).insert(name, running(master.clone()));
                self.set(name, State::Running);
                self.watch(name, master);
                let took = started.elapsed();
                tracing::info!(target: "umbrella::application", application = name, "started ({took:.1?})");
                Ok(())
            }
            Err(reason) => {
                self.set(name, State::Failed);
                Err(reason)
            }
        }
    }

    pub(super) async fn stopping(&self) {
        // Fails only when the sender is gone, which is part of `self`.
        drop(self.0.stopping.subscribe().wait_for(|stopping| *stopping).await);
    }

    async fn start_master(
        &self,
        name: &'static str,
        leader: &Arc<GroupLeader>,
        ended: &Arc<OnceLock<ExitReason>>,
    ) -> Result<Option<Ref<Master>>, StartError> {
        let unmet = lock(&self.0.applications).unmet(name);
        if !unmet.is_empty() {
            return Err(StartError::failed(format_args!("it needs {}, not running", quoted(&unmet))));
        }
        let Some(Kind::Supervised { callback, .. }) = self.0.loaded.specs.get(name).map(|spec| &spec.kind)
        else {
            return Ok(None);
        };
        let Some(config) = lock(&self.0.configured).typed.get(name).cloned() else {
            return Err(StartError::failed("its configuration was not complete when the node was started"));
        };
        let (failure, failed) = oneshot::channel();
        let (callback, ended) = (Arc::clone(callback), Arc::clone(ended));
        let start = Start::<Master>::new(master::Args { name, callback, config, failure, ended });
        let start = start.group_leader(Arc::clone(leader));
        match self.0.node.scope(async { start.start().await }).await {
            Ok(master) => Ok(Some(master)),
            // The callback's own words, if it came to say them.
            Err(StartError::InitFailed(reason)) => {
                self.interrupt(leader).await;
                sweep(&self.0.node, leader, None).await;
                Err(failed.await.unwrap_or(StartError::InitFailed(reason)))
            }
            Err(other) => Err(other),
        }
    }

    fn watch(&self, name: &'static str, master: Option<Ref<Master>>) {
        if let (Some(master), Some(process)) = (master, &*lock(&self.0.watch)) {
            watch::watch(process, name, Ref::pid(&master));
        }
    }
}
