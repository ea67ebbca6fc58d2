//! A node of the tests of faults: it does what it is told in lines, and says in lines what came of it.
//!
//! `member NAME ADDRESS NET_TICKTIME_IN_MS`, and then:
//!
//! | it is told | and says |
//! |---|---|
//! | | `listens PORT`; `up NODE` and `down NODE` of the nodes that come and go |
//! | `peer NODE ADDRESS` | nothing: it knows from here on where the node is |
//! | `nodes`, `group` | which nodes are connected; which have a member in the group: `nodes A B` |
//! | `leads` | who has the name among all nodes: `leads NODE` |
//! | `leading` | how many processes of this node have the name: `leading 0` |
//! | `watch NODE` | `watching NODE` once it monitors the ledger there, and `ended NODE REASON` |
//! | `wait NODE` | `waiting NODE`, and `waited OUTCOME` of a call that is never answered, whose deadline is an hour |
//! | `write NODE MS` | `wrote OUTCOME` of a call with this deadline |
//! | `bulk NODE BYTES MS` | `sent OUTCOME` of a call with so much in it |
//! | `load NODE`, `rest` | `loading NODE`, and `loaded NODE` with the entries that were acknowledged since |
//! | `entries` | what its ledger was told: `entries 1 2 3` |

#![expect(clippy::print_stdout, reason = "this is how it speaks")]

use std::io::stdin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use umbrella::dist::{Address, Cookie, Distribution, Listen, NodeEvent, Options, Table, monitor_nodes};
use umbrella::prelude::*;
use umbrella::process::{self, Signal};
use umbrella::registry::global::Global;

/// Writes down what it is told.
struct Ledger {
    entries: Vec<u64>,
    unanswered: Vec<ReplyTo<()>>,
}

const LEDGER: Name<Ledger> = Ledger::named("ledger");
const LEDGERS: Group<Ledger> = Group::new("ledgers");

#[gen_server]
impl Ledger {
    fn init() -> Self {
        LEDGERS.join(process::self_pid().expect("a process")).expect("a node");
        Self { entries: Vec::new(), unanswered: Vec::new() }
    }

    #[call]
    fn write(&mut self, entry: u64) {
        self.entries.push(entry);
    }

    #[call]
    fn take(&mut self, bulk: String) -> u64 {
        bulk.len() as u64
    }

    #[call]
    fn entries(&self) -> Vec<u64> {
        self.entries.clone()
    }

    #[call]
    fn never(&mut self, reply: ReplyTo<()>) {
        self.unanswered.push(reply);
    }

    #[call]
    fn pid(&self) -> Pid {
        process::self_pid().expect("a process")
    }

    #[call]
    fn node(&self) -> String {
        full_name()
    }
}

/// The one among all nodes.
struct Leader {
    count: Arc<AtomicUsize>,
}

const LEADER: Global<Leader> = Global::new("leader");

#[gen_server]
impl Leader {
    async fn init(count: Arc<AtomicUsize>) -> Result<Self, ExitReason> {
        LEADER.register().await?;
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Self { count })
    }

    #[call]
    fn node(&self) -> String {
        full_name()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

fn full_name() -> String {
    Node::current().expect("a node").full_name().to_owned()
}

/// Has this node lead whenever nobody does.
async fn run_for_leader(node: Node, count: Arc<AtomicUsize>) {
    loop {
        if let Ok(leader) = Leader::start(count.clone()).await {
            node.wait_exit(Ref::pid(&leader)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What is shared by everything that it is told.
#[derive(Clone)]
struct Member {
    node: Node,
    table: Table,
    leading: Arc<AtomicUsize>,
    is_loading: Arc<AtomicBool>,
    next: Arc<AtomicU64>,
}

impl Member {
    fn entry(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, address, net_ticktime] = arguments.as_slice() else { panic!("see the head of the source") };
    let node = Node::new(name.split('@').next().unwrap_or_default());
    let table = Table::default();
    let options = Options {
        listen: vec![Listen::Tcp(address.parse().expect("an address"))],
        resolver: Arc::new(table.clone()),
        net_ticktime: Duration::from_millis(number(net_ticktime)),
        ..Options::new(name.as_str(), Cookie::new("faults"))
    };
    let distribution = Distribution::start(&node, options).await.expect("starts");
    let member = Member {
        node: node.clone(),
        table,
        leading: Arc::default(),
        is_loading: Arc::default(),
        // Entries of different nodes differ, and those of different lives.
        next: Arc::new(AtomicU64::new(u64::from(std::process::id()) << 32)),
    };
    let ledger = Start::<Ledger>::new(()).name(&LEDGER);
    let _ledger = node.scope(async { ledger.start().await }).await.expect("starts");
    let mut events = node.enter(monitor_nodes).expect("a node");
    tokio::spawn(async move {
        loop {
            match events.next().await {
                NodeEvent::Up(node) => println!("up {node}"),
                NodeEvent::Down(node) => println!("down {node}"),
            }
        }
    });
    let (candidate, count) = (node.clone(), member.leading.clone());
    tokio::spawn(async move { candidate.scope(run_for_leader(candidate.clone(), count)).await });
    println!("listens {}", distribution.ports()[0]);
    let (sender, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    while let Some(line) = lines.recv().await {
        // What hangs holds nothing else up.
        let member = member.clone();
        tokio::spawn(async move { member.node.scope(told(member.clone(), line)).await });
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}

async fn told(member: Member, line: String) {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["peer", node, address] => {
            let address: std::net::SocketAddr = address.parse().expect("an address");
            member.table.insert(node, [Address::tcp(address)]);
            println!("knows {node}");
        }
        ["connect", node] => {
            let connected = member.node.connect(node).await;
            println!(
                "connected {node} {}",
                connected.map_or_else(|error| error.to_string(), |()| "ok".into())
            );
        }
        ["nodes"] => say("nodes", member.node.nodes().iter().map(|node| node.to_string()).collect()),
        ["group"] => {
            let mut nodes = Vec::new();
            for ledger in LEDGERS.members() {
                nodes.push(ledger.node().await.unwrap_or_else(|error| format!("{error:?}")));
            }
            say("group", nodes);
        }
        ["leads"] => {
            let leads = LEADER.via().node().await;
            println!("leads {}", leads.unwrap_or_else(|error| format!("{error:?}")));
        }
        ["leading"] => println!("leading {}", member.leading.load(Ordering::Relaxed)),
        ["watch", node] => watch(&member, node),
        ["wait", node] => {
            let ledger = Name::on(&LEDGER, *node);
            println!("waiting {node}");
            let waited = ledger.never().within(Duration::from_secs(3600)).await;
            println!("waited {}", outcome(waited));
        }
        ["write", node, deadline] => {
            let (entry, within) = (member.entry(), Duration::from_millis(number(deadline)));
            let written = Name::on(&LEDGER, *node).write(entry).within(within).await;
            println!("wrote {}", outcome(written));
        }
        ["bulk", node, bytes, deadline] => {
            let bulk = "x".repeat(number(bytes) as usize);
            let within = Duration::from_millis(number(deadline));
            let taken = Name::on(&LEDGER, *node).take(bulk).within(within).await;
            println!("sent {}", outcome(taken.map(drop)));
        }
        ["load", node] => load(&member, node).await,
        ["rest"] => {
            member.is_loading.store(false, Ordering::Relaxed);
        }
        ["entries"] => {
            let entries = LEDGER.entries().await.expect("runs");
            println!("entries {}", list(&entries));
        }
        _ => panic!("`{line}` is not understood"),
    }
}

fn say(what: &str, mut nodes: Vec<String>) {
    nodes.sort();
    println!("{what} {}", nodes.join(" "));
}

fn list(entries: &[u64]) -> String {
    entries.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

fn outcome(outcome: Result<(), CallError>) -> String {
    match outcome {
        Ok(()) => "ok".into(),
        Err(CallError::NoConnection(_)) => "noconnection".into(),
        Err(CallError::Timeout) => "timeout".into(),
        Err(other) => format!("{other:?}"),
    }
}

fn watch(member: &Member, of: &str) {
    let of = of.to_owned();
    let body = async move {
        let pid = Name::on(&LEDGER, of.as_str()).pid().await.expect("answers");
        process::monitor(pid).expect("a process");
        // Messages keep their order: once this is answered, the monitor has come.
        Name::on(&LEDGER, of.as_str()).pid().await.expect("answers");
        println!("watching {of}");
        if let Ok(Signal::Down(down)) = process::receive().await {
            println!("ended {of} {:?}", down.reason);
        }
        Ok::<_, ExitReason>(())
    };
    member.node.enter(|| process::spawn(body)).expect("a node");
}

/// Calls without a pause, each within a second, and remembers what was acknowledged.
async fn load(member: &Member, node: &str) {
    const DEADLINE: Duration = Duration::from_secs(1);
    /// What a machine that is busy may add.
    const LATE: Duration = Duration::from_secs(20);
    member.is_loading.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    println!("loading {node}");
    while member.is_loading.load(Ordering::Relaxed) {
        let entry = member.entry();
        let began = std::time::Instant::now();
        let written = Name::on(&LEDGER, node).write(entry).within(DEADLINE).await;
        assert!(began.elapsed() < DEADLINE + LATE, "{written:?} came after {:?}", began.elapsed());
        match written {
            Ok(()) => acknowledged.push(entry),
            Err(CallError::NoConnection(_) | CallError::Timeout) => {}
            Err(other) => panic!("{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("loaded {node} {}", list(&acknowledged));
}
