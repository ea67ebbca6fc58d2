//! What is seen while tests run, and in the end.

use std::collections::BTreeMap;

use super::error::TestError;
use super::options::Options;
use crate::cargo::{Case, Counts, Lines, Tested, UnitResult, Verdict, junit, shown};
use crate::emit::{EmitError, keep};
use crate::exit::ExitCode;
use crate::session::Session;
use crate::shell::style;
use crate::workspace::Workspace;

/// Says what came of each test that failed, and of each unit when all of it ran.
pub(super) struct Progress<'a> {
    session: &'a Session,
    to: Lines,
    /// Whether what a test prints is shown also when it passes.
    shows_output: bool,
    /// How many tests of a unit have not run yet, and what came of the others.
    left: BTreeMap<&'a str, (usize, Counts)>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(session: &'a Session, options: &Options, cases: &[Case<'a>]) -> Self {
        let mut left: BTreeMap<&str, (usize, Counts)> = BTreeMap::new();
        for case in cases {
            left.entry(&case.program.package).or_default().0 += 1;
        }
        Self { session, to: options.lines(), shows_output: options.passthrough.shows_output(), left }
    }

    pub(super) fn done(&mut self, unit: &str, tested: &Tested) {
        let flaky = tested.passed && tested.attempts > 1;
        if !tested.passed || flaky || tested.leaky || self.shows_output {
            self.test(unit, tested, flaky);
        } else {
            // What a test says that nobody wrote, of what it could not look at here.
            let notes = tested.output.lines().filter(|line| line.starts_with("note: start/stop: "));
            notes.for_each(|note| self.say(&format!("        {unit}: {note}")));
        }
        let Some((left, counts)) = self.left.get_mut(unit) else { return };
        *left -= 1;
        counts.passed += u64::from(tested.passed);
        counts.failed += u64::from(!tested.passed);
        if *left == 0 {
            let Counts { passed, failed, .. } = *counts;
            let (bold, good, red) = (style::STRONG, style::GOOD, style::ERROR);
            let failed = if failed > 0 { format!(", {red}{failed} failed{red:#}") } else { String::new() };
            self.say(&format!("{bold}==> {unit}{bold:#}  {good}{passed} passed{good:#}{failed}"));
        }
    }

    fn test(&self, unit: &str, tested: &Tested, flaky: bool) {
        let (style, word) = match (tested.passed, flaky) {
            (true, false) if tested.leaky => (style::WARNING, "LEAK"),
            (true, false) => (style::GOOD, "PASS"),
            (true, true) => (style::WARNING, "FLAKY"),
            (false, _) => (style::ERROR, "FAIL"),
        };
        let name = tested.test.as_deref().map_or(tested.target.as_str(), shown);
        let place = tested.topology.iter().flat_map(|topology| ["  in ", topology]).collect::<String>();
        let attempts =
            if tested.attempts > 1 { format!(", attempt {}", tested.attempts) } else { String::new() };
        let head =
            format!("{style}{word:>7}{style:#} {unit} {name}{place} ({:.3}s{attempts})", tested.seconds);
        self.say(&head);
        self.output(&tested.output);
    }

    /// Says that a test ran when the run was interrupted, and what it had printed.
    pub(super) fn ended(&self, unit: &str, test: &str, seconds: f64, output: &str) {
        let warning = style::WARNING;
        let test = shown(test);
        self.say(&format!("{warning}  ENDED{warning:#} {unit} {test} ({seconds:.3}s)"));
        self.output(output);
    }

    fn output(&self, output: &str) {
        for line in output.lines().filter(|line| !is_noise(line)) {
            self.say(&format!("        {line}"));
        }
    }

    fn say(&self, line: &str) {
        self.to.write(&self.session.shell, line);
    }
}

/// Says that a unit cannot be tested.
pub(super) fn not_built(session: &Session, options: &Options, unit: &str) {
    let (bold, red) = (style::STRONG, style::ERROR);
    let line = format!("{bold}==> {unit}{bold:#}  {red}did not build{red:#}");
    options.lines().write(&session.shell, &line);
}

/// What libtest prints around a test that is alone.
fn is_noise(line: &str) -> bool {
    let plain = anstream::adapter::strip_str(line).to_string();
    let plain = plain.trim_end();
    plain.is_empty()
        || matches!(plain, "running 1 test" | "failures:")
        || (plain.starts_with("test ") && [" ... ok", " ... FAILED"].iter().any(|end| plain.ends_with(end)))
        || plain.starts_with("test result: ")
        || plain.starts_with("    ") && !plain.trim_start().contains(' ') && plain.contains("::")
}

/// Which lines were run: a table, and pages that show them.
pub(super) fn coverage(
    session: &Session,
    workspace: &Workspace,
    variables: &[(String, String)],
) -> Result<(), TestError> {
    let pages = workspace.target_directory.join("umbrella/cover");
    let table = session.cargo.report_coverage(&workspace.root, variables, &pages)?;
    session.shell.line("");
    session.shell.line(table.trim_end());
    let index = session.display_path(&pages.join("html/index.html"));
    session.shell.line(format_args!("line by line: {index}"));
    Ok(())
}

/// The verdict, as it was asked for.
pub(super) fn verdict(session: &Session, options: &Options, verdict: &Verdict) -> Result<(), EmitError> {
    if let Some(path) = &options.output.junit {
        keep(&session.cwd.join(path), &junit(verdict))?;
    }
    if options.output.json {
        session.shell.json(verdict);
        return Ok(());
    }
    let shell = &session.shell;
    let style = if verdict.exit_code() == ExitCode::Done { style::GOOD } else { style::ERROR };
    shell.line("");
    if let Some(count) = options.output.slowest {
        shell.line(format_args!("{}Slowest{:#}", style::STRONG, style::STRONG));
        verdict.slowest(count).into_iter().for_each(|line| shell.line(line));
        shell.line("");
    }
    if let Some(seed) = verdict.seed {
        shell.line(format_args!("Shuffled by --seed={seed}"));
    }
    shell.line(format_args!("{style}{}{style:#}", verdict.summary()));
    for outcome in &verdict.units {
        let UnitResult::Tested(report) = &outcome.result else { continue };
        for tested in report.tests.iter().filter(|tested| tested.passed && tested.attempts > 1) {
            let (name, warning) = (tested.test.as_deref().map_or("", shown), style::WARNING);
            let unit = &outcome.unit.name;
            shell.line(format_args!(
                "{warning}  FLAKY {unit} {name}{warning:#}  passed at attempt {}",
                tested.attempts
            ));
        }
    }
    let red = style::ERROR;
    for (what, rerun) in verdict.failed_list() {
        shell.line(format_args!("{red}{what}{red:#}"));
        shell.line(format_args!("        {rerun}"));
    }
    Ok(())
}
