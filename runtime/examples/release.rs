//! A release written by hand: what `umbrella new` and `umbrella release` generate, in one file.
//!
//! Three applications: `a`, a library, needs `b`, which needs `c`. Both supervise a counter.
//!
//! ```sh
//! cargo run --example release -- help
//! ```

use std::process::ExitCode;

use serde::Deserialize;
use umbrella::application::{Application, ConfigChange, Spec, StartContext, StartType};
use umbrella::gen_server::StartError;
use umbrella::prelude::*;
use umbrella::supervisor::{Strategy, Supervised, Supervisor};

/// Counts; the same server runs in both applications.
struct Counter {
    count: i64,
    stops_slowly: bool,
}

#[gen_server]
impl Counter {
    async fn init(args: (i64, bool), cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let (count, stops_slowly) = args;
        cx.trap_exit(true);
        Ok(Self { count, stops_slowly })
    }

    async fn terminate(&mut self, _reason: &ExitReason) {
        if self.stops_slowly {
            tracing::info!("never done");
            std::future::pending().await
        }
    }

    /// Adds `by` and answers the new count.
    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }
}

const B_COUNTER: Name<Counter> = Counter::named("b_counter");
const C_COUNTER: Name<Counter> = Counter::named("c_counter");

/// The table of either application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The count a fresh counter starts with.
    start: i64,
    /// Whether the counter crashes as soon as it runs, again and again.
    #[serde(default)]
    crash: bool,
    /// Whether the start never ends.
    #[serde(default)]
    hang: bool,
    /// Whether the start fails.
    #[serde(default)]
    fail: bool,
    /// Whether the counter has to be killed.
    #[serde(default)]
    stops_slowly: bool,
}

/// Supervises one counter under this name.
struct Counting(Name<Counter>);

impl Application for Counting {
    type Config = Config;

    async fn start(&self, cx: &mut StartContext<Config>) -> Result<Ref<Supervisor>, StartError> {
        let config = cx.config();
        if config.fail {
            return Err(StartError::failed("told to fail"));
        }
        if config.hang {
            std::future::pending::<()>().await;
        }
        let counter = Counter::child_spec((config.start, config.stops_slowly)).name(self.0.clone());
        let supervisor = Supervisor::new(Strategy::OneForOne).child(counter).start_link().await?;
        tracing::info!(start = config.start, "counting");
        if config.crash {
            tokio::spawn(crash_twice(self.0.clone(), Node::current()));
        }
        Ok(supervisor)
    }

    async fn config_change(&self, change: &ConfigChange<Config>) -> Result<(), ExitReason> {
        if change.config().fail {
            return Err(ExitReason::error("told to fail"));
        }
        self.0.add(change.config().start - change.before().start).await?;
        Ok(())
    }
}

/// One crash more than a supervisor allows by default.
async fn crash_twice(name: Name<Counter>, node: Option<Node>) {
    let Some(node) = node else { return };
    let crash = async {
        for _ in 0..2 {
            let _restarted = umbrella::testing::restarted(name.clone(), || name.crash()).await;
        }
    };
    node.scope(crash).await;
}

/// What `umbrella::application!()` would write in each crate.
fn application() -> Spec {
    let version = env!("CARGO_PKG_VERSION");
    let c = Spec::supervised("c", version, Counting(C_COUNTER), StartType::Permanent);
    let b = Spec::supervised("b", version, Counting(B_COUNTER), StartType::Permanent).depends_on(c);
    Spec::library("a", version).depends_on(b)
}

fn main() -> ExitCode {
    umbrella::node::Boot::new("abc", env!("CARGO_PKG_VERSION")).application(application()).run()
}
