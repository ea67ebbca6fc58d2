//! The umbrella that is generated, as somebody would write it who has only tokio, serde and tracing.

use std::fs;
use std::path::Path;

/// Writes the workspace into `folder`.
pub(crate) fn write(folder: &Path) {
    let counter = [("src/lib.rs", COUNTER)];
    write_crate(folder, "", WORKSPACE, &[]);
    write_crate(folder, "apps/a", &manifest("a", "c.workspace = true"), &[("src/lib.rs", LIBRARY)]);
    write_crate(folder, "apps/b", &manifest("b", COUNTER_DEPENDENCIES), &counter);
    write_crate(folder, "apps/c", &manifest("c", COUNTER_DEPENDENCIES), &counter);
    write_crate(folder, "releases/abc", &manifest("abc", PROGRAM_DEPENDENCIES), &[("src/main.rs", PROGRAM)]);
}

fn write_crate(folder: &Path, path: &str, manifest: &str, files: &[(&str, &str)]) {
    let folder = folder.join(path);
    fs::create_dir_all(folder.join("src")).expect("a folder can be made");
    for (file, text) in [("Cargo.toml", manifest)].iter().chain(files) {
        fs::write(folder.join(file), text).expect("a file can be written");
    }
}

fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
    )
}

const WORKSPACE: &str = r#"
[workspace]
resolver = "3"
members = ["apps/a", "apps/b", "apps/c", "releases/abc"]

[workspace.dependencies]
a = { path = "apps/a" }
b = { path = "apps/b" }
c = { path = "apps/c" }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["rt-multi-thread", "time", "net", "signal", "sync", "io-util", "macros"] }
tracing = { version = "0.1", default-features = false, features = ["std"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["ansi", "fmt", "registry", "std"] }

[profile.dev]
split-debuginfo = "unpacked"

[profile.dev.package."*"]
debug = "line-tables-only"
"#;

const COUNTER_DEPENDENCIES: &str = "\
serde.workspace = true
tokio.workspace = true
tracing.workspace = true";

const PROGRAM_DEPENDENCIES: &str = "\
a.workspace = true
b.workspace = true
c.workspace = true
tokio.workspace = true
tracing.workspace = true
tracing-subscriber.workspace = true";

const LIBRARY: &str = r"
pub fn twice(number: i64) -> i64 {
    number * 2
}
";

const COUNTER: &str = r#"
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub start: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    Add(i64),
    Get,
    Reset,
}

#[derive(Clone, Debug)]
pub struct Counter {
    requests: mpsc::UnboundedSender<(Request, oneshot::Sender<i64>)>,
}

impl Counter {
    pub fn start(config: &Config) -> Self {
        let (requests, mut received) = mpsc::unbounded_channel::<(Request, oneshot::Sender<i64>)>();
        let mut count = config.start;
        tokio::spawn(async move {
            while let Some((request, reply)) = received.recv().await {
                match request {
                    Request::Add(by) => count += by,
                    Request::Get => {}
                    Request::Reset => count = 0,
                }
                if reply.send(count).is_err() {
                    tracing::debug!("the caller is gone");
                }
            }
        });
        Self { requests }
    }

    pub async fn ask(&self, request: Request) -> Option<i64> {
        let (reply, answer) = oneshot::channel();
        self.requests.send((request, reply)).ok()?;
        answer.await.ok()
    }
}
"#;

const PROGRAM: &str = r#"
#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().init();
    let b = b::Counter::start(&b::Config { start: 0 });
    let c = c::Counter::start(&c::Config { start: 0 });
    let (b, c) = (b.ask(b::Request::Add(1)).await, c.ask(c::Request::Add(a::twice(1))).await);
    tracing::info!(?b, ?c, "started");
    tokio::signal::ctrl_c().await.expect("signals can be taken");
}
"#;
