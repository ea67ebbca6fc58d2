//! Taking up a configuration that has changed while the applications run.

use super::super::config_change::AnyChange;
use super::super::master;
use super::super::refused::Refused;
use super::{Controller, lock};
use crate::config::{Config, ConfigError, Difference};
use crate::process::ExitReason;

/// What came of telling one application.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) application: &'static str,
    pub(crate) difference: Difference,
    /// What its callback said to it.
    pub(crate) outcome: Result<(), ExitReason>,
}

/// Why a configuration was not taken up; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReloadError {
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An application that runs could not be started with it.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Controller {
    /// Reads the configuration of everything that runs, and only if all of it is right tells each application whose
    /// table has changed, the one started last first. What starts from now on starts with it.
    ///
    /// Source: OTP `application_controller:config_change/1`.
    pub(crate) async fn reload(&self, config: Config) -> Result<Vec<Told>, ReloadError> {
        let _turn = self.turn().await?;
        let running = {
            let applications = lock(&self.0.applications);
            if applications.is_stopping() {
                return Err(Refused::NodeStopping.into());
            }
            applications.running()
        };
        let now = self.0.loaded.read(&running, config)?;
        let changes: Vec<_> = {
            let mut configured = lock(&self.0.configured);
            let before = std::mem::replace(&mut *configured, now);
            let change = |name: &&'static str| {
                let difference = configured.since(&before, name);
                let (before, now) = (before.typed.get(name)?.clone(), configured.typed.get(name)?.clone());
                (!difference.is_empty()).then_some((*name, AnyChange { before, now, difference }))
            };
            running.iter().filter_map(change).collect()
        };
        let mut told = Vec::with_capacity(changes.len());
        for (application, change) in changes {
            let difference = change.difference.clone();
            let outcome = tokio::select! {
                outcome = self.tell(application, change) => outcome,
                () = self.stopping() => Err(ExitReason::error("the node is stopping")),
            };
            if let Err(reason) = &outcome {
                tracing::error!(target: "umbrella::application", application, "config_change failed: {reason}");
            }
            told.push(Told { application, difference, outcome });
        }
        Ok(told)
    }

    async fn tell(&self, application: &'static str, change: AnyChange) -> Result<(), ExitReason> {
        let master = lock(&self.0.running).get(application).and_then(|running| running.master.clone());
        match master {
            Some(master) => master::change_config(&master, change).await,
            None => Ok(()),
        }
    }
}
