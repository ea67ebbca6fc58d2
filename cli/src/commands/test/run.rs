//! One run: build, choose, run the tests, sum up.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Instant;

use super::build::{build, not_built};
use super::chosen::{Chosen, choose, target_of};
use super::error::TestError;
use super::kept::{Kept, files};
use super::options::Options;
use super::since::lock;
use super::tell::{self, Progress};
use super::topology::Topology;
use crate::cargo::{
    Case, Doctests, Documented, Engine, Outcome, Program, Programs, Ran, Report, Runner, START_STOP, Tested,
    UnitResult, Verdict, location, may_have_doctests,
};
use crate::error::CommandError;
use crate::plan::test::{Known, Unit, UnitRun, inputs};
use crate::session::Session;
use crate::shell::style;
use crate::workspace::Workspace;

/// What all parts of a run are given.
struct Run<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    options: &'a Options,
    /// What cargo and the tests find in their environment.
    variables: Vec<(String, String)>,
    threads: usize,
}

/// Tests `units`; nothing if the tests were only to be listed.
pub(super) fn run(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    units: Vec<Unit>,
    kept: &mut Kept,
    seed: Option<u64>,
    began: Instant,
) -> Result<Option<Verdict>, CommandError> {
    let variables = match options.output.cover {
        true => session.cargo.coverage(&workspace.root).map_err(TestError::from)?,
        false => Vec::new(),
    };
    let threads = options.passthrough.threads();
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let run = Run { session, workspace, options, variables, threads };
    // What they are built of, which may be edited while they run.
    let sources = files(workspace);
    let built = build(session, workspace, options, &units, &run.variables)?;
    // Cargo may have written the lock file just now.
    let now = inputs(workspace, &sources, &lock(workspace).unwrap_or_default());
    let broken: BTreeSet<String> =
        not_built(workspace, &units, &built).into_iter().map(str::to_owned).collect();
    let programs = built.programs.iter().filter(|program| !broken.contains(&program.package));
    let programs: Vec<Program> = programs.cloned().collect();
    kept.listings = kept.listings.update(&programs, threads);
    let reports = if options.passthrough.lists() {
        let chosen = choose(session, workspace, options, &programs, kept, None)?;
        chosen.cases.iter().for_each(|case| {
            session.shell.line(format_args!("{} {}", case.program.package, case.test.unwrap_or("(all)")));
        });
        return Ok(None);
    } else if options.runner == Runner::Nextest {
        run.nextest(&units, &broken)?
    } else {
        let chosen = choose(session, workspace, options, &programs, kept, seed)?;
        run.engine(&units, &broken, chosen, &built, kept)?
    };
    let outcomes = run.outcomes(units, &broken, reports);
    // Without this one, not all of its tests ran.
    let has_conformance = |program: &&Program| {
        let tests = kept.listings.tests_of(program).unwrap_or_default();
        tests.iter().any(|test| test.name == START_STOP)
    };
    let left_out: BTreeSet<String> = match options.selection.no_conformance {
        true => programs.iter().filter(has_conformance).map(|program| program.package.clone()).collect(),
        false => BTreeSet::new(),
    };
    run.remember(kept, &outcomes, &now, &left_out);
    let mut verdict = Verdict::new(outcomes, began.elapsed(), options.narrows());
    verdict.seed = seed;
    if options.output.cover && !session.interrupt.is_raised() {
        session.cargo.report_coverage(&workspace.root, &run.variables).map_err(TestError::from)?;
    }
    Ok(Some(verdict))
}

impl Run<'_> {
    /// Runs the tests, and documentation tests beside them.
    fn engine(
        &self,
        units: &[Unit],
        broken: &BTreeSet<String>,
        chosen: Chosen<'_>,
        built: &Programs,
        kept: &Kept,
    ) -> Result<BTreeMap<String, Report>, TestError> {
        let Self { session, workspace, options, .. } = self;
        let documented = self.documented(units, broken, built, kept);
        let documented: Vec<&str> = documented.iter().map(String::as_str).collect();
        let mut reports: BTreeMap<String, Report> = BTreeMap::new();
        for (unit, skipped) in &chosen.skipped {
            reports.entry((*unit).to_owned()).or_default().counts.skipped += skipped;
        }
        let args = options.passthrough.for_doctests();
        let doctests = Doctests {
            root: &workspace.root,
            packages: &documented,
            args: &args,
            variables: &self.variables,
            colour: options.lines().has_colour(&session.shell),
        };
        for unit in broken {
            tell::not_built(session, options, unit);
        }
        let mut unfinished = Vec::new();
        let doc = thread::scope(|scope| {
            let doc = scope.spawn(|| session.cargo.run_doctests(&doctests));
            for topology in &options.topologies {
                unfinished.extend(self.in_topology(topology, &chosen.cases, &mut reports));
            }
            doc.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let Documented { reports: of_docs, lines } = doc.map_err(TestError::NotRun)?;
        lines.iter().for_each(|line| options.lines().write(&session.shell, line));
        for (library, report) in of_docs {
            let unit = documented.iter().find(|unit| unit.replace('-', "_") == library);
            reports.entry(unit.map_or(library, |unit| (*unit).to_owned())).or_default().merge(report);
        }
        if session.interrupt.is_raised() {
            unfinished.into_iter().for_each(|unit| drop(reports.remove(&unit)));
        }
        Ok(reports)
    }

    /// Runs the tests with the applications placed so; answers the units some of whose tests did not run.
    fn in_topology(
        &self,
        topology: &Topology,
        cases: &[Case<'_>],
        reports: &mut BTreeMap<String, Report>,
    ) -> Vec<String> {
        let Self { session, workspace, options, .. } = self;
        // It is always alone, so once is enough.
        let is_first = options.topologies.first() == Some(topology);
        let again = |case: &&Case<'_>| is_first || case.test != Some(START_STOP);
        let cases: Vec<Case<'_>> = cases.iter().filter(again).cloned().collect();
        let failed: u64 = reports.values().map(|report| report.counts.failed).sum();
        let left =
            options.max_failures.map(|most| most.saturating_sub(u32::try_from(failed).unwrap_or(u32::MAX)));
        if left == Some(0) {
            return Vec::new();
        }
        if let Some(expression) = &topology.expression {
            options.lines().write(&session.shell, &format!("{0}In {expression}{0:#}", style::STRONG));
        }
        let variables = [self.variables.as_slice(), topology.variables.as_slice()].concat();
        let is_interrupted = || session.interrupt.is_raised();
        let engine = Engine {
            threads: self.threads,
            retries: options.retries,
            max_failures: left,
            variables: &variables,
            is_interrupted: &is_interrupted,
        };
        let mut progress = Progress::new(session, options, &cases);
        engine.run(&cases, |ran| {
            let case = &cases[ran.case];
            let tested = tested(workspace, case, ran, topology);
            progress.done(&case.program.package, &tested);
            reports.entry(case.program.package.clone()).or_default().add(tested);
        });
        progress.unfinished().map(str::to_owned).collect()
    }

    /// The units whose documentation tests run.
    fn documented(
        &self,
        units: &[Unit],
        broken: &BTreeSet<String>,
        built: &Programs,
        kept: &Kept,
    ) -> Vec<String> {
        let Options { selection, passthrough, .. } = self.options;
        if selection.expression.is_some() || passthrough.is_about_no_documentation() {
            return Vec::new();
        }
        let failed = |unit: &str| {
            let memory = kept.memory.as_ref();
            memory.is_some_and(|memory| {
                let doc = |known: &Known| known.unit == unit && known.target.starts_with("Doc-tests ");
                memory.not_built.contains(unit) || memory.failed.iter().any(doc)
            })
        };
        let wanted = |unit: &&str| {
            !broken.contains(*unit)
                && self.options.takes_whole(unit)
                && (!selection.failed || failed(unit))
                && self.options.partition().is_none_or(|part| part.holds(unit, "Doc-tests", ""))
                && built.libraries.get(*unit).is_some_and(|source| may_have_doctests(source))
        };
        units.iter().map(|unit| unit.name.as_str()).filter(wanted).map(str::to_owned).collect()
    }

    /// Has nextest run the tests, unit by unit.
    fn nextest(
        &self,
        units: &[Unit],
        broken: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Report>, TestError> {
        let Self { session, workspace, options, .. } = self;
        let mut args = vec!["--retries".to_owned(), options.retries.to_string()];
        args.extend(options.passthrough.for_nextest());
        if options.selection.no_conformance {
            args.extend(["--skip".to_owned(), START_STOP.to_owned()]);
        }
        let to = options.lines();
        let mut reports = BTreeMap::new();
        for unit in units.iter().filter(|unit| !broken.contains(&unit.name)) {
            if session.interrupt.is_raised() {
                break;
            }
            to.write(&session.shell, &format!("==> {}", unit.name));
            let report = session.cargo.run_nextest(&session.shell, to, &workspace.root, &unit.name, &args);
            let report = report.map_err(TestError::NotRun)?;
            if !session.interrupt.is_raised() {
                reports.insert(unit.name.clone(), report);
            }
        }
        let built: Vec<&str> = reports.keys().map(String::as_str).collect();
        let doctests = Doctests {
            root: &workspace.root,
            packages: &built,
            args: &options.passthrough.for_doctests(),
            variables: &self.variables,
            colour: to.has_colour(&session.shell),
        };
        let documented = session.cargo.run_doctests(&doctests).map_err(TestError::NotRun)?;
        documented.lines.iter().for_each(|line| to.write(&session.shell, line));
        for (library, report) in documented.reports {
            let unit = units.iter().find(|unit| unit.name.replace('-', "_") == library);
            reports.entry(unit.map_or(library, |unit| unit.name.clone())).or_default().merge(report);
        }
        Ok(reports)
    }

    fn outcomes(
        &self,
        units: Vec<Unit>,
        broken: &BTreeSet<String>,
        mut reports: BTreeMap<String, Report>,
    ) -> Vec<Outcome> {
        let interrupted = self.session.interrupt.is_raised();
        let result = |unit: &Unit| match reports.remove(&unit.name) {
            _ if broken.contains(&unit.name) => UnitResult::NotBuilt,
            Some(report) => UnitResult::Tested(report),
            None if interrupted => UnitResult::Interrupted,
            None => UnitResult::Tested(Report::default()),
        };
        let mut result = result;
        units.into_iter().map(|unit| Outcome { result: result(&unit), unit }).collect()
    }

    /// Keeps what came of it for `--failed` and `--stale`.
    fn remember(
        &self,
        kept: &mut Kept,
        outcomes: &[Outcome],
        now: &BTreeMap<String, String>,
        left_out: &BTreeSet<String>,
    ) {
        let memory = kept.memory.get_or_insert_default();
        memory.version = 1;
        for Outcome { unit, result } in outcomes {
            let name = unit.name.as_str();
            match result {
                UnitResult::Interrupted => {}
                UnitResult::NotBuilt => memory.note(name, UnitRun::default()),
                UnitResult::Tested(report) => {
                    let known = |target: &str, test: Option<&String>| Known {
                        unit: name.to_owned(),
                        target: target.to_owned(),
                        test: test.cloned(),
                    };
                    let passed = report.tests.iter().filter(|tested| tested.passed);
                    let passed = passed.map(|tested| known(&tested.target, tested.test.as_ref())).collect();
                    let failed = report.failures.iter();
                    let failed = failed
                        .map(|test| known(test.target.as_deref().unwrap_or_default(), test.test.as_ref()));
                    let failed: Vec<Known> = failed.collect();
                    let complete = self.options.takes_all_of(name)
                        && !left_out.contains(name)
                        && self.options.max_failures.is_none();
                    let inputs = now.get(name).filter(|_| complete).cloned();
                    memory.note(name, UnitRun { built: true, passed, failed, inputs });
                }
            }
        }
    }
}

fn tested(workspace: &Workspace, case: &Case<'_>, ran: Ran, topology: &Topology) -> Tested {
    let mut output = ran.output;
    if let Some(signal) = ran.signal {
        output.push_str(&format!("(ended by signal {signal})\n"));
    }
    Tested {
        test: case.test.map(str::to_owned),
        target: target_of(workspace, case.program),
        passed: ran.passed,
        attempts: ran.attempts,
        seconds: ran.time.as_secs_f64(),
        location: if ran.passed { None } else { location(&output) },
        topology: topology.expression.clone(),
        output,
    }
}
