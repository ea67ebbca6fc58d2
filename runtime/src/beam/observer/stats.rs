//! Figures of the node as a whole.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::beam::Asked;
use crate::beam::erpc::list;
use crate::beam::identity::{count, pairs};
use crate::beam::reply::{pid_of, send};
use crate::process::incoming::{ImportError, Incoming};
use crate::process::traffic::Traffic;
use crate::process::{AnyCell, ExitReason, Kind, Node, self_pid};
use crate::term::Term;

/// Often enough for a chart, and seldom enough not to be felt.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn export(node: &Node) {
    const KIND: &Kind =
        &Kind { label: || "fetch_stats", handlers: None, import: Some(ends), layout: None, contract: None };
    node.export_raw_as(KIND, "observer_backend:fetch_stats/2", |arguments| {
        let [to, every] = list(arguments)?;
        let every = every.as_integer().and_then(|every| u64::try_from(every).ok()).ok_or("no time")?;
        Ok(async move { fetch(&to, Duration::from_millis(every).max(SHORTEST_INTERVAL)).await })
    });
}

/// Whatever it is sent ends it.
///
/// Source: `observer_backend:fetch_stats/2`.
fn ends(process: &Arc<dyn AnyCell>, _message: Incoming<'_>) -> Result<(), ImportError> {
    process.head().node.exit(process.head().pid, ExitReason::Shutdown);
    Ok(())
}

/// `{stats, 1, SchedulerWallTime, IO, Memory}`, again and again, until whoever asked is gone.
async fn fetch(to: &Term, every: Duration) -> ExitReason {
    let Some(node) = Node::current() else { return ExitReason::Normal };
    if !Asked::of(&node).may_look() {
        return ExitReason::error("introspection is off");
    }
    let Some(to) = pid_of(&node, to) else { return ExitReason::error("no process to tell") };
    let mut ticks = tokio::time::interval(every);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let stats =
            Term::tuple([Term::atom("stats"), Term::Integer(1), wall_times(&node), io(&node), memory(&node)]);
        send(&node, self_pid(), to, stats);
    }
}

fn integer(value: u128) -> Term {
    Term::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn uptime(node: &Node) -> Duration {
    Asked::of(node).uptime()
}

/// `[{Scheduler, Active, Total}]`: of each thread that runs processes, how long it worked, and how long it is there.
fn wall_times(node: &Node) -> Term {
    let total = integer(uptime(node).as_micros());
    let metrics = Handle::current().metrics();
    let worker = |at| {
        let active = integer(metrics.worker_total_busy_duration(at).as_micros());
        Term::tuple([count(at + 1), active, total.clone()])
    };
    Term::List((0..metrics.num_workers()).map(worker).collect())
}

/// What came from other nodes and went to them: what went through ports otherwise is not counted here.
fn io(node: &Node) -> Term {
    let (input, output) = Traffic::of(node).both();
    let bytes = |which, bytes: u64| Term::tuple([Term::atom(which), integer(bytes.into())]);
    Term::tuple([bytes("input", input), bytes("output", output)])
}

fn total(node: &Node) -> u64 {
    Asked::of(node).memory()
}

/// `[{total, Bytes}, ...]`: what is not of processes, as far as that is counted, is `system`.
pub(in crate::beam) fn memory(node: &Node) -> Term {
    pairs(memory_pairs(node))
}

fn memory_pairs(node: &Node) -> Vec<(&'static str, Term)> {
    let (all, processes, none) = (total(node), node.memory_of_processes(), Term::Integer(0));
    vec![
        ("total", integer(all.into())),
        ("processes", count(processes)),
        ("processes_used", count(processes)),
        ("system", integer(all.saturating_sub(processes as u64).into())),
        ("atom", none.clone()),
        ("atom_used", none.clone()),
        ("binary", none.clone()),
        ("code", none.clone()),
        ("ets", none),
    ]
}

/// The allocators: one, which has all the memory. A panel divides by how many blocks there are.
fn allocators(node: &Node) -> Term {
    let size = integer(total(node).max(1).into());
    let sizes =
        |which: &'static str| Term::tuple([Term::atom(which), size.clone(), size.clone(), size.clone()]);
    let carriers = Term::List(vec![sizes("blocks_size"), sizes("carriers_size")]);
    let instance = Term::tuple([
        Term::atom("instance"),
        Term::Integer(0),
        Term::List(vec![Term::tuple([Term::atom("mbcs"), carriers])]),
    ]);
    Term::List(vec![Term::tuple([Term::atom("system"), Term::List(vec![instance])])])
}

fn schedulers() -> Term {
    count(Handle::current().metrics().num_workers())
}

fn processors() -> Term {
    std::thread::available_parallelism().map_or(Term::atom("unknown"), |cores| count(cores.get()))
}

/// Limits that are none here.
const UNLIMITED: i64 = 1 << 32;

/// `erlang:system_info/1`, as far as it is asked for.
pub(in crate::beam) fn system_info(node: &Node, what: &Term) -> Option<Term> {
    Some(match what.as_atom()? {
        "wordsize" => count(size_of::<usize>()),
        "process_count" => count(node.processes().len()),
        "schedulers" | "schedulers_online" => schedulers(),
        "dirty_cpu_schedulers" | "dirty_io_schedulers" | "port_count" | "ets_count" | "atom_count" => {
            Term::Integer(0)
        }
        "logical_processors" | "logical_processors_online" | "logical_processors_available" => processors(),
        "process_limit" | "port_limit" | "ets_limit" | "atom_limit" => Term::Integer(UNLIMITED),
        // What panels look at to know what else to ask.
        "otp_release" => Term::characters(OTP),
        "version" => Term::characters(env!("CARGO_PKG_VERSION")),
        "system_architecture" => Term::characters(ARCHITECTURE),
        _ => return None,
    })
}

/// What the program was built for, of what people build for.
const ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") {
    "x86_64"
} else if cfg!(target_arch = "aarch64") {
    "aarch64"
} else {
    "unknown"
};

/// The release of OTP whose questions are answered.
const OTP: &str = "25";

/// `erlang:statistics/1`, as far as it is asked for.
pub(in crate::beam) fn statistics(node: &Node, what: &Term) -> Option<Term> {
    Some(match what.as_atom()? {
        "wall_clock" => Term::tuple([integer(uptime(node).as_millis()), Term::Integer(0)]),
        "run_queue" => count(Handle::current().metrics().global_queue_depth()),
        "io" => io(node),
        "scheduler_wall_time" => wall_times(node),
        _ => return None,
    })
}

/// Source: `observer_backend:sys_info/0`, in its order.
pub(super) fn sys_info(node: &Node) -> Term {
    let known = |what: &'static str| (what, system_info(node, &Term::atom(what)).unwrap_or(Term::Integer(0)));
    let is = |what: &'static str| (what, Term::atom("true"));
    let (input, output) = Traffic::of(node).both();
    let mut info = vec![
        ("uptime", integer(uptime(node).as_millis())),
        ("run_queue", count(Handle::current().metrics().global_queue_depth())),
        ("io_input", integer(input.into())),
        ("io_output", integer(output.into())),
        known("logical_processors"),
        known("logical_processors_online"),
        known("logical_processors_available"),
        known("schedulers"),
        known("schedulers_online"),
        ("schedulers_available", schedulers()),
        known("otp_release"),
        known("version"),
        known("system_architecture"),
        is("kernel_poll"),
        is("smp_support"),
        is("threads"),
        ("thread_pool_size", Term::Integer(0)),
        ("wordsize_internal", count(size_of::<usize>())),
        ("wordsize_external", count(size_of::<usize>())),
        ("alloc_info", allocators(node)),
        known("process_count"),
        known("atom_limit"),
        known("atom_count"),
        known("process_limit"),
        known("process_count"),
        known("port_limit"),
        known("port_count"),
        known("ets_limit"),
        known("ets_count"),
        ("dist_buf_busy_limit", Term::Integer(0)),
    ];
    info.extend(memory_pairs(node));
    pairs(info)
}
