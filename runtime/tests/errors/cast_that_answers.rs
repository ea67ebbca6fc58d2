use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn reset(&mut self) -> i64 {
        0
    }
}

fn main() {}
