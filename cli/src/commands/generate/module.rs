//! `umbrella gen server|supervisor|statem|task|api APP NAME`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use umbrella_templates::Kind;
use walkdir::WalkDir;

use super::super::carry_out::carry_out;
use super::super::formatted::formatted;
use super::super::template::TemplateArgs;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::generate::{Generated, ModuleKind, ModuleRequest, generate};
use crate::plan::relative_path;
use crate::plan::selection::UnknownApplication;
use crate::session::Session;
use crate::workspace::{App, ModuleName, Sources, Workspace};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella gen server b Cart        apps/b/src/cart.rs and its test; started by src/application.rs
  umbrella gen statem b Door        a state machine
  umbrella gen supervisor b Rooms   a branch of the tree, for what fails and restarts together
  umbrella gen task b Import        tasks under a supervisor of their own
  umbrella gen api b Carts          the protocol in apps/b_api, the server in apps/b
  umbrella gen server b Cart --template ../ours/server
                                    from a template of your own

src/lib.rs declares and exports the module. If the tree in src/application.rs is not a `Supervisor::new(..)` chain that ends
in `.start_link()`, it is left as it is, and the lines to add are printed.
What is written can be yours: `umbrella templates copy server`, or `--template PATH`.

Exit codes: 0 done, 1 failed, 2 a name cannot be used or is taken")]
pub(super) struct ModuleArgs {
    /// The application
    app: String,
    /// How the module is called: `ShoppingCart`, or `shopping_cart`
    name: String,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    template: TemplateArgs,
}

pub(super) fn run(args: &ModuleArgs, kind: ModuleKind, session: &Session) -> Result<ExitCode, CommandError> {
    let name = ModuleName::parse(&args.name)?;
    let workspace = session.load_workspace()?;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&workspace.root);
    let app = workspace.app(&args.app);
    let app = app.ok_or_else(|| UnknownApplication::of(&workspace, &args.app))?;
    let templates = args.template.load(template_of(kind), Some(&workspace.root), session)?;
    let folders = folders(&workspace, app);
    let request = ModuleRequest { app, kind, name, folders, templates: &templates };
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

fn template_of(kind: ModuleKind) -> Kind {
    match kind {
        ModuleKind::Server => Kind::Server,
        ModuleKind::Supervisor => Kind::Supervisor,
        ModuleKind::Statem => Kind::Statem,
        ModuleKind::Task => Kind::Task,
        ModuleKind::Api => Kind::Api,
    }
}

/// The folders of the application, and of the crate of its protocols, that are there.
fn folders(workspace: &Workspace, app: &App) -> BTreeSet<PathBuf> {
    let api = workspace.app(&format!("{}_api", app.name));
    let roots = [Some(app), api].into_iter().flatten().map(|app| app.path.clone());
    let entries = roots.flat_map(|root| {
        let target = workspace.target_directory.clone();
        let entries = WalkDir::new(root).into_iter();
        entries.filter_entry(move |entry| entry.path() != target && entry.file_name() != ".git")
    });
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_dir());
    folders.map(walkdir::DirEntry::into_path).collect()
}
