//! What it costs to be many: nodes in one process, over TCP on the loopback interface, from nothing to all connected, and
//! then idle.
//!
//! `cargo bench -p umbrella-runtime --bench cluster [NODES]` connects as many nodes, a thousand unless told otherwise, along
//! a graph in which each depends on three others, and then 50, 100 and 140 of them each with each. Each line is a process
//! of the operating system of its own; the largest needs 20,000 files (`ulimit -n`).
//!
//! A node has joined when it is connected to all that it depends on. Memory is what the process has resident; what the
//! kernel keeps for sockets is not in it. Both ends of a connection are in the process, and an end is what is counted.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use umbrella::dist::{Address, Cookie, Distribution, Options, Table};
use umbrella::process::Node;

/// A quarter of it is a tick: one second.
const NET_TICKTIME: Duration = Duration::from_secs(4);

/// So many ticks are watched.
const TICKS: u32 = 10;

const HEAD: &str = "| graph | nodes | connections | joined in | a node | an end of a connection | tasks of an end | a tick of an end |\n\
                    |---|---|---|---|---|---|---|---|";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [graph, nodes] = arguments.as_slice() {
        let graph = if graph == "mesh" { Graph::Mesh } else { Graph::Dependencies };
        let workers = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return workers.unwrap().block_on(measure(graph, nodes.parse().unwrap()));
    }
    let nodes = arguments.first().map_or("1000", String::as_str);
    println!("{HEAD}");
    for (graph, nodes) in [("dependencies", nodes), ("mesh", "50"), ("mesh", "100"), ("mesh", "140")] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        assert!(command.args([graph, nodes]).status().unwrap().success());
    }
}

/// Who connects to whom.
#[derive(Clone, Copy)]
enum Graph {
    /// Each to three others.
    Dependencies,
    /// Each to each.
    Mesh,
}

impl Graph {
    fn name(self) -> &'static str {
        match self {
            Self::Dependencies => "each depends on three",
            Self::Mesh => "each with each",
        }
    }

    /// Whom `nth` of `nodes` connects to.
    fn needs(self, nth: usize, nodes: usize) -> Vec<usize> {
        let mut needs: Vec<usize> = match self {
            Self::Dependencies => [nth + 1, nth * 7 + 3, nth * 31 + 11].map(|other| other % nodes).into(),
            Self::Mesh => (nth + 1..nodes).collect(),
        };
        needs.sort_unstable();
        needs.dedup();
        needs.retain(|other| *other != nth);
        needs
    }
}

struct Member {
    node: Node,
    _distribution: Distribution,
}

fn full_name(nth: usize) -> String {
    format!("n{nth}@127.0.0.1")
}

async fn member(nth: usize, table: &Table) -> Member {
    let node = Node::new(format!("n{nth}"));
    let options = Options {
        resolver: Arc::new(table.clone()),
        net_ticktime: NET_TICKTIME,
        ..Options::new(full_name(nth), Cookie::new("benchmark"))
    };
    let distribution = Distribution::start(&node, options).await.unwrap();
    table.insert(&full_name(nth), [Address::tcp((Ipv4Addr::LOCALHOST, distribution.ports()[0]))]);
    Member { node, _distribution: distribution }
}

async fn measure(graph: Graph, nodes: usize) {
    let (table, mut members) = (Table::default(), Vec::with_capacity(nodes));
    let before = resident();
    let began = Instant::now();
    for nth in 0..nodes {
        members.push(member(nth, &table).await);
    }
    let (started, alone, tasks) = (began.elapsed(), resident(), alive());
    let began = Instant::now();
    let mut joining = JoinSet::new();
    for (nth, member) in members.iter().enumerate() {
        let (node, needs) = (member.node.clone(), graph.needs(nth, nodes));
        joining.spawn(async move {
            for other in needs {
                // One of two that call each other at once, or of too many, is turned away, and calls again.
                while node.connect(&full_name(other)).await.is_err() {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    while let Some(joined) = joining.join_next().await {
        joined.unwrap();
    }
    let joined = started + began.elapsed();
    // The other side of the last may be a moment behind.
    tokio::time::sleep(NET_TICKTIME / 4).await;
    let ends: usize = members.iter().map(|member| member.node.nodes().len()).sum();
    let (together, new_tasks) = (resident(), alive() - tasks);
    let (busy, ticks) = (processor_time(), Instant::now());
    tokio::time::sleep(NET_TICKTIME / 4 * TICKS).await;
    let (busy, ticks) =
        (processor_time() - busy, ticks.elapsed().as_secs_f64() / NET_TICKTIME.as_secs_f64() * 4.0);
    assert_eq!(
        members.iter().map(|member| member.node.nodes().len()).sum::<usize>(),
        ends,
        "all still there"
    );
    println!(
        "| {} | {nodes} | {} | {:.2} s | {:.1} kB | {:.1} kB | {:.1} | {:.1} us |",
        graph.name(),
        ends / 2,
        joined.as_secs_f64(),
        (alone - before) as f64 / nodes as f64 / 1e3,
        (together.saturating_sub(alone)) as f64 / ends as f64 / 1e3,
        new_tasks as f64 / ends as f64,
        busy.as_secs_f64() * 1e6 / ticks / ends as f64,
    );
}

/// Tasks of the runtime.
fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// Bytes of this process in memory, by `/proc/self/statm`.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// What this process has used of processors; Linux counts in hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let used = after_name.split_whitespace().skip(11).take(2);
    Duration::from_millis(used.map(|field| field.parse::<u64>().unwrap() * 10).sum())
}
