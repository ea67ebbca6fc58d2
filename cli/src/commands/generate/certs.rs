//! `umbrella gen certs NODE...`.

use miette::Diagnostic;
use thiserror::Error;

use super::super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::emit::certs::Certs;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::relative_path;
use crate::plan::tls_feature::with_tls;
use crate::session::Session;
use crate::workspace::Sources;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella gen certs a_b@10.0.0.4 c@10.0.0.5    certificates for two nodes, and the authority if there is none yet
  umbrella gen certs shell@10.0.0.6             one more, for an Erlang node: `erl -proto_dist inet_tls`

Everything goes into the folder certs/, which git ignores. Each node needs ca.pem and its own two files; ca.key signs, and
no node needs it. The runtime is told in Cargo.toml to be built with TLS.

Exit codes: 0 done, 1 failed, 2 a name is no name of a node")]
pub(super) struct CertsArgs {
    /// The full names of the nodes: release@host, or release-<n>@host
    #[arg(value_name = "NODE", required = true, value_parser = node_name)]
    nodes: Vec<String>,
    /// How long the certificates are valid
    #[arg(long, value_name = "DAYS", default_value = "365", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Say what would be created, and create nothing
    #[arg(long)]
    dry_run: bool,
}

/// `[workspace.dependencies]` has no `umbrella` that could be told.
#[derive(Debug, Error, Diagnostic)]
#[error("Cargo.toml has no `umbrella` in `[workspace.dependencies]` that could be built with TLS")]
#[diagnostic(help("add the feature `tls` where this workspace depends on `umbrella-runtime`"))]
struct NoRuntime;

impl Failure for NoRuntime {}

/// The name becomes that of a file, and stands in a certificate.
fn node_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let is_part = |part: &str| !part.is_empty() && part.chars().all(plain);
    match text.split_once('@') {
        Some((short, host)) if is_part(short) && is_part(host) && text.len() <= 200 => Ok(text.to_owned()),
        _ => Err("the name of a node is `name@host`, as in `c@10.0.0.5`".to_owned()),
    }
}

pub(super) fn run(args: &CertsArgs, session: &Session) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    let _lock = RootLock::of(&workspace.root);
    let sources = Sources::read(&workspace)?;
    let plan = with_tls(&workspace, &sources).ok_or(NoRuntime)?;
    let folder = workspace.root.join("certs");
    let certs = Certs { folder: &folder, umbrella: workspace.name.as_str() };
    if args.dry_run {
        for path in certs.would_make(&args.nodes) {
            session.shell.star("would create", relative_path(&session.cwd, &path));
        }
        carry_out(&plan, true, session)?;
        return Ok(ExitCode::Done);
    }
    let (authority, mut made) = certs.authority()?;
    for node in &args.nodes {
        made.extend(certs.certify(&authority, node, args.days)?);
    }
    for path in made {
        session.shell.star("creating", relative_path(&session.cwd, &path));
    }
    carry_out(&plan, false, session)?;
    session.shell.say(
        "\nCopy ca.pem and the two files of a node to certs/ in its bundle, and switch TLS on in config/prod.toml:\n\n    \
         [umbrella.node]\n    tls = \"certs\"\n",
    );
    Ok(ExitCode::Done)
}
