//! Peers of `cargo bench -p umbrella-bench --bench remote` that are too much to build with everything: it starts this program.
//!
//! `--serve CONTENDER` serves for ever and prints its port; `--one CONTENDER WORKLOAD OPERATIONS PORT` prints the nanoseconds
//! of one operation.

mod kameo;
mod ractor;

use std::net::TcpListener;

const BLOB_BYTES: usize = 10_000;
const CALLERS: u32 = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match words.as_slice() {
        ["--serve", contender] if is_kameo(contender) => runtime.block_on(kameo::serve()),
        ["--serve", _] => runtime.block_on(ractor::serve()),
        ["--one", contender, workload, operations, port] => {
            let operations = operations.parse().unwrap();
            let took = runtime.block_on(async {
                if is_kameo(contender) {
                    kameo::measure(workload, operations, port).await
                } else {
                    ractor::measure(workload, operations, port).await
                }
            });
            println!("{}", took.as_nanos());
        }
        _ => panic!("the bench `remote` starts this program"),
    }
}

fn is_kameo(contender: &str) -> bool {
    contender.starts_with("kameo")
}

/// Neither peer tells which port it was given.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
