//! `umbrella test [APP|PATH[:LINE]...] [-- ARGS]`.

mod build;
mod chosen;
mod error;
mod interrupt;
mod kept;
mod options;
mod run;
mod since;
mod tell;
mod topology;
mod watch;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::cargo::{BuildFlags, Runner, Verdict};
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::test::{Partition, Unit};
use crate::session::Session;
use crate::workspace::Workspace;
use error::TestError;
use kept::Kept;
use options::Options;

/// What `test` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella test                        every application, each as a unit
  umbrella test b                      only b, wherever you are in the umbrella
  cd apps/b && umbrella test           the same
  umbrella test apps/b/tests/b.rs:12   the test at this line; also a file, or a folder
  umbrella test b -- counts            the tests of b with `counts` in their name
  umbrella test --failed               what failed when it ran last
  umbrella test --affected             what changed since the main branch, and everything downstream
  umbrella test --group '[a,b]+[c]'    the same tests, with c in a node of its own
  umbrella test -- --nocapture         show what the tests print

An application that does not build, or whose tests fail, keeps no other from being tested.
Every application that starts something is also started, stopped and started again: `b start/stop`.
Tests run side by side, each in a process with applications of its own. A port that config/test.toml fixes is free for one of
them only: say 0 there, and ask the server which it got; or run one test at a time, with `-- --test-threads 1`.

Exit codes: 0 passed, 4 the selection matched no test, 100 tests failed, 101 something did not build, 130 and 143
interrupted by Ctrl-C and by SIGTERM, whatever came of it until then. A second Ctrl-C kills the tests.")]
pub(super) struct Args {
    /// The applications to test, or places in their source [default: that of this folder, else all]
    #[arg(value_name = "APP|PATH[:LINE]")]
    what: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    order: Order,
    #[command(flatten)]
    output: Output,
    /// Place the applications in several nodes: `each` in its own, as a deployment says, or `all` of these and in one
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    topology: Option<String>,
    /// Place the applications in these nodes
    #[arg(long, value_name = "EXPR")]
    group: Option<String>,
    #[command(flatten)]
    flags: BuildFlags,
    /// Build each unit by itself: features are those that it and what it depends on ask for
    #[arg(long)]
    isolated: bool,
    /// What runs the tests
    #[arg(long, value_name = "RUNNER", default_value = "umbrella")]
    runner: Runner,
    /// Names or parts of names of tests, --exact, --skip, --ignored, --nocapture, --test-threads N, --list
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// Which tests run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
struct Selection {
    /// Only those that a filter expression of nextest's selects: 'test(counts) & package(b)'
    #[arg(short = 'E', long = "filter-expr", value_name = "EXPR")]
    expression: Option<String>,
    /// Only those that failed when they ran last
    #[arg(long, conflicts_with_all = ["stale", "affected"])]
    failed: bool,
    /// Only units that changed since they passed, or what they depend on
    #[arg(long, conflicts_with = "affected")]
    stale: bool,
    /// Only units that changed since the base, and everything downstream
    #[arg(long)]
    affected: bool,
    /// What `--affected` compares with [default: where this branch left the main one]
    #[arg(long, value_name = "REV", requires = "affected")]
    base: Option<String>,
    /// Only one part of the tests, of several machines: 1/4
    #[arg(long, alias = "partitions", value_name = "M/N")]
    partition: Option<Partition>,
    /// Leave out that applications start and stop as they should
    #[arg(long)]
    no_conformance: bool,
}

/// In which order, and how often.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Order")]
struct Order {
    /// Shuffle the tests, by this seed or by one that is printed
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true)]
    seed: Option<Option<u64>>,
    /// Begin no test after so many failures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_failures: Option<u32>,
    /// Run a test that fails again, so often at most; one that passes then is flaky
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// Run everything again and again until a test fails, so often at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat_until_failure: Option<u32>,
    /// Watch the files, and test what a change affects
    #[arg(long, conflicts_with_all = ["json", "repeat_until_failure"])]
    watch: bool,
}

/// What is said of it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct Output {
    /// Print the verdict as JSON on stdout, and the rest on stderr
    #[arg(long)]
    json: bool,
    /// Write the verdict as JUnit's XML
    #[arg(long, value_name = "PATH")]
    junit: Option<PathBuf>,
    /// Name the tests that took longest
    #[arg(long, value_name = "N")]
    slowest: Option<usize>,
    /// Measure which lines are run, with cargo-llvm-cov
    #[arg(long, conflicts_with = "json")]
    cover: bool,
}

pub(super) fn run(args: Args, session: &Session) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    let options = Options::new(args, session, &workspace)?;
    let mut kept = Kept::read(&workspace);
    // We live on to end what runs, and to say how far it came.
    let _listening = session.interrupt.listen_also_to_hang_up();
    if options.watch {
        return watch::watch(session, workspace, &options, &mut kept);
    }
    let Some(units) = since::select(session, &workspace, &options, &kept)? else {
        if options.output.json {
            session.shell.json(&Verdict::new(Vec::new(), Duration::ZERO, false));
        }
        return Ok(ExitCode::Done);
    };
    repeat(session, &workspace, &options, units, &mut kept)
}

/// Tests `units`, once or until a test fails.
fn repeat(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    units: Vec<Unit>,
    kept: &mut Kept,
) -> Result<ExitCode, CommandError> {
    let times = options.repeat_until_failure.unwrap_or(1);
    let first = options.seed.map(|seed| seed.unwrap_or_else(any_seed));
    for time in 1..=times {
        let began = Instant::now();
        if times > 1 {
            session.shell.progress(format_args!("run {time} of {times}"));
        }
        let seed = first.map(|seed| seed.wrapping_add(u64::from(time - 1)));
        let verdict = run::run(session, workspace, options, units.clone(), kept, seed, began)?;
        kept.write(workspace)?;
        let Some(verdict) = verdict else { return Ok(ExitCode::Done) };
        tell::verdict(session, options, &verdict)?;
        let code = verdict.exit_code();
        if code == ExitCode::NothingMatched {
            return Err(TestError::NothingMatched { filter: options.shown_filter() }.into());
        }
        if code != ExitCode::Done {
            return Ok(code);
        }
    }
    Ok(ExitCode::Done)
}

/// One that is not foreseen.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ (now.as_secs() << 20) & 0xffff_ffff
}
