//! What it costs to put the applications of a shop into nodes of their own: in one node, in eleven, and as services that
//! speak HTTP and JSON.
//!
//! `cargo bench -p umbrella-tests --bench colocation [PAGES] [USERS]` prints how long a page takes and how much processor
//! time it costs, beside what the paper on Service Weaver measured for the same shop.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use umbrella_tests::{Sandbox, Tree, checkout, succeed};

const SERVICES: [&str; 10] = [
    "ads",
    "carts",
    "catalog",
    "checkout",
    "currency",
    "email",
    "frontend",
    "payment",
    "recommendations",
    "shipping",
];

/// Where the first of the services listens.
const FIRST_PORT: u16 = 18_400;

/// What one way to run the shop came to.
struct Outcome {
    way: &'static str,
    paper: &'static str,
    median_us: f64,
    p99_us: f64,
    cpu_us: f64,
    pages_a_second: f64,
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let (pages, users) = (numbers.next().unwrap_or(20_000), numbers.next().unwrap_or(4));
    // A place that stays: what was built there is not built again.
    let sandbox = Sandbox::at(checkout().join("target"), "colocation");
    copy(&checkout().join("examples/shop"), &sandbox.path().join("shop"));
    let shop = Shop { pages, users, sandbox };
    let each: Vec<String> = SERVICES.iter().chain(&["load"]).map(|name| format!("[{name}]")).collect();
    let outcomes = [
        shop.umbrella("one node", "9 cores, 0.38 ms", &[]),
        shop.umbrella("eleven nodes", "28 cores, 2.66 ms", &["--group", &each.join("+")]),
        shop.http(),
    ];
    println!(
        "| the shop in | median | 99 % | pages a second | processor time a page | the paper |\n|---|---|---|---|---|---|"
    );
    let base = outcomes[0].cpu_us;
    for Outcome { way, paper, median_us, p99_us, cpu_us, pages_a_second } in outcomes {
        let ratio = cpu_us / base;
        println!(
            "| {way} | {median_us} us | {p99_us} us | {pages_a_second:.0} | {cpu_us:.0} us ({ratio:.1}x) | {paper} |"
        );
    }
}

struct Shop {
    pages: u32,
    users: u32,
    sandbox: Sandbox,
}

impl Shop {
    fn umbrella(&self, way: &'static str, paper: &'static str, placement: &[&str]) -> Outcome {
        let report = self.sandbox.path().join("report.json");
        let umbrella = |arguments: &[&str]| {
            let mut command = self.sandbox.umbrella("shop", arguments);
            command.env("SHOP__LOAD__USERS", self.users.to_string());
            command.env("SHOP__LOAD__REQUESTS", self.pages.to_string()).env("SHOP__LOAD__REPORT", &report);
            command
        };
        succeed(umbrella(&["start", "--release", "--detach"]).args(placement));
        while fs::read_to_string(&report).unwrap_or_default().is_empty() {
            sleep(Duration::from_millis(50));
        }
        let cpu = nodes(&self.sandbox.path().join("shop")).into_iter().map(cpu_us).sum();
        let json = fs::read_to_string(&report).unwrap();
        succeed(&mut umbrella(&["stop"]));
        fs::remove_file(&report).unwrap();
        self.outcome(way, paper, &json, cpu)
    }

    fn http(&self) -> Outcome {
        let target = checkout().join("target/colocation-http");
        let mut build = self.sandbox.cargo("shop/http", ["build", "--quiet", "--release"]);
        succeed(build.env("CARGO_TARGET_DIR", &target));
        let program = target.join("release/shop-http");
        let first = FIRST_PORT.to_string();
        let service = |name: &&str| Process::start(Command::new(&program).args([*name, &first]));
        let services: Vec<Process> = SERVICES.iter().map(service).collect();
        let arguments = ["load", &first, &self.users.to_string(), &self.pages.to_string()];
        let mut load = Process::start(Command::new(&program).args(arguments));
        let mut json = String::new();
        BufReader::new(load.0.stdout.as_mut().unwrap()).read_line(&mut json).unwrap();
        let cpu = services.iter().chain([&load]).map(|process| cpu_us(process.0.id())).sum();
        self.outcome("eleven services, HTTP and JSON", "78 cores, 5.47 ms (gRPC)", &json, cpu)
    }

    fn outcome(&self, way: &'static str, paper: &'static str, json: &str, cpu: f64) -> Outcome {
        let report: serde_json::Value = serde_json::from_str(json).unwrap();
        let number = |key: &str| report[key].as_f64().unwrap();
        assert!(number("failed") == 0.0, "{way}: {json}");
        Outcome {
            way,
            paper,
            median_us: number("median_us"),
            p99_us: number("p99_us"),
            // A tenth more, to warm up.
            cpu_us: cpu / (f64::from(self.pages) * 1.1),
            pages_a_second: number("served") / number("total_us") * 1e6,
        }
    }
}

/// A process that ends with this one.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Copies the example, with the way to the runtime spelled out.
fn copy(example: &Path, to: &Path) {
    let runtime = checkout().join("runtime");
    for (path, text) in &Tree::read(example).0 {
        let Some(text) = text else { continue };
        let path = to.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = text.replace("../../../runtime", "../../runtime");
        fs::write(path, text.replace("../../runtime", runtime.to_str().unwrap())).unwrap();
    }
}

/// The nodes that run, by their run files.
fn nodes(workspace: &Path) -> Vec<u32> {
    let files = fs::read_dir(workspace.join("target/umbrella/run/dev")).unwrap();
    let texts = files.filter_map(|file| {
        let path = file.unwrap().path();
        path.extension()
            .is_some_and(|extension| extension == "json")
            .then(|| fs::read_to_string(path).unwrap())
    });
    let pid = |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap()["pid"].as_u64();
    texts.filter_map(pid).map(|pid| pid as u32).collect()
}

/// Processor time that a process has used, in microseconds; Linux counts in hundredths of a second.
fn cpu_us(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<f64> = after_name.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    (fields[11] + fields[12]) * 10_000.0
}
