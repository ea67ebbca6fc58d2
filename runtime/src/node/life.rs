//! The life of a node, from its first breath to its last: boot, run, stop.

use std::io;
use std::process;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::json;

use super::boot::Placed;
use super::clock::unix_ms;
use super::config_files::ConfigFiles;
use super::control::answers::{Answers, Facts, ShutdownRequest};
use super::control::look::Crashes;
use super::control::protocol::{NodeState, Ready, Refusal};
use super::control::server::Server;
use super::distribution;
use super::foreground::run_file;
use super::memory;
use super::placement::Placement;
use super::run_dir::Lock;
use super::signals::{Signals, StopSignal};
use crate::application::{Controller, Loaded};
use crate::beam;
use crate::process::Node;

/// A node to be.
pub(super) struct Life {
    pub(super) placed: Placed,
    pub(super) lock: Lock,
    pub(super) script: BootScript,
}

/// What a node is booted with.
///
/// Source: OTP, boot scripts.
pub(super) struct BootScript {
    pub(super) facts: Facts,
    pub(super) loaded: Loaded,
    /// The applications to start.
    pub(super) wanted: Vec<&'static str>,
    /// Which nodes run each application.
    pub(super) placement: Placement,
    /// How it speaks to other nodes; nothing if it does not.
    pub(super) distribution: Option<distribution::Plan>,
}

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// On request.
    Stopped,
    /// It could not boot, or an application took it down.
    Failed,
    /// On request, to be started again in the same process.
    Restart,
}

/// Why a node begins to stop.
enum Cause {
    Signal,
    Request(ShutdownRequest),
    /// The boot failed, or an application ended; it has been said in the log.
    Failure,
}

/// Lives.
pub(super) async fn live(life: Life) -> End {
    let Life { placed, lock, script } = life;
    let node = Node::new(placed.run_dir.name());
    beam::measure_memory(&node, memory::resident);
    let outcome = node.scope(whole_life(&placed, script, &lock, &node)).await;
    if let Err(error) = placed.run_dir.clear(&lock) {
        tracing::warn!(target: "umbrella::node", "failed to clear the run folder: {error}");
    }
    match outcome {
        Ok(end) => end,
        Err(error) => {
            tracing::error!(target: "umbrella::node", "{} could not boot: {error}", placed.name());
            End::Failed
        }
    }
}

async fn whole_life(placed: &Placed, script: BootScript, lock: &Lock, node: &Node) -> io::Result<End> {
    let BootScript { facts, loaded, wanted, placement, distribution } = script;
    let mut signals = Interruptions { signals: Signals::listen()?, seen: 0 };
    if let Some(before) = placed.run_dir.read().unwrap_or_default() {
        let pid = before.pid;
        tracing::warn!(target: "umbrella::node", "the node before this one (pid {pid}) did not stop in order");
    }
    placed.run_dir.clear(lock)?;
    placed.run_dir.forget_crashes(lock)?;
    // Until it is dropped, when everything else has ended.
    let speaking = distribution::start(node, distribution).await.map_err(io::Error::other)?;
    let placement = Arc::new(placement);
    placement.apply(node)?;
    let controller = Controller::new(node.clone(), loaded).await.map_err(io::Error::other)?;
    if let Some(speaking) = &speaking {
        speaking.answer(node);
    }
    let server = Server::bind(&placed.run_dir.socket())?;
    let answers = Arc::new(Answers::new(facts, ConfigFiles::of(placed), controller, Some(placement.clone())));
    let serving = tokio::spawn(Arc::clone(&server).serve(Arc::clone(&answers)));
    placed.run_dir.write(&run_file(placed, &answers.facts, speaking.as_ref()))?;
    let following = tokio::spawn(placement.follow(node.clone()));

    let cause = match boot(&answers, &wanted, &mut signals).await {
        Ok(()) => end_comes(&answers, &mut signals).await,
        Err(cause) => cause,
    };
    answers.state.send_replace(NodeState::Stopping);
    if matches!(cause, Cause::Failure) {
        keep_crashes(placed, &answers);
    }
    tokio::select! {
        () = stop(&answers) => {}
        signal = signals.second() => {
            tracing::warn!(target: "umbrella::node", "{} again: ending at once", signal.name());
            drop(placed.run_dir.clear(lock));
            process::exit(signal.exit_code())
        }
    }
    server.finish_answers().await;
    following.abort();
    drop(speaking);
    // Requests get their answers; the connections stay open until the process is gone.
    drop(serving);
    Ok(match cause {
        Cause::Failure => End::Failed,
        Cause::Request(ShutdownRequest { restart: true }) => End::Restart,
        Cause::Signal | Cause::Request(_) => End::Stopped,
    })
}

/// Keeps what led to this end, for `umbrella status --why`.
fn keep_crashes(placed: &Placed, answers: &Answers) {
    let told = json!({
        "version": 1, "node": answers.facts.node, "ended_unix_ms": unix_ms(SystemTime::now()),
        "crashes": Crashes::of_all(&answers.controller),
    });
    if let Err(error) = placed.run_dir.write_crashes(&told) {
        tracing::warn!(target: "umbrella::node", "failed to keep what went wrong: {error}");
    }
}

/// Starts the applications, or says why the node has to stop.
async fn boot(answers: &Answers, wanted: &[&'static str], signals: &mut Interruptions) -> Result<(), Cause> {
    let facts = &answers.facts;
    let failed = |message: String| {
        answers.booted.send_replace(Some(Err(Refusal::new("boot_failed", message))));
    };
    let outcome = tokio::select! {
        outcome = answers.controller.boot(wanted) => outcome,
        cause = end_comes(answers, signals) => {
            failed("it was stopped while it booted".into());
            return Err(cause);
        }
    };
    match outcome {
        Ok(plan) => {
            let applications: Vec<String> = plan.start.iter().map(|name| (*name).to_owned()).collect();
            tracing::info!(
                target: "umbrella::node",
                "{} {} is running (pid {}, {}, booted in {:.1?}): {}",
                facts.name(), facts.release_version, process::id(), facts.env, facts.started.elapsed(),
                if applications.is_empty() { "no applications".into() } else { applications.join(", ") },
            );
            answers.state.send_replace(NodeState::Running);
            answers.booted.send_replace(Some(Ok(Ready { applications })));
            Ok(())
        }
        Err(error) => {
            tracing::error!(target: "umbrella::node", "{} could not boot: {error}", facts.name());
            failed(error.to_string());
            Err(Cause::Failure)
        }
    }
}

/// Waits until something ends the node: a request, or an application that takes it down.
async fn end_comes(answers: &Answers, signals: &mut Interruptions) -> Cause {
    tokio::select! {
        cause = asked_to_stop(answers, signals) => cause,
        ended = answers.controller.ended() => {
            tracing::error!(
                target: "umbrella::node",
                "{} goes down with application `{}`, which is not temporary",
                answers.facts.name(), ended.application,
            );
            Cause::Failure
        }
    }
}

async fn asked_to_stop(answers: &Answers, signals: &mut Interruptions) -> Cause {
    let mut shutdown = answers.shutdown.subscribe();
    tokio::select! {
        signal = signals.next() => {
            tracing::info!(target: "umbrella::node", "{}: stopping", signal.name());
            Cause::Signal
        }
        Ok(request) = shutdown.wait_for(Option::is_some) => {
            let request = request.expect("waited for until there was one");
            let how = if request.restart { "restarting" } else { "stopping" };
            tracing::info!(target: "umbrella::node", "{how} on request");
            Cause::Request(request)
        }
    }
}

async fn stop(answers: &Answers) {
    let begin = std::time::Instant::now();
    let stopped = answers.controller.shut_down().await;
    answers.controller.close().await;
    let count = stopped.len();
    let applications = if count == 1 { "application" } else { "applications" };
    tracing::info!(
        target: "umbrella::node",
        "{count} {applications} stopped in reverse order ({:.1?})", begin.elapsed(),
    );
}

/// Signals, counted: the first one asks, the second one insists.
struct Interruptions {
    signals: Signals,
    seen: u32,
}

impl Interruptions {
    async fn next(&mut self) -> StopSignal {
        let signal = self.signals.next().await;
        self.seen += 1;
        signal
    }

    /// The second signal of this process's life, whatever made it stop.
    async fn second(&mut self) -> StopSignal {
        loop {
            let signal = self.next().await;
            if self.seen > 1 {
                return signal;
            }
        }
    }
}
