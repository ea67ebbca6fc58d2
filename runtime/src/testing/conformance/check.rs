//! What is tried, and what is wrong then.

use std::future::Future;
use std::time::Duration;

use super::machine::Machine;
use crate::application::{Controller, Loaded, describe};
use crate::process::Node;

/// How long tasks and sockets have to be gone after everything was stopped.
const GRACE: Duration = Duration::from_secs(1);

/// How often they are looked for meanwhile.
const LOOK: Duration = Duration::from_millis(5);

/// The node, after which processes are called that belong to no application.
const NOBODY: &str = "(none)";

/// An application, and how long it has.
pub(super) struct Check {
    pub(super) application: &'static str,
    pub(super) limit: Duration,
}

/// Something was wrong, and nothing can be tried after it.
struct Over;

impl Check {
    /// Tries everything; answers what is wrong.
    pub(super) async fn run(&self, loaded: Loaded) -> Vec<String> {
        let before = (Machine::look(), tasks());
        let node = Node::new(NOBODY);
        let mut findings = Vec::new();
        let controller = match node.scope(Controller::new(node.clone(), loaded)).await {
            Ok(controller) => controller,
            Err(error) => return vec![format!("no node for it: {error}")],
        };
        let tried = node.scope(self.try_all(&controller, &mut findings)).await;
        // What hangs cannot be stopped, and whatever else is left is because of that.
        if tried.is_ok()
            && self.in_time("stop with all it needs", controller.shut_down(), &mut findings).await.is_ok()
        {
            controller.close().await;
            findings.extend(left_in(&node, &[self.application, NOBODY]));
            drop((controller, node));
            findings.extend(gone(&before.0, before.1).await);
        }
        let mut said = std::collections::BTreeSet::new();
        findings.retain(|finding| said.insert(finding.clone()));
        findings
    }

    async fn try_all(&self, controller: &Controller, findings: &mut Vec<String>) -> Result<(), Over> {
        let name = [self.application];
        for again in ["", " again after it was stopped"] {
            let start = self.in_time(&format!("start{again}"), controller.start(&name), findings).await?;
            if let Err(error) = start {
                findings.push(format!("it does not start{again}: {error}"));
                return Err(Over);
            }
            self.stop("stop", controller, findings).await?;
            findings.extend(left_in(controller.node(), &[self.application]));
        }
        // Who stops it does not know that somebody else did.
        self.stop("stop a second time", controller, findings).await
    }

    async fn stop(
        &self,
        what: &str,
        controller: &Controller,
        findings: &mut Vec<String>,
    ) -> Result<(), Over> {
        let name = [self.application];
        let stop = controller.stop(&name, true);
        let stopped = self.in_time(what, stop, findings).await;
        if stopped.is_err() {
            findings.extend(left_in(controller.node(), &[self.application]));
        }
        if let Err(error) = stopped? {
            findings.push(format!("it does not {what}: {error}"));
            return Err(Over);
        }
        // The controller has killed them; an application ends its own processes.
        findings.extend(controller.outlived(self.application).into_iter().map(|process| {
            format!("a process was left when it was stopped, and had to be killed: {process}")
        }));
        Ok(())
    }

    async fn in_time<T>(
        &self,
        what: &str,
        doing: impl Future<Output = T>,
        findings: &mut Vec<String>,
    ) -> Result<T, Over> {
        tokio::time::timeout(self.limit, doing).await.map_err(|_elapsed| {
            findings.push(format!("it did not {what} within {} s", self.limit.as_secs()));
            Over
        })
    }
}

/// The processes and the names that are left of these applications.
fn left_in(node: &Node, of: &[&str]) -> Vec<String> {
    let mut left = Vec::new();
    for pid in node.processes() {
        let Some(info) = node.process_info(pid) else { continue };
        if of.contains(&&*info.application) {
            left.push(format!("a process is left: {}", describe(&info)));
        }
    }
    for (name, pid) in node.registered() {
        let owner = node.process_info(pid).map(|info| info.application);
        if owner.is_none_or(|owner| of.contains(&&*owner)) {
            left.push(format!("a name is left: `{name}`, of {pid}"));
        }
    }
    left
}

/// Waits until tasks and sockets are gone; says which are not.
async fn gone(before: &Machine, tasks_before: usize) -> Vec<String> {
    let deadline = tokio::time::Instant::now() + GRACE;
    loop {
        let mut left: Vec<String> = Machine::look().since(before);
        match tasks().saturating_sub(tasks_before) {
            0 => {}
            1 => left.push("a task is left that was not spawned as a process: it still runs".to_owned()),
            count => left
                .push(format!("{count} tasks are left that were not spawned as processes: they still run")),
        }
        if left.is_empty() || tokio::time::Instant::now() >= deadline {
            return left;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How many tasks tokio runs.
fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}
