//! `umbrella gen server|supervisor|statem|task|api APP NAME`.

use super::super::carry_out::carry_out;
use super::super::formatted::formatted;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::generate::{Generated, ModuleKind, ModuleRequest, generate};
use crate::plan::relative_path;
use crate::plan::selection::UnknownApplication;
use crate::session::Session;
use crate::workspace::{ModuleName, Sources};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella gen server b Cart        apps/b/src/cart.rs and its test; started by src/application.rs
  umbrella gen statem b Door        a state machine
  umbrella gen supervisor b Rooms   a branch of the tree, for what fails and restarts together
  umbrella gen task b Import        tasks under a supervisor of their own
  umbrella gen api b Carts          the protocol in apps/b_api, the server in apps/b

src/lib.rs declares and exports the module. If the tree in src/application.rs is not a `Supervisor::new(..)` chain that ends
in `.start_link()`, it is left as it is, and the lines to add are printed.

Exit codes: 0 done, 1 failed, 2 a name cannot be used or is taken")]
pub(super) struct ModuleArgs {
    /// The application
    app: String,
    /// How the module is called: `ShoppingCart`, or `shopping_cart`
    name: String,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &ModuleArgs, kind: ModuleKind, session: &Session) -> Result<ExitCode, CommandError> {
    let name = ModuleName::parse(&args.name)?;
    let workspace = session.load_workspace()?;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&workspace.root);
    let app = workspace.app(&args.app);
    let app = app.ok_or_else(|| UnknownApplication::new(&args.app, workspace.app_names()))?;
    let request = ModuleRequest { app, kind, name, has_tests: app.path.join("tests").is_dir() };
    let sources = Sources::read(&workspace)?.with(request.reads(&workspace))?;
    let Generated { plan, by_hand, tree } = generate(&workspace, &sources, &request)?;
    carry_out(&formatted(plan, session), args.dry_run, session)?;
    if let Some(wiring) = by_hand {
        let tree = relative_path(&session.cwd, &tree);
        session
            .shell
            .warn(format_args!("nothing starts it yet: `{tree}` has no tree of the usual shape. Add to it:"));
        for path in wiring.imports {
            session.shell.say(format_args!("    use {path};"));
        }
        session.shell.say(format_args!("    .child({})", wiring.child));
    }
    if !args.dry_run {
        session.shell.say(format_args!("\n    umbrella test {}", request.app.name));
    }
    Ok(ExitCode::Done)
}
