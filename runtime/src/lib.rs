//! What umbrella applications stand on: processes, GenServers, supervisors, and applications, as in OTP.
//!
//! ```
//! use umbrella::prelude::*;
//!
//! const COUNTER: Name<Counter> = Counter::named("counter");
//!
//! struct Counter {
//!     count: i64,
//! }
//!
//! #[gen_server]
//! impl Counter {
//!     async fn init(start: i64) -> Result<Self, ExitReason> {
//!         Ok(Self { count: start })
//!     }
//!
//!     /// Adds `by` and returns the new count.
//!     #[call]
//!     fn add(&mut self, by: i64) -> i64 {
//!         self.count += by;
//!         self.count
//!     }
//!
//!     #[cast]
//!     fn crash(&mut self) {
//!         panic!("at {}", self.count)
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # let node = Node::new("example");
//! # runtime.block_on(node.clone().scope(async move {
//! Supervisor::new(Strategy::OneForOne).child(Counter::child_spec(40).name(COUNTER)).start().await?;
//! assert_eq!(COUNTER.add(2).await?, 42);
//!
//! // Let it crash: the supervisor starts another one, with fresh state, under the same name.
//! umbrella::testing::restarted(COUNTER, || COUNTER.crash()).await?;
//! assert_eq!(COUNTER.add(2).await?, 42);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! | layer | what it is |
//! |---|---|
//! | [`term`] | what crosses between nodes |
//! | [`process`] | what runs, what it is called, what it is told about the end of others; the [`Node`](process::Node) |
//! | [`registry`] | typed names and references, and the protocols they speak |
//! | [`gen_server`](mod@gen_server) | a process that owns its state and answers messages one at a time |
//! | [`gen_statem`](mod@gen_statem) | a server whose state says what it does with an event |
//! | [`gen_event`](mod@gen_event) | events for whoever wants to hear of them |
//! | [`supervisor`] | a process that starts, watches, and restarts others |
//! | [`task`] | a process that runs one future, whose answer can be awaited |
//! | [`config`] | one typed table per application, checked before anything starts |
//! | [`application`](mod@application) | what is started and stopped as a unit, dependencies first |
//! | [`dist`] | nodes that talk to each other, and to those of Erlang and Elixir |
//! | [`beam`] | what nodes of Erlang and Elixir ask of any node |
//! | [`node`] | how a release boots, and what its command line and its control socket can do |
//! | [`testing`] | a node for each test |
//!
//! Each layer is a client of those above it in this table and knows nothing of those below.
//! [`manual`] has [the concepts](manual::concepts) in one read, every default with its source, and every difference from OTP.

/// The code in the README is compiled with the examples here.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

// Generated code says `::umbrella`, in the crate's own tests too.
extern crate self as umbrella;

pub mod application;
pub mod beam;
pub mod config;
pub mod dist;
pub mod gen_event;
pub mod gen_server;
pub mod gen_statem;
pub mod manual;
pub mod node;
pub mod process;
pub mod registry;
pub mod supervisor;
pub mod task;
pub mod term;
pub mod testing;

pub use gen_server::sys;
pub use umbrella_macros::{application, gen_event, gen_server, gen_statem, protocol, test};

/// What applications `use`.
pub mod prelude {
    pub use crate::application::{Application, StartContext};
    pub use crate::gen_event::EventManager;
    pub use crate::gen_server::{CallError, CastError, Context, GenServer, ReplyTo, Start, StartError};
    pub use crate::gen_statem::{Actions, GenStatem, Transition};
    pub use crate::process::{Down, Exit, ExitReason, Mailbox, Node, Pid};
    pub use crate::registry::pg::Group;
    pub use crate::registry::{Name, Ref, Registry, Via};
    pub use crate::supervisor::{
        AutoShutdown, ChildSpec, DynamicSupervisor, Restart, Shutdown, Strategy, Supervised,
        SupervisedMachine, Supervisor,
    };
    pub use crate::task::{Task, TaskError, TaskSupervisor};
    pub use umbrella_macros::{gen_event, gen_server, gen_statem, protocol};
}
