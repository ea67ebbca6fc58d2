//! `umbrella gen`: a module of an application, wired into its tree; certificates for nodes.

mod certs;
mod module;

use self::certs::CertsArgs;
use self::module::ModuleArgs;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::generate::ModuleKind;
use crate::session::Session;

/// What `gen` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What can be generated.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a server: a process that answers calls one after another
    Server(ModuleArgs),
    /// Make a supervisor: a branch of the application's tree
    Supervisor(ModuleArgs),
    /// Make a state machine: a process whose state says what it does with an event
    Statem(ModuleArgs),
    /// Make tasks: work that is done beside, under a supervisor
    Task(ModuleArgs),
    /// Make a protocol in a crate of its own, so that callers need not link the server, and the server
    Api(ModuleArgs),
    /// Make an authority for the nodes of this umbrella, and a certificate for each node
    Certs(CertsArgs),
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    match &args.what {
        What::Server(args) => module::run(args, ModuleKind::Server, session),
        What::Supervisor(args) => module::run(args, ModuleKind::Supervisor, session),
        What::Statem(args) => module::run(args, ModuleKind::Statem, session),
        What::Task(args) => module::run(args, ModuleKind::Task, session),
        What::Api(args) => module::run(args, ModuleKind::Api, session),
        What::Certs(args) => certs::run(args, session),
    }
}
