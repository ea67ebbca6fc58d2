//! What went wrong, and what was made of it.

use serde::{Deserialize, Serialize};

use crate::application::Controller;
use crate::node::clock::unix_ms;
use crate::process::Incident;

/// What went wrong in applications.
#[derive(Serialize, Deserialize)]
pub(crate) struct Crashes {
    applications: Vec<Crashed>,
}

#[derive(Serialize, Deserialize)]
struct Crashed {
    name: String,
    state: crate::application::State,
    restarts: u64,
    /// The oldest first.
    incidents: Vec<Told>,
}

/// One thing that went wrong.
#[derive(Serialize, Deserialize)]
struct Told {
    at_unix_ms: u64,
    kind: String,
    process: String,
    pid: Option<String>,
    /// The process it is about, of what a supervisor did.
    about: Option<String>,
    text: String,
}

impl Crashes {
    /// Of these applications, in start order.
    pub(crate) fn of(controller: &Controller, names: &[&'static str]) -> Self {
        let infos = controller.infos().into_iter().filter(|info| names.contains(&info.name));
        let applications = infos.map(|info| Crashed {
            name: info.name.to_owned(),
            state: info.state,
            restarts: info.restarts,
            incidents: controller.history(info.name).into_iter().map(told).collect(),
        });
        Self { applications: applications.collect() }
    }

    /// Of all applications.
    pub(crate) fn of_all(controller: &Controller) -> Self {
        let names: Vec<_> = controller.infos().iter().map(|info| info.name).collect();
        Self::of(controller, &names)
    }
}

fn told(incident: Incident) -> Told {
    Told {
        at_unix_ms: unix_ms(incident.at),
        kind: incident.kind.as_str().to_owned(),
        process: incident.process.into(),
        pid: incident.pid.map(|pid| pid.to_string()),
        about: incident.about.map(|pid| pid.to_string()),
        text: incident.text.into(),
    }
}
