//! What `#[umbrella::test]` makes of a test.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use std::thread;

use crate::application::{Controller, Loaded, Spec, describe};
use crate::config::{Config, Source};
use crate::node::{find_root, log_for_tests, umbrella_name};
use crate::process::{Node, Pid};

/// Runs `body` in a fresh node in which these applications, and what they need, have been started.
///
/// Then everything is stopped in reverse order; a process that is left fails the test. The environment is `test`, the
/// configuration that of the nearest `config/` upward of `manifest_dir`.
///
/// # Panics
/// If the body panics, if the applications cannot be configured or started, or if a process is left in the end.
pub fn run<T>(manifest_dir: &str, applications: Vec<Spec>, body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    run_on(&runtime.expect("a tokio runtime can be started"), manifest_dir, applications, body)
}

/// As [`run`], on a runtime of the caller's choice: one with several threads, for tests of what happens side by side.
///
/// # Panics
/// As [`run`].
pub fn run_on<T>(
    runtime: &tokio::runtime::Runtime,
    manifest_dir: &str,
    applications: Vec<Spec>,
    body: impl Future<Output = T>,
) -> T {
    let variables = variables();
    let log = variables.iter().find(|(name, _)| name == "UMBRELLA_LOG").map(|(_, text)| text.as_str());
    log_for_tests(log);
    let loaded = load(Path::new(manifest_dir), applications, &variables);
    // Names in logs and panics tell tests apart by their thread, which libtest names after the test.
    let node = Node::new(thread::current().name().unwrap_or("test"));
    runtime.block_on(node.scope(in_node(node.clone(), loaded, body)))
}

/// The environment, as far as it is text.
pub(super) fn variables() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The applications of a test, configured for tests.
pub(super) fn load(manifest_dir: &Path, applications: Vec<Spec>, variables: &[(String, String)]) -> Loaded {
    load_placed(manifest_dir, applications, BTreeMap::new(), variables)
}

/// As [`load`], some of them elsewhere.
pub(super) fn load_placed(
    manifest_dir: &Path,
    applications: Vec<Spec>,
    elsewhere: BTreeMap<&'static str, &'static str>,
    variables: &[(String, String)],
) -> Loaded {
    let mut loaded = match Loaded::new(applications, elsewhere) {
        Ok(loaded) => loaded,
        Err(cycle) => panic!("{cycle}"),
    };
    let root = find_root(manifest_dir).unwrap_or_else(|| manifest_dir.to_owned());
    let name = umbrella_name(&root);
    let prefixes: Vec<_> = name.as_deref().into_iter().collect();
    let config = Config::load(&Source { root: &root, env: "test", prefixes: &prefixes, variables });
    let known = here(&loaded);
    let configured = config
        .map_err(|error| error.to_string())
        .and_then(|config| loaded.configure(&known, config).map_err(|error| error.to_string()));
    match configured {
        Ok(()) => loaded,
        Err(error) => panic!("{error}"),
    }
}

async fn in_node<T>(node: Node, loaded: Loaded, body: impl Future<Output = T>) -> T {
    let controller = Controller::new(node.clone(), loaded).await.expect("the node is new");
    finish(&node, controller, body).await
}

/// The applications that start in this node.
fn here(loaded: &Loaded) -> Vec<&'static str> {
    let known = loaded.applications().known();
    known.into_iter().filter(|name| !loaded.elsewhere().contains_key(name)).collect()
}

/// Starts the applications of a node, runs the body, stops them, and looks what is left.
pub(super) async fn finish<T>(node: &Node, controller: Controller, body: impl Future<Output = T>) -> T {
    // What a node has that speaks to others is not of the test.
    let own = node.processes();
    let wanted = controller.startable();
    let started = controller.start(&wanted).await;
    let outcome = match started {
        Ok(_) => caught(body).await,
        Err(error) => Err(Box::new(error.to_string()) as _),
    };
    controller.shut_down().await;
    controller.close().await;
    let left = leaked(node, &own);
    match outcome {
        Err(panic) => resume_unwind(panic),
        Ok(outcome) => {
            assert!(left.is_empty(), "processes were left after the test:\n  {}", left.join("\n  "));
            outcome
        }
    }
}

/// Runs the body to its end or its panic, so that the node is stopped in either case.
async fn caught<T>(body: impl Future<Output = T>) -> thread::Result<T> {
    let mut body = pin!(body);
    std::future::poll_fn(|cx| {
        // Looked at again only to be dropped, so a broken invariant cannot be seen.
        match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// Who is still there, each with what it is and who started it.
fn leaked(node: &Node, own: &[Pid]) -> Vec<String> {
    let left = node.processes().into_iter().filter(|pid| !own.contains(pid));
    let infos = left.filter_map(|pid| node.process_info(pid));
    let line = |info: crate::process::ProcessInfo| {
        let parent = info.parent.map_or_else(|| "no process".into(), |parent| parent.to_string());
        format!(
            "{} of `{}`, started by {parent}, {} messages waiting",
            describe(&info),
            info.application,
            info.queued
        )
    };
    infos.map(line).collect()
}
