//! Processes, GenServers, supervisors and applications.

// Generated code says `::umbrella`, in the crate's own tests too.
extern crate self as umbrella;

pub mod application;
pub mod config;
pub mod gen_server;
pub mod manual;
pub mod node;
pub mod process;
pub mod registry;
pub mod supervisor;
pub mod testing;

pub use umbrella_macros::{application, gen_server, protocol, test};

/// What applications `use`.
pub mod prelude {
    pub use crate::application::{Application, StartContext};
    pub use crate::gen_server::{CallError, CastError, Context, GenServer, ReplyTo, Start, StartError};
    pub use crate::process::{Down, Exit, ExitReason, Node, Pid};
    pub use crate::registry::{Name, Ref};
    pub use crate::supervisor::{ChildSpec, Restart, Shutdown, Strategy, Supervised, Supervisor};
    pub use umbrella_macros::{gen_server, protocol};
}
