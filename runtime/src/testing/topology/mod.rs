//! The same test with its applications in several nodes, each a process: what `umbrella test --group '[a,b]+[c]'` does.
//!
//! The program of a test is linked with all that the test needs, so it can be each of these nodes: it is run again, told which
//! one to be, and it is gone when the test ends. No release has to be built, and any runner of tests will do.
//!
//! ```text
//!   the test: node `a_b` ──spawns──▶ the same program, the same test: node `c`
//!        │  ◀────── "ready" ──────────┘ │ starts `c`, waits for the end of its input
//!        └── COUNTER.add(1) ────────────┘
//! ```

mod member;
mod peer;
mod placement;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use self::member::Member;
use self::peer::Peer;
use self::placement::{Part, Placement};
use super::run::{self, run};
use crate::application::{Controller, Spec};
use crate::node::{TestRunDir, console, log_for_tests};
use crate::process::Node;

/// Which applications run in which node: `a_b=a,b;c=c`.
const PLACEMENT: &str = "UMBRELLA_TEST_PLACEMENT";

/// Set for a process that is to be another node of a test: which one, and the run folder of all.
const PEER: &str = "UMBRELLA_TEST_NODE";
const RUN_DIR: &str = "UMBRELLA_TEST_RUN_DIR";

/// What a node says when its applications run.
const READY: &str = "umbrella: ready";

/// What `#[umbrella::test]` calls: as [`run`](super::run), with the applications placed as the environment says.
///
/// `test` is the full name of the test.
///
/// # Panics
/// As [`run`](super::run); and if another node of the test cannot be started.
pub fn run_test<T>(
    test: &str,
    manifest_dir: &str,
    applications: Vec<Spec>,
    body: impl Future<Output = T>,
) -> T {
    let variables = run::variables();
    let variable =
        |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let placement = variable(PLACEMENT).map(Placement::parse).unwrap_or_default();
    let Some(home) = applications.first().map(Spec::name) else {
        return run(manifest_dir, applications, body);
    };
    let part = |release: &str| placement.part(release, &applications);
    if let (Some(release), Some(run_dir)) = (variable(PEER), variable(RUN_DIR)) {
        let setting =
            Setting { manifest_dir: manifest_dir.as_ref(), run_dir: run_dir.as_ref(), variables: &variables };
        be_a_peer(&setting, part(release));
    }
    let Some(release) = placement.release_of(home) else { return run(manifest_dir, applications, body) };
    let others = placement.others(release, &applications);
    if others.is_empty() {
        return run(manifest_dir, applications, body);
    }
    let folder = TestRunDir::new().expect("a folder for the nodes of a test can be made");
    let setting =
        Setting { manifest_dir: manifest_dir.as_ref(), run_dir: folder.path(), variables: &variables };
    // They end when they are dropped, whatever becomes of the test.
    let peers: Vec<Peer> = others.iter().map(|other| Peer::start(test, other, folder.path())).collect();
    let outcome = with_runtime(async {
        let node = Node::new(release);
        node.clone().scope(placed(&node, &setting, part(release), body)).await
    });
    drop(peers);
    outcome
}

/// Where the nodes of a test are.
struct Setting<'a> {
    manifest_dir: &'a Path,
    run_dir: &'a Path,
    variables: &'a [(String, String)],
}

async fn placed<T>(node: &Node, setting: &Setting<'_>, part: Part, body: impl Future<Output = T>) -> T {
    let (_member, controller) = start(node, setting, part).await;
    run::finish(node, controller, body).await
}

/// Has `node` speak to the others, and loads its applications, none of which runs yet.
async fn start(node: &Node, setting: &Setting<'_>, part: Part) -> (Member, Controller) {
    log_for_tests(setting.variables.iter().find(|(name, _)| name == "UMBRELLA_LOG").map(|(_, text)| &**text));
    let loaded =
        run::load_placed(setting.manifest_dir, part.specs.clone(), part.elsewhere.clone(), setting.variables);
    let member = Member::join(node, setting, &part, &loaded).await;
    let member = member.unwrap_or_else(|error| panic!("node `{}` of the test: {error}", part.release));
    (member, Controller::new(node.clone(), loaded).await.expect("the node is new"))
}

/// Is a node beside that of the test until its input ends, and ends the process.
fn be_a_peer(setting: &Setting<'_>, part: Part) -> ! {
    let wanted: Vec<&str> = part.specs.iter().map(Spec::name).collect();
    let failure = with_runtime(async {
        let node = Node::new(part.release);
        node.clone()
            .scope(async {
                let (_member, controller) = start(&node, setting, part).await;
                if let Err(error) = controller.start(&wanted).await {
                    return Some(error.to_string());
                }
                console::say(READY);
                peer::end_of_input().await;
                controller.shut_down().await;
                controller.close().await;
                None
            })
            .await
    });
    failure.iter().for_each(console::say);
    std::process::exit(i32::from(failure.is_some()))
}

fn with_runtime<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a tokio runtime can be started").block_on(body)
}

/// A map as the nodes know it.
type Elsewhere = BTreeMap<&'static str, &'static str>;
