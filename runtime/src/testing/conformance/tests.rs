//! Applications that leave something behind are caught, each with what it left.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::check::Check;
use crate::application::{Application, Loaded, Spec, StartContext, StartType};
use crate::gen_server::{Start, StartError};
use crate::process::ExitReason;
use crate::registry::Ref;
use crate::supervisor::{Strategy, Supervised, Supervisor};

struct Idle;

#[umbrella::gen_server(local)]
impl Idle {
    async fn init(_nothing: ()) -> Result<Self, ExitReason> {
        Ok(Self)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Process,
    Task,
    Socket,
    HangsInStart,
    HangsInStop,
    SecondStart,
}

struct Faulty {
    fault: Fault,
    starts: AtomicU32,
}

impl Application for Faulty {
    type Config = ();

    async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
        let before = self.starts.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::Process => drop(Start::<Idle>::new(()).registered_as("forgotten").start().await?),
            Fault::Task => drop(tokio::task::spawn(std::future::pending::<()>())),
            Fault::Socket => std::mem::forget(TcpListener::bind("127.0.0.1:0").expect("a port is free")),
            Fault::HangsInStart => std::future::pending().await,
            Fault::SecondStart if before > 0 => return Err(StartError::failed("the table exists already")),
            Fault::None | Fault::HangsInStop | Fault::SecondStart => {}
        }
        Supervisor::new(Strategy::OneForOne).child(Idle::child_spec(()).name(IDLE)).start_link().await
    }

    async fn stop(&self) {
        if self.fault == Fault::HangsInStop {
            std::future::pending::<()>().await;
        }
    }
}

const IDLE: crate::registry::Name<Idle> = Idle::named("idle");

fn findings(fault: Fault) -> Vec<String> {
    let faulty = Faulty { fault, starts: AtomicU32::new(0) };
    let needed = Spec::library("below", "0.1.0");
    let spec = Spec::supervised("faulty", "0.1.0", faulty, StartType::Permanent).depends_on(needed);
    let mut loaded = Loaded::new(vec![spec], BTreeMap::new()).expect("no cycle");
    let known = loaded.applications().known();
    let config = crate::config::Config::of_text("").expect("an empty configuration");
    loaded.configure(&known, config).expect("nothing to configure");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a tokio runtime can be started");
    // What hangs does so for ever; what does not is done in milliseconds, and has a thousand times as long.
    let hangs = matches!(fault, Fault::HangsInStart | Fault::HangsInStop);
    let limit = Duration::from_secs(if hangs { 1 } else { 30 });
    let findings = runtime.block_on(Check { application: "faulty", limit }.run(loaded));
    runtime.shutdown_background();
    // Other tests of this program have sockets of their own.
    findings.into_iter().filter(|finding| fault == Fault::Socket || !finding.contains("a socket")).collect()
}

#[test]
fn an_application_that_cleans_up_has_no_findings() {
    assert_eq!(findings(Fault::None), [""; 0]);
}

#[test]
fn each_fault_is_named() {
    for (fault, expected) in [
        (Fault::Process, "a process was left when it was stopped, and had to be killed: forgotten <"),
        (Fault::Task, "2 tasks are left that were not spawned as processes"),
        (Fault::Socket, "a socket is left: it listens at 127.0.0.1:"),
        (Fault::HangsInStart, "it did not start within 1 s"),
        (Fault::HangsInStop, "it did not stop within 1 s"),
        (
            Fault::SecondStart,
            "it does not start again after it was stopped: application `faulty` failed to start",
        ),
    ] {
        let found = findings(fault);
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{expected}: {found:?}");
    }
}
