//! The tree: four applications, each with supervisors of all strategies in supervisors of all strategies.

use std::sync::LazyLock;
use std::time::Duration;

use umbrella::application::{Application, Spec, StartContext, StartType};
use umbrella::prelude::*;

use crate::worker::Worker;

const APPLICATIONS: [&str; 4] = ["a", "b", "c", "d"];
const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];
/// Supervisors of each strategy in an application, each with one supervisor of each strategy.
const OUTER: usize = 8;
/// The children of an inner supervisor.
const WORKERS: usize = 32;
/// The children of the dynamic supervisor of an application.
const DYNAMIC: usize = 100;

/// Within which a supervisor that gives up counts its restarts.
pub(crate) const PERIOD: Duration = Duration::from_secs(1);

/// A supervisor whose children are workers.
pub(crate) struct Inner {
    pub(crate) name: Name<Supervisor>,
    pub(crate) strategy: Strategy,
    pub(crate) workers: Vec<Place>,
}

/// Where a worker stands.
pub(crate) struct Place {
    pub(crate) name: Name<Worker>,
    pub(crate) restart: Restart,
}

/// A supervisor of supervisors.
pub(crate) struct Outer {
    pub(crate) name: Name<Supervisor>,
    strategy: Strategy,
    pub(crate) inner: Vec<Inner>,
}

pub(crate) struct Branch {
    name: &'static str,
    pub(crate) top: Name<Supervisor>,
    pub(crate) outer: Vec<Outer>,
    pub(crate) dynamic: Name<DynamicSupervisor>,
}

pub(crate) static TREE: LazyLock<Vec<Branch>> = LazyLock::new(|| APPLICATIONS.map(branch).into());

fn branch(name: &'static str) -> Branch {
    let strategies = STRATEGIES.into_iter().cycle().take(OUTER * STRATEGIES.len()).enumerate();
    let outer = strategies.map(|(index, strategy)| {
        let path = format!("{name}.{index}");
        let inner = STRATEGIES.map(|strategy| inner(name, &format!("{path}.{strategy:?}"), strategy)).into();
        Outer { name: Supervisor::named(leak(path), name), strategy, inner }
    });
    Branch {
        name,
        top: Supervisor::named(leak(format!("{name}.top")), name),
        outer: outer.collect(),
        dynamic: DynamicSupervisor::named(leak(format!("{name}.dynamic")), name),
    }
}

fn inner(application: &'static str, path: &str, strategy: Strategy) -> Inner {
    let workers = (0..WORKERS).map(|index| {
        let restart = match index % 8 {
            3 => Restart::Transient,
            6 => Restart::Temporary,
            _ => Restart::Permanent,
        };
        Place { name: Worker::named(leak(format!("{path}.{index}"))), restart }
    });
    Inner {
        name: Supervisor::named(leak(path.to_owned()), application),
        strategy,
        workers: workers.collect(),
    }
}

/// Names are for ever; these are made once.
fn leak(name: String) -> &'static str {
    name.leak()
}

/// Children that are killed all the time are no reason to give up.
fn tireless(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy).intensity(u32::MAX)
}

impl Inner {
    fn supervisor(&self, gives_up: bool) -> Supervisor {
        let mut supervisor = tireless(self.strategy).name(self.name.clone());
        if gives_up {
            supervisor = supervisor.intensity(2).period(PERIOD);
        }
        self.workers.iter().fold(supervisor, |supervisor, place| {
            supervisor.child(Worker::child_spec(()).name(place.name.clone()).restart(place.restart))
        })
    }
}

impl Outer {
    /// The last of its supervisors gives up now and then, so that crashes travel upward too.
    fn supervisor(&self) -> Supervisor {
        let supervisor = tireless(self.strategy).name(self.name.clone());
        self.inner.iter().enumerate().fold(supervisor, |supervisor, (index, inner)| {
            let gives_up = index + 1 == self.inner.len();
            supervisor.child(inner.supervisor(gives_up).child_spec(Name::as_str(&inner.name)))
        })
    }
}

impl Application for &'static Branch {
    type Config = ();

    async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        let top = tireless(Strategy::OneForOne).name(self.top.clone());
        let top = self
            .outer
            .iter()
            .fold(top, |top, outer| top.child(outer.supervisor().child_spec(Name::as_str(&outer.name))));
        let dynamic = DynamicSupervisor::new().intensity(u32::MAX).name(self.dynamic.clone());
        let top = top.child(dynamic.child_spec("dynamic")).start_link().await?;
        for _ in 0..DYNAMIC {
            self.dynamic.start_child(Worker::child_spec(())).await.map_err(StartError::failed)?;
        }
        Ok(top)
    }
}

/// Each application needs the one before it.
pub(crate) fn applications() -> Vec<Spec> {
    let mut applications: Vec<Spec> = Vec::new();
    for branch in TREE.iter() {
        let spec = Spec::supervised(branch.name, "0.1.0", branch, StartType::Permanent);
        applications.push(match applications.last() {
            Some(needed) => spec.depends_on(needed.clone()),
            None => spec,
        });
    }
    applications
}

/// All supervisors of workers.
pub(crate) fn inner_supervisors() -> impl Iterator<Item = &'static Inner> {
    TREE.iter().flat_map(|branch| &branch.outer).flat_map(|outer| &outer.inner)
}
