//! One run: build, choose, run the tests, sum up.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Instant;

use super::build::{build, not_built};
use super::chosen::{Chosen, choose, target_of};
use super::error::TestError;
use super::interrupt::forwarding;
use super::kept::{Kept, files};
use super::options::Options;
use super::since::lock;
use super::tell::{self, Progress};
use super::topology::Topology;
use crate::cargo::{
    Case, Doctests, Documented, Engine, FEW, InterruptedTest, Outcome, Processes, Program, Programs, Ran,
    Report, Runner, START_STOP, Tested, UnitResult, Verdict, location, may_have_doctests,
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
    processes: &'a Processes,
    /// What cargo and the tests find in their environment.
    variables: Vec<(String, String)>,
    threads: usize,
}

/// Tests `units`; nothing if the tests were only to be listed. A signal ends what runs.
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
        true => {
            let (root, target) = (&workspace.root, &workspace.target_directory);
            session.cargo.coverage(root, target).map_err(TestError::from)?
        }
        false => Vec::new(),
    };
    let threads = options.passthrough.threads();
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let processes = Processes::default();
    let run = Run { session, workspace, options, processes: &processes, variables, threads };
    let outcomes = forwarding(session, &processes, || run.outcomes(units, kept, seed))?;
    let Some(outcomes) = outcomes else { return Ok(None) };
    let mut verdict = Verdict::new(outcomes, began.elapsed(), options.narrows());
    verdict.seed = seed;
    verdict.interrupted = session.interrupt.noted().map(|noted| noted.signal.exit_code());
    if options.output.cover && verdict.interrupted.is_none() {
        tell::coverage(session, workspace, &run.variables)?;
    }
    Ok(Some(verdict))
}

impl Run<'_> {
    /// What comes of the units; nothing if their tests were only to be listed.
    fn outcomes(
        &self,
        units: Vec<Unit>,
        kept: &mut Kept,
        seed: Option<u64>,
    ) -> Result<Option<Vec<Outcome>>, CommandError> {
        let Self { session, workspace, options, .. } = self;
        // What they are built of, which may be edited while they run.
        let sources = files(workspace);
        let interrupted = |units: Vec<Unit>| {
            let outcome = |unit| Outcome { unit, result: UnitResult::Interrupted };
            Ok(Some(units.into_iter().map(outcome).collect()))
        };
        let built = build(session, self.processes, workspace, options, &units, &self.variables)?;
        if session.interrupt.is_raised() {
            return interrupted(units);
        }
        // Cargo may have written the lock file just now.
        let now = inputs(workspace, &sources, &lock(workspace).unwrap_or_default());
        let broken: BTreeSet<String> =
            not_built(workspace, &units, &built).into_iter().map(str::to_owned).collect();
        let programs = built.programs.iter().filter(|program| !broken.contains(&program.package));
        let programs: Vec<Program> = programs.cloned().collect();
        let listings = kept.listings.update(&programs, self.threads, self.processes);
        // A program that was ended while it listed its tests has some all the same.
        if session.interrupt.is_raised() {
            return interrupted(units);
        }
        kept.listings = listings;
        let reports = if options.passthrough.lists() {
            let chosen = choose(session, workspace, options, &programs, kept, None)?;
            chosen.cases.iter().for_each(|case| {
                session.shell.line(format_args!("{} {}", case.program.package, case.test.unwrap_or("(all)")));
            });
            return Ok(None);
        } else if options.runner == Runner::Nextest {
            self.nextest(&units, &broken)?
        } else {
            let chosen = choose(session, workspace, options, &programs, kept, seed)?;
            self.engine(&units, &broken, chosen, &built, kept)?
        };
        let outcomes = self.summed_up(units, &broken, reports);
        // Without this one, not all of its tests ran.
        let has_conformance = |program: &&Program| {
            let tests = kept.listings.tests_of(program).unwrap_or_default();
            tests.iter().any(|test| test.name == START_STOP)
        };
        let left_out: BTreeSet<String> = match options.selection.no_conformance {
            true => programs.iter().filter(has_conformance).map(|program| program.package.clone()).collect(),
            false => BTreeSet::new(),
        };
        self.remember(kept, &outcomes, &now, &left_out);
        Ok(Some(outcomes))
    }

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
            flags: &options.flags,
            args: &args,
            variables: &self.variables,
            processes: self.processes,
            colour: options.lines().has_colour(&session.shell),
        };
        if broken.len() == units.len() && broken.len() > FEW {
            tell::not_built(session, options, &format!("all of {}", broken.len()));
        } else {
            broken.iter().for_each(|unit| tell::not_built(session, options, unit));
        }
        let doc = thread::scope(|scope| {
            let doc = scope.spawn(|| session.cargo.run_doctests(&doctests));
            for topology in &options.topologies {
                self.in_topology(topology, &chosen.cases, &mut reports);
            }
            doc.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let Documented { reports: mut of_docs, lines } = doc.map_err(TestError::NotRun)?;
        if session.interrupt.is_raised() {
            // Rustdoc, ended, says nothing of the rest.
            of_docs.retain(|_, report| report.failures.is_empty());
        }
        lines.iter().for_each(|line| options.lines().write(&session.shell, line));
        for (library, report) in of_docs {
            let unit = documented.iter().find(|unit| unit.replace('-', "_") == library);
            reports.entry(unit.map_or(library, |unit| (*unit).to_owned())).or_default().merge(report);
        }
        Ok(reports)
    }

    /// Runs the tests with the applications placed so.
    fn in_topology(&self, topology: &Topology, cases: &[Case<'_>], reports: &mut BTreeMap<String, Report>) {
        let Self { session, workspace, options, .. } = self;
        // It is always alone, so once is enough.
        let is_first = options.topologies.first() == Some(topology);
        let again = |case: &&Case<'_>| is_first || case.test != Some(START_STOP);
        let cases: Vec<Case<'_>> = cases.iter().filter(again).cloned().collect();
        let failed: u64 = reports.values().map(|report| report.counts.failed).sum();
        let left =
            options.max_failures.map(|most| most.saturating_sub(u32::try_from(failed).unwrap_or(u32::MAX)));
        if left == Some(0) || session.interrupt.is_raised() {
            for case in &cases {
                reports.entry(case.program.package.clone()).or_default().counts.not_run += 1;
            }
            return;
        }
        if let Some(expression) = &topology.expression {
            options.lines().write(&session.shell, &format!("{0}In {expression}{0:#}", style::STRONG));
        }
        let is_interrupted = || session.interrupt.is_raised();
        let engine = Engine {
            threads: self.threads,
            retries: options.retries,
            max_failures: left,
            variables: &topology.variables,
            processes: self.processes,
            is_interrupted: &is_interrupted,
        };
        let mut progress = Progress::new(session, options, &cases);
        let unfinished = engine.run(&cases, |ran| {
            let case = &cases[ran.case];
            let tested = tested(workspace, case, ran, topology);
            progress.done(&case.program.package, &tested);
            reports.entry(case.program.package.clone()).or_default().add(tested);
        });
        for ran in unfinished.interrupted {
            let case = &cases[ran.case];
            let Tested { test, target, output, seconds, .. } = tested(workspace, case, ran, topology);
            progress.ended(&case.program.package, test.as_deref().unwrap_or(&target), seconds, &output);
            let report = reports.entry(case.program.package.clone()).or_default();
            report.interrupted.push(InterruptedTest { test, target });
        }
        for case in unfinished.not_run {
            reports.entry(cases[case].program.package.clone()).or_default().counts.not_run += 1;
        }
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
        args.extend(options.flags.for_nextest());
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
            let report = session.cargo.run_nextest(
                &session.shell,
                self.processes,
                to,
                &workspace.root,
                &unit.name,
                &args,
            );
            let report = report.map_err(TestError::NotRun)?;
            if !session.interrupt.is_raised() {
                reports.insert(unit.name.clone(), report);
            }
        }
        let built: Vec<&str> = reports.keys().map(String::as_str).collect();
        let doctests = Doctests {
            root: &workspace.root,
            packages: &built,
            flags: &options.flags,
            args: &options.passthrough.for_doctests(),
            variables: &self.variables,
            processes: self.processes,
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

    fn summed_up(
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
                    // What passes with other features, or optimized, may fail as it is built otherwise.
                    let complete = self.options.flags.are_default()
                        && self.options.takes_all_of(name)
                        && !left_out.contains(name)
                        && report.interrupted.is_empty()
                        && report.counts.not_run == 0
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
    if ran.is_leaky {
        output.push_str("(it left a process behind that held on to its output: that was ended)\n");
    }
    Tested {
        test: case.test.map(str::to_owned),
        target: target_of(workspace, case.program),
        passed: ran.passed,
        attempts: ran.attempts,
        seconds: ran.time.as_secs_f64(),
        location: if ran.passed { None } else { location(&output) },
        topology: topology.expression.clone(),
        leaky: ran.is_leaky,
        output,
    }
}
