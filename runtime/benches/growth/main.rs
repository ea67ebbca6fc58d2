//! How cost grows: with processes on the node, with messages that wait, with siblings of what crashes.
//!
//! `cargo bench -p umbrella-runtime --bench growth [PROCESSES]` goes up to a million processes, or as many as it is told;
//! ten million take 12 GB. Each line is a process of the operating system of its own.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

mod mailbox;
mod population;
mod restarts;

use std::process::Command;
use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [what, size] = arguments.as_slice() {
        let size = size.parse().unwrap();
        return match what.as_str() {
            "processes" => population::measure(size),
            "queued" => mailbox::measure(size),
            "siblings" => restarts::measure(size),
            other => panic!("there is no `{other}`"),
        };
    }
    let most = arguments.first().map_or(1_000_000, |most| most.parse().unwrap());
    println!("{}", population::HEAD);
    sizes(1, most).for_each(|size| in_a_process_of_its_own("processes", size));
    println!("\n{}", mailbox::HEAD);
    sizes(1, 10_000).for_each(|size| in_a_process_of_its_own("queued", size));
    println!("\n{}", restarts::HEAD);
    sizes(1, 100_000).for_each(|size| in_a_process_of_its_own("siblings", size));
}

/// The powers of ten from `first` to `last`.
fn sizes(first: usize, last: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first), |size| size.checked_mul(10)).take_while(move |size| *size <= last)
}

fn in_a_process_of_its_own(what: &str, size: usize) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    assert!(command.args([what, &size.to_string()]).status().unwrap().success());
}

/// Runs on a worker thread of a node, as everything in a node does.
fn on_node<T, F>(body: F) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let node = umbrella::process::Node::new("growth");
    runtime.block_on(async move { tokio::spawn(async move { node.scope(body).await }).await.unwrap() })
}

/// Nanoseconds for each of `times`.
fn each(elapsed: Duration, times: usize) -> u128 {
    elapsed.as_nanos() / times as u128
}
