use umbrella::prelude::*;

struct Counter;

#[gen_server(remote)]
impl Counter {
    fn init() -> Self {
        Self
    }
}

fn main() {}
