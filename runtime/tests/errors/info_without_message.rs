use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[info]
    fn tick(&mut self) {}
}

fn main() {}
