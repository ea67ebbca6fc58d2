//! The controller on a real node.

mod functions;
mod history;
mod order;
mod phases;
mod reload;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

use super::*;
use crate::config::{Config, Source};
use crate::gen_server::{Context, GenServer, StartError};
use crate::process::{ExitReason, Node, Pid};
use crate::registry::{Name, Ref};
use crate::supervisor::{Strategy, Supervised, Supervisor};

/// What happened, in order.
type Trace = Arc<Mutex<Vec<String>>>;

/// A worker that says when it starts and ends.
struct Worker {
    name: &'static str,
    trace: Trace,
}

#[umbrella::gen_server(local)]
impl Worker {
    async fn init((name, trace): (&'static str, Trace), cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        cx.trap_exit(true);
        note(&trace, "init", name);
        Ok(Self { name, trace })
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }

    async fn terminate(&mut self, _reason: &ExitReason) {
        note(&self.trace, "terminate", self.name);
    }
}

fn note(trace: &Trace, what: &str, name: &str) {
    trace.lock().expect("not poisoned").push(format!("{what} {name}"));
}

/// How an application of the tests behaves.
#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Good,
    FailsToStart,
    PanicsInStart,
    NeverStarts,
    PanicsInCallbacks,
    /// Starts a process that nobody supervises.
    Leaks,
    /// Its tree has ended before its start function returns.
    EndsAtOnce,
    /// Its start function fails after its tree has started.
    FailsLate,
}

struct Traced {
    name: &'static str,
    behaviour: Behaviour,
    trace: Trace,
}

impl Application for Traced {
    type Config = ();

    async fn start(&self, cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        assert_eq!(cx.name(), self.name);
        note(&self.trace, "start", self.name);
        let args = (self.name, Arc::clone(&self.trace));
        let name: Name<Worker> = Worker::named(self.name);
        match self.behaviour {
            Behaviour::FailsToStart => return Err(StartError::failed("no disk")),
            Behaviour::PanicsInStart => panic!("no disk at all"),
            Behaviour::NeverStarts => pending().await,
            Behaviour::Leaks => drop(Worker::start(("leaked", Arc::clone(&self.trace))).await?),
            Behaviour::Good | Behaviour::PanicsInCallbacks | Behaviour::EndsAtOnce | Behaviour::FailsLate => {
            }
        }
        // One crash is one too many: the supervisor gives up, and with it the application.
        let worker = Worker::child_spec(args).name(name);
        let supervisor = Supervisor::new(Strategy::OneForOne).intensity(0).child(worker).start_link().await?;
        if self.behaviour == Behaviour::EndsAtOnce {
            crate::process::exit(Ref::pid(&supervisor), ExitReason::error("enough"));
            crate::process::wait_exit(Ref::pid(&supervisor)).await;
        }
        if self.behaviour == Behaviour::FailsLate {
            return Err(StartError::failed("no disk any more"));
        }
        Ok(supervisor)
    }

    async fn prep_stop(&self) {
        note(&self.trace, "prep_stop", self.name);
        assert!(self.behaviour != Behaviour::PanicsInCallbacks, "prep_stop of a test");
    }

    async fn stop(&self) {
        note(&self.trace, "stop", self.name);
        assert!(self.behaviour != Behaviour::PanicsInCallbacks, "stop of a test");
    }
}

/// Applications of a test: name, what it needs, behaviour, start type.
struct Plan {
    trace: Trace,
    specs: BTreeMap<&'static str, Spec>,
    elsewhere: BTreeMap<&'static str, &'static str>,
}

impl Plan {
    fn new() -> Self {
        Self { trace: Trace::default(), specs: BTreeMap::new(), elsewhere: BTreeMap::new() }
    }

    /// Adds an application; those it needs have been added before.
    fn with(self, name: &'static str, needs: &[&str], behaviour: Behaviour) -> Self {
        self.typed(name, needs, behaviour, StartType::Permanent)
    }

    fn typed(self, name: &'static str, needs: &[&str], behaviour: Behaviour, start_type: StartType) -> Self {
        let callback = Traced { name, behaviour, trace: Arc::clone(&self.trace) };
        self.spec(name, needs, Spec::supervised(name, "1.0.0", callback, start_type))
    }

    /// Adds an application with a callback of the test's own.
    fn spec(mut self, name: &'static str, needs: &[&str], spec: Spec) -> Self {
        let spec = needs.iter().fold(spec, |spec, need| spec.depends_on(self.specs[need].clone()));
        self.specs.insert(name, spec);
        self
    }

    fn elsewhere(mut self, name: &'static str, release: &'static str) -> Self {
        self.elsewhere.insert(name, release);
        self
    }

    async fn load(self) -> Loading {
        let mut loaded = Loaded::new(self.specs.into_values().collect(), self.elsewhere).expect("no cycle");
        let root = tempfile::tempdir().expect("a temporary folder");
        let source = Source { root: root.path(), env: "test", prefixes: &[], variables: &[] };
        let known = loaded.applications().known();
        loaded.configure(&known, Config::load(&source).expect("no files")).expect("nothing to configure");
        let node = Node::new("tests");
        let controller = Controller::new(node.clone(), loaded).await.expect("started");
        Loading { node, controller, trace: self.trace }
    }
}

struct Loading {
    node: Node,
    controller: Controller,
    trace: Trace,
}

impl Loading {
    fn take_trace(&self) -> Vec<String> {
        std::mem::take(&mut *self.trace.lock().expect("not poisoned"))
    }

    fn states(&self) -> Vec<(&'static str, State)> {
        self.controller.infos().iter().map(|info| (info.name, info.state)).collect()
    }

    /// Lets the others run until an application is in a state.
    async fn until(&self, name: &'static str, state: State) {
        while !self.states().contains(&(name, state)) {
            tokio::task::yield_now().await;
        }
    }

    /// Stops everything; nothing may be left.
    async fn finish(self) {
        self.controller.shut_down().await;
        self.controller.close().await;
        assert_eq!(self.node.processes(), Vec::<Pid>::new());
    }

    fn crash(&self, name: &'static str) {
        let name: Name<Worker> = Worker::named(name);
        self.node.enter(|| name.crash()).expect("it runs");
    }
}

/// a needs b, b needs c.
fn abc() -> Plan {
    use Behaviour::Good;
    Plan::new().with("c", &[], Good).with("b", &["c"], Good).with("a", &["b", "c"], Good)
}
