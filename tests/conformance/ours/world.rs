//! What the processes of one scenario share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use umbrella::prelude::*;
use umbrella::process::Alias;
use umbrella::testing::Applications;

use super::actor::{Actor, Through};
use super::recorder::Recorder;
use crate::scenario::Declaration;

/// A process of a scenario.
#[derive(Clone)]
pub(super) enum Process {
    Server(Ref<Actor>),
    Plain(Pid, UnboundedSender<Vec<String>>),
    Supervisor(Ref<Supervisor>),
    Dynamic(Ref<DynamicSupervisor>),
}

impl Process {
    pub(super) fn pid(&self) -> Pid {
        match self {
            Self::Server(server) => Ref::pid(server),
            Self::Plain(pid, _) => *pid,
            Self::Supervisor(supervisor) => Ref::pid(supervisor),
            Self::Dynamic(supervisor) => Ref::pid(supervisor),
        }
    }
}

pub(super) struct World {
    pub(super) node: Node,
    pub(super) recorder: Ref<Recorder>,
    declarations: HashMap<String, Declaration>,
    inits: Mutex<HashMap<String, VecDeque<String>>>,
    known: Mutex<Known>,
    applications: OnceLock<Applications>,
    /// The environment of each application, as it was written.
    envs: Mutex<BTreeMap<String, String>>,
    node_stop: Notify,
}

#[derive(Default)]
struct Known {
    processes: HashMap<String, Process>,
    names: HashMap<Pid, String>,
    aliases: HashMap<String, Alias<Through>>,
}

impl World {
    pub(super) fn new(
        declarations: &[Declaration],
        node: Node,
        recorder: Ref<Recorder>,
    ) -> std::sync::Arc<Self> {
        let by_name: HashMap<_, _> =
            declarations.iter().map(|declared| (declared.name.clone(), declared.clone())).collect();
        let inits = by_name.iter().map(|(name, declared)| (name.clone(), declared.list("init").into()));
        let inits = Mutex::new(inits.collect());
        std::sync::Arc::new(Self {
            node,
            recorder,
            inits,
            declarations: by_name,
            known: Mutex::default(),
            applications: OnceLock::new(),
            envs: Mutex::default(),
            node_stop: Notify::new(),
        })
    }

    /// Loads the applications that were declared.
    pub(super) async fn load(self: &std::sync::Arc<Self>) {
        assert!(self.applications.set(super::apps::load(self).await).is_ok(), "loaded once");
    }

    pub(super) fn applications(&self) -> &Applications {
        self.applications.get().expect("loaded before anything happens")
    }

    pub(super) fn envs(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.envs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the node stop, as if it was asked from outside.
    pub(super) fn stop_node(&self) {
        self.node_stop.notify_one();
    }

    /// Waits until an application takes the node down, or somebody stops it.
    pub(super) async fn node_ends(&self) {
        tokio::select! {
            _application = self.applications().ended() => {}
            () = self.node_stop.notified() => {}
        }
    }

    /// All that was declared, in no order.
    pub(super) fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.declarations.values()
    }

    /// What was declared as `name`; an undeclared one is a server with no options.
    pub(super) fn declaration(&self, name: &str) -> Declaration {
        self.declarations.get(name).cloned().unwrap_or_else(|| Declaration::server(name))
    }

    /// The outcomes of `init` are used up one by one; then all is well.
    pub(super) fn next_init(&self, name: &str) -> String {
        let mut inits = self.inits.lock().unwrap_or_else(PoisonError::into_inner);
        inits.get_mut(name).and_then(VecDeque::pop_front).unwrap_or_else(|| "ok".into())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `process` is `name` from now on, and its end is an event.
    pub(super) async fn hello(&self, name: &str, process: Process) {
        let pid = process.pid();
        self.meet(name, process);
        self.recorder.watch(name.into(), pid).await.expect("the recorder lives");
    }

    /// `process` is `name` from now on.
    pub(super) fn meet(&self, name: &str, process: Process) {
        let mut known = self.known();
        known.names.insert(process.pid(), name.into());
        known.processes.insert(name.into(), process);
    }

    pub(super) fn process(&self, name: &str) -> Process {
        self.known().processes.get(name).unwrap_or_else(|| panic!("no process is called `{name}`")).clone()
    }

    pub(super) fn pid(&self, name: &str) -> Pid {
        self.process(name).pid()
    }

    pub(super) fn name_of(&self, pid: Pid) -> String {
        self.known().names.get(&pid).cloned().unwrap_or_else(|| "?".into())
    }

    /// `alias` is `name` from now on.
    pub(super) fn open(&self, name: &str, alias: Alias<Through>) {
        self.known().aliases.insert(name.into(), alias);
    }

    pub(super) fn alias(&self, name: &str) -> Alias<Through> {
        self.known().aliases.get(name).unwrap_or_else(|| panic!("no alias is called `{name}`")).clone()
    }

    /// The aliases that the running process receives from.
    pub(super) fn aliases_of(&self, pid: Pid) -> Vec<Alias<Through>> {
        self.known().aliases.values().filter(|alias| alias.pid() == Some(pid)).cloned().collect()
    }

    pub(super) fn event(&self, name: &str, event: &str) {
        self.recorder.event(format!("{name} {event}")).expect("the recorder lives");
    }

    /// Asks a process to do something. Does not wait; a process that is gone does nothing.
    pub(super) fn tell(&self, name: &str, words: Vec<String>) {
        match self.process(name) {
            Process::Server(server) => drop(server.perform(words)),
            Process::Plain(_, sender) => drop(sender.send(words)),
            Process::Supervisor(_) | Process::Dynamic(_) => {
                panic!("`{name}` is a supervisor: it takes signals only")
            }
        }
    }
}
