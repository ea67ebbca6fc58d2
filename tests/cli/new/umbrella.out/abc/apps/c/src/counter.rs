//! A process that counts.

use umbrella::prelude::*;

/// Where the counter of `c` is found, from this application and from every other one.
pub const COUNTER: Name<Counter> = Counter::named("c_counter");

/// The counter: one process, so that its calls are served one after another.
#[derive(Debug)]
pub struct Counter {
    count: i64,
}

#[gen_server]
impl Counter {
    /// Starts counting at `start`.
    async fn init(start: i64) -> Result<Self, ExitReason> {
        Ok(Self { count: start })
    }

    /// Adds `by` and returns the new count.
    #[call]
    fn add(&mut self, by: i64) -> i64 {
        self.count += by;
        self.count
    }

    /// Returns the count.
    #[call]
    fn get(&self) -> i64 {
        self.count
    }

    /// Goes back to zero.
    #[cast]
    fn reset(&mut self) {
        self.count = 0;
    }

    /// Crashes, to show what the supervisor does about it.
    #[cast]
    fn crash(&mut self) {
        panic!("asked to crash")
    }
}
