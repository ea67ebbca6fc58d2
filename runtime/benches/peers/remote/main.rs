//! Two operating system processes on loopback: calls and casts between them, by umbrella, bare tokio, and OTP.
//!
//! `cargo bench -p umbrella-bench --bench remote [ROUNDS] [WORKLOAD..] [others]` prints medians and ratios to bare tokio as
//! a table of Markdown.
//! A server of each contender runs throughout; each measurement is made by a client process of its own, contenders take
//! turns, and another one begins every round. OTP takes part where `escript` is found; ractor_cluster and kameo do where
//! `others` is asked for, which first builds them and 300 crates, libp2p among them.
//!
//! Bare tokio is one TCP connection with postcard in frames, and an actor behind it: no monitors, names, deadlines, limits.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod bare;
mod others;
mod ours;
#[path = "../table.rs"]
mod table;

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use table::Table;

const BLOB_BYTES: usize = 10_000;
const CALLERS: u32 = 64;

struct Workload {
    name: &'static str,
    what: &'static str,
    operations: u32,
}

const WORKLOADS: [Workload; 4] = [
    Workload { name: "call", what: "call", operations: 20_000 },
    Workload { name: "callers", what: "call, 64 callers of one server", operations: 64_000 },
    Workload { name: "cast", what: "cast", operations: 500_000 },
    Workload { name: "blob", what: "cast of 10 kB", operations: 20_000 },
];

/// The first one is what the rest is compared with.
const CONTENDERS: [&str; 2] = ["bare tokio", "umbrella"];
const WITH_OTP: [&str; 2] = ["umbrella to OTP", "OTP"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--serve", contender, name] => serve(contender, name),
        ["--one", contender, workload, address] => {
            println!("{}", measure(contender, workload, address).as_nanos());
        }
        _ => compare(&words),
    }
}

fn compare(arguments: &[&str]) {
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(10);
    let mut contenders = CONTENDERS.to_vec();
    let mut names: Vec<_> = arguments.iter().filter(|argument| argument.parse::<u32>().is_err()).collect();
    let has_otp = Command::new("escript").arg("--help").output().is_ok();
    if has_otp {
        contenders.extend(WITH_OTP);
    }
    if names.iter().any(|name| **name == "others") {
        others::build();
        contenders.extend(others::CONTENDERS);
        names.retain(|name| **name != "others");
    }
    let wanted = |workload: &&Workload| names.is_empty() || names.iter().any(|name| **name == workload.name);
    let _epmd = has_otp.then(port_mapper);
    let servers: Vec<Server> = contenders.iter().map(|contender| Server::start(contender)).collect();
    let mut table = Table::new(&contenders);
    for workload in WORKLOADS.iter().filter(wanted) {
        let mut samples = vec![Vec::new(); contenders.len()];
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                let contender = (round + turn) % contenders.len();
                samples[contender].push(servers[contender].ask(workload));
            }
        }
        table.row(workload.what, "ns", samples);
    }
    println!("{table}");
}

/// What nodes of OTP register with; it ends at once if there is one already.
fn port_mapper() -> Epmd {
    let epmd = Command::new("epmd").spawn().unwrap();
    while TcpStream::connect(("127.0.0.1", 4369)).is_err() {
        std::thread::yield_now();
    }
    Epmd(epmd)
}

struct Epmd(Child);

impl Drop for Epmd {
    fn drop(&mut self) {
        let _has_ended = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// The process that is called.
struct Server {
    contender: &'static str,
    address: String,
    process: Child,
}

impl Server {
    fn start(contender: &'static str) -> Self {
        let name = format!("s{}{}", contender.len(), std::process::id());
        let mut command = match contender {
            "OTP" | "umbrella to OTP" => otp(&["serve", &name]),
            other if others::CONTENDERS.contains(&other) => others::serve(other),
            _ => ourselves(&["--serve", contender, &name]),
        };
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim();
        let address = if port == "0" { name } else { port.to_owned() };
        Self { contender, address, process }
    }

    /// Nanoseconds per operation, by a client process.
    fn ask(&self, workload: &Workload) -> u128 {
        let mut client = match self.contender {
            "OTP" => otp(&[workload.name, &workload.operations.to_string(), &self.address]),
            other if others::CONTENDERS.contains(&other) => others::measure(other, workload, &self.address),
            _ => ourselves(&["--one", self.contender, workload.name, &self.address]),
        };
        let output = client.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        printed
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("{} on {}: {printed}", self.contender, workload.name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn ourselves(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).stderr(Stdio::inherit());
    command
}

fn otp(arguments: &[&str]) -> Command {
    let mut command = Command::new("escript");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/remote/otp.escript")).args(arguments);
    command
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn serve(contender: &str, name: &str) {
    match contender {
        "bare tokio" => runtime().block_on(bare::serve()),
        _ => runtime().block_on(ours::serve(name)),
    }
}

/// The time of one operation; of the second go, since the first one is to warm up.
fn measure(contender: &str, workload: &str, address: &str) -> Duration {
    let operations = WORKLOADS.iter().find(|known| known.name == workload).unwrap().operations;
    match contender {
        "bare tokio" => runtime().block_on(async {
            let client = bare::Client::connect(address.parse().unwrap()).await;
            bare_work(client.clone(), workload, operations).await;
            bare_work(client, workload, operations).await
        }),
        _ => runtime().block_on(ours::measure(contender == "umbrella to OTP", workload, operations, address)),
    }
}

async fn bare_work(client: bare::Client, workload: &str, operations: u32) -> Duration {
    let began = Instant::now();
    let workload = workload.to_owned();
    let work = async move {
        match &*workload {
            "call" => {
                for _ in 0..operations {
                    client.add().await;
                }
            }
            "callers" => {
                let callers = (0..CALLERS).map(|_| {
                    let client = client.clone();
                    tokio::spawn(async move {
                        for _ in 0..operations / CALLERS {
                            client.add().await;
                        }
                    })
                });
                for caller in callers.collect::<Vec<_>>() {
                    caller.await.unwrap();
                }
            }
            "cast" => {
                for _ in 0..operations {
                    client.bump().await;
                }
                client.get().await;
            }
            _ => {
                let blob = vec![7; BLOB_BYTES];
                for _ in 0..operations {
                    client.blob(&blob).await;
                }
                client.get().await;
            }
        }
    };
    tokio::spawn(work).await.unwrap();
    began.elapsed() / operations
}
